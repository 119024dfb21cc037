/** Objects on sockets that another thread or process shares never block the event loop. */
import { Worker } from 'node:worker_threads';
import net from 'node:net';
import { once } from 'node:events';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { intoDgramSocket, intoNetServer, intoNetSocket } from '@sock/std';
import { expect, test } from 'vitest';

test.each([true, false])('conversion makes the socket non-blocking, duplex: %s', (duplex) => {
  const listener = new Socket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(4);
  const client = new Socket(Domain.IPV4, Type.STREAM);
  client.connect(listener.localAddr());
  const datagram = new Socket(Domain.IPV4, Type.DGRAM);
  datagram.bind(SockAddr.ipv4('127.0.0.1', 0));
  // The mode is of the socket, not of the descriptor: a duplicate shows it.
  const views = [listener, client, datagram].map((socket) => socket.tryClone());
  expect(views.map((view) => view.nonblocking())).toEqual([false, false, false]);
  const objects = [
    intoNetServer(listener, { duplex }),
    intoNetSocket(client, { duplex }),
    intoDgramSocket(datagram, { duplex }),
  ];
  expect(views.map((view) => view.nonblocking())).toEqual([true, true, true]);
  for (const view of views) view.close();
  for (const object of objects) {
    if ('destroy' in object) object.destroy();
    else object.close();
  }
});

test('three threads accept on one blocking listener, and every loop goes on', async () => {
  const listener = new Socket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(128);
  const { port } = listener.localAddr();
  const program = new URL('fixtures/accept-worker.mjs', import.meta.url);
  const workers: Worker[] = [];
  for (let count = 0; count < 3; count += 1) {
    const worker = new Worker(program, { workerData: listener.tryClone().intoRawFd() });
    await once(worker, 'message');
    workers.push(worker);
  }
  const CLIENTS = 300;
  for (let count = 0; count < CLIENTS; count += 1) {
    const client = net.connect(port, '127.0.0.1');
    await once(client.resume(), 'close');
  }
  let accepted = 0;
  for (const worker of workers) {
    const answer = once(worker, 'message', { signal: AbortSignal.timeout(5000) });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a Worker has no origin
    worker.postMessage('count');
    accepted += ((await answer) as [number])[0];
    await worker.terminate();
  }
  listener.close();
  expect(accepted).toBe(CLIENTS);
});
