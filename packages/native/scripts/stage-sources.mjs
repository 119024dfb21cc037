/**
 * Copies what `npx @sock/native build` compiles into a folder of the package: the sources of libsock and of the
 * addon, and the headers of Node-API, so that users who download a binary install no headers.
 *
 *   node scripts/stage-sources.mjs [FOLDER]   default: native
 */
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const packageRoot = fileURLToPath(new URL('..', import.meta.url));
const native = join(packageRoot, '../../native');
const out = resolve(packageRoot, process.argv[2] ?? 'native');

rmSync(out, { recursive: true, force: true });

/** Copies the files of a folder whose names match, without its subfolders. */
function copy(from, to, pattern) {
  mkdirSync(join(out, to), { recursive: true });
  for (const name of readdirSync(from)) {
    if (pattern.test(name)) cpSync(join(from, name), join(out, to, name));
  }
}

copy(join(native, 'core/include'), 'core/include', /\.h$/);
copy(join(native, 'core/src'), 'core/src', /^(?!wasi).*\.[ch]$/);
copy(join(native, 'addon'), 'addon', /\.(?:cc|h)$/);
copy(dirname(require.resolve('node-addon-api/package.json')), 'node-api', /^napi(?:-inl)?\.h$/);
const headers = require('node-api-headers').include_dir;
copy(headers, 'node-api', /\.h$/);
for (const name of ['node-addon-api', 'node-api-headers']) {
  const folder = dirname(require.resolve(`${name}/package.json`));
  const license = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (license === undefined) throw new Error(`${name} has no license file`);
  // Not LICENSE.name: pnpm adds our own licence only to a package that has no file of that name.
  cpSync(join(folder, license), join(out, 'node-api', `COPYING.${name}`));
}
