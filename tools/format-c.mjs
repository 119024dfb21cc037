/**
 * Formats the C and C++ of the repository, or checks it, with one version of clang-format for
 * everybody: the wheel from PyPI, put into .cache/ on first use.
 *
 *   node tools/format-c.mjs [--check]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = '23.1.5';
const root = fileURLToPath(new URL('..', import.meta.url));
const home = join(root, '.cache', `clang-format-${VERSION}`);
const binary = join(home, 'clang_format/data/bin/clang-format');
const folders = ['native', 'wasm', 'bench'];
/** Made by a generator, which has a format of its own. */
const generated = ['native/core/include/sock_options.h'];

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return error === undefined ? (status ?? 1) : 1;
}

if (!existsSync(binary)) {
  console.log(`installing clang-format ${VERSION} into .cache (pip)`);
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--root-user-action=ignore',
    '--target',
    home,
  ];
  if (run('python3', [...pip, `clang-format==${VERSION}`]) !== 0 || !existsSync(binary)) {
    rmSync(home, { recursive: true, force: true });
    process.exit(1);
  }
}

const sources = folders
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  )
  .filter(
    (file) =>
      /\.(?:c|cc|h)$/.test(file) &&
      !/(?:^|[/\\])(?:build|generated|bindings|bindings-guest)[/\\]/.test(file),
  )
  .filter((file) => !generated.includes(file.replaceAll('\\', '/')));
const mode = process.argv.includes('--check') ? ['--dry-run', '--Werror'] : ['-i'];
const status = run(binary, ['--style=file', ...mode, ...sources]);
console.log(`${sources.length} files ${status === 0 ? 'in order' : 'looked at'}`);
process.exit(status);
