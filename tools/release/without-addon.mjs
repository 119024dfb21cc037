/** The project of a user without the addon: the component, and the package that picks a backend. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.mjs';
import { npm } from './npm.mjs';

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

/** The packages that it installs. */
export const names = ['@sock/core', '@sock/wasi-host', '@sock/wasi', '@sock/auto'];

/**
 * Installs them without what is optional, and runs a program there.
 * @param folder to make
 * @param packages for npm to install: tarballs, or names with versions
 * @param prepare is called with the folder before that
 */
export async function checkWithoutAddon(tally, folder, packages, prepare = () => {}) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  writeFileSync(join(folder, 'program.js'), PROGRAM);
  prepare(folder);
  const flags = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  let problem = '';
  try {
    await command(...npm('install', ...flags, ...packages), { cwd: folder });
    await command(process.execPath, ['program.js'], { cwd: folder });
  } catch (error) {
    problem = error.message;
  }
  tally.check('without an addon: @sock/wasi, and @sock/auto picks it', problem === '', problem);
}
