/** Runtimes that run Node's programs, from the npm packages that hold them: versions.json has their versions. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, versions } from './run.mjs';

/** How a program of ours is started: what comes before its file. */
const ARGUMENTS = {
  bun: [],
  deno: ['run', '--allow-all', '--quiet', '--no-lock'],
  // With ELECTRON_RUN_AS_NODE=1 it is Electron's Node, without a window.
  electron: [],
};

/** Returns the command line that runs a file in `bun`, `deno` or `electron`. The first use installs it into .cache/. */
export function runtimeProgram(name, version = versions.runtimes[name]) {
  const folder = join(root, '.cache/runtimes', `${name}-${version}`);
  const program = join(
    folder,
    'node_modules',
    name === 'electron' ? 'electron/dist/electron' : `.bin/${name}`,
  );
  if (!existsSync(program)) {
    console.log(`installing ${name} ${version} from npm`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    run('npm', ['install', '--no-audit', '--no-fund', `${name}@${version}`], { cwd: folder });
    // Its package has no program: this downloads it, from a place that is no registry.
    if (name === 'electron') run('node', ['node_modules/electron/install.js'], { cwd: folder });
  }
  return [program, ...ARGUMENTS[name]];
}
