/**
 * A QUIC stack over a DatagramEndpoint: a server and a client send each other as many bytes as asked for, on one stream.
 *
 *   npm run quic
 *   npm run quic -- --bytes 16 --path relay --mark 100 --lose 1000
 */
import { Command, Option } from 'commander';
import { whole } from '../arguments.js';
import { describe, problems } from './report.js';
import { exchange, exchangeInNamespaces, type RunInit, type RunReport } from './run.js';
import { build } from './stack.js';

interface Options {
  readonly bytes: number;
  readonly path: 'loopback' | 'ipv6' | 'relay' | 'namespaces';
  readonly transport: RunInit['transport'];
  readonly mark: number;
  readonly lose: number;
  readonly rate: number;
  readonly queue: number;
  readonly sendBuffer: number;
  readonly shrink: number;
  readonly compare?: number;
}

const options = new Command('main.ts')
  .description('Two ends exchange data by QUIC, over datagrams of a DatagramEndpoint.')
  .option('--bytes <MiB>', 'how much each end sends', whole(1, 4096), 256)
  .addOption(
    new Option('--path <path>', 'what is between the ends')
      .choices(['loopback', 'ipv6', 'relay', 'namespaces'])
      .default('loopback'),
  )
  .addOption(
    new Option('--transport <transport>', 'what sends the datagrams')
      .choices(['endpoint', 'dgram'])
      .default('endpoint'),
  )
  .option('--mark <n>', 'relay, namespaces: mark one of n datagrams CE', whole(0, 1e6), 100)
  .option('--lose <n>', 'relay, namespaces: lose one of n datagrams', whole(0, 1e6), 1000)
  .option('--rate <Mbit/s>', 'namespaces: the rate of the devices; 0: no limit', whole(0, 1e5), 0)
  .option('--queue <kB>', 'namespaces: the queue of devices with a rate', whole(10, 1e6), 100)
  .option('--send-buffer <kB>', 'the send buffer of each socket', whole(10, 1e6), 4000)
  .option('--shrink <ms>', 'namespaces: the MTU shrinks after so long; 0: never', whole(0, 1e6), 0)
  .option('--compare <rounds>', 'compare the processor time of the two transports', whole(1, 100))
  .parse()
  .opts<Options>();

const obstacle = build();
if (obstacle !== undefined) {
  console.log(`skipped: ${obstacle}`);
  process.exit(0);
}
if (options.compare === undefined) await once();
else await compare(options.compare);

async function run(transport: RunInit['transport']): Promise<RunReport> {
  const bytes = options.bytes * 2 ** 20;
  const isMarked = options.path === 'relay' || options.path === 'namespaces';
  const init: RunInit = {
    transport,
    bytes,
    address: options.path === 'ipv6' ? '[::1]:0' : '127.0.0.1:0',
    markOneOf: isMarked ? options.mark : 0,
    loseOneOf: isMarked ? options.lose : 0,
    rate: options.rate,
    queue: options.queue * 1000,
    sendBuffer: options.sendBuffer * 1000,
    shrinkAfter: options.shrink,
  };
  const report =
    options.path === 'namespaces' ? await exchangeInNamespaces(init) : await exchange(init);
  if (typeof report === 'string') {
    console.log(`skipped: ${report}`);
    process.exit(0);
  }
  const found = problems(report, init);
  if (found.length > 0) {
    console.log(describe(report));
    throw new Error(found.join('; '));
  }
  return report;
}

async function once(): Promise<void> {
  console.log(describe(await run(options.transport)));
}

/** Runs both transports in turn and prints the ratio of their processor times. */
async function compare(rounds: number): Promise<void> {
  const times = { endpoint: [] as number[], dgram: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const transport of round % 2 === 0
      ? (['endpoint', 'dgram'] as const)
      : (['dgram', 'endpoint'] as const)) {
      const { client, server } = await run(transport);
      times[transport].push(client.cpuSeconds + server.cpuSeconds);
    }
  }
  const [ours, theirs] = [median(times.endpoint), median(times.dgram)];
  const each = `${options.bytes} MiB each way, ${rounds} rounds`;
  console.log(`${each}, processor time of both ends, relative to dgram:`);
  console.log(`  dgram     1.00x (${theirs.toFixed(2)} s)`);
  console.log(`  endpoint  ${(ours / theirs).toFixed(2)}x (${ours.toFixed(2)} s)`);
}

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
