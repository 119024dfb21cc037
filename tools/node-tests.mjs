/**
 * Runs node's own tests with `@sock/std/net` and `@sock/std/dgram` in the place of the built-ins.
 * `npm run node-tests -- --help` tells more.
 *
 * A test that fails so is run again by itself, and with the built-ins: only what passes with these
 * counts. Those that can't pass are `known`, each with the reason.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeProgram } from './node-program.mjs';
import { runTest } from './node-tests/run.mjs';
import { sourceOf } from './node-tests/source.mjs';

/** What passes with the built-ins and not with the drop-ins, and why that is as it has to be. */
const known = {
  'parallel/test-http2-client-port-80.js':
    "assigns to net.connect and has http2 call it: an assignment to a drop-in's own function is not seen by node",
  'parallel/test-repl.js': 'compares a stack trace, which has a frame of the preload in it',
};
const HOWS = ['drop-in', 'options'];

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

Runs the tests net and dgram of node's source, which comes from Debian, with the drop-in modules in
the place of the built-ins: \`drop-in\`, as they are, and \`options\`, where every creating call also gets
a socket option. Ends with \`N passed, N failed, N skipped\`.

  --all           every test that loads net or dgram, also of http, http2, tls, cluster (minutes)
  --node MAJOR    with this version of Node, from npm, and its tests where Debian has them
  --match REGEXP  only tests whose name matches
  --jobs N        so many at a time; default: the number of cores`);
  process.exit(0);
}

/** Traffic of the tests stays in a network of its own, where the system lets us make one. */
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

const sum = { passed: 0, failed: 0, skipped: 0 };
function finish() {
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  process.exit(sum.failed === 0 ? 0 : 1);
}

let node;
let source;
try {
  node = await nodeProgram(options.node);
  source = sourceOf(options.node);
} catch (error) {
  console.log(`skipped: the tests of Node ${options.node} could not be fetched: ${error.message}`);
  sum.skipped += 1;
  finish();
}
// After fetching, which takes the network.
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
    .flatMap((name) => HOWS.map((how) => ({ test: `${folder}/${name}`, how }))),
);

const folder = mkdtempSync(join(tmpdir(), 'sock-node-'));
const run = (test, how, thread) => runTest(node, source, test, how, { folder, thread });

/** In parallel what may be, the rest and what failed one by one. */
const alone = list.filter(({ test }) => test.startsWith('sequential/'));
const together = list.filter(({ test }) => test.startsWith('parallel/'));
const ended = [];
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
      result = { outcome: 'skipped', detail: "fails with node's own modules too" };
    } else if (known[test] !== undefined) {
      result = { outcome: 'skipped', detail: known[test] };
    }
  }
  ended.push({ test, how, ...result });
}
rmSync(folder, { recursive: true, force: true });

for (const { test, how, outcome, detail } of ended) {
  sum[outcome] += 1;
  if (outcome === 'skipped') console.log(`skipped: ${test} (${how}): ${detail}`);
  if (outcome === 'failed')
    console.log(`FAILED: ${test} (${how})\n${detail.replace(/^/gm, '    ')}`);
}
for (const how of HOWS) {
  const passed = ended.filter((result) => result.how === how && result.outcome === 'passed').length;
  const failed = ended.filter((result) => result.how === how && result.outcome === 'failed').length;
  console.log(`Node ${options.node}, ${how}: ${passed} of ${passed + failed} tests pass`);
}
// Nothing that passed shows nothing.
if (sum.passed === 0) sum.failed += 1;
finish();
