/**
 * A pool of threads behind one listener. This thread accepts connections and gives each to a Worker, which serves
 * HTTP on it. It reads nothing from a connection.
 *
 *   node --import tsx examples/moving/pool.ts --port 8080 --workers 4
 */
import { Worker } from 'node:worker_threads';
import { Domain, SockAddr, SockError, Socket, Type } from '@sock/native';
import { sendSocket } from '@sock/std';
import { Command } from 'commander';
import * as check from '../arguments.js';

const options = new Command('pool.ts')
  .description('Accepts connections and gives them to threads, which serve HTTP.')
  .option('--host <address>', 'the IPv4 address to listen on', '127.0.0.1')
  .option('--port <port>', '0: any that is free', check.port, 8080)
  .option('--workers <count>', 'how many threads serve', check.whole(1, 256), 2)
  .parse()
  .opts<{ host: string; port: number; workers: number }>();

const program = new URL('pool-worker.mjs', import.meta.url);
const stop = new AbortController();
const workers: Worker[] = [];

/** Starts a worker. A worker that ends is replaced. */
function start(index: number): void {
  const worker = new Worker(program);
  workers[index] = worker;
  worker.on('error', (error) => console.error(`pool: ${error.message}`));
  worker.once('exit', () => {
    if (!stop.signal.aborted) setTimeout(start, 100, index);
  });
}

/** Gives the connection to one worker after the other until one takes it. */
async function give(connection: Socket, first: number): Promise<void> {
  for (let tries = 0; tries < workers.length; tries++) {
    const worker = workers[(first + tries) % workers.length] as Worker;
    try {
      await sendSocket(worker, connection);
      return;
    } catch (error) {
      if (!(error instanceof SockError)) throw error;
      // A worker that had ended before left the connection as it was. One that ended meanwhile took it along.
      if (connection.closed) return;
    }
  }
  connection.close();
}

const listener = new Socket(Domain.IPV4, Type.STREAM);
listener.setReuseAddress(true);
listener.bind(SockAddr.ipv4(options.host, options.port));
listener.listen(512);
for (let index = 0; index < options.workers; index++) start(index);
console.log(`pool: http://${listener.localAddr()}/ with ${options.workers} threads`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
let next = 0;
for await (const [connection] of listener.connections({ signal: stop.signal })) {
  // Not awaited: a worker that is busy must not hold up the others.
  void give(connection, next++);
}
listener.close();
await Promise.all(workers.map((worker) => worker.terminate()));
