/** Makes components of the programs of this folder, for tests. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flagsFor } from '../../../../tools/wasi/build.mjs';
import { compiler, root, run, wasmTools, wheel } from '../../../../tools/wasi/toolchain.mjs';

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

/** The same for a Python program, by componentize-py; the WIT of wasi:cli is jco's. */
export function buildPythonGuest(name) {
  const source = fileURLToPath(new URL(`${name}.py`, import.meta.url));
  const folder = join(root, '.cache/wasi/guests', `${name}-py`);
  const file = join(folder, `${name}.wasm`);
  if (existsSync(file) && statSync(file).mtimeMs > statSync(source).mtimeMs) return file;
  const home = wheel('componentize-py');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'wit/deps'), { recursive: true });
  const jco = fileURLToPath(new URL('../../node_modules/@bytecodealliance/jco', import.meta.url));
  const version = '0.2.12';
  for (const part of ['cli', 'clocks', 'filesystem', 'io', 'random', 'sockets']) {
    const from = join(jco, 'lib/wit/builtin', version, `wasi-${part}`);
    cpSync(from, join(folder, 'wit/deps', `wasi-${part}`), { recursive: true });
  }
  const world = `package test:guest;\nworld guest { include wasi:cli/command@${version}; }\n`;
  writeFileSync(join(folder, 'wit/guest.wit'), world);
  copyFileSync(source, join(folder, 'app.py'));
  const program = join(home, 'bin/componentize-py');
  const args = ['-d', 'wit', '-w', 'guest', 'componentize', 'app', '-o', file];
  run('python3', [program, ...args], { cwd: folder, env: { ...process.env, PYTHONPATH: home } });
  return file;
}
