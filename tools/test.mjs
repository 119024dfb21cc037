/**
 * Runs every test suite of the repository and sums up. `npm test -- --help` tells more.
 *
 * A suite is a row of `suites`. One that ends with a failure, or without saying how many tests it
 * ran, counts as a failed test: silence is not success.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const LONGEST = 20 * 60_000;
const SUMMARY = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;

/** Tests of a package by vitest, which writes its counts into a file. */
const vitest = (name, what) => {
  const report = join(root, '.cache/test', `${name}.json`);
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return {
    name,
    what,
    cwd: `packages/${name}`,
    command: [process.execPath, join(root, 'node_modules/vitest/vitest.mjs'), ...args],
    report,
  };
};

/** Any other command: its last line of output is `N passed, N failed, N skipped`. */
const suites = [
  {
    name: 'libsock',
    what: 'the C core under sanitizers',
    command: ['sh', 'native/core/test/run.sh'],
  },
  {
    name: 'fuzz',
    what: "libsock's parsers, under libFuzzer and sanitizers",
    command: [process.execPath, 'tools/fuzz.mjs', '--runs', '500000'],
  },
  vitest('core', 'addresses, errors, the option table'),
  vitest('native', 'the contract, the oracle and the addon on @sock/native'),
  vitest('std', 'conversions, drop-in net and dgram, real clients and servers'),
  {
    name: 'node-tests',
    what: "node's own tests of net and dgram, on the drop-in modules",
    command: [process.execPath, 'tools/node-tests.mjs'],
  },
  vitest('wasi', 'the contract on @sock/wasi, under Node'),
  vitest('wasi-host', 'components of others on the host, its policy, hostile components'),
  vitest('sock', 'which backend is taken'),
  {
    name: 'examples',
    what: 'every example, run as its users do',
    command: [process.execPath, 'examples/smoke.mjs'],
  },
  {
    name: 'embed',
    what: 'a C guest composed with sock.wasm, and a Python host of it, with and without the network',
    command: [process.execPath, 'tools/wasi/embed.mjs'],
  },
  {
    name: 'sanitize',
    what: 'the contract and the addon under ASan, UBSan and LeakSanitizer',
    command: [process.execPath, 'packages/native/scripts/sanitize.mjs'],
  },
  {
    name: 'contract',
    what: 'the contract three ways: native, WASI on Node, WASI in wasmtime',
    command: [process.execPath, 'tools/contract.mjs'],
  },
  {
    name: 'endurance',
    what: '256 MiB through TCP and a thousand connections, three ways',
    command: [process.execPath, 'tools/endurance.mjs'],
  },
  {
    name: 'node-versions',
    what: 'the contract on every supported version of Node, with one build of the addon',
    command: [process.execPath, 'tools/node-versions.mjs'],
  },
];

const { values: options } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    list: { type: 'boolean', default: false },
    force: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
});

const list = suites.map(({ name, what }) => `  ${name.padEnd(14)} ${what}`).join('\n');
if (options.help) {
  console.log(`usage: npm test -- [--only SUITE]... [--force] [--list]

Runs the test suites, shows their output and ends with \`N passed, N failed, N skipped\`, summed
over all of them. The exit status is 0 when no test failed and every suite said what it ran.

A suite that passed on this commit, on this machine, is not run again: its counts are shown, marked
\`unchanged\`. Under CI, or where a file was changed since the commit, all run.

  --only SUITE  only this one; may be given several times
  --force       run them all
  --list        the names of the suites

suites:
${list}`);
  process.exit(0);
}
if (options.list) {
  console.log(list);
  process.exit(0);
}
for (const name of options.only) {
  if (suites.every((suite) => suite.name !== name)) {
    console.error(`no suite is called '${name}'. There are:\n${list}`);
    process.exit(2);
  }
}

/** Runs a suite in the open; its exit status and the last line of its standard output. */
function run({ command: [file, ...args], cwd = '.' }) {
  return new Promise((resolve) => {
    // A group of its own, so that a suite that hangs is ended with everything it started.
    const child = spawn(file, args, {
      cwd: join(root, cwd),
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: process.platform !== 'win32',
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) },
    });
    let tail = '';
    let ending;
    const end = () => {
      try {
        process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    };
    const limit = setTimeout(() => {
      ending = `took longer than ${LONGEST / 60_000} minutes`;
      end();
    }, LONGEST);
    const interrupted = (signal) => {
      end();
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      tail = `${tail}${chunk}`.slice(-4096);
    });
    child.on('error', (error) => {
      ending = `could not be started: ${error.message}`;
    });
    child.on('close', (status, signal) => {
      clearTimeout(limit);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      if (ending === undefined && signal !== null) ending = `was ended by ${signal}`;
      resolve({ status, ending, lastLine: tail.trimEnd().split('\n').at(-1).trim() });
    });
  });
}

/** What a suite says it ran; `undefined` when it says nothing. */
function countsOf({ report }, lastLine) {
  if (report === undefined) {
    const [, passed, failed, skipped] = SUMMARY.exec(lastLine)?.map(Number) ?? [];
    return passed === undefined ? undefined : { passed, failed, skipped };
  }
  try {
    const counts = JSON.parse(readFileSync(report, 'utf8'));
    return {
      passed: counts.numPassedTests,
      failed: counts.numFailedTests,
      skipped: counts.numPendingTests + counts.numTodoTests,
    };
  } catch {
    return undefined;
  }
}

/** What a suite's outcome depends on; `undefined` where it has to run. */
function stateOfTree() {
  if (options.force || process.env.CI !== undefined) return undefined;
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  const status = git('status', '--porcelain');
  if (status.status !== 0 || status.stdout !== '') return undefined;
  const tree = git('rev-parse', 'HEAD^{tree}').stdout.trim();
  return [tree, process.version, process.arch, release(), process.getuid?.()].join(' ');
}

const state = stateOfTree();
const passedFile = join(root, '.cache/test/passed.json');
const earlier = existsSync(passedFile) ? JSON.parse(readFileSync(passedFile, 'utf8')) : {};
const passedBefore = state !== undefined && earlier.state === state ? earlier.suites : {};

function remember(name, counts) {
  if (state === undefined) return;
  passedBefore[name] = counts;
  mkdirSync(dirname(passedFile), { recursive: true });
  writeFileSync(passedFile, JSON.stringify({ state, suites: passedBefore }));
}

const total = { passed: 0, failed: 0, skipped: 0 };
const table = [];
for (const suite of suites) {
  if (options.only.length > 0 && !options.only.includes(suite.name)) continue;
  const before = passedBefore[suite.name];
  if (before !== undefined) {
    for (const key of Object.keys(total)) total[key] += before[key];
    table.push({ name: suite.name, ...before, seconds: 0, remark: 'unchanged' });
    continue;
  }
  console.log(`\n=== ${suite.name}: ${suite.what}`);
  if (suite.report !== undefined) {
    mkdirSync(dirname(suite.report), { recursive: true });
    // The counts of an earlier run must not stand in for those of a run that died.
    rmSync(suite.report, { force: true });
  }
  const started = Date.now();
  const { status, ending, lastLine } = await run(suite);
  const counts = countsOf(suite, lastLine) ?? { passed: 0, failed: 0, skipped: 0 };
  let remark = ending ?? '';
  if (counts.passed + counts.failed + counts.skipped === 0) remark ||= 'ran no test';
  if (status !== 0 && counts.failed === 0) remark ||= `ended with status ${status}`;
  if (remark !== '') counts.failed += 1;
  if (counts.failed === 0) remember(suite.name, counts);
  for (const key of Object.keys(total)) total[key] += counts[key];
  table.push({ name: suite.name, ...counts, seconds: (Date.now() - started) / 1000, remark });
}

console.log(`\n${'suite'.padEnd(14)}  passed  failed  skipped  seconds`);
for (const { name, passed, failed, skipped, seconds, remark } of table) {
  const numbers = [
    String(passed).padStart(6),
    String(failed).padStart(6),
    String(skipped).padStart(7),
    seconds.toFixed(1).padStart(7),
  ];
  console.log(`${name.padEnd(14)}  ${[...numbers, remark].join('  ').trimEnd()}`);
}
if (table.some(({ remark }) => remark === 'unchanged')) {
  console.log('unchanged: passed on this commit before; `npm test -- --force` runs it again');
}
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
