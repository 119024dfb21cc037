/**
 * Checks the packages as their users get them: packs each publishable one, and has publint look at
 * the manifest and are-the-types-wrong at the types, from ES modules and from bundlers. Then installs what needs no
 * compiler into an empty folder, and runs it there.
 *
 *   node tools/check-packages.mjs
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules/.bin');
const tarballs = mkdtempSync(join(tmpdir(), 'sock-packed-'));
process.on('exit', () => rmSync(tarballs, { recursive: true, force: true }));

let failed = 0;
function check(name, tool, args, cwd = root) {
  const local = join(bin, tool);
  const { status, stdout, stderr, error } = spawnSync(existsSync(local) ? local : tool, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const holds = error === undefined && status === 0;
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${name}: ${tool}`);
  if (!holds) {
    failed += 1;
    console.log(error?.message ?? `${stdout}${stderr}`);
  }
  return holds;
}

const tarballOf = (name) => join(tarballs, `${name.replaceAll(/[@/]/g, '-')}.tgz`);
const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
let checked = 0;
for (const folder of folders) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (manifest.private === true) continue;
  checked += 1;
  const { name } = manifest;
  const tarball = tarballOf(name);
  if (!check(name, 'pnpm', ['pack', '--out', tarball], folder)) continue;
  check(name, 'publint', ['run', tarball, '--strict']);
  // What is no module has no types: a component, an interface definition.
  const files = Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'string' && !/\.(?:js|json)$/.test(target))
    .map(([entry]) => entry);
  const excluded = files.length > 0 ? ['--exclude-entrypoints', ...files] : [];
  check(name, 'attw', [tarball, '--profile', 'esm-only', '--no-emoji', ...excluded]);
}
if (checked === 0) throw new Error('no package to check');

/** What a user does in an empty folder where the addon is not: the component, and what takes it by itself. */
const PROGRAM = `
  import { readFileSync } from 'node:fs';
  import { fileURLToPath } from 'node:url';
  import { Domain, SockAddr, Socket, Type } from '@sock/wasi';
  import { backendName, backendReason } from 'sock';

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
const installed = mkdtempSync(join(tmpdir(), 'sock-installed-'));
process.on('exit', () => rmSync(installed, { recursive: true, force: true }));
writeFileSync(join(installed, 'package.json'), '{ "private": true, "type": "module" }');
writeFileSync(join(installed, 'program.js'), PROGRAM);
const packed = ['@sock/core', '@sock/wasi-host', '@sock/wasi', 'sock'].map(tarballOf);
const npm = [
  'install',
  '--omit=optional',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  ...packed,
];
if (check('@sock/wasi in an empty folder', 'npm', npm, installed)) {
  check('@sock/wasi in an empty folder', process.execPath, ['program.js'], installed);
}
process.exitCode = failed === 0 ? 0 : 1;
