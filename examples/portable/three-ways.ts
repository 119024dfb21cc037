/**
 * One TypeScript program, unchanged, on @sock/native, on @sock/wasi under Node, and inside wasmtime; and
 * there without leave to use the network, which it must be told clearly.
 *
 *   node --import tsx examples/portable/three-ways.ts
 */
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { program, type SocketClass, type Step } from './program.js';

interface Componentize {
  makeProgram(entry: string, out: string): Promise<void>;
  runProgram(component: string, options?: { network?: boolean }): Promise<string>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const tool = '../../tools/wasi/componentize.mjs';
const { makeProgram, runProgram } = (await import(tool)) as Componentize;
const onNode = async (backend: string): Promise<Step[]> =>
  program(((await import(`@sock/${backend}`)) as { Socket: SocketClass }).Socket);

const component = `${root}.cache/wasi/portable.wasm`;
console.log('making the component (componentize-js, composed with sock.wasm)');
await makeProgram(`${root}examples/portable/guest.ts`, component);

const columns: [string, Step[]][] = [
  ['@sock/native', await onNode('native')],
  ['@sock/wasi on Node', await onNode('wasi')],
  ['in wasmtime', JSON.parse(await runProgram(component)) as Step[]],
];
const table = new Table({
  head: ['', ...columns.map(([name]) => name)],
  style: { head: ['cyan'], compact: true },
});
const steps = (columns[0] as [string, Step[]])[1];
let same = true;
for (const [index, { name, result }] of steps.entries()) {
  const results = columns.map(([, done]) => done[index]?.result ?? 'missing');
  same &&= results.every((other) => other === result);
  table.push([name, ...results]);
}
console.log(table.toString());
const denied = await runProgram(component, { network: false }).then(
  () => 'the network, though it was denied',
  (error: Error) => error.message,
);
console.log(`in wasmtime without leave to use the network: ${denied}`);
if (!same || !denied.includes('EACCES')) {
  console.error('The backends do not agree.');
  process.exitCode = 1;
}
