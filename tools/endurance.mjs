/**
 * What has to hold for long, three ways: 256 MiB through TCP, checksummed, and what a thousand connections
 * leave behind. Ends with `N passed, N failed, N skipped`.
 *
 *   node tools/endurance.mjs [--full]
 *
 * In wasmtime the program is interpreted, checksum and all: there it sends 16 MiB, and 256 MiB with --full.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { makeProgram, runProgram } from './wasi/componentize.mjs';
import { root, wheel } from './wasi/toolchain.mjs';

const MiB = 1 << 20;
const BYTES = 256 * MiB;
const IN_WASMTIME = process.argv.includes('--full') ? BYTES : 16 * MiB;
/** What the heaps of an engine and its worker move by; smaller leaks show in the component's memory. */
const NOISE = 48 * MiB;
const LONGEST = 15 * 60_000;

let passed = 0;
let failed = 0;
function check(name, holds, what) {
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${name}: ${what}`);
  if (holds) passed += 1;
  else failed += 1;
}

const inMiB = (bytes) => `${(bytes / MiB).toFixed(1)} MiB`;

function output(command, args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    timeout: LONGEST,
    env: { ...process.env, ...env },
  });
  if (error !== undefined || status !== 0) {
    throw new Error(error?.message ?? `status ${status}\n${stdout}${stderr}`);
  }
  return JSON.parse(stdout);
}

function checkTransfer(name, { bytes, sent, received }, expected) {
  const holds = bytes === expected && sent === received;
  check(name, holds, `${inMiB(bytes)} through TCP, checksum ${received}, sent ${sent}`);
}

async function onNode(backend, name) {
  const args = ['--expose-gc', '--import', 'tsx', 'packages/wasi/test/endurance-main.mjs', backend];
  const { transferred, before, after } = output(process.execPath, [...args, String(BYTES)]);
  checkTransfer(name, transferred, BYTES);
  const grown = after.resident - before.resident;
  check(name, grown < NOISE, `a thousand connections: resident size ${inMiB(grown)} more`);
  if (backend !== 'wasi') return;
  const memory = after.memory - before.memory;
  const has = before.memory > 0;
  check(name, has && memory === 0, `the component's memory ${inMiB(memory)} more`);
  const [old, now] = [before.host, after.host].map((counts) => JSON.stringify(counts));
  check(name, old === now, `the host's resources ${now}, before ${old}`);
}

async function inWasmtime(name) {
  const out = join(root, `.cache/wasi/endurance-${IN_WASMTIME}.wasm`);
  const define = { BYTES: String(IN_WASMTIME) };
  await makeProgram(join(root, 'packages/wasi/test/endurance-guest.ts'), out, { define });
  const said = await runProgram(out, { timeout: LONGEST });
  checkTransfer(name, JSON.parse(said), IN_WASMTIME);
  const { before, after } = output(
    'python3',
    ['tools/wasi/endurance.py', 'packages/wasi/component/sock.wasm'],
    { PYTHONPATH: wheel('wasmtime') },
  );
  const grown = after.resident - before.resident;
  check(name, grown < MiB / 2, `a thousand connections: resident size ${inMiB(grown)} more`);
  const open = `${after.descriptors} descriptors open, before ${before.descriptors}`;
  check(name, after.descriptors === before.descriptors, open);
}

for (const [name, run] of [
  ['@sock/native', (it) => onNode('native', it)],
  ['@sock/wasi on Node', (it) => onNode('wasi', it)],
  ['@sock/wasi in wasmtime', inWasmtime],
]) {
  try {
    await run(name);
  } catch (error) {
    check(name, false, error.message);
  }
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed === 0 ? 0 : 1);
