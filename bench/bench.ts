/**
 * Runs every case on every side in one run and prints the medians as ratios to C. Each round runs all
 * sides in turn: on a shared machine absolute times are noise, ratios within a round are not.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { table } from '../tools/terminal.mjs';
import { callCases, copyCases, startCase } from './cases.js';
import { figureText, writeDocument } from './document.js';
import {
  addGrowth,
  type BenchReport,
  compareCopies,
  Figures,
  judge,
  reportCases,
  roundsText,
  targetText,
  verdictText,
} from './report.js';
import { Server, serverCases } from './servers.js';
import { makeSides, plans, reasonWithout, type Side } from './sides.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'sock-bench-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  process.on(signal, () => process.exit(128 + number));
}

const all = plans(here, work);
const loops = [...callCases, ...copyCases];
const cases = [...loops, startCase, ...serverCases];
const names = cases.map(({ name }) => name);
const program = new Command('npm run bench --')
  .description('Measures every side in one interleaved run and prints ratios to C.')
  .option('--rounds <count>', 'interleaved rounds', '7')
  .option('--quick', 'short measurements and few rounds: two minutes at most')
  .option('--case <names...>', `cases to run: ${names.join(', ')}`)
  .option('--json <file>', 'also write the figures as JSON')
  .option('--side <names...>', `sides to run beside C: ${all.map(({ name }) => name).join(', ')}`)
  .option('--docs', 'write docs/benchmarks.md, its plots and its JSON')
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
for (const [option, given, known] of [
  ['--case', settings.case, names],
  ['--side', settings.side, all.map(({ name }) => name)],
] as const) {
  for (const name of given ?? []) {
    if (!known.includes(name)) program.error(`${option} ${name}: there is none of that name`);
  }
}

/** Divides the number of operations of a slow side, so that its round takes seconds. */
const SLOW: Readonly<Record<string, number>> = {
  'sock-wasi': 200,
  wasmtime: 2,
  'wasmtime-sock': 4,
  node: 4,
  'sock-std': 4,
  bun: 4,
  deno: 8,
  python: 2,
};
/** When a quick run stops to measure, in milliseconds. */
const QUICK = 105_000;
const LATE = 'the time of a quick run was up';

const startedAt = performance.now();
const quick = settings.quick === true;
const rounds = quick ? 3 : Number(settings.rounds);
if (!Number.isInteger(rounds) || rounds < 1) program.error('--rounds: a whole number from 1 on');
const milliseconds = quick ? 200 : 700;
const wanted = (name: string): boolean => settings.case?.includes(name) ?? true;
const ran = (side: string): boolean => side === 'c' || (settings.side?.includes(side) ?? true);
const missing: Record<string, string> = {};
const figures = new Figures();

let shown = '';
/** Rewrites one progress line on a terminal. Elsewhere it prints one line when a round begins. */
function progress(what: string, round: number, name: string): void {
  const text = `${what}, round ${round} of ${rounds}`;
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}: ${name}`);
  else if (text !== shown) console.error(text);
  shown = text;
}

/** A process that runs a case a given number of times. */
class Calls {
  readonly #child;
  readonly #lines;

  constructor(readonly side: Side) {
    const [command, ...args] = side.calls;
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: here });
    // A write to a program that has ended fails. The next question finds out that it ended.
    this.#child.stdin.on('error', () => {});
    this.#child.on('error', () => {});
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** The nanoseconds of one operation, or the reason why there is no figure. */
  async run(name: string, count: number): Promise<number | string> {
    const { name: side } = this.side;
    const fewer = Math.max(1, Math.ceil(count / (SLOW[side] ?? 1)));
    this.#child.stdin.write(`${name} ${fewer}\n`);
    const { value, done } = await this.#lines.next();
    if (done) return 'its program ended';
    const [, time, ...reason] = value.split(' ');
    return time === 'missing' ? reason.join(' ') : Number(time);
  }

  close(): void {
    this.#child.stdin.end();
  }
}

async function runCalls(sides: readonly Side[]): Promise<void> {
  const chosen = loops.filter(({ name }) => wanted(name));
  if (chosen.length === 0) return;
  const programs = sides.map((side) => new Calls(side));
  // The first round only warms up.
  for (let round = -1; round < rounds; round++) {
    for (const { name, count } of chosen) {
      progress('calls', round + 1, name);
      for (const running of programs) {
        const key = `${running.side.name}: ${name}`;
        if (missing[key] !== undefined) continue;
        const figure = await running.run(name, quick ? Math.ceil(count / 4) : count);
        if (typeof figure === 'string') missing[key] = figure;
        else if (round >= 0) figures.record(name, running.side.name, round, figure);
      }
    }
  }
  for (const running of programs) running.close();
}

/** Processes of a round. The fastest counts: the others waited for the machine. */
const STARTS = 3;

async function runStarts(sides: readonly Side[]): Promise<void> {
  if (!wanted(startCase.name)) return;
  for (let round = 0; round < rounds; round++) {
    const best = new Map<Side, number>();
    for (let start = 0; start < STARTS; start++) {
      for (const side of sides) {
        if (side.start === undefined) continue;
        progress('starts', round + 1, side.name);
        const [command, ...args] = side.start;
        const figure = Number(execFileSync(command, args, { cwd: here, encoding: 'utf8' }));
        best.set(side, Math.min(figure, best.get(side) ?? Infinity));
      }
    }
    for (const [{ name }, figure] of best) figures.record(startCase.name, name, round, figure);
  }
}

/** Each measurement starts a new server. */
async function runServers(sides: readonly Side[]): Promise<void> {
  const chosen = serverCases.filter(({ name }) => wanted(name));
  const [load] = sides[0]?.server('echo') ?? [];
  if (chosen.length === 0 || load === undefined) return;
  let longest = 0;
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    if (quick && begun - startedAt + longest > QUICK) return;
    for (const measured of chosen) {
      for (const side of sides) {
        progress('servers', round + 1, `${measured.name}, ${side.name}`);
        const key = `${side.name}: ${measured.name}`;
        const late = quick && performance.now() - startedAt > QUICK ? LATE : undefined;
        const reason = reasonWithout(side, measured.role, measured.connections) ?? late;
        if (reason !== undefined) missing[key] = reason;
        if (missing[key] !== undefined) continue;
        const server = new Server(side, measured.role, here);
        try {
          await server.start();
          const figure = await measured.run(server, load, milliseconds);
          figures.record(measured.name, side.name, round, figure);
        } catch (error) {
          const { message, stderr } = error as Error & { stderr?: string };
          const why = stderr?.trim() || message;
          // After successful rounds, a failure loses this figure only.
          if (!figures.has(measured.name, side.name)) missing[key] = why.split('\n')[0] ?? '';
        } finally {
          await server.stop();
        }
      }
    }
    longest = Math.max(longest, performance.now() - begun);
  }
}

const sides = await makeSides(all, ran, missing);
await runCalls(sides);
await runStarts(sides);
await runServers(sides);
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
addGrowth(figures);

const report: BenchReport = {
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    platform: `${process.platform} ${release()}`,
  },
  versions: Object.fromEntries(sides.map(({ name, version }) => [name, version])),
  apis: Object.fromEntries(sides.map(({ name, api }) => [name, api])),
  command: ['npm run bench --', ...process.argv.slice(2)].join(' ').trim(),
  rounds,
  cases: reportCases(figures, cases),
  targets: judge(figures, ran),
  fewCopies: compareCopies(figures),
  missing,
};

const others = sides.map(({ name }) => name).filter((name) => name !== 'c');
const right = (columns: readonly unknown[]): 'right'[] => columns.map(() => 'right');
console.log(
  table(
    ['case', 'c', ...others],
    report.cases.map((measured) => [
      measured.name,
      ...['c', ...others].map((side) => figureText(measured, side)),
    ]),
    ['left', 'right', ...right(others)],
  ),
);
console.log(
  `Medians of ${roundsText(report.cases)} interleaved rounds, as multiples of C's figure.`,
);
if (report.targets.length > 0) {
  const verdicts = report.targets.map((verdict) => [
    verdict.side,
    verdict.case,
    targetText(verdict),
    ...verdictText(verdict),
  ]);
  console.log(table(['side', 'case', 'target', 'reached', ''], verdicts));
}
for (const [name, reason] of Object.entries(missing)) {
  if (!reason.startsWith('measured in C')) console.log(`missing: ${name}: ${reason}`);
}
console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s`);

if (settings.json !== undefined) {
  writeFileSync(settings.json, `${JSON.stringify(report, null, 2)}\n`);
}
if (settings.docs) await writeDocument(report, join(here, '../docs'));
if (settings.check && report.targets.some(({ met }) => !met)) process.exitCode = 1;
process.exit();
