/** Makes WASI components of the benchmark's C programs, and runs them in wasmtime with the network. */
import { join } from 'node:path';
import { root, run } from '../tools/run.mjs';
import { makeComponent, wasmtime } from '../tools/wasi/toolchain.mjs';

/** Compiles a program into `folder` and returns the command that runs it. */
export function wasiProgram(source, name, folder) {
  const out = join(folder, `${name}.wasm`);
  makeComponent(out, [join(root, source)], { flags: ['-O2'] });
  return [wasmtime(), 'run', '-S', 'inherit-network', out];
}

export const wasmtimeVersion = () => run(wasmtime(), ['--version']);
