/**
 * Compiles libsock for wasm32-wasip2 and makes the component packages/wasi/component/sock.wasm. Turbo
 * runs it when a source changed.
 *
 *   node tools/wasi/build.mjs
 */
import { cpSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from '../run.mjs';
import { makeComponent, ToolchainError, wasmTools } from './toolchain.mjs';

/** The largest size of the component in bytes. A larger one shows a mistake in the link. */
const LARGEST = 150 * 1024;

const inFolder = (folder, pattern) =>
  readdirSync(join(root, folder))
    .filter((name) => pattern.test(name))
    .map((name) => join(root, folder, name));

function build() {
  const work = join(root, '.cache/wasi/objects');
  const out = join(root, 'packages/wasi/component');
  for (const folder of [work, out]) mkdirSync(folder, { recursive: true });
  console.log('wasi: compiling libsock into a component');
  const sources = [
    ...inFolder('native/core/src', /^(?:wasi|errors|constants).*\.c$/),
    ...inFolder('wasm/src', /\.c$/),
    join(root, 'wasm/bindings/core.c'),
  ];
  const whole = join(work, 'sock.wasm');
  makeComponent(whole, sources, {
    flags: [
      '-O2',
      '-std=c11',
      '-Wall',
      '-Wextra',
      '-Werror',
      `-I${join(root, 'native/core/include')}`,
    ],
    start: 'reactor',
    link: [
      '--entry=_initialize',
      '--gc-sections',
      '--strip-debug',
      join(root, 'wasm/bindings/core_component_type.o'),
    ],
  });
  const component = join(out, 'sock.wasm');
  run(wasmTools(), ['strip', '--all', whole, '-o', component]);
  run(wasmTools(), ['validate', component]);
  rmSync(join(root, 'packages/wasi/wit'), { recursive: true, force: true });
  cpSync(join(root, 'wasm/wit'), join(root, 'packages/wasi/wit'), { recursive: true });
  const { size } = statSync(component);
  console.log(`wasi: sock.wasm has ${size.toLocaleString('en')} bytes`);
  if (size > LARGEST) throw new ToolchainError(`that is more than ${LARGEST}`);
}

try {
  build();
} catch (error) {
  if (!(error instanceof ToolchainError)) throw error;
  console.error(`wasi: ${error.message}`);
  process.exitCode = 1;
}
