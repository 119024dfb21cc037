/** A thread of pool.ts: serves HTTP on the connections that it gets. */
import http from 'node:http';
import { parentPort, threadId } from 'node:worker_threads';
import { Socket } from '@sock/native';
import { intoNetSocket, receiveSocket } from '@sock/std';

const server = http.createServer((request, response) => {
  response.end(`thread ${threadId} answers ${request.method} ${request.url}\n`);
});

for (;;) server.emit('connection', intoNetSocket(await receiveSocket(parentPort, Socket)));
