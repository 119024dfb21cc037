/**
 * The repository's own build of the addon, in which warnings are errors. In the repository turbo runs it, and only
 * when an input changed.
 *
 *   node scripts/build-addon.mjs              build/sock.node
 *   SOCK_SANITIZE=1 node scripts/...          build/sanitized/sock.node, under ASan and UBSan
 *   CC=clang CXX=clang++ node scripts/...     other compilers
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BuildError, compile } from './compile.mjs';

const sanitize = process.env.SOCK_SANITIZE === '1';
const build = fileURLToPath(new URL('../build', import.meta.url));
console.log(`compiling @sock/native${sanitize ? ' with sanitizers' : ''}`);
try {
  const file = join(build, sanitize ? 'sanitized/sock.node' : 'sock.node');
  await compile(file, { sanitize, strict: true });
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
