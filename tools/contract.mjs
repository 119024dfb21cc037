/**
 * Runs the contract three ways, on @sock/native, on @sock/wasi under Node, and inside wasmtime, and prints
 * one column for each: passed, unsupported by the table, failed. Ends with
 * `N passed, N failed, N skipped`.
 *
 *   npm run contract
 */
import { join } from 'node:path';
import { register } from 'tsx/esm/api';
import { table } from './terminal.mjs';
import { makeProgram, runProgram } from './wasi/componentize.mjs';
import { root } from './wasi/toolchain.mjs';

async function onNode(name) {
  const { run: runContract } = await import('@sock/conformance');
  const { Socket, MSG } = await import(`@sock/${name}`);
  const backend = { name, Socket, MSG };
  if (name === 'wasi') {
    register();
    backend.silentPeer = (await import('../packages/wasi/test/silent-peer.ts')).silentPeer;
    backend.Peer = (await import('@sock/native')).Socket;
  }
  const results = [];
  await runContract(backend, { onResult: (result) => results.push(result) });
  return results;
}

async function inWasmtime() {
  const out = join(root, '.cache/wasi/contract.wasm');
  await makeProgram(join(root, 'packages/wasi/test/contract-guest.ts'), out);
  return JSON.parse(await runProgram(out));
}

/**
 * What must come out as unsupported, by the table alone: of the cases those that need a row of it that the backend
 * lacks, or a flag.
 */
async function unsupportedByTable(name) {
  const { cases, options, operations, supportOf } = {
    ...(await import('@sock/core')),
    ...(await import('@sock/conformance')),
  };
  const { Socket, MSG } = await import(`@sock/${name}`);
  const lacks = (need) =>
    need.startsWith('MSG_')
      ? !Object.hasOwn(MSG, need.slice('MSG_'.length))
      : supportOf(Socket.driver, need).level === 'unsupported';
  const rows = [...options, ...Object.values(operations)];
  const without = rows.filter(({ wasi }) => wasi.level === 'unsupported').length;
  return {
    cases: cases.filter(({ needs = [] }) => needs.some(lacks)).map((example) => example.name),
    rows: name === 'wasi' ? `${without} of the table's ${rows.length} rows` : undefined,
  };
}

const columns = [
  ['@sock/native', 'native', () => onNode('native')],
  ['@sock/wasi on Node', 'wasi', () => onNode('wasi')],
  ['@sock/wasi in wasmtime', 'wasi', inWasmtime],
];
const counts = [];
const failures = [];
for (const [name, backend, results] of columns) {
  console.log(`contract: ${name}`);
  const tally = { passed: 0, unsupported: 0, skipped: 0, failed: 0 };
  try {
    const unsupported = new Set();
    for (const { name: what, outcome, detail } of await results()) {
      tally[outcome] += 1;
      if (outcome === 'unsupported') unsupported.add(what);
      if (outcome === 'failed') failures.push(`${name}: ${what}: ${detail}`);
    }
    const expected = await unsupportedByTable(backend);
    const disagree = [
      ...expected.cases.filter((what) => !unsupported.delete(what)),
      ...unsupported,
    ];
    for (const what of disagree) failures.push(`${name}: ${what}: the table says otherwise`);
    tally.failed += disagree.length;
    if (disagree.length === 0 && expected.rows !== undefined) {
      console.log(
        `  unsupported as the table has it: ${expected.cases.length} cases, ${expected.rows}`,
      );
    }
  } catch (error) {
    tally.failed += 1;
    failures.push(`${name}: ${error.message}`);
  }
  counts.push(tally);
}
for (const failure of failures) console.error(failure);
const rows = ['passed', 'unsupported', 'skipped', 'failed'].map((outcome) => [
  outcome === 'unsupported' ? 'unsupported by the table' : outcome,
  ...counts.map((tally) => tally[outcome]),
]);
const head = ['', ...columns.map(([name]) => name)];
console.log(table(head, rows, ['left', 'right', 'right', 'right']));
const sum = (outcome) => counts.reduce((total, tally) => total + tally[outcome], 0);
console.log(
  `${sum('passed') + sum('unsupported')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`,
);
process.exit(sum('failed') === 0 ? 0 : 1);
