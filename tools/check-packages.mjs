/**
 * Checks the packages as their users get them: packs each package that gets published, checks its metadata, its
 * files, its manifest with publint and its types with are-the-types-wrong and two versions of TypeScript. Then
 * installs those that need no addon into an empty folder, and runs a program there.
 *
 *   node tools/check-packages.mjs
 *
 * `npm run release:dry` does more: it publishes them, and installs them on every runtime.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAndCheck } from './release/checks.mjs';
import { command, endWithThisProcess } from './release/command.mjs';
import { npm } from './release/npm.mjs';
import { tarballName } from './release/tarballs.mjs';
import { Tally } from './tally.mjs';

const work = mkdtempSync(join(tmpdir(), 'sock-packages-'));
endWithThisProcess(() => rmSync(work, { recursive: true, force: true }));
const tally = new Tally();
await packAndCheck(tally, work, work);

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
const packed = ['@sock/core', '@sock/wasi-host', '@sock/wasi', '@sock/auto'].map((name) =>
  join(work, tarballName(name)),
);
const flags = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
let problem = '';
try {
  await command(...npm('install', ...flags, ...packed), { cwd: folder });
  await command(process.execPath, ['program.js'], { cwd: folder });
} catch (error) {
  problem = error.message;
}
tally.check(
  '@sock/wasi and @sock/auto without an addon, in an empty folder',
  problem === '',
  problem,
);
tally.finish();
