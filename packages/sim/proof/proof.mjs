/** The long proofs of @sock/sim: `npm run sim:proof -- --help` describes them. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { register } from 'tsx/esm/api';

register();
const here = fileURLToPath(new URL('.', import.meta.url));

function node(file, ...args) {
  const { status } = spawnSync(process.execPath, [here + file, ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${file} failed`);
}

async function differential({ programs, seed }) {
  const { compare, describeDifference } = await import('./differential.ts');
  for (let done = 0; done < programs; done += 200) {
    const found = compare(seed + done / 200, Math.min(200, programs - done));
    if (found !== undefined) throw new Error(`they differ:\n${describeDifference(found)}`);
  }
  console.log(`${programs} random programs: the same results and errors as on @sock/native`);
}

async function planted() {
  const { findFailure } = await import('@sock/sim/search');
  const { planted: bugs } = await import('./planted-bugs.ts');
  for (const { name, buggy, options } of bugs) {
    const failure = await findFailure(buggy, { ...options, runs: 1000 });
    if (failure === undefined || failure.faults.length > 5) throw new Error(`${name}: not found`);
    console.log(`${name}: found by seed ${failure.runs} of 1000, ${failure.faults.length} faults`);
  }
}

async function browserProof() {
  const { browser, runInBrowser } = await import('./browser.ts');
  if (browser === undefined) throw new Error('there is no Chromium');
  const [error] = await runInBrowser(browser);
  console.log(`in ${browser} the example found: ${error}`);
}

const proofs = {
  differential,
  determinism: async ({ seeds }) => {
    const { compareEngines } = await import('./engines.mjs');
    compareEngines(seeds);
  },
  scale: () => node('scale.mjs'),
  planted,
  browser: browserProof,
};

const HELP = `usage: npm run sim:proof -- [PROOF...] [--programs N] [--seed N] [--seeds N]

Runs the long proofs of @sock/sim, or those that are named:

  differential  random programs on @sock/native over loopback and on @sock/sim: the same results
  determinism   seeds, each twice, on Node, Node 26, Bun and Deno (from npm): the same traces
  scale         100,000 connections and 10 million datagrams, each in less than a minute
  planted       four bugs, each found within 1,000 seeds and shrunk to 5 faults or fewer
  browser       the example in a headless Chromium

  --programs N  of the differential proof; default 2000
  --seed N      of its first 200 programs; default 1
  --seeds N     of the determinism proof; default 1000`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    programs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1000' },
  },
});
const unknown = positionals.find((name) => !Object.hasOwn(proofs, name));
if (values.help || unknown !== undefined) {
  if (unknown !== undefined) console.error(`there is no proof '${unknown}'`);
  console.log(HELP);
  process.exit(unknown === undefined ? 0 : 2);
}
const numbers = {
  programs: Number(values.programs),
  seed: Number(values.seed),
  seeds: Number(values.seeds),
};
for (const [name, prove] of Object.entries(proofs)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.log(`== ${name}`);
  try {
    await prove(numbers);
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
