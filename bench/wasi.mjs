/** C programs of the benchmark as WASI components, and how they are run in wasmtime with the network. */
import { join } from 'node:path';
import { flagsFor } from '../tools/wasi/build.mjs';
import { compiler, root, run, wasmTools, wasmtime } from '../tools/wasi/toolchain.mjs';

/** Compiles a program into `folder`. Returns the component's file. */
export function wasiComponent(source, name, folder) {
  const { clang, ld, builtins, sysroot } = compiler();
  const lib = join(sysroot, 'lib/wasm32-wasip2');
  const file = (extension) => join(folder, `${name}.${extension}`);
  run(clang, [...flagsFor(sysroot), '-O2', '-c', join(root, source), '-o', file('o')]);
  const parts = [join(lib, 'crt1-command.o'), file('o'), '-lc', builtins];
  run(ld, [`-L${lib}`, ...parts, '-o', file('core.wasm')]);
  run(wasmTools(), ['component', 'new', file('core.wasm'), '-o', file('wasm')]);
  return file('wasm');
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
