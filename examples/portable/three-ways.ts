/**
 * Runs one TypeScript program, unchanged, on @sock/native, on @sock/wasi under Node, and inside wasmtime. In wasmtime it
 * also runs without permission to use the network, and must report that clearly.
 *
 *   node --import tsx examples/portable/three-ways.ts
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { heading, table } from '../../tools/terminal.mjs';
import { program, type SocketClass, type Step } from './program.js';

interface Componentize {
  runProgram(component: string, options?: { network?: boolean }): Promise<string>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const tool = '../../tools/wasi/componentize.mjs';
const { runProgram } = (await import(tool)) as Componentize;
const onNode = async (backend: string): Promise<Step[]> =>
  program(((await import(`@sock/${backend}`)) as { Socket: SocketClass }).Socket);

const component = `${root}.cache/wasi/portable.wasm`;
console.log(
  `\n${heading('One program: on @sock/native, on @sock/wasi under Node, and inside wasmtime')}`,
);
console.log('making the component (componentize-js, composed with sock.wasm)');
execFileSync('npx', ['turbo', 'run', '//#build:portable', '--output-logs=new-only'], {
  cwd: root,
  encoding: 'utf8',
});

const columns: [string, Step[]][] = [
  ['native', await onNode('native')],
  ['wasi', await onNode('wasi')],
  ['wasmtime', JSON.parse(await runProgram(component)) as Step[]],
];
const steps = (columns[0] as [string, Step[]])[1];
const rows = steps.map(({ name, result }, index) => {
  const [, ...others] = columns.map(([, done]) => done[index]?.result ?? 'missing');
  return [name, result, ...others.map((other) => (other === result ? 'same' : other))];
});
const same = rows.every(([, , ...others]) => others.every((other) => other === 'same'));
console.log(table(['', ...columns.map(([name]) => name)], rows));
const denied = await runProgram(component, { network: false }).then(
  () => 'the network, though it was denied',
  (error: Error) => error.message,
);
console.log(`in wasmtime without leave to use the network: ${denied}`);
if (!same || !denied.includes('EACCES')) {
  console.error('The backends do not agree.');
  process.exitCode = 1;
}
