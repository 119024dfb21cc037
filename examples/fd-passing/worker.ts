/** A worker of front.ts: serves HTTP on the connections that come over its unix socket. */
import http from 'node:http';
import { intoNetSocket } from '@sock/std';
import { Socket } from '@sock/native';
import { CONTROL_FD } from './pool.js';

/** Room for the control message of one descriptor: CMSG_SPACE(4). */
const CONTROL_ROOM = 24;

const server = http.createServer((request, response) => {
  response.end(`process ${process.pid} answers ${request.method} ${request.url}\n`);
});

// Ignore Ctrl-C: front.ts handles it, and closes the pair to end its workers.
process.on('SIGINT', () => {});

const control = Socket.fromRawFd(CONTROL_FD);
control.setCloexec(true);
const byte = new Uint8Array(1);
for (;;) {
  const message = control.tryRecvmsg({ buffers: [byte], control: CONTROL_ROOM });
  if (message === undefined) {
    await control.readable();
    continue;
  }
  if (message.length === 0) break;
  for (const item of message.control) {
    if (item.kind !== 'rights') continue;
    for (const fd of item.fds) server.emit('connection', intoNetSocket(fd.intoSocket()));
  }
}
// The process ends with its last connection. An idle connection closes after `server.keepAliveTimeout`.
control.close();
