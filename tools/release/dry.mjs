/**
 * Does what a release does, up to the registry: builds, packs, checks, tests, publishes into a registry of its own, and
 * installs from it where users do. \`npm run release:dry -- --help\` describes it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from '../run.mjs';
import { Tally } from '../tally.mjs';
import { table } from '../terminal.mjs';
import { command, endWithThisProcess } from './command.mjs';
import { consume, consumers } from './consumers.mjs';
import { testTarballs } from './contract.mjs';
import { npm } from './npm.mjs';
import { packAll, targets } from './pack.mjs';
import { obstacles, publishingOrder, tarballsIn } from './publish.mjs';
import { startRegistry } from './registry.mjs';
import { HEAD, measure, pageOf, rowsOf } from './sizes.mjs';
import { checkWithoutAddon, names as withoutAddon } from './without-addon.mjs';

const { values: options } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    all: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
  },
});
if (options.help) {
  console.log(`usage: npm run release:dry -- [--all] [--rounds N] [--write]

Does everything that a release does, except that the registry is verdaccio on the loopback interface and goes away
at the end: builds and packs every package, checks the tarballs, runs the contract on the packed binary, publishes
in order, and installs in empty projects with scripts off and no compiler on PATH. In each project a program sends
over TCP and UDP, as an ES module and as CommonJS: on Node, Bun and Deno. It compares the install with those of
better-sqlite3 and sharp. Ends with \`N passed, N failed, N skipped\`.

  --all       builds the binaries of all platforms, not only of Linux x64. The others are else published without
              a binary, so that package managers have the same choice to make
  --rounds N  installs so often for the comparison; default 3
  --write     writes docs/install-cost.md from the comparison`);
  process.exit(0);
}
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${options.rounds}`);

const work = mkdtempSync(join(tmpdir(), 'sock-release-'));
endWithThisProcess(() => rmSync(work, { recursive: true, force: true, maxRetries: 3 }));

const tally = new Tally();
const began = Date.now();
const say = (text) => console.log(`--- ${((Date.now() - began) / 1000).toFixed(0)} s: ${text}`);
/** Runs one test that passes unless it throws. */
async function attempt(name, run) {
  try {
    await run();
    tally.check(name, true);
    return true;
  } catch (error) {
    tally.check(name, false, error.message);
    return false;
  }
}

const NATIVE = '@sock/native';
const tarballs = join(work, 'tarballs');

/** Packs what npm would install elsewhere: the manifest of a target's package, without the binary. */
async function packWithoutBinary(name, version) {
  const { os, cpu, libc } = targets.find((target) => name === `${NATIVE}-${target.name}`);
  const folder = join(work, 'without-binary', basename(name));
  mkdirSync(folder, { recursive: true });
  const only = { os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, ...only }));
  await command(...npm('pack', '--silent', '--pack-destination', tarballs), { cwd: folder });
}

say('starting a registry');
const registry = await startRegistry(join(work, 'registry'));
const names = targets
  .map(({ name }) => name)
  .filter((name) => options.all || name.startsWith('linux-x64-'));
await packAll({ tally, out: tarballs, work, names, say });
const packed = tarballsIn(tarballs);
const native = packed.find(({ manifest }) => manifest.name === NATIVE).manifest;
for (const [name, version] of Object.entries(native.optionalDependencies ?? {})) {
  const there = packed.some(({ manifest }) => manifest.name === name);
  if (name.startsWith(`${NATIVE}-`) && !there) await packWithoutBinary(name, version);
}
const complete = tarballsIn(tarballs);
say('testing before anything is published');
await attempt('the contract with the packed binary', () => testTarballs(tarballs, tally));

registry.use(tarballs);
const publisher = fileURLToPath(new URL('publish.mjs', import.meta.url));
// Only a workflow on a hosted runner can sign where a package comes from.
const publish = () =>
  command(process.execPath, [publisher, tarballs, '--provenance=false'], { echo: true });
const lacking = complete.filter(({ manifest }) => manifest.name !== '@sock/core');
tally.check('a set that lacks a package is refused', obstacles(lacking).length > 0);
const order = publishingOrder(complete).map(({ manifest }) => manifest.name);
const binaries = order.filter((name) => name.startsWith(`${NATIVE}-`));
tally.check(
  'binaries are published before what needs them',
  binaries.length > 0 && binaries.every((name) => order.indexOf(name) < order.indexOf(NATIVE)),
);
if (tally.failed > 0) say('a release would end here; the dry run goes on, to say more');
say('publishing');
const published = await attempt('every package is published', publish);
if (published) {
  await attempt('publishing again leaves out what is there', async () => {
    const lines = (await publish()).trim().split('\n');
    const others = lines.filter((line) => !line.endsWith('published before'));
    if (others.length > 0) throw new Error(others.join('\n'));
  });
  const packages = Object.fromEntries(
    complete
      .filter(({ manifest }) => ['@sock/native', '@sock/auto', '@sock/std'].includes(manifest.name))
      .map(({ manifest }) => [manifest.name, manifest.version]),
  );
  say('installing and running, with scripts off and no compiler on PATH');
  for (const [index, consumer] of consumers.entries()) {
    if (consumer.isPossible === false) {
      tally.add('skipped', consumer.name, 'it cannot be had on this machine');
      continue;
    }
    try {
      await consume(consumer, join(work, `consumer-${index}`), { ...registry, packages, tally });
    } catch (error) {
      tally.add('failed', consumer.name, error.message);
    }
  }
  const specs = complete
    .filter(({ manifest }) => withoutAddon.includes(manifest.name))
    .map(({ manifest }) => `${manifest.name}@${manifest.version}`);
  await checkWithoutAddon(tally, join(work, 'without-addon'), specs, registry.use);
  say('measuring installs');
  const { version } = native;
  const measured = await measure(join(work, 'sizes'), { ...registry, version, rounds });
  const aligns = ['left', 'right', 'right', 'right', 'right', 'right', 'left'];
  console.log(table(HEAD, rowsOf(measured), aligns));
  if (options.write) writeFileSync(join(root, 'docs/install-cost.md'), pageOf(measured));
}
say('done');
tally.finish();
// The registry still runs.
process.exit();
