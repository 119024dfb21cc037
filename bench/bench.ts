/**
 * Runs every case on every side, the sides interleaved round by round in one run, and prints the
 * medians as ratios to C. Absolute times are noise on a shared machine; the ratios are not.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { Command } from 'commander';
import { type BenchReport, type CaseReport, writeDocument } from './document.js';
import { Server, serverCases, serverSides } from './servers.js';

interface Case {
  readonly name: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** Operations a round. */
  readonly count: number;
  /** The most that @sock/native's time may be, as a multiple of C's. */
  readonly target?: number;
}

const cases: readonly Case[] = [
  { name: 'udp-64', unit: 'ns', better: 'lower', count: 60_000, target: 1.15 },
  { name: 'udp-64-recvfrom', unit: 'ns', better: 'lower', count: 60_000, target: 1.2 },
  { name: 'tcp-64', unit: 'ns', better: 'lower', count: 30_000, target: 1.08 },
  { name: 'tcp-64k', unit: 'ns', better: 'lower', count: 4_000 },
  { name: 'getsockopt', unit: 'ns', better: 'lower', count: 500_000, target: 1.3 },
  { name: 'socket-close', unit: 'ns', better: 'lower', count: 30_000 },
];

const here = fileURLToPath(new URL('.', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'sock-bench-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));

const program = new Command('npm run bench --')
  .description('Measures every side in one interleaved run and prints ratios to C.')
  .option('--rounds <count>', 'interleaved rounds', '7')
  .option('--quick', 'a third of the operations, 5 rounds')
  .option(
    '--case <names...>',
    `cases to run: ${[...cases, ...serverCases].map(({ name }) => name).join(', ')}`,
  )
  .option('--json <file>', 'also write the figures as JSON')
  .option('--side <names...>', 'sides to run; C always runs')
  .option('--docs', 'write docs/benchmarks.md and its plots')
  .option('--check', 'exit with 1 when a target is missed')
  .parse();
const settings = program.opts<{
  rounds: string;
  quick?: boolean;
  case?: string[];
  json?: string;
  check?: boolean;
  side?: string[];
  docs?: boolean;
}>();

/** How much the operations of a slow side are cut, so that a round takes seconds. */
const SLOW: Readonly<Record<string, number>> = {
  'sock-wasi': 200,
  wasmtime: 50,
  node: 4,
  python: 2,
};

class Side {
  readonly #child;
  readonly #lines;

  constructor(
    readonly name: string,
    command: string,
    args: readonly string[],
  ) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: here });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Nanoseconds of one operation; `undefined` when the side has not the case. */
  async run(name: string, count: number): Promise<number | undefined> {
    const fewer = Math.max(1, Math.ceil(count / (SLOW[this.name] ?? 1)));
    this.#child.stdin.write(`${name} ${fewer}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.name} ended at ${name}`);
    const [, time] = value.split(' ');
    return time === 'missing' ? undefined : Number(time);
  }

  close(): void {
    this.#child.stdin.end();
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

const rounds = settings.quick ? 3 : Number(settings.rounds);
const milliseconds = settings.quick ? 300 : 1000;
const wanted = (name: string): boolean => settings.case?.includes(name) ?? true;
const taken = (name: string): boolean => name === 'c' || (settings.side?.includes(name) ?? true);
const missing: Record<string, string> = {};
const figures = new Map<string, Map<string, number[]>>();
const startedAt = Date.now();

function record(name: string, side: string, value: number): void {
  const bySide = figures.get(name) ?? new Map<string, number[]>();
  bySide.set(side, [...(bySide.get(side) ?? []), value]);
  figures.set(name, bySide);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  else if (Date.now() - startedAt > 2000) process.stderr.write(`${text}\n`);
}

function compile(source: string, out: string): string {
  const program = join(work, out);
  const flags = ['-O2', '-D_GNU_SOURCE', '-o', program, join(here, source)];
  execFileSync('cc', flags, { stdio: 'inherit' });
  return program;
}

/** The sides of the calls: each is a process that runs a case as often as it is told. */
async function runCalls(): Promise<void> {
  const chosen = cases.filter(({ name }) => wanted(name));
  if (chosen.length === 0) return;
  const tsx = ['--import', 'tsx'];
  const commands: [string, string, string[]][] = [
    ['c', compile('sides/c.c', 'c'), []],
    ['sock-native', process.execPath, [...tsx, 'sides/backend.ts', '@sock/native']],
    ['sock-wasi', process.execPath, [...tsx, 'sides/backend.ts', '@sock/wasi']],
    ['node', process.execPath, [...tsx, 'sides/node.ts']],
    ['python', 'python3', ['sides/python.py']],
  ];
  const sides = commands
    .filter(([name]) => taken(name))
    .map(([name, command, args]) => new Side(name, command, args));
  // The first round warms the sides up and does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const { name, count } of chosen) {
      progress(`calls, round ${round} of ${rounds}: ${name}`);
      for (const side of sides) {
        const time = await side.run(name, settings.quick ? Math.ceil(count / 3) : count);
        if (time !== undefined && round > 0) record(name, side.name, time);
      }
    }
  }
  for (const side of sides) side.close();
}

/** The sides with servers: each measurement starts one anew. */
async function runServers(): Promise<void> {
  const chosen = serverCases.filter(({ name }) => wanted(name));
  if (chosen.length === 0) return;
  const c = compile('servers/c.c', 'servers');
  const found = serverSides(c, here);
  Object.assign(missing, found.missing);
  for (let round = 1; round <= rounds; round++) {
    for (const measured of chosen) {
      progress(`servers, round ${round} of ${rounds}: ${measured.name}`);
      for (const side of found.sides) {
        if (!taken(side.name)) continue;
        const server = new Server(...side.command(measured.role), here);
        try {
          await server.start();
          record(measured.name, side.name, await measured.run(server, c, milliseconds));
        } catch (error) {
          missing[`${side.name}: ${measured.name}`] = (error as Error).message.split('\n')[0] ?? '';
        } finally {
          await server.stop();
        }
      }
    }
  }
}

await runCalls();
await runServers();
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
missing['rust'] ??= 'socket2 in Rust is not measured';
missing['wasmtime'] ??= 'C compiled to WASI is not measured';

const all = [...cases, ...serverCases].filter(({ name }) => figures.has(name));
const results: CaseReport[] = all.map(({ name, unit, better }) => {
  const runs = Object.fromEntries(figures.get(name) ?? []);
  const c = runs['c'] ?? [];
  const sides = Object.fromEntries(
    Object.entries(runs).map(([side, values]) => [side, median(values)]),
  );
  // Of C's memory there is nothing to be a multiple of.
  const ratios = Object.fromEntries(
    Object.entries(runs)
      .map(([side, values]): [string, number] => [
        side,
        median(values.map((value, round) => value / (c[round] ?? Number.NaN))),
      ])
      .filter(([, ratio]) => Number.isFinite(ratio)),
  );
  const target = cases.find((it) => it.name === name)?.target;
  return { name, unit, better, sides, ratios, runs, ...(target === undefined ? {} : { target }) };
});

const sideNames = [...new Set(results.flatMap(({ sides }) => Object.keys(sides)))].filter(
  (name) => name !== 'c',
);
const table = new Table({
  head: ['case', 'C', ...sideNames, 'target'],
  colAligns: ['left', 'right', ...sideNames.map(() => 'right' as const), 'right'],
  style: { head: ['cyan'], compact: true },
});
let missed = 0;
for (const { name, unit, sides, ratios, target } of results) {
  const ratio = ratios['sock-native'];
  if (target !== undefined && ratio !== undefined && ratio > target) missed += 1;
  table.push([
    name,
    `${(sides['c'] ?? Number.NaN).toLocaleString('en', { maximumFractionDigits: 0 })} ${unit}`,
    ...sideNames.map((side) =>
      ratios[side] === undefined
        ? (sides[side]?.toLocaleString('en', { maximumFractionDigits: 0 }) ?? '')
        : `${ratios[side].toFixed(2)}x`,
    ),
    target === undefined || ratio === undefined
      ? ''
      : `<= ${target}x ${ratio > target ? 'MISSED' : 'met'}`,
  ]);
}
console.log(table.toString());
console.log(`Medians of ${rounds} interleaved rounds, as multiples of C's figure.`);
for (const [name, reason] of Object.entries(missing)) console.log(`missing: ${name}: ${reason}`);

const report: BenchReport = {
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    platform: `${process.platform} ${release()}`,
  },
  versions: { node: process.version },
  command: ['npm run bench --', ...process.argv.slice(2)].join(' ').trim(),
  rounds,
  cases: results,
  missing,
};
if (settings.json !== undefined)
  writeFileSync(settings.json, `${JSON.stringify(report, null, 2)}\n`);
if (settings.docs) await writeDocument(report, join(here, '../docs'));
if (settings.check && missed > 0) process.exitCode = 1;
process.exit();
