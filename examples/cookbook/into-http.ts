/**
 * Let an http server listen on a socket that node cannot make
 *
 * Make the socket, set every option, bind it, and hand it over. `intoNetServer` takes the socket: after it the http
 * server owns the descriptor. A mark, a device or TCP_FASTOPEN can be set the same way.
 *
 * Systems: linux.
 * Prints: served with a queue for 16 fast opens
 */
import http from 'node:http';
import { once } from 'node:events';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { intoNetServer } from '@sock/std';

const socket = new Socket(Domain.IPV4, Type.STREAM);
socket.setReuseAddress(true);
socket.setTcpFastopen(16);
const queue = socket.tcpFastopen();
socket.bind(SockAddr.parse('127.0.0.1:0'));
socket.listen(512);
const { port } = socket.localAddr();

const server = http.createServer((_, response) => response.end('served'));
intoNetServer(socket, { server });
await once(server, 'listening');
const response = await fetch(`http://127.0.0.1:${port}/`);
console.log(`${await response.text()} with a queue for ${queue} fast opens`);
server.closeAllConnections();
server.close();
