/**
 * Sends 256 MiB through TCP and compares checksums, and measures what a thousand connections leave behind,
 * on three hosts. Ends with `N passed, N failed, N skipped`.
 *
 *   node tools/endurance.mjs [--full]
 *
 * In wasmtime the program is interpreted, including its checksum. There it sends 16 MiB, and 256 MiB with --full.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, run, versions, wheel } from './run.mjs';
import { Tally } from './tally.mjs';
import { makeProgram, runProgram } from './wasi/componentize.mjs';

const { values } = parseArgs({ options: { help: { type: 'boolean' }, full: { type: 'boolean' } } });
if (values.help) {
  console.log('usage: node tools/endurance.mjs [--full]');
  process.exit();
}
const MiB = 1 << 20;
const BYTES = 256 * MiB;
const IN_WASMTIME = values.full ? BYTES : 16 * MiB;
/** The heaps of an engine and its worker grow and shrink by this much. The component's memory shows smaller leaks. */
const NOISE = 48 * MiB;
const LONGEST = 15 * 60_000;

const tally = new Tally();
const inMiB = (bytes) => `${(bytes / MiB).toFixed(1)} MiB`;

function output(command, args, env = {}) {
  const options = { cwd: root, timeout: LONGEST, env: { ...process.env, ...env } };
  return JSON.parse(run(command, args, options));
}

function checkTransfer(name, { bytes, sent, received }, expected) {
  const holds = bytes === expected && sent === received;
  tally.check(name, holds, `${inMiB(bytes)} through TCP, checksum ${received}, sent ${sent}`);
}

function checkResident(name, before, after, limit) {
  const grown = after.resident - before.resident;
  tally.check(name, grown < limit, `a thousand connections: resident size ${inMiB(grown)} more`);
}

async function onNode(backend, name) {
  const args = ['--expose-gc', '--import', 'tsx', 'packages/wasi/test/endurance-main.mjs', backend];
  const { transferred, before, after } = output(process.execPath, [...args, String(BYTES)]);
  checkTransfer(name, transferred, BYTES);
  checkResident(name, before, after, NOISE);
  if (backend !== 'wasi') return;
  const memory = after.memory - before.memory;
  const isConstant = before.memory > 0 && memory === 0;
  tally.check(name, isConstant, `the component's memory ${inMiB(memory)} more`);
  const [old, now] = [before.host, after.host].map((counts) => JSON.stringify(counts));
  tally.check(name, old === now, `the host's resources ${now}, before ${old}`);
}

async function inWasmtime(name) {
  const out = join(root, `.cache/wasi/endurance-${IN_WASMTIME}.wasm`);
  const define = { BYTES: String(IN_WASMTIME) };
  await makeProgram(join(root, 'packages/wasi/test/endurance-guest.ts'), out, { define });
  checkTransfer(name, JSON.parse(await runProgram(out, { timeout: LONGEST })), IN_WASMTIME);
  const python = ['tools/wasi/endurance.py', 'packages/wasi/component/sock.wasm'];
  const { before, after } = output('python3', python, {
    PYTHONPATH: wheel('wasmtime', versions.wasmtimeWithNetwork),
  });
  checkResident(name, before, after, MiB / 2);
  const open = `${after.descriptors} descriptors open, before ${before.descriptors}`;
  tally.check(name, after.descriptors === before.descriptors, open);
}

for (const [name, measure] of [
  ['@sock/native', (it) => onNode('native', it)],
  ['@sock/wasi on Node', (it) => onNode('wasi', it)],
  ['@sock/wasi in wasmtime', inWasmtime],
]) {
  console.log(`endurance: ${name}`);
  await measure(name).catch((error) => tally.check(name, false, error.message));
}
tally.finish();
