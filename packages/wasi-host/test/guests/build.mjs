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
import { nodeProgram } from '../../../../tools/node-program.mjs';
import { root, run, versions, wheel } from '../../../../tools/run.mjs';
import { makeComponent } from '../../../../tools/wasi/toolchain.mjs';

/** Returns the component's file. */
export function buildGuest(name) {
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  const folder = join(root, '.cache/wasi/guests');
  const file = (extension) => join(folder, `${basename(name)}.${extension}`);
  if (existsSync(file('wasm')) && statSync(file('wasm')).mtimeMs > statSync(source).mtimeMs) {
    return file('wasm');
  }
  mkdirSync(folder, { recursive: true });
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror'];
  makeComponent(file('wasm'), [source], { flags, link: ['--strip-debug'] });
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

/** The newest version of Node that the project runs on, and its program. */
export function newestNode() {
  const version = versions.node.at(-1);
  return { version, program: nodeProgram(version) };
}

/** The versions of Node that can suspend a component (WebAssembly.Suspending), and their programs. */
export function nodesWithJspi() {
  return versions.node
    .filter((version) => Number(version) >= 24)
    .map((version) => ({ version, program: nodeProgram(version) }));
}
