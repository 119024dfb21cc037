/**
 * The cross-compiler: Zig's, which carries clang, lld and the C libraries of all our targets, from PyPI.
 * With it comes LIEF, which reads what was linked. Both go to .cache/ on first use.
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const ZIG_VERSION = '0.17.1';
const LIEF_VERSION = '1.0.0';
export const root = fileURLToPath(new URL('../..', import.meta.url));
export const cache = join(root, '.cache/platforms');
const home = join(root, '.cache', `ziglang-${ZIG_VERSION}`);

/** Installs the wheels, unless they are there. */
function install() {
  if (existsSync(home)) return;
  console.log(`installing ziglang ${ZIG_VERSION} and lief ${LIEF_VERSION} into .cache (pip)`);
  const partial = `${home}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const { status, error } = spawnSync(
    'python3',
    [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--root-user-action=ignore',
      '--target',
      partial,
      `ziglang==${ZIG_VERSION}`,
      `lief==${LIEF_VERSION}`,
    ],
    { stdio: 'inherit' },
  );
  if (status !== 0) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error(`pip could not install them${error ? `: ${error.message}` : ''}`);
  }
  renameSync(partial, home);
}

const environment = () => ({
  ...process.env,
  PYTHONPATH: home,
  ZIG_GLOBAL_CACHE_DIR: process.env.ZIG_GLOBAL_CACHE_DIR ?? join(root, '.cache/zig'),
  ZIG_LOCAL_CACHE_DIR: join(root, '.cache/zig-local'),
});

/** Runs a program of the wheels; what it says on failure is the error's message. */
async function python(args) {
  install();
  try {
    return await run('python3', args, { env: environment(), maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(`python3 ${args.join(' ')}\n${error.stderr || error.message}`, { cause: error });
  }
}

/** `zig ARGS`: `cc`, `c++`, ... */
export function zig(...args) {
  return python(['-m', 'ziglang', ...args]);
}

/** What a linked file needs of the system it runs on: see symbols.py. */
export async function symbolsOf(file) {
  const { stdout } = await python([fileURLToPath(new URL('symbols.py', import.meta.url)), file]);
  return JSON.parse(stdout);
}
