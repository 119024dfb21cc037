/**
 * Runs node's own tests with `@sock/std/net` and `@sock/std/dgram` in place of the built-in modules.
 * `npm run node-tests -- --help` describes the options.
 *
 * A test that fails runs again alone, then with the built-in modules. It counts only if it passes with
 * those. The tests in `known` cannot pass.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeProgram } from './node-program.mjs';
import { runTest } from './node-tests/run.mjs';
import { sourceOf } from './node-tests/source.mjs';
import { Tally } from './tally.mjs';

/** The tests that pass with the built-in modules only, each with the reason. */
const known = {
  'parallel/test-http2-client-port-80.js':
    "assigns to net.connect and expects http2 to call it: node does not see an assignment to a drop-in's function",
  'parallel/test-repl.js': 'compares a stack trace, in which the preload adds a frame',
  'parallel/test-dgram-send-queue-info.js (rinfo)':
    "needs libuv's own sends, which a flag of node's keeps from going out at once",
};
/** With `rinfo` only the tests of dgram: streams have none. */
const HOWS = ['drop-in', 'options', 'rinfo'];
const has = (how, name) => how !== 'rinfo' || /dgram/.test(name);

const { values: options } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    all: { type: 'boolean', default: false },
    node: { type: 'string', default: process.versions.node.split('.')[0] },
    match: { type: 'string', default: '' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});
if (options.help) {
  console.log(`usage: npm run node-tests -- [--all] [--node MAJOR] [--match REGEXP] [--jobs N]

Runs node's own tests of net and dgram, which come from Debian's source package, with the drop-in modules
in place of the built-in ones. Each test runs two ways: \`drop-in\`, unchanged, and \`options\`, in which
every creating call also gets a socket option. Those of dgram also run with \`rinfo\`, by which a Socket of ours
is below node's class. Ends with \`N passed, N failed, N skipped\`.

  --all           all tests that load net or dgram, also those of http, http2, tls, cluster (minutes)
  --node MAJOR    this version of Node, from npm, and the tests of the nearest version that Debian has
  --match REGEXP  only the tests whose name matches
  --jobs N        runs N tests at a time; default: the number of cores`);
  process.exit(0);
}

/** Starts this program again in a network namespace, so that traffic of the tests stays there. Needs root. */
function enclose() {
  if (process.env.SOCK_NODE_TESTS_ENCLOSED !== undefined || process.getuid?.() !== 0) return;
  const folder = mkdtempSync(join(tmpdir(), 'sock-hosts-'));
  const hosts = join(folder, 'hosts');
  writeFileSync(hosts, '127.0.0.1 localhost\n::1 localhost\n');
  const setUp = `ip link set lo up && ip link set lo multicast on
    ip route add 224.0.0.0/4 dev lo && ip -6 route add ff00::/8 dev lo table local
    mount --bind ${hosts} /etc/hosts`;
  const inside = (script, ...args) =>
    spawnSync('unshare', ['--net', '--mount', 'sh', '-c', script, 'sh', ...args], {
      stdio: 'inherit',
      env: { ...process.env, SOCK_NODE_TESTS_ENCLOSED: '1' },
    });
  try {
    if (inside('ip link set lo up').status !== 0) return;
    const self = [process.execPath, ...process.argv.slice(1)];
    process.exit(inside(`(${setUp}) >&2; exec "$@"`, ...self).status ?? 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const tally = new Tally();
let node;
let source;
try {
  node = nodeProgram(options.node);
  source = sourceOf(options.node);
} catch (error) {
  tally.add('skipped', `the tests of Node ${options.node}`, `fetching failed: ${error.message}`);
  tally.finish();
  process.exit();
}
// Only now: fetching needs the network.
enclose();

const loads = /(?:require\(|from )'(?:node:)?(?:net|dgram)'/;
const isWanted = (folder, name) =>
  /^test-.*\.m?js$/.test(name) &&
  new RegExp(options.match).test(name) &&
  (/^test-(?:net|dgram)-/.test(name) ||
    (options.all && loads.test(readFileSync(join(source, 'test', folder, name), 'utf8'))));
const list = ['parallel', 'sequential'].flatMap((folder) =>
  readdirSync(join(source, 'test', folder))
    .filter((name) => isWanted(folder, name))
    .flatMap((name) =>
      HOWS.filter((how) => has(how, name)).map((how) => ({ test: `${folder}/${name}`, how })),
    ),
);

const folder = mkdtempSync(join(tmpdir(), 'sock-node-'));
const run = (test, how, thread) => runTest(node, source, test, how, { folder, thread });

/** The tests in `sequential/`, and those that failed, run one by one. */
const alone = list.filter(({ test }) => test.startsWith('sequential/'));
const together = list.filter(({ test }) => test.startsWith('parallel/'));
const ended = [];
const progress = setInterval(() => {
  console.log(`${ended.length} of ${list.length} tests done`);
}, 5000);
async function work(thread) {
  for (let job = together.shift(); job !== undefined; job = together.shift()) {
    const result = await run(job.test, job.how, thread);
    if (result.outcome === 'failed') alone.push(job);
    else ended.push({ ...job, ...result });
  }
}
await Promise.all(Array.from({ length: Number(options.jobs) }, (_, index) => work(index + 1)));
const builtIn = new Map();
for (const { test, how } of alone) {
  let result = await run(test, how, 0);
  if (result.outcome === 'failed') {
    if (!builtIn.has(test)) builtIn.set(test, await run(test, 'plain', 0));
    if (builtIn.get(test).outcome === 'failed') {
      result = { outcome: 'skipped', detail: 'fails with the built-in modules too' };
    } else {
      const detail = known[test] ?? known[`${test} (${how})`];
      if (detail !== undefined) result = { outcome: 'skipped', detail };
    }
  }
  ended.push({ test, how, ...result });
}
clearInterval(progress);
rmSync(folder, { recursive: true, force: true });

for (const { test, how, outcome, detail } of ended) {
  if (outcome === 'passed') tally.passed += 1;
  else tally.add(outcome, `${test} (${how})`, detail);
}
for (const how of HOWS) {
  const count = (outcome) =>
    ended.filter((result) => result.how === how && result.outcome === outcome).length;
  const passed = count('passed');
  console.log(`Node ${options.node}, ${how}: ${passed} of ${passed + count('failed')} tests pass`);
}
// If all tests were skipped, nothing was shown.
if (tally.passed === 0) tally.failed += 1;
tally.finish();
