/**
 * Measures what receiving datagrams on the event loop costs (`Poller.attach`), against the same loop in C, and how alike
 * 64 flooded sockets are served. With `--docs` writes the tables into docs/datagrams.md. Each figure is the median of
 * interleaved rounds. They are of processor time or of very short stretches, so other programs do not change them much.
 *
 *   npm run bench:event-loop [-- --docs]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publish } from './published.mjs';
import { loadOutput, type Role, Server } from './servers.js';
import { makeSides, plans, type Side } from './sides.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'sock-bench-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const ROUNDS = 7;
/** Turns of a measurement, and the milliseconds of a flood. */
const TURNS = 10_000;
const FLOOD = 700;

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] as number;
const ratio = (value: number): string => `${value.toFixed(2)}x`;

const names = ['c', 'sock-native', 'sock-async'];
const missing: Record<string, string> = {};
const sides = await makeSides(plans(here, work), (name) => names.includes(name), missing);
for (const [name, reason] of Object.entries(missing)) throw new Error(`${name}: ${reason}`);
const [c, native, promises] = sides as [Side, Side, Side];
const [load] = c.server('echo') as [string];

/** The nanoseconds of a turn that receives so many datagrams. */
const turnInC = (datagrams: number): number =>
  Number(execFileSync(load, ['turn', String(datagrams), String(TURNS)], { encoding: 'utf8' }));
const turnOfPoller = (datagrams: number): number => {
  const program = [join(here, 'servers/turn.mjs'), String(datagrams), String(TURNS)];
  return Number(execFileSync(process.execPath, program, { encoding: 'utf8' }));
};

/** The processor time of one datagram of a flood, in nanoseconds. */
async function flooded(side: Side, role: Role): Promise<number> {
  const server = new Server(side, role, here);
  try {
    await server.start();
    const send = (time: number): number => loadOutput(load, 'send', server.port, time, 64, 50);
    send(FLOOD / 3);
    const before = await server.counts();
    const since = server.processorTime();
    send(FLOOD);
    const after = await server.counts();
    return (server.processorTime() - since) / (after.datagrams - before.datagrams);
  } finally {
    await server.stop();
  }
}

const waiting = [1, 8, 64, 256];
const turns = waiting.map((): number[] => []);
const ways = [
  ['`Poller.attach`', native, 'flood-loop'],
  ['`await recvBatchAsync`', promises, 'flood-loop'],
  ['`recvBatch`, which blocks', native, 'flood'],
] as const;
const floods = ways.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  console.error(`round ${round + 1} of ${ROUNDS}`);
  for (const [at, datagrams] of waiting.entries()) {
    const base = turnInC(datagrams);
    turns[at]?.push(turnOfPoller(datagrams) / base);
  }
  const base = await flooded(c, 'flood-loop');
  for (const [at, [, side, role]] of ways.entries()) {
    floods[at]?.push((await flooded(side, role)) / base);
  }
}

const fairness = execFileSync(process.execPath, [join(here, 'servers/fairness.mjs')], {
  encoding: 'utf8',
});
const { sockets, least, most, timers, late } = JSON.parse(fairness) as Record<string, number>;

publish({
  turns: [
    '| Datagrams that have arrived | Time of the turn that receives them |',
    '| --- | --- |',
    ...waiting.map((datagrams, at) => `| ${datagrams} | ${ratio(median(turns[at] ?? []))} |`),
  ],
  floods: [
    '| Receiver | Processor time of one datagram |',
    '| --- | --- |',
    ...ways.map(([name], at) => `| ${name} | ${ratio(median(floods[at] ?? []))} |`),
  ],
  fairness: [
    `${sockets} sockets, flooded for a second: the most served got ${ratio((most ?? 0) / (least ?? 0))} of the datagrams of the`,
    `least served. A timer of 10 ms ran ${timers} times, at most ${late?.toFixed(1)} ms late.`,
  ],
});
process.exit();
