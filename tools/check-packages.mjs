/**
 * Checks the packages as their users get them: packs each package that gets published, checks its metadata, its
 * files, its manifest with publint and its types with are-the-types-wrong and two versions of TypeScript. Then
 * installs those that need no addon into an empty folder, and runs a program there.
 *
 *   node tools/check-packages.mjs
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { checkDeclarations } from './release/declarations.mjs';
import { metadataProblems, published, untestedBounds } from './release/manifests.mjs';
import { contentProblems, pack, tarballName, unpack } from './release/tarballs.mjs';
import { root, run } from './run.mjs';
import { Tally } from './tally.mjs';

const work = mkdtempSync(join(tmpdir(), 'sock-packages-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const tally = new Tally();

function check(name, tool, args, cwd = root) {
  const local = join(root, 'node_modules/.bin', tool);
  let problem = '';
  try {
    run(existsSync(local) ? local : tool, args, { cwd, shell: process.platform === 'win32' });
  } catch (error) {
    problem = error.message;
  }
  tally.check(`${name}, ${tool}`, problem === '', problem);
}

const tarballOf = (name) => join(work, tarballName(name));
const unpackedOf = (name) => join(work, 'unpacked', name);
const none = (name, problems) => tally.check(name, problems.length === 0, problems.join('; '));
none('engines says what a suite runs on', untestedBounds());
for (const { folder, manifest } of published) {
  const { name } = manifest;
  const tarball = tarballOf(name);
  pack(folder, tarball);
  none(
    `${name}, metadata`,
    metadataProblems(manifest, relative(root, folder).replaceAll('\\', '/')),
  );
  none(`${name}, files`, contentProblems(unpack(tarball, unpackedOf(name))));
  check(name, 'publint', ['run', tarball, '--strict']);
  // Entries that are no modules have no types: the component and the interface definition.
  const files = Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'string' && !/\.(?:js|json)$/.test(target))
    .map(([entry]) => entry);
  const excluded = files.length > 0 ? ['--exclude-entrypoints', ...files] : [];
  check(name, 'attw', [tarball, '--profile', 'esm-only', '--no-emoji', ...excluded]);
}
checkDeclarations(join(work, 'declarations'), unpackedOf, (name, problem) => {
  tally.check(name, problem === '', problem);
});

/** The program of a user without the addon: it uses the component, and the package that picks a backend. */
const PROGRAM = `
  import { readFileSync } from 'node:fs';
  import { fileURLToPath } from 'node:url';
  import { Domain, SockAddr, Socket, Type } from '@sock/wasi';
  import { backendName, backendReason } from '@sock/auto';

  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  socket.sendTo(new TextEncoder().encode('packed'), socket.localAddr());
  const buffer = new Uint8Array(16);
  const text = new TextDecoder().decode(buffer.subarray(0, socket.recv(buffer)));
  const file = (name) => readFileSync(fileURLToPath(import.meta.resolve(name)));
  const magic = file('@sock/wasi/sock.wasm').subarray(0, 4).toString('latin1');
  const wit = file('@sock/wasi/wit').toString();
  if (text !== 'packed' || magic !== '\\0asm' || !wit.includes('package sock:socket')) process.exit(1);
  if (backendName !== 'wasi' || !backendReason.includes('@sock/native')) process.exit(2);
  process.exit(0);
`;
const folder = mkdtempSync(join(work, 'installed-'));
writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
writeFileSync(join(folder, 'program.js'), PROGRAM);
const packed = ['@sock/core', '@sock/wasi-host', '@sock/wasi', '@sock/auto'].map(tarballOf);
const flags = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
check('@sock/wasi in an empty folder', 'npm', ['install', ...flags, ...packed], folder);
check('@sock/wasi in an empty folder', process.execPath, ['program.js'], folder);
tally.finish();
