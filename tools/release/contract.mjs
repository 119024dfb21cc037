/**
 * Installs the tarballs of a folder in an empty one, as npm does it on this system, and runs the contract there, with
 * the binary out of its tarball. It needs Node and npm, and nothing that has to be installed or compiled first.
 *
 *   node tools/release/contract.mjs FOLDER [--smoke]
 */
import { copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Tally } from '../tally.mjs';
import { command, endWithThisProcess } from './command.mjs';
import { npm } from './npm.mjs';
import { tarballsIn } from './publish.mjs';

/** Runs the contract, and prints a line for each failure and one with the totals. */
const CONTRACT = `
import { run } from '@sock/conformance';
import * as backend from '@sock/native';
const totals = await run({ name: 'native', ...backend }, {
  onResult: ({ outcome, name, detail }) => {
    if (outcome === 'failed') console.log(JSON.stringify({ name, outcome, detail }));
  },
});
console.log(JSON.stringify({ version: process.version, totals }));
process.exit();
`;
const SMOKE = fileURLToPath(new URL('../platforms/smoke.mjs', import.meta.url));

/**
 * Installs the packages that the contract needs.
 * @param project an empty folder
 */
async function install(folder, project) {
  const manifests = tarballsIn(folder);
  const spec = ({ file, manifest }) => [manifest.name, pathToFileURL(resolve(file)).href];
  const named = (test) => Object.fromEntries(manifests.filter(test).map(spec));
  const contract = ['@sock/core', '@sock/native', '@sock/conformance'];
  const manifest = {
    private: true,
    type: 'module',
    dependencies: named(({ manifest }) => contract.includes(manifest.name)),
    // npm takes of these the one for this system, and not the registry's.
    optionalDependencies: named(({ manifest }) => manifest.name.startsWith('@sock/native-')),
  };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund'];
  await command(...npm('install', ...flags), { cwd: project });
}

/** Runs a program of this kind there: JSON lines on its standard output. */
async function results(project, source) {
  const file = join(project, 'program.mjs');
  if (source === undefined) copyFileSync(SMOKE, file);
  else writeFileSync(file, source);
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('SOCK_')),
  );
  const output = await command(process.execPath, [file], { cwd: project, env, timeout: 900_000 });
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

/**
 * Counts what the contract, or the smoke test, says of the tarballs in a folder.
 * @param options.smoke for an emulator that translates too little for the contract
 */
export async function testTarballs(folder, tally, { smoke = false } = {}) {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'sock-contract-')));
  try {
    await install(folder, project);
    const lines = await results(project, smoke ? undefined : CONTRACT);
    for (const { name, detail, outcome } of lines) {
      if (outcome === 'failed') tally.add('failed', name, detail);
      else if (outcome === 'passed') tally.passed++;
    }
    const end = lines.at(-1) ?? {};
    if (smoke ? end.end !== true : end.totals === undefined) throw new Error('it ended too early');
    const { passed = 0, unsupported = 0, skipped = 0 } = end.totals ?? {};
    tally.passed += passed + unsupported;
    tally.skipped += skipped;
    const platform = `${process.platform} ${process.arch}, Node ${process.version}`;
    console.log(`${platform}: ${tally.passed} passed, of which ${unsupported} say unsupported`);
  } finally {
    rmSync(project, { recursive: true, force: true, maxRetries: 5 });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, ...flags] = process.argv.slice(2);
  if (folder === undefined || folder.startsWith('-')) {
    console.log(`usage: node tools/release/contract.mjs FOLDER [--smoke]

Installs @sock/native, the binary for this system, @sock/core and @sock/conformance from the tarballs in FOLDER, and
runs the contract. Ends with \`N passed, N failed, N skipped\`.
  --smoke  runs each part of the backend once instead, for an emulator that does not do the whole contract`);
    process.exit(folder === '--help' ? 0 : 2);
  }
  endWithThisProcess(() => {});
  const tally = new Tally();
  await testTarballs(folder, tally, { smoke: flags.includes('--smoke') });
  tally.finish();
}
