/** Other versions of Node, from the npm packages that hold the program. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

const packageName = `node-${process.platform}-${process.arch}`;

/** The path of Node's program in a major version. The first use installs it into .cache/. */
export function nodeProgram(version) {
  if (process.version.startsWith(`v${version}.`)) return process.execPath;
  const folder = join(root, '.cache/node', version);
  const program = join(folder, 'node_modules', packageName, 'bin/node');
  if (existsSync(program)) return program;
  console.log(`installing Node ${version} from npm`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts'];
  run('npm', ['install', ...quiet, `${packageName}@${version}`], { cwd: folder });
  return program;
}
