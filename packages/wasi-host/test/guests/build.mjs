/** Compiles a C program of this folder into a component, for tests. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flagsFor } from '../../../../tools/wasi/build.mjs';
import { compiler, root, run, wasmTools } from '../../../../tools/wasi/toolchain.mjs';

/** Returns the component's file. */
export function buildGuest(name) {
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  const folder = join(root, '.cache/wasi/guests');
  const file = (extension) => join(folder, `${basename(name)}.${extension}`);
  if (existsSync(file('wasm')) && statSync(file('wasm')).mtimeMs > statSync(source).mtimeMs) {
    return file('wasm');
  }
  mkdirSync(folder, { recursive: true });
  const { clang, ld, builtins, sysroot } = compiler();
  const lib = join(sysroot, 'lib/wasm32-wasip2');
  const strict = ['-O2', '-Wall', '-Wextra', '-Werror'];
  run(clang, [...flagsFor(sysroot), ...strict, '-c', source, '-o', file('o')]);
  const parts = [join(lib, 'crt1-command.o'), file('o'), '-lc', builtins];
  run(ld, ['--strip-debug', `-L${lib}`, ...parts, '-o', file('core.wasm')]);
  run(wasmTools(), ['component', 'new', file('core.wasm'), '-o', file('wasm')]);
  return file('wasm');
}
