/**
 * Runs every case on every side, the sides interleaved round by round in one run, and prints the
 * medians as ratios to C. Absolute times are noise on a shared machine; the ratios are not.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { Command } from 'commander';

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
  .description('Measures @sock/native against the same loops in C, interleaved in one run.')
  .option('--rounds <count>', 'interleaved rounds', '7')
  .option('--quick', 'a third of the operations, 5 rounds')
  .option('--case <names...>', `cases to run: ${cases.map(({ name }) => name).join(', ')}`)
  .option('--json <file>', 'also write the figures as JSON')
  .option('--check', 'exit with 1 when a target is missed')
  .parse();
const settings = program.opts<{
  rounds: string;
  quick?: boolean;
  case?: string[];
  json?: string;
  check?: boolean;
}>();

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
    this.#child.stdin.write(`${name} ${count}\n`);
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

const rounds = settings.quick ? 5 : Number(settings.rounds);
const chosen = cases.filter(({ name }) => settings.case?.includes(name) ?? true);
execFileSync('cc', ['-O2', '-D_GNU_SOURCE', '-o', join(work, 'c'), join(here, 'sides/c.c')], {
  stdio: 'inherit',
});
const sides = [
  new Side('c', join(work, 'c'), []),
  new Side('sock-native', process.execPath, ['--import', 'tsx', 'sides/sock-native.ts']),
];
const figures = new Map<string, Map<string, number[]>>();
const startedAt = Date.now();
// The first round warms the sides up and does not count.
for (let round = 0; round <= rounds; round++) {
  for (const { name, count } of chosen) {
    for (const side of sides) {
      const time = await side.run(name, settings.quick ? Math.ceil(count / 3) : count);
      if (time === undefined || round === 0) continue;
      const bySide = figures.get(name) ?? new Map<string, number[]>();
      bySide.set(side.name, [...(bySide.get(side.name) ?? []), time]);
      figures.set(name, bySide);
    }
  }
  if (process.stderr.isTTY && Date.now() - startedAt > 2000) {
    process.stderr.write(`\rround ${round} of ${rounds} `);
  }
}
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
for (const side of sides) side.close();

const table = new Table({
  head: ['case', 'C', '@sock/native', 'ratio', 'lowest to highest', 'target'],
  colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
  style: { head: ['cyan'], compact: true },
});
let missed = 0;
const results = chosen.map(({ name, unit, better, target }) => {
  const runs = Object.fromEntries(figures.get(name) ?? []);
  const c = runs['c'] ?? [];
  const native = runs['sock-native'] ?? [];
  const ratios = native.map((time, round) => time / (c[round] as number));
  const ratio = median(ratios);
  if (target !== undefined && ratio > target) missed += 1;
  table.push([
    name,
    `${median(c).toFixed(0)} ${unit}`,
    `${median(native).toFixed(0)} ${unit}`,
    `${ratio.toFixed(2)}x`,
    `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
    target === undefined ? '' : `<= ${target}x ${ratio > target ? 'MISSED' : 'met'}`,
  ]);
  const medians = Object.fromEntries(
    Object.entries(runs).map(([side, values]) => [side, median(values)]),
  );
  return { name, unit, better, sides: medians, ratio, runs };
});
console.log(table.toString());
console.log(`Medians of ${rounds} interleaved rounds; the ratio is the median of each round's.`);

if (settings.json !== undefined) {
  const report = {
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      platform: process.platform,
    },
    versions: { node: process.version },
    cases: results,
  };
  writeFileSync(settings.json, `${JSON.stringify(report, null, 2)}\n`);
}
if (settings.check && missed > 0) process.exitCode = 1;
