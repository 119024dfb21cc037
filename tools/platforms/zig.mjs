/**
 * The cross-compiler is Zig's, which contains clang, lld and the C libraries of all targets. LIEF reads
 * the linked files. Both are wheels from PyPI.
 */
import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { root, wheel } from '../run.mjs';

const run = promisify(execFile);

/** Where the runtimes under test and what is made for them are kept. */
export const cache = join(root, '.cache/platforms');

const environment = () => ({
  ...process.env,
  PYTHONPATH: [wheel('ziglang'), wheel('lief')].join(delimiter),
  ZIG_GLOBAL_CACHE_DIR: process.env.ZIG_GLOBAL_CACHE_DIR ?? join(root, '.cache/zig'),
  ZIG_LOCAL_CACHE_DIR: join(root, '.cache/zig-local'),
});

/** Runs Python with the wheels. On failure the message of the error is the output. */
async function python(args) {
  try {
    return await run('python3', args, { env: environment(), maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(`python3 ${args.join(' ')}\n${error.stderr || error.message}`, {
      cause: error,
    });
  }
}

/** `zig ARGS`: `cc`, `c++`, ... */
export function zig(...args) {
  return python(['-m', 'ziglang', ...args]);
}

/** Returns what a linked file needs of its system: see symbols.py. */
export async function symbolsOf(file) {
  const { stdout } = await python([fileURLToPath(new URL('symbols.py', import.meta.url)), file]);
  return JSON.parse(stdout);
}
