/** Other versions of Node, from npm, as packages that hold the program. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const cache = fileURLToPath(new URL('../.cache/node', import.meta.url));
const packageName = `node-${process.platform}-${process.arch}`;

/** The program of a major version, which is installed into .cache/ when it is not there. */
export async function nodeProgram(version) {
  if (process.version.startsWith(`v${version}.`)) return process.execPath;
  const folder = join(cache, version);
  const program = join(folder, 'node_modules', packageName, 'bin/node');
  if (existsSync(program)) return program;
  console.log(`installing Node ${version} from npm`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts'];
  const args = ['install', ...quiet, `${packageName}@${version}`];
  await promisify(execFile)('npm', args, { cwd: folder });
  return program;
}
