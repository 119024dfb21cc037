/**
 * Makes one file of each entry of a package that tsc has compiled. Node loads modules one by one, and each takes about
 * a millisecond: as many files as there are sources would be most of the time of an import.
 *
 *   node ../../tools/bundle.mjs [dist/worker.js ...]   in a package's folder, after tsc
 *
 * The entries are what package.json exports, its commands, and the arguments. Entries share no file: a shared one would
 * be another file to load. So two entries of a package have their own copies of a module's state.
 * Declarations stay as they are.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const files = (value) =>
  typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(files);
const entries = new Set(
  [...files(manifest.exports), ...files(manifest.bin), ...process.argv.slice(2)]
    .map((file) => relative('.', file))
    .filter((file) => file.startsWith('dist/') && file.endsWith('.js')),
);
const made = 'dist.bundled';

rmSync(made, { recursive: true, force: true });
await build({
  entryPoints: [...entries],
  outdir: made,
  outbase: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'es2022',
  packages: 'external',
  // A CommonJS file is one on purpose: bundlers of users follow its requires, and not those of an ES module.
  external: ['*.cjs'],
  sourcemap: true,
  logLevel: 'warning',
});
/**
 * esbuild names a class that mentions itself `_Name`, which users would see in errors and stack traces. No other variable
 * has that name: esbuild chose it to be free.
 */
function withClassNames(code) {
  const renamed = [...code.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name);
  if (renamed.length === 0) return code;
  return code.replace(new RegExp(`(?<![.\\w$'"\`])_(${renamed.join('|')})(?![\\w$])`, 'g'), '$1');
}

for (const name of readdirSync('dist', { recursive: true })) {
  if (/\.js(?:\.map)?$/.test(name)) rmSync(join('dist', name));
}
for (const name of readdirSync(made, { recursive: true })) {
  if (!/\.js(?:\.map)?$/.test(name)) continue;
  const to = join('dist', name);
  if (!existsSync(dirname(to))) throw new Error(`${to} is in no folder of tsc's output`);
  if (name.endsWith('.js')) {
    writeFileSync(to, withClassNames(readFileSync(join(made, name), 'utf8')));
  } else renameSync(join(made, name), to);
}
rmSync(made, { recursive: true });
