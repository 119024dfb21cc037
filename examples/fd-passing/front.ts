/**
 * A pool of HTTP workers behind one listener: this process accepts and hands each connection to a worker
 * over a unix socket (SCM_RIGHTS). It reads nothing of them, and keeps nothing of them open.
 *
 *   node --import tsx examples/fd-passing/front.ts --port 8080
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { Command } from 'commander';
import { Pool } from './pool.js';

const options = new Command('front.ts')
  .description('Accepts connections and hands them to worker processes, which serve HTTP.')
  .option('--host <address>', 'the IPv4 address to listen on', '127.0.0.1')
  .option('--port <port>', '0: any that is free', '8080')
  .option('--workers <count>', 'how many processes serve', '2')
  .parse()
  .opts<{ host: string; port: string; workers: string }>();

const listener = new Socket(Domain.IPV4, Type.STREAM);
listener.setReuseAddress(true);
listener.bind(SockAddr.ipv4(options.host, Number(options.port)));
listener.listen(512);
console.log(`front: http://${listener.localAddr()}/ in process ${process.pid}`);

const pool = new Pool(Number(options.workers), (text) => console.log(`front: ${text}`));
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

const { signal } = stop;
while (!signal.aborted) {
  try {
    await listener.readable({ signal });
  } catch (error) {
    if (signal.aborted) break;
    throw error;
  }
  for (;;) {
    const accepted = listener.tryAccept();
    if (accepted === undefined) break;
    // The worker gets a duplicate; the one here is closed.
    using connection = accepted[0];
    if (!pool.give(connection)) console.error('front: no worker had room for a connection');
  }
}
listener.close();
pool.close();
