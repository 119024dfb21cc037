/**
 * A port scanner: connects to many ports at once and prints those that are open. Scan only hosts that are yours.
 *
 *   node --import tsx examples/port-scanner/port-scanner.ts localhost --ports 1-1024,8080
 */
import type { SockError } from '@sock/native';
import { resolve } from '@sock/std';
import { Command } from 'commander';
import * as check from '../arguments.js';
import { stopSignal } from '../stop-signal.js';
import { portRanges } from './port-ranges.js';
import { type Answer, scan } from './scan.js';

const program = new Command('port-scanner.ts')
  .description('Connects to many ports of a host and prints those that are open.')
  .argument('<host>', 'a name or an address')
  .option('--ports <ranges>', 'such as 22,80,8000-8999', portRanges, portRanges('1-1024'))
  .option('--concurrency <count>', 'the most connections at a time', check.whole(1, 65_535), 500)
  .option('--timeout <ms>', 'how long to wait for an answer', check.whole(1, 60_000), 1000)
  .parse();
const [host] = program.processedArgs as [string];
const options = program.opts<{ ports: number[]; concurrency: number; timeout: number }>();

const signal = stopSignal();
const counts: Record<Answer, number> = { open: 0, closed: 0, silent: 0 };
try {
  const [address] = await resolve(host, 0, { signal });
  if (address === undefined) throw new Error(`${host} has no address`);
  await scan(address, { ...options, signal }, (port, answer) => {
    counts[answer] += 1;
    if (answer === 'open') console.log(`${port} open`);
  });
} catch (error) {
  if (!signal.aborted) {
    console.error(`port-scanner: ${(error as SockError).message}`);
    process.exitCode = 1;
  }
}
console.log(`${counts.open} open, ${counts.closed} closed, ${counts.silent} without an answer`);
