/** npm itself, and programs that come from npm. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { root, run, ToolchainError } from '../run.mjs';

/** The program of npm: a script, so that any Node runs it, with nothing else on PATH. */
export const npmScript = (() => {
  const folders = process.env.PATH.split(delimiter);
  const links = folders.map((folder) => join(folder, 'npm')).filter((file) => existsSync(file));
  const candidates = [
    ...links.map((link) => realpathSync(link)),
    ...folders.map((folder) => join(folder, 'node_modules/npm/bin/npm-cli.js')),
    join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js'),
  ];
  const script = candidates.find((file) => file.endsWith('npm-cli.js') && existsSync(file));
  if (script === undefined) throw new ToolchainError('npm is not on PATH');
  return script;
})();

/** The command line of npm, to spread into a call. */
export const npm = (...args) => [process.execPath, [npmScript, ...args]];

/** npm's version. */
export const npmVersion = () =>
  spawnSync(process.execPath, [npmScript, '--version'], { encoding: 'utf8' }).stdout.trim();

/**
 * The folder of an exact version of an npm package, in .cache. The first use installs it.
 * @param overrides versions of packages that it depends on
 */
export function installed(name, version, { overrides = {}, scripts = false } = {}) {
  const home = join(root, '.cache/npm', `${name.replaceAll(/[@/]/g, '-')}-${version}`);
  if (!existsSync(home)) {
    console.log(`installing ${name} ${version} (npm)`);
    const work = `${home}.new`;
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    writeFileSync(join(work, 'package.json'), JSON.stringify({ private: true, overrides }));
    const flags = ['--no-audit', '--no-fund', ...(scripts ? [] : ['--ignore-scripts'])];
    run(...npm('install', ...flags, `${name}@${version}`), { cwd: work });
    renameSync(work, home);
  }
  return join(home, 'node_modules', name);
}
