/**
 * Compiles libsock for wasm32-wasip2 and makes the component: packages/wasi/component/sock.wasm.
 * Does nothing when no source is newer.
 *
 *   node tools/wasi/build.mjs
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  rmSync,
  cpSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { compiler, root, run, ToolchainError, versions, wasmTools } from './toolchain.mjs';

/** What the package may take at most; more is a mistake in the link. */
const LARGEST = 150 * 1024;

const out = join(root, 'packages/wasi/component');
const objects = join(root, '.cache/wasi/objects');
const component = join(out, 'sock.wasm');

const inFolder = (folder, ext) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(ext))
    .map((name) => join(root, folder, name));
const sources = [
  ...inFolder('native/core/src', '.c').filter((file) =>
    /^(?:wasi|errors|constants)/.test(basename(file)),
  ),
  ...inFolder('wasm/src', '.c'),
  join(root, 'wasm/bindings/core.c'),
];
const read = [
  ...sources,
  ...inFolder('native/core/include', '.h'),
  ...inFolder('native/core/src', '.h'),
  ...inFolder('wasm/bindings', ''),
];

/** Flags to compile a C program for WASI with. */
export const flagsFor = (sysroot) => [
  '--target=wasm32-wasip2',
  '-Oz',
  '-nostdlibinc',
  '-isystem',
  join(sysroot, 'include/wasm32-wasip2'),
];

function build() {
  const { clang, ld, builtins, sysroot } = compiler();
  const tools = wasmTools();
  mkdirSync(out, { recursive: true });
  mkdirSync(objects, { recursive: true });
  console.log(`wasi: compiling libsock into a component (${clang})`);
  const files = sources.map((source) => {
    const object = join(objects, `${basename(source)}.o`);
    const generated = source.endsWith('bindings/core.c');
    const strict = generated ? [] : ['-std=c11', '-Wall', '-Wextra', '-Werror'];
    const include = `-I${join(root, 'native/core/include')}`;
    run(clang, [...flagsFor(sysroot), ...strict, include, '-c', source, '-o', object]);
    return object;
  });
  const core = join(objects, 'core.wasm');
  const lib = join(sysroot, 'lib/wasm32-wasip2');
  run(ld, [
    '--entry=_initialize',
    '--gc-sections',
    '--strip-debug',
    `-L${lib}`,
    join(lib, 'crt1-reactor.o'),
    ...files,
    join(root, 'wasm/bindings/core_component_type.o'),
    '-lc',
    builtins,
    '-o',
    core,
  ]);
  const whole = join(objects, 'sock.wasm');
  run(tools, ['component', 'new', core, '-o', whole]);
  run(tools, ['strip', '--all', whole, '-o', component]);
  run(tools, ['validate', component]);
  rmSync(join(root, 'packages/wasi/wit'), { recursive: true, force: true });
  cpSync(join(root, 'wasm/wit'), join(root, 'packages/wasi/wit'), { recursive: true });
  const { size } = statSync(component);
  console.log(`wasi: sock.wasm has ${size.toLocaleString('en')} bytes`);
  if (size > LARGEST) throw new ToolchainError(`that is more than ${LARGEST}`);
}

const digest = createHash('sha256').update(JSON.stringify([versions, process.env.WASI_SDK_PATH]));
for (const file of [...read, join(root, 'tools/wasi/build.mjs')]) digest.update(readFileSync(file));
const stamp = digest.digest('hex');
const stampFile = join(out, 'sock.stamp');
if (
  process.argv[1]?.endsWith('build.mjs') &&
  !(existsSync(component) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp)
) {
  try {
    build();
    writeFileSync(stampFile, stamp);
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    console.error(`wasi: ${error.message}`);
    process.exitCode = 1;
  }
}
