/**
 * Runs the contract three ways, on @sock/native, on @sock/wasi under Node, and on @sock/wasi in wasmtime,
 * and prints one column of counts for each. Ends with `N passed, N failed, N skipped`.
 *
 *   npm run contract
 */
import { join } from 'node:path';
import { cases, run as runContract } from '@sock/conformance';
import { options, operations, supportOf } from '@sock/core';
import * as native from '@sock/native';
import * as wasi from '@sock/wasi';
import { register } from 'tsx/esm/api';
import { root } from './run.mjs';
import { Tally } from './tally.mjs';
import { table } from './terminal.mjs';
import { makeProgram, runProgram } from './wasi/componentize.mjs';

async function onNode(backend) {
  const results = [];
  await runContract(backend, { onResult: (result) => results.push(result) });
  return results;
}

async function wasiOnNode() {
  register();
  const { silentPeer } = await import('../packages/wasi/test/silent-peer.ts');
  return onNode({
    name: 'wasi',
    Socket: wasi.Socket,
    MSG: wasi.MSG,
    silentPeer,
    Peer: native.Socket,
  });
}

async function wasiInWasmtime() {
  const out = join(root, '.cache/wasi/contract.wasm');
  await makeProgram(join(root, 'packages/wasi/test/contract-guest.ts'), out);
  return JSON.parse(await runProgram(out));
}

/** The cases that need an option, an operation or a flag that the backend lacks, by the table alone. */
function unsupportedByTable({ Socket, MSG }) {
  const isLacking = (need) =>
    need.startsWith('MSG_')
      ? !Object.hasOwn(MSG, need.slice('MSG_'.length))
      : supportOf(Socket.driver, need).level === 'unsupported';
  return cases.filter(({ needs = [] }) => needs.some(isLacking)).map(({ name }) => name);
}

const columns = [
  [
    '@sock/native',
    native,
    () => onNode({ name: 'native', Socket: native.Socket, MSG: native.MSG }),
  ],
  ['@sock/wasi on Node', wasi, wasiOnNode],
  ['@sock/wasi in wasmtime', wasi, wasiInWasmtime],
];
const tally = new Tally();
const counts = [];
for (const [column, backend, results] of columns) {
  console.log(`contract: ${column}`);
  const count = { passed: 0, 'unsupported by the table': 0, skipped: 0, failed: 0 };
  counts.push(count);
  const fail = (text) => {
    count.failed += 1;
    console.error(`FAILED  ${column}: ${text}`);
  };
  try {
    const expected = new Set(unsupportedByTable(backend));
    for (const { name, outcome, detail } of await results()) {
      const isExpected = expected.delete(name);
      if (outcome === 'failed') fail(`${name}: ${detail}`);
      else count[outcome === 'unsupported' ? 'unsupported by the table' : outcome] += 1;
      if (isExpected !== (outcome === 'unsupported')) fail(`${name}: ${outcome}, unlike the table`);
    }
    for (const name of expected) fail(`${name}: did not run`);
  } catch (error) {
    fail(error.message);
  }
  tally.passed += count.passed + count['unsupported by the table'];
  tally.failed += count.failed;
  tally.skipped += count.skipped;
}
const rows = [...options, ...Object.values(operations)];
const lacking = rows.filter((row) => row.wasi.level === 'unsupported').length;
console.log(`unsupported on WASI: ${lacking} of the table's ${rows.length} rows`);
const head = ['', ...columns.map(([column]) => column)];
const lines = Object.keys(counts[0]).map((name) => [name, ...counts.map((count) => count[name])]);
console.log(table(head, lines, ['left', 'right', 'right', 'right']));
tally.finish();
process.exit();
