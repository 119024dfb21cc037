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
import { flood, type Role, Server } from './servers.js';
import { makeSides, plans, type Side } from './sides.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'sock-bench-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const ROUNDS = 5;
/** Turns of a measurement, and the milliseconds of a flood. */
const TURNS = 5000;
const FLOOD = 2000;

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

interface Receiver {
  readonly name: string;
  readonly side: Side;
  readonly role: Role;
}

/**
 * The processor time of one datagram in each receiver, as a multiple of that in the first. All are flooded at the same
 * time on the same processors, so what disturbs one disturbs all.
 */
async function floodTogether(receivers: readonly Receiver[]): Promise<number[]> {
  const servers = receivers.map(({ side, role }) => new Server(side, role, here));
  const floodAll = (time: number): Promise<unknown> =>
    Promise.all(servers.map(({ port }) => flood(load, port, time)));
  const state = (): Promise<number[][]> =>
    Promise.all(
      servers.map(async (server) => {
        const { datagrams } = await server.counts();
        return [datagrams, server.processorTime()];
      }),
    );
  try {
    for (const server of servers) await server.start();
    await floodAll(FLOOD / 2);
    const before = await state();
    await floodAll(FLOOD);
    const after = await state();
    const costs = after.map(([datagrams = 0, time = 0], at) => {
      const [received = 0, used = 0] = before[at] ?? [];
      return (time - used) / (datagrams - received);
    });
    return costs.map((cost) => cost / (costs[0] ?? 0));
  } finally {
    for (const server of servers) await server.stop();
  }
}

const waiting = [1, 8, 64, 256];
const turns = waiting.map((): number[] => []);
const receivers: readonly Receiver[] = [
  { name: 'the loop in C', side: c, role: 'flood-loop' },
  { name: 'the loop in C, a second one', side: c, role: 'flood-loop' },
  { name: '`Poller.attach`', side: native, role: 'flood-loop' },
  { name: '`await recvBatchAsync`', side: promises, role: 'flood-loop' },
  { name: '`recvBatch`, which blocks', side: native, role: 'flood' },
];
const floods = receivers.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  console.error(`round ${round + 1} of ${ROUNDS}`);
  for (const [at, datagrams] of waiting.entries()) {
    const base = turnInC(datagrams);
    turns[at]?.push(turnOfPoller(datagrams) / base);
  }
  for (const [at, cost] of (await floodTogether(receivers)).entries()) floods[at]?.push(cost);
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
    ...receivers.map(({ name }, at) => `| ${name} | ${ratio(median(floods[at] ?? []))} |`),
  ],
  fairness: [
    `${sockets} sockets, flooded for a second: the most served got ${ratio((most ?? 0) / (least ?? 0))} of the datagrams of the`,
    `least served. A timer of 10 ms ran ${timers} times, at most ${late?.toFixed(1)} ms late.`,
  ],
});
process.exit();
