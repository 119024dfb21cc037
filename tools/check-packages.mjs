/**
 * Checks the packages as their users get them: packs each publishable one, and has publint look at
 * the manifest and are-the-types-wrong at the types, from ES modules and from bundlers.
 *
 *   node tools/check-packages.mjs
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules/.bin');
const tarballs = mkdtempSync(join(tmpdir(), 'sock-packed-'));
process.on('exit', () => rmSync(tarballs, { recursive: true, force: true }));

let failed = 0;
function check(name, tool, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(join(bin, tool), args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const holds = error === undefined && status === 0;
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${name}: ${tool}`);
  if (!holds) {
    failed += 1;
    console.log(error?.message ?? `${stdout}${stderr}`);
  }
  return holds;
}

const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
let checked = 0;
for (const folder of folders) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (manifest.private === true) continue;
  checked += 1;
  const { name } = manifest;
  const tarball = join(tarballs, `${name.replaceAll(/[@/]/g, '-')}.tgz`);
  if (!check(name, 'pnpm', ['pack', '--out', tarball], folder)) continue;
  check(name, 'publint', ['run', tarball, '--strict']);
  // What is no module has no types: a component, an interface definition.
  const files = Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'string' && !/\.(?:js|json)$/.test(target))
    .map(([entry]) => entry);
  const excluded = files.length > 0 ? ['--exclude-entrypoints', ...files] : [];
  check(name, 'attw', [tarball, '--profile', 'esm-only', '--no-emoji', ...excluded]);
}
if (checked === 0) throw new Error('no package to check');
process.exitCode = failed === 0 ? 0 : 1;
