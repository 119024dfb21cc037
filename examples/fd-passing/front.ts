/**
 * A pool of HTTP workers behind one listener. This process accepts each connection and passes it to a worker
 * over a unix socket (SCM_RIGHTS). It reads nothing from a connection and keeps no connection open.
 *
 *   node --import tsx examples/fd-passing/front.ts --port 8080
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { Command } from 'commander';
import * as check from '../arguments.js';
import { whenReadable } from '../when-readable.js';
import { Pool } from './pool.js';

const options = new Command('front.ts')
  .description('Accepts connections and passes them to worker processes, which serve HTTP.')
  .option('--host <address>', 'the IPv4 address to listen on', '127.0.0.1')
  .option('--port <port>', '0: any that is free', check.port, 8080)
  .option('--workers <count>', 'how many processes serve', check.whole(1, 256), 2)
  .parse()
  .opts<{ host: string; port: number; workers: number }>();

function listen(): Socket {
  try {
    const socket = new Socket(Domain.IPV4, Type.STREAM);
    socket.setReuseAddress(true);
    socket.bind(SockAddr.ipv4(options.host, options.port));
    socket.listen(512);
    return socket;
  } catch (error) {
    console.error(`front: ${(error as Error).message}`);
    process.exit(1);
  }
}

const listener = listen();
console.log(`front: http://${listener.localAddr()}/ in process ${process.pid}`);

const pool = new Pool(options.workers, (text) => console.log(`front: ${text}`));
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

for await (const _ of whenReadable(listener, stop.signal)) {
  for (;;) {
    const accepted = listener.tryAccept();
    if (accepted === undefined) break;
    // The worker gets a duplicate, so close the original.
    using connection = accepted[0];
    if (!pool.give(connection)) console.error('front: no worker had room for a connection');
  }
}
listener.close();
pool.close();
