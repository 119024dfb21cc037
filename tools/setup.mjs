/**
 * Makes a clone ready: the compilers, the workspace's packages, the builds. Node's own modules only,
 * for it runs before anything is installed. Run by every command of the root package.json that needs
 * it; says what it does, and does only what is missing.
 *
 *   node tools/setup.mjs [--help]
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stampFile = join(root, 'node_modules/.sock-setup');
const OLDEST_NODE = 20;
/** How often a step that takes long says so, in milliseconds. */
const PROGRESS = 10_000;

const { CC, CXX } = process.env;
/** What the machine has to have; `debian`: the packages that bring it, none for a chosen compiler. */
const tools = [
  { name: CC ?? 'cc', debian: CC === undefined ? ['gcc', 'libc6-dev'] : [], what: 'a C compiler' },
  { name: CXX ?? 'c++', debian: CXX === undefined ? ['g++'] : [], what: 'a C++ compiler' },
  { name: 'python3', debian: ['python3'], what: 'Python 3, which the tests compare with' },
];
/** What cases of the contract that need it are skipped without; so it is installed where that can be done. */
const optional = [
  { name: 'ss', debian: ['iproute2'], what: 'iproute2' },
  { name: 'nft', debian: ['nftables'], what: 'nftables' },
];

if (process.argv.includes('--help')) {
  console.log(`usage: node tools/setup.mjs

Makes a clone ready, in three steps, each skipped when there is nothing to do:
  tools     ${tools.map(({ what }) => what).join('; ')}.
            What is missing is installed by apt-get when it runs as root on Debian;
            where that fails it goes on without ${optional.map(({ what }) => what).join(' and ')}, which only tests need.
  packages  the dependencies of pnpm-lock.yaml, into node_modules (pnpm comes through npx)
  build     every package of the workspace, from turbo's cache where nothing changed

CC and CXX name other compilers.`);
  process.exit(0);
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}

/**
 * Runs a step's command out of sight; shows all of its output when it fails, which ends the set-up unless
 * the step is not `required`.
 */
function step(name, what, command, args, env = {}, required = true) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  console.log(`setup: ${name.padEnd(9)} ${what}`);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    const output = [];
    let last = '';
    const progress = setInterval(() => {
      console.log(`setup: ${name.padEnd(9)} ... ${seconds()}  ${last}`);
    }, PROGRESS);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output.push(chunk);
        const line = chunk.toString().trimEnd().split('\n').at(-1).trim();
        if (line !== '') last = line.slice(0, 80);
      });
    }
    child.on('error', (error) => {
      clearInterval(progress);
      fail(`${command} could not be started: ${error.message}`);
    });
    child.on('close', (status, signal) => {
      clearInterval(progress);
      if (status !== 0 && !required) console.log(`setup: ${name.padEnd(9)} going on without`);
      else if (status !== 0) {
        process.stderr.write(Buffer.concat(output));
        const end = signal === null ? `ended with status ${status}` : `was ended by ${signal}`;
        fail(`${name}: \`${[command, ...args].join(' ')}\` ${end} after ${seconds()}`);
      }
      resolve({ seconds: seconds(), output: Buffer.concat(output).toString() });
    });
  });
}

const runs = (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0;
const missingTools = () => tools.filter(({ name }) => !runs(name));

async function installDebian(wanted, required) {
  const packages = wanted.flatMap(({ debian }) => debian);
  if (packages.length === 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const update = 'reading the package lists (apt-get update)';
  await step('tools', update, 'apt-get', ['update'], env, required);
  const args = ['install', '-y', '--no-install-recommends', ...packages];
  await step('tools', `installing ${packages.join(', ')}`, 'apt-get', args, env, required);
}

async function provideTools() {
  let missing = missingTools();
  const debian = existsSync('/etc/debian_version') && process.getuid?.() === 0;
  if (debian) {
    await installDebian(missing, true);
    missing = missingTools();
    await installDebian(
      optional.filter(({ name }) => !runs(name)),
      false,
    );
  }
  if (missing.length === 0) return;
  const lines = missing.map(({ name, what }) => `  ${name}: ${what}`);
  fail(
    `not found on this machine:\n${lines.join('\n')}\n` +
      'On Debian and Ubuntu: sudo apt-get install g++ python3. On macOS: xcode-select --install.\n' +
      'CC and CXX name other compilers.',
  );
}

/** The manifests that decide what gets installed. */
function manifests() {
  const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const patterns = workspace.slice(workspace.indexOf('packages:')).split('\n').slice(1);
  const files = ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml'].map((name) =>
    join(root, name),
  );
  for (const pattern of patterns) {
    const folder = /^\s+-\s+'?([^'*]+?)(\/\*)?'?$/.exec(pattern);
    if (folder === null) break;
    const base = join(root, folder[1]);
    const names =
      folder[2] === undefined ? [base] : readdirSync(base).map((name) => join(base, name));
    files.push(
      ...names.map((name) => join(name, 'package.json')).filter((file) => existsSync(file)),
    );
  }
  return files.toSorted();
}

async function installPackages(pnpm) {
  const digest = createHash('sha256');
  for (const file of manifests()) digest.update(relative(root, file)).update(readFileSync(file));
  digest.update([pnpm, process.platform, process.arch, process.versions.modules].join());
  const stamp = digest.digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false;
  rmSync(stampFile, { force: true });
  const args = ['-y', pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'];
  // CI: pnpm asks nothing.
  const { seconds } = await step('packages', `installing with ${pnpm}`, 'npx', args, {
    CI: 'true',
  });
  console.log(`setup: packages  installed in ${seconds}`);
  writeFileSync(stampFile, stamp);
  return true;
}

async function build() {
  const bin = join(root, 'node_modules/.bin');
  const { seconds, output } = await step(
    'build',
    'libsock, the addon and the packages (turbo run build)',
    join(bin, 'turbo'),
    ['run', 'build', '--output-logs=new-only'],
    {
      // turbo starts the packages' scripts through pnpm, which a machine need not have.
      PATH: `${bin}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
      TURBO_TELEMETRY_DISABLED: '1',
      TURBO_NO_UPDATE_NOTIFIER: '1',
    },
  );
  const cached = /Cached:\s+(\d+) cached, (\d+) total/.exec(output);
  const unchanged = cached === null ? '' : `, ${cached[1]} of ${cached[2]} unchanged`;
  console.log(`setup: build     done in ${seconds}${unchanged}`);
}

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(`Node ${OLDEST_NODE} or later is needed; this is ${process.version} (${process.execPath}).`);
}
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// Where the packages are installed the compilers were found before.
if (!existsSync(stampFile)) await provideTools();
await installPackages(packageManager);
await build();
