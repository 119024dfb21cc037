/**
 * ping(8): sends echo requests over an ICMP datagram socket, which needs no privilege if the system allows it
 * (net.ipv4.ping_group_range), or over a raw socket. Times come from the kernel, errors from the error queue.
 *
 *   node --import tsx examples/ping/ping.ts -c 3 localhost
 */
import { setTimeout as delay } from 'node:timers/promises';
import { resolve } from '@sock/std';
import { type SockAddr, SockError } from '@sock/native';
import { Command } from 'commander';
import { between, whole } from '../arguments.js';
import { Pinger } from './pinger.js';
import { Statistics } from './statistics.js';

const program = new Command('ping.ts')
  .description('Sends ICMP echo requests to a host and times the replies, until Ctrl-C.')
  .argument('<host>', 'a name or an address')
  .option('-4', 'IPv4 only')
  .option('-6', 'IPv6 only')
  .option('-c, --count <count>', 'stop after so many requests', whole(1, 1e9))
  .option('-i, --interval <seconds>', 'between two requests', between(0.002, 1e6), 1)
  .option('-W, --timeout <seconds>', 'to wait for the last replies', between(0.001, 1e6), 10)
  .option('-s, --size <bytes>', 'data in a request', whole(0, 65_507), 56)
  .option('-t, --ttl <hops>', 'time to live, or hop limit', whole(1, 255))
  .option('--raw', 'a raw socket even where a datagram socket is allowed')
  .option('-v, --verbose', 'say which kind of socket it is')
  .parse();
const options = program.opts<{
  4?: boolean;
  6?: boolean;
  count?: number;
  interval: number;
  timeout: number;
  size: number;
  ttl?: number;
  raw?: boolean;
  verbose?: boolean;
}>();
const [host] = program.args as [string];

function fail(message: string): never {
  console.error(`ping: ${message}`);
  process.exit(2);
}

const destination = await resolve(host, 0, {
  family: options[4] === true ? 4 : options[6] === true ? 6 : 0,
}).then(
  ([first]) => first as SockAddr,
  (error: Error) => fail(error.message),
);

function open(): Pinger {
  try {
    return new Pinger(destination, options);
  } catch (error) {
    const { code, message } = error as SockError;
    if (code !== 'EACCES' && code !== 'EPERM') fail(message);
    return fail(
      'not permitted: needs a group in net.ipv4.ping_group_range, or CAP_NET_RAW for a raw socket',
    );
  }
}

const pinger = open();
const statistics = new Statistics();
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

const target = destination.address;
if (options.verbose === true) console.log(`ping: socket type: ${pinger.socket.type()}`);
console.log(`PING ${host} (${target}) ${options.size} data bytes`);

async function send(): Promise<void> {
  const { signal } = stop;
  try {
    // The kernel starts to record times of arrival a moment after the option is set.
    await delay(20, undefined, { signal });
    for (let sequence = 1; ; sequence++) {
      try {
        pinger.send(sequence);
      } catch (error) {
        if (!(error instanceof SockError)) throw error;
        console.log(`ping: ${error.message}`);
        statistics.errors += 1;
      }
      statistics.transmitted += 1;
      if (sequence === options.count) break;
      await delay(options.interval * 1000, undefined, { signal });
    }
    if (pinger.outstanding > 0) await delay(options.timeout * 1000, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  stop.abort();
}

async function receive(): Promise<void> {
  for await (const answer of pinger.answers(stop.signal)) {
    const { kind, from, sequence } = answer;
    if (kind === 'error') {
      console.log(`From ${from} icmp_seq=${sequence} ${answer.reason}`);
      statistics.errors += 1;
    } else {
      const { bytes, ttl, time, duplicate } = answer;
      const line = `${bytes} bytes from ${from}: icmp_seq=${sequence} ttl=${ttl} time=${time.toFixed(3)} ms`;
      console.log(duplicate ? `${line} (DUP!)` : line);
      if (duplicate) statistics.duplicates += 1;
      else statistics.add(time);
    }
    if (statistics.transmitted === options.count && pinger.outstanding === 0) stop.abort();
  }
}

await Promise.all([send(), receive()]);
pinger.socket.close();
console.log(`\n--- ${host} ping statistics ---\n${statistics}`);
process.exitCode = statistics.received > 0 ? 0 : 1;
