/**
 * Blocking calls in a Worker
 *
 * A blocking `recv` is the shortest code and the fastest path, but it stops its thread. In a Worker it stops nobody else.
 * `setReadTimeout` limits how long it waits.
 *
 * Prints: the worker received 3 datagrams
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Domain, SockAddr, Socket, Type } from '@sock/native';

const worker = new Worker(
  `
  const { parentPort } = require('node:worker_threads');
  import('@sock/native').then(({ Domain, SockAddr, Socket, Type }) => {
    const socket = new Socket(Domain.IPV4, Type.DGRAM);
    socket.bind(SockAddr.parse('127.0.0.1:0'));
    socket.setReadTimeout(5000);
    parentPort.postMessage(socket.localAddr().port);
    const buffer = new Uint8Array(64);
    for (let i = 0; i < 3; i++) socket.recv(buffer);
    parentPort.postMessage('received 3 datagrams');
    socket.close();
  });
`,
  { eval: true },
);

const [port] = (await once(worker, 'message')) as [number];
using sender = new Socket(Domain.IPV4, Type.DGRAM);
for (let i = 0; i < 3; i++) {
  sender.sendTo(new TextEncoder().encode('hello'), SockAddr.ipv4('127.0.0.1', port));
}
const [result] = (await once(worker, 'message')) as [string];
console.log(`the worker ${result}`);
