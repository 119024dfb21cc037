/** Makes WASI components of the benchmark's C programs, and runs them in wasmtime with the network. */
import { join } from 'node:path';
import { root, run } from '../tools/run.mjs';
import { makeComponent, wasmtime } from '../tools/wasi/toolchain.mjs';

/** Compiles a program into `folder` and returns the component's file. */
export function wasiComponent(source, name, folder) {
  const out = join(folder, `${name}.wasm`);
  makeComponent(out, [join(root, source)], { flags: ['-O2'] });
  return out;
}

/** Compiles a program into `folder` and returns the command that runs it in wasmtime. */
export const wasiProgram = (source, name, folder) => [
  wasmtime(),
  'run',
  '-S',
  'inherit-network',
  wasiComponent(source, name, folder),
];

export const wasmtimeVersion = () => run(wasmtime(), ['--version']);
