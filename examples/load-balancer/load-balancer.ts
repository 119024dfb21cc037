/**
 * A load balancer for TCP. Each of N threads has a listener of its own on the same port, and the kernel spreads the
 * connections over them (SO_REUSEPORT). A thread connects each client to the backend with the fewest connections. This
 * thread checks which backends are alive.
 *
 *   node --import tsx examples/load-balancer/load-balancer.ts --port 8080 --backends 127.0.0.1:8081 127.0.0.1:8082
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { Command } from 'commander';
import * as check from '../arguments.js';
import { stopSignal } from '../stop-signal.js';
import type { FromThread } from './balancing-thread.js';
import { HealthChecks } from './health-checks.js';

const options = new Command('load-balancer.ts')
  .description('Spreads TCP connections over the backends that are alive.')
  .requiredOption(
    '--backends <host:port...>',
    'where the connections go',
    check.each(check.hostAndPort),
  )
  .option('--host <address>', 'the IPv4 address to listen on', '127.0.0.1')
  .option('--port <port>', '0: any that is free', check.port, 8080)
  .option('--threads <count>', 'how many threads accept', check.whole(1, 256), 2)
  .option('--interval <ms>', 'the time between two health checks', check.whole(10, 3_600_000), 1000)
  .parse()
  .opts<{
    backends: check.HostAndPort[];
    host: string;
    port: number;
    threads: number;
    interval: number;
  }>();

const signal = stopSignal();
// Bound, but not listening: it keeps the port for the threads and receives no connection.
const keeper = new Socket(Domain.IPV4, Type.STREAM);
keeper.setReusePort(true);
keeper.bind(SockAddr.ipv4(options.host, options.port));
const address = keeper.localAddr();

const health = new HealthChecks(options.backends, options.interval, signal);
const workers: Worker[] = [];

/** Starts a thread. One that ends is replaced. */
function start(index: number): Worker {
  const worker = new Worker(new URL('thread.mjs', import.meta.url), {
    workerData: { host: address.address, port: address.port, backends: options.backends },
  });
  workers[index] = worker;
  worker.postMessage(health.alive);
  worker.on('message', ({ refused }: FromThread) => {
    if (refused !== undefined) void health.check(refused);
  });
  worker.on('error', (error) => console.error(`balancer: ${error.message}`));
  worker.once('exit', () => {
    if (!signal.aborted) setTimeout(start, 100, index);
  });
  return worker;
}

health.onChange = (backend, isAlive) => {
  const { host, port } = options.backends[backend] as check.HostAndPort;
  console.log(`balancer: ${host}:${port} is ${isAlive ? 'alive' : 'dead'}`);
  for (const worker of workers) worker.postMessage(health.alive);
};
// The first message of a thread says that it listens.
await Promise.all(
  Array.from({ length: options.threads }, (_, index) => once(start(index), 'message')),
);
console.log(`balancer: ${address} with ${options.threads} threads; Ctrl-C ends it`);
await health.run();
await Promise.all(workers.map((worker) => worker.terminate()));
keeper.close();
