/**
 * Projects of users: empty folders that install the published packages, with scripts off and no compiler on PATH,
 * and then run a program, as an ES module and as CommonJS, in every runtime.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { nodeProgram } from '../node-program.mjs';
import { muslNode } from '../platforms/runtimes.mjs';
import { root, versions } from '../run.mjs';
import { runtimeProgram } from '../runtime-program.mjs';
import { command } from './command.mjs';
import { npmScript } from './npm.mjs';

/** The program, after its imports. It ends by itself: nothing of ours keeps a process alive. */
const BODY = `
const text = (bytes, length) => new TextDecoder().decode(bytes.subarray(0, length));
const bytes = (string) => new TextEncoder().encode(string);

async function streams({ Domain, SockAddr, Socket, Type }, domain, address) {
  const listener = new Socket(domain, Type.STREAM);
  listener.bind(address);
  listener.listen(8);
  const client = new Socket(domain, Type.STREAM);
  client.setKeepalive(true);
  assert.equal(client.keepalive(), true);
  client.connect(listener.localAddr());
  const [server, peer] = listener.accept();
  assert.equal(peer.port, client.localAddr().port);
  setTimeout(() => client.send(bytes('over TCP')), 20);
  await server.readable({ timeout: 10_000 });
  const buffer = new Uint8Array(32);
  assert.equal(text(buffer, server.recv(buffer)), 'over TCP');
  client.close();
  assert.equal(server.recv(buffer), 0);
  server.close();
  listener.close();
}

async function datagrams({ Domain, SockAddr, Socket, Type }) {
  const [one, other] = [0, 1].map(() => new Socket(Domain.IPV4, Type.DGRAM));
  for (const socket of [one, other]) socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  setTimeout(() => one.sendTo(bytes('over UDP'), other.localAddr()), 20);
  await other.readable({ timeout: 10_000 });
  const buffer = new Uint8Array(32);
  const [length, from] = other.recvFrom(buffer);
  assert.equal(text(buffer, length), 'over UDP');
  assert.equal(from.port, one.localAddr().port);
  one.close();
  other.close();
}

/** A socket of ours as the net.Socket and the net.Server of Node. */
async function converted({ Domain, SockAddr, Socket, Type }, { intoNetServer, intoNetSocket }) {
  const listener = new Socket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(8);
  const address = listener.localAddr();
  const server = intoNetServer(listener, {}, (connection) => connection.end('from a net.Server'));
  const client = new Socket(Domain.IPV4, Type.STREAM);
  client.connect(address);
  let received = '';
  for await (const chunk of intoNetSocket(client)) received += chunk;
  assert.equal(received, 'from a net.Server');
  server.close();
}

/** The files of addons that the process has mapped, where the system tells. */
const addons = () => {
  if (process.platform !== 'linux') return undefined;
  const lines = fs.readFileSync('/proc/self/maps', 'utf8').split('\\n');
  return [...new Set(lines.map((line) => line.slice(73).trim()).filter((file) => file.endsWith('.node')))];
};

async function main() {
  await datagrams(native);
  await streams(native, native.Domain.IPV4, native.SockAddr.ipv4('127.0.0.1', 0));
  assert.equal(auto.backendName, 'native', auto.backendReason);
  await datagrams(auto);
  const isNode = process.versions.bun === undefined && process.versions.deno === undefined;
  if (isNode) await converted(native, std);
  console.log(JSON.stringify({ addons: addons() }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
`;

const MODULE = `import assert from 'node:assert';
import fs from 'node:fs';
import process from 'node:process';
import * as native from '@sock/native';
import * as auto from '@sock/auto';
import * as std from '@sock/std';
`;
const COMMONJS = `const assert = require('node:assert');
const fs = require('node:fs');
const process = require('node:process');
const native = require('@sock/native');
const auto = require('@sock/auto');
const std = require('@sock/std');
`;

const FORMATS = [
  { format: 'ES module', file: 'program.mjs', source: MODULE + BODY },
  { format: 'CommonJS', file: 'program.cjs', source: COMMONJS + BODY },
];

/** What a process inherits from this one that would help it to the addon, or is npm's talk to scripts. */
const INHERITED =
  /^(?:npm_(?:package|lifecycle|command|execpath|node_execpath)|npm_config_(?:local_|global_)?(?:prefix|user_agent)$|INIT_CWD$|NODE_PATH$|NODE_OPTIONS$|SOCK_|CC$|CXX$|TURBO_)/i;

/** An environment with `programs` alone on PATH: `{ name: file }`. */
function bareEnvironment(folder, programs) {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, file] of Object.entries(programs)) symlinkSync(file, join(bin, name));
  const kept = Object.entries(process.env).filter(([name]) => !INHERITED.test(name));
  return {
    ...Object.fromEntries(kept),
    PATH: bin,
    BUN_INSTALL_CACHE_DIR: join(folder, 'bun'),
    DENO_DIR: join(folder, 'deno'),
  };
}

const npmFlags = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
const cells = JSON.parse(readFileSync(new URL('../platforms/cells.json', import.meta.url), 'utf8'));
const pnpmScript = join(root, 'node_modules/pnpm/bin/pnpm.mjs');

/** Node, with npm or another package manager that is a script. */
const onNode = (program, script = npmScript, flags = npmFlags) => ({
  programs: { node: program },
  install: [program, script, ...flags],
  run: [program],
});

function onMusl() {
  const {
    versions: [version],
  } = cells.find(({ target }) => target === 'linux-x64-musl');
  const run = muslNode(version);
  // npm looks at the system around it, and that has glibc here.
  return { programs: {}, install: [...run, npmScript, ...npmFlags, '--libc=musl'], run };
}

function onBun() {
  const run = runtimeProgram('bun');
  return { programs: { bun: run[0] }, install: [run[0], 'install', '--ignore-scripts'], run };
}

function onDeno() {
  const run = runtimeProgram('deno');
  // Deno waits a day for new versions.
  const install = [run[0], 'install', '--quiet', '--minimum-dependency-age=0'];
  // The program of npm's package `deno` starts the real one with node.
  return { programs: { node: process.execPath }, install, run };
}

/**
 * The projects. `make` fetches the runtime. It returns the programs on PATH, and the command lines that install the
 * packages and run a file.
 */
export const consumers = [
  ...versions.node.map((version) => ({
    name: `Node ${version}, npm`,
    make: () => onNode(nodeProgram(version)),
  })),
  {
    name: 'Node, pnpm',
    make: () =>
      onNode(process.execPath, pnpmScript, ['install', '--ignore-scripts', '--store-dir', 'store']),
  },
  {
    name: 'Node for musl, npm',
    make: onMusl,
    // Its C library comes from Debian.
    isPossible: existsSync('/etc/debian_version') && process.arch === 'x64',
  },
  { name: `Bun ${versions.runtimes.bun}`, make: onBun },
  { name: `Deno ${versions.runtimes.deno}`, make: onDeno },
];

/** Programs that would compile an addon. */
const COMPILERS = [
  'cc',
  'c++',
  'gcc',
  'g++',
  'clang',
  'clang++',
  'cl',
  'make',
  'python3',
  'node-gyp',
];

/**
 * Installs and runs in one project.
 * @param consumer one of {@link consumers}
 * @param folder to make, outside of the repository
 * @param options.use makes the project take our packages from the registry
 * @param options.packages names and versions
 * @param options.tally counts two tests for each consumer, or one that fails
 */
export async function consume(consumer, folder, { use, packages, tally }) {
  const { name } = consumer;
  const { programs, install, run } = consumer.make();
  const project = join(folder, 'project');
  mkdirSync(project, { recursive: true });
  const env = bareEnvironment(folder, programs);
  const found = readdirSync(env.PATH).filter((program) => COMPILERS.includes(program));
  if (found.length > 0) throw new Error(`${name} finds a compiler: ${found.join(', ')}`);
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, dependencies: packages }),
  );
  // pnpm waits a day for new versions.
  writeFileSync(join(project, 'pnpm-workspace.yaml'), 'minimumReleaseAge: 0\n');
  use(project);
  const options = { cwd: project, env, timeout: 120_000 };
  const started = Date.now();
  try {
    await command(install[0], install.slice(1), options);
  } catch (error) {
    tally.add('failed', `${name}: install`, error.message);
    return;
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`        ${name}: installed with scripts off in ${seconds} s`);
  for (const { format, file, source } of FORMATS) {
    writeFileSync(join(project, file), source);
    let problem = '';
    try {
      const output = await command(run[0], [...run.slice(1), file], {
        ...options,
        timeout: 60_000,
      });
      const { addons } = JSON.parse(output.trim().split('\n').at(-1));
      const ours = addons?.filter((addon) => addon.startsWith(folder)) ?? [];
      if (addons !== undefined && (ours.length !== 1 || !/native-[a-z0-9]+-/.test(ours[0]))) {
        problem = `the addon is not that of a platform package: ${addons.map((addon) => basename(addon)).join(', ')}`;
      }
    } catch (error) {
      problem = error.message;
    }
    tally.check(`${name}: TCP and UDP, ${format}`, problem === '', problem);
  }
}
