/**
 * Makes a clone ready: compilers, packages, builds. `npm test` and others run it first. It uses Node's
 * own modules only: it runs before anything is installed.
 *
 *   node tools/setup.mjs [--help]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signalGroup, spawnGroup } from './process-group.mjs';
import { describeMachine, environment, root, turbo } from './turbo.mjs';

/** How often a long step shows its last line of output, in milliseconds. */
const PROGRESS = 2000;

const { CC, CXX } = process.env;
/** Programs that the build and the tests need; `debian`: the packages that bring them. */
const needed = [
  { name: CC ?? 'cc', debian: CC === undefined ? ['gcc', 'libc6-dev'] : [], what: 'a C compiler' },
  { name: CXX ?? 'c++', debian: CXX === undefined ? ['g++'] : [], what: 'a C++ compiler' },
  { name: 'python3', debian: ['python3'], what: 'Python 3' },
];
/** Programs without which some tests are skipped. */
const optional = [
  { name: 'ss', debian: ['iproute2'] },
  { name: 'nft', debian: ['nftables'] },
];

if (process.argv.includes('--help')) {
  console.log(`usage: node tools/setup.mjs

Makes a clone ready, in three steps. Each does only what is missing:
  tools     ${needed.map(({ what }) => what).join(', ')}. As root on Debian, apt-get
            installs what is missing, and also ${optional.map(({ name }) => name).join(' and ')}, which some tests use.
  packages  the dependencies in pnpm-lock.yaml, into node_modules
  build     every package of the workspace; turbo's cache has those that did not change

CC and CXX name other compilers.`);
  process.exit(0);
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}

/** Runs a command, shows its progress, and shows its whole output when it fails. Resolves to its exit status. */
function step(name, what, command, args, required = true) {
  const started = Date.now();
  const say = (text) => {
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`setup: ${name.padEnd(8)}  ${text.replace('%', `${seconds} s`)}`);
  };
  say(what);
  return new Promise((resolve) => {
    const child = spawnGroup(command, args, {
      cwd: root,
      // CI: pnpm asks no questions.
      env: { ...environment, CI: 'true', DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    const progress = setInterval(() => {
      say(`... %  ${output.trimEnd().split('\n').at(-1).trim().slice(0, 80)}`);
    }, PROGRESS);
    const stop = (signal) => {
      signalGroup(child, signal);
      process.exit(130);
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    child.on('error', (error) => fail(`${command} did not start: ${error.message}`));
    child.on('close', (status) => {
      clearInterval(progress);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      if (status === 0) say('done in %');
      else if (required) {
        process.stderr.write(output);
        fail(`\`${[command, ...args].join(' ')}\` failed with status ${status}`);
      } else say('failed; going on without');
      resolve(status);
    });
  });
}

const isMissing = ({ name }) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status !== 0;

async function installDebian(programs, required) {
  const packages = programs.filter(isMissing).flatMap(({ debian }) => debian);
  if (packages.length === 0) return;
  const args = ['install', '-y', '--no-install-recommends', ...packages];
  const what = 'reading the package lists (apt-get update)';
  if ((await step('tools', what, 'apt-get', ['update'], required)) !== 0) return;
  await step('tools', `installing ${packages.join(', ')}`, 'apt-get', args, required);
}

const { packageManager, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const oldest = /\d+/.exec(engines.node)[0];
if (Number.parseInt(process.versions.node, 10) < oldest) {
  fail(`Node ${oldest} or later is needed; ${process.execPath} is ${process.version}`);
}
const isNew = !existsSync(turbo);
if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
  await installDebian(needed, true);
  // Only once: where apt-get has none of them, each later attempt would take as long.
  if (isNew) await installDebian(optional, false);
}
const missing = needed.filter(isMissing).map(({ name, what }) => `  ${name}: ${what}`);
if (missing.length > 0) {
  fail(
    `not found on this machine:\n${missing.join('\n')}\n` +
      'On Debian and Ubuntu: sudo apt-get install g++ python3. On macOS: xcode-select --install.\n' +
      'CC and CXX name other compilers.',
  );
}
const pnpm = isNew ? ['npx', '-y', packageManager] : ['pnpm'];
// Without scripts: the addon's is for users, here turbo builds it.
const install = ['install', '--frozen-lockfile', '--ignore-scripts', '--reporter=append-only'];
await step('packages', `installing with ${packageManager}`, pnpm[0], [
  ...pnpm.slice(1),
  ...install,
]);
describeMachine();
await step('build', 'building the packages', turbo, ['run', 'build', '--output-logs=new-only']);
