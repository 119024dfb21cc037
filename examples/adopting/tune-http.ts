/**
 * An http server as it is, with options that node has no word for on the connections it accepts.
 *
 *   node --import tsx examples/adopting/tune-http.ts
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { sockRef } from '@sock/std';

const server = http.createServer((request, response) => {
  const socket = sockRef(request.socket);
  response.end(
    `user time-out ${socket.tcpUserTimeout()} ms, congestion control ${socket.tcpCongestion()}`,
  );
});
// The one line: everything else is the server that was there before.
server.on('connection', (socket) => sockRef(socket).setTcpUserTimeout(10_000));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
console.log(await response.text());
server.closeAllConnections();
server.close();
