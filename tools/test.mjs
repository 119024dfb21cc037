/**
 * Runs the test suites as tasks of turbo, which caches those whose inputs did not change, and sums up.
 * `npm test -- --help` describes the options.
 *
 * A suite is the script `test` of a package, or a script `test:NAME` of the root package.json. Its last
 * line of output is `N passed, N failed, N skipped`. A suite that ends without it counts as one failed test.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { signalGroup, spawnGroup } from './process-group.mjs';
import { countsIn } from './tally.mjs';
import { environment, root, turbo } from './turbo.mjs';

/** A suite that prints nothing for so long is stopped, in milliseconds. */
const LONGEST = 20 * 60_000;

const json = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));
// A folder without a manifest is what git leaves of a package that was renamed.
const packages = readdirSync(join(root, 'packages'))
  .filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
  .map((name) => ({ name, manifest: json(`packages/${name}/package.json`) }));
const { tasks } = json('turbo.json');
const suites = [
  ...Object.keys(json('package.json').scripts)
    .filter((script) => script.startsWith('test:'))
    .map((script) => ({ name: script.slice(5), task: `//#${script}` }))
    .map((suite) => ({ ...suite, what: tasks[suite.task]?.description })),
  ...packages
    .filter(({ manifest }) => manifest.scripts?.test !== undefined)
    .map(({ name, manifest }) => ({
      name,
      task: `${manifest.name}#test`,
      what: manifest.description,
    })),
];
const list = suites.map(({ name, what }) => `  ${name.padEnd(14)} ${what}`).join('\n');

let arguments_;
try {
  arguments_ = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      list: { type: 'boolean' },
      force: { type: 'boolean', default: process.env.CI !== undefined },
    },
  });
  const unknown = arguments_.positionals.find((name) => suites.every((it) => it.name !== name));
  if (unknown !== undefined) throw new Error(`no suite has the name '${unknown}'`);
} catch (error) {
  console.error(`${error.message}. The suites are:\n${list}`);
  process.exit(2);
}
const { values: options, positionals: names } = arguments_;
if (options.help) {
  console.log(`usage: npm test -- [SUITE...] [--force] [--list]

Runs the named test suites, or all of them, one after the other, and ends with a table and
\`N passed, N failed, N skipped\`, summed over all suites. The exit status is 0 when no test failed.

Turbo replays the output of a suite that passed before with the same inputs, on the same kernel, with
the same Node and the same user: the table says \`cached\`. With --force, and under CI, all suites run.

  --force  runs the suites even when their results are cached
  --list   prints the names of the suites

suites:
${list}`);
  process.exit(0);
}
if (options.list) {
  console.log(list);
  process.exit(0);
}

await import('./setup.mjs');
const chosen = suites.filter(({ name }) => names.length === 0 || names.includes(name));
const summaries = join(root, '.turbo/runs');
rmSync(summaries, { recursive: true, force: true });

/** Runs turbo, and stops it when a suite hangs. Resolves to why it was stopped, or undefined. */
function runSuites() {
  const flags = ['--concurrency=1', '--continue=always', '--summarize', '--output-logs=full'];
  if (options.force) flags.push('--force');
  const child = spawnGroup(turbo, ['run', ...chosen.map(({ task }) => task), ...flags], {
    cwd: root,
    env: { ...environment, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let reason;
    const stop = (why) => {
      reason ??= why;
      // Turbo ends the suites that it started, then itself.
      signalGroup(child, 'SIGINT');
    };
    const limit = setTimeout(stop, LONGEST, `printed nothing for ${LONGEST / 60_000} minutes`);
    process.on('SIGINT', stop).on('SIGTERM', stop);
    child.stdout.on('data', (chunk) => {
      limit.refresh();
      process.stdout.write(chunk);
    });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(limit);
      resolve(reason);
    });
  });
}

/** The lines of a suite's log. pnpm adds ELIFECYCLE to the log of one that fails. */
const linesOf = ({ logFile }) =>
  stripVTControlCharacters(readFileSync(join(root, logFile), 'utf8'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.includes('ELIFECYCLE'));

/** The lines that name a failed test: `FAILED` is how our suites mark one, and `FAIL` how vitest does. */
const failuresIn = (lines) => [...new Set(lines.filter((line) => /\bFAIL(?:ED)?\b/.test(line)))];

const stopped = await runSuites();
const [summary] = readdirSync(summaries).map((name) => json(`.turbo/runs/${name}`));
// Turbo leaves out a task that it stopped.
const results = new Map(summary.tasks.map((result) => [result.taskId, result]));
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const rows = chosen.map(({ name, task }) => {
  const { execution, cache, ...result } = results.get(task) ?? {};
  const lines = execution ? linesOf(result) : [];
  const counts = countsIn(lines.at(-1)) ?? { passed: 0, failed: 0, skipped: 0 };
  let remark = cache?.status === 'HIT' ? 'cached' : '';
  if (!execution) remark = 'did not finish';
  else if (counts.passed + counts.failed + counts.skipped === 0) remark = 'ran no test';
  else if (execution.exitCode !== 0 && counts.failed === 0) remark = `status ${execution.exitCode}`;
  if (remark !== '' && remark !== 'cached') counts.failed += 1;
  for (const key of Object.keys(total)) total[key] += counts[key];
  if (counts.failed > 0) failures.push(...failuresIn(lines).map((line) => `  ${name}: ${line}`));
  const seconds = execution ? (execution.endTime - execution.startTime) / 1000 : 0;
  return [name, ...Object.values(counts), seconds.toFixed(1), remark];
});
const { table } = await import('./terminal.mjs');
const head = ['suite', ...Object.keys(total), 'seconds', ''];
console.log(`\n${table(head, rows, ['left', 'right', 'right', 'right', 'right'])}`);
if (stopped !== undefined) console.log(`stopped: ${stopped}`);
if (rows.some((row) => row.at(-1) === 'cached')) {
  console.log('cached: passed before with the same inputs; `npm test -- --force` runs it again');
}
// The end of a long log is what people see first.
if (failures.length > 0) console.log(`\nfailed tests:\n${failures.slice(0, 50).join('\n')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 && stopped === undefined ? 0 : 1;
