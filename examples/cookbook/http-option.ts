/**
 * One option on an http server that you already have
 *
 * `sockRef` lends you the socket behind a `net`, `http` or `tls` object. The object keeps its socket: you
 * only read and set options. Here, a connection whose peer stops acknowledging data ends after ten seconds.
 *
 * Systems: linux.
 * Prints: 10000 ms
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { sockRef } from '@sock/std';

const server = http.createServer((request, response) => {
  response.end(`${sockRef(request.socket).tcpUserTimeout()} ms`);
});
// This line is the only change: the rest is the server as it was.
server.on('connection', (socket) => sockRef(socket).setTcpUserTimeout(10_000));

server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const response = await fetch(`http://127.0.0.1:${port}/`);
console.log(await response.text());
server.closeAllConnections();
server.close();
