/**
 * Clients in the style of `pg` and `undici` with socket options: a source address, a user time-out and a priority.
 *
 *   node --import tsx examples/adopting/clients.ts
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { sockConnector, sockRef } from '@sock/std';
import { connect } from '@sock/std/net';
import { Agent, fetch } from 'undici';

const server = http.createServer((request, response) => {
  response.end(`a request from ${request.socket.remoteAddress}`);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

// undici: the connector sets the options for every fetch of this dispatcher.
const dispatcher = new Agent({ connect: sockConnector({ tcpUserTimeout: 5000 }) });
const response = await fetch(`http://127.0.0.1:${port}/`, { dispatcher });
console.log(`undici: ${await response.text()}`);
await dispatcher.close();

// pg and similar clients accept a stream: `new Client({ stream: () => socket })`.
function databaseStream(): Socket {
  return connect({
    host: '127.0.0.1',
    port,
    localAddress: '127.0.0.9',
    sock: { tcpUserTimeout: 5000, keepalive: true, priority: 3 },
  });
}
const stream = databaseStream();
await once(stream, 'connect');
console.log(
  `stream: from ${stream.localAddress}, user time-out ${sockRef(stream).tcpUserTimeout()} ms`,
);
stream.destroy();
server.closeAllConnections();
server.close();
