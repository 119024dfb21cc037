/**
 * Formats the C and C++ files in git, except generated ones, or checks their format. Everybody uses the
 * same version of clang-format: the wheel from PyPI.
 *
 *   node tools/format-c.mjs [--check]
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, wheelProgram } from './run.mjs';

if (process.argv.includes('--help')) {
  console.log('usage: node tools/format-c.mjs [--check]');
  process.exit();
}
const patterns = ['c', 'cc', 'h'].map((ext) => `:(attr:!linguist-generated)*.${ext}`);
const git = ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns];
const files = run('git', git, { cwd: root })
  .split('\n')
  .filter((file) => existsSync(join(root, file)));
const mode = process.argv.includes('--check') ? ['--dry-run', '--Werror'] : ['-i'];
try {
  const clangFormat = wheelProgram('clang-format', 'clang-format');
  run(clangFormat, ['--style=file', ...mode, ...files], { cwd: root });
  console.log(`${files.length} C and C++ files have the right format`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
