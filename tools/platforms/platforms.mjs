/**
 * Builds the addon for every target, runs each where it can be run, and writes docs/platforms.md from what
 * came of it.
 *
 *   npm run platforms                    every cell, and the table
 *   npm run platforms -- win32-x64 26    only the cells of that target, and of them those versions; no table
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeProgram } from '../node-program.mjs';
import { root, versions } from '../run.mjs';
import { runtimeProgram } from '../runtime-program.mjs';
import { runContract } from './contract.mjs';
import { muslNode, needPrograms, npmPackage, wine } from './runtimes.mjs';
import { cache, symbolsOf, zig } from './zig.mjs';

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const cells = read('cells.json');
const targets = read('targets.json');
const explained = read('wine.json');
const addonOf = (target) => join(root, 'build/platforms', target, 'sock.node');

/** Which failures of the contract Winsock itself shows under this Wine, with nothing of ours between. */
async function probe(run) {
  const program = join(cache, 'winsock_probe.exe');
  const source = join(root, 'tools/platforms/winsock_probe.c');
  await zig(
    'cc',
    '-target',
    'x86_64-windows-gnu',
    '-O1',
    '-D_WINSOCK_DEPRECATED_NO_WARNINGS',
    source,
    '-lws2_32',
    '-o',
    program,
  );
  const [name, args, env] = run(program);
  const { stdout } = spawnSync(name, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 120_000,
  });
  const failed = new Set([...stdout.matchAll(/^(\S+) FAILED/gm)].map(([, question]) => question));
  if (!/^\S+ (?:ok|FAILED)/m.test(stdout)) throw new Error(`the probe said nothing: ${stdout}`);
  return failed;
}

/** How a cell's programs are run, and what fails in its emulator from C too. */
async function runner(cell, version) {
  const addon = addonOf(cell.target);
  if (cell.target === 'win32-x64') {
    const run = wine(root);
    const node = join(npmPackage(cell.package, version), 'bin/node.exe');
    const windowsPath = `Z:${addon.replaceAll('/', '\\')}`;
    const command = (...args) => {
      const [name, list, env] = run(node, ...args);
      return [name, list, { ...env, SOCK_ADDON: windowsPath }];
    };
    return { command, wrong: await probe(run) };
  }
  if (cell.qemu !== undefined) {
    const packages = ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'].map(
      (name) => `${name}-${cell.debian}-cross`,
    );
    if (!existsSync(cell.root))
      needPrograms([`qemu-${cell.qemu}-missing`], ['qemu-user', ...packages]);
    const node = join(npmPackage(cell.package, version), 'bin/node');
    return {
      command: (...args) => [
        `qemu-${cell.qemu}`,
        ['-L', cell.root, node, ...args],
        { SOCK_ADDON: addon },
      ],
    };
  }
  const [name, ...first] =
    cell.program !== undefined
      ? runtimeProgram(cell.program, version)
      : cell.target.endsWith('musl')
        ? muslNode(version)
        : [nodeProgram(version)];
  return { command: (...args) => [name, [...first, ...args], { SOCK_ADDON: addon }] };
}

/** The results of two programs. */
const added = (one, other) => ({
  version: other.version,
  ...Object.fromEntries(
    ['passed', 'unsupported', 'skipped', 'failed'].map((what) => [what, one[what] + other[what]]),
  ),
  failures: [...one.failures, ...other.failures],
});

/** Whether a case failed as it is known to, and the same call fails in C. Another failure of it is ours. */
function isExplained(wrong, name, detail) {
  const known = explained[name];
  if (known === undefined || !wrong.has(known.probe)) return false;
  // `matches` where the text has a number that was measured.
  return known.matches === undefined
    ? detail.startsWith(known.detail)
    : new RegExp(known.matches).test(detail);
}

/** Runs a cell; never throws. */
async function runCell(cell, version) {
  const label = `${cell.target}-${cell.runtime}-${version}`;
  const started = Date.now();
  console.log(`${label}: ${cell.smoke ? 'smoke' : 'contract'} on ${cell.by}`);
  try {
    const { command, wrong } = await runner(cell, version);
    const smoke = await runContract(command, { label, entry: 'smoke', log: console.log });
    const result = cell.smoke
      ? smoke
      : added(smoke, await runContract(command, { label, log: console.log }));
    const theirs = result.failures.filter(
      ({ name, detail }) => wrong !== undefined && isExplained(wrong, name, detail),
    );
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    const failed = result.failed - theirs.length;
    for (const one of result.failures.filter((failure) => !theirs.includes(failure))) {
      console.log(`${label}: ours: ${one.name}: ${one.stack ?? one.detail}`);
    }
    console.log(
      `${label}: ${result.passed} passed, ${failed} failed, ${theirs.length} failed from C too, ${result.unsupported} unsupported, ${result.skipped} skipped (${seconds} s)`,
    );
    return { ...result, failed, theirs };
  } catch (error) {
    console.error(`${label}: ${error.message}`);
    return { broken: error.message.split('\n')[0] };
  }
}

const escaped = (text) => text.replaceAll('|', '\\|');

function rowOf({ cell, version, result }) {
  const start = `| ${cell.target} | ${cell.runtime} ${result?.version?.replace(/^v/, '') ?? version ?? ''} | ${cell.built}`;
  if (cell.not !== undefined) return `${start} | not run: ${escaped(cell.not)} | | | | |`;
  if (result.broken !== undefined)
    return `${start} | does not run: ${escaped(result.broken)} | | | | |`;
  const what = `${cell.smoke ? 'smoke' : 'contract and smoke'}, ${cell.by}`;
  return `${start} | ${what} | ${result.passed} | ${result.unsupported} | ${result.skipped} | ${result.failed}${result.theirs.length > 0 ? ` and ${result.theirs.length} from C too` : ''} |`;
}

async function built() {
  const lines = [];
  const sizes = new Map();
  for (const { name } of targets) {
    const file = addonOf(name);
    if (!existsSync(file)) {
      sizes.set(name, 'no');
      continue;
    }
    const { needs, libraries } = await symbolsOf(file);
    const size = statSync(file).size;
    sizes.set(name, 'yes');
    const need = Object.entries(needs).map(([what, version]) => `${what} ${version}`);
    lines.push(`| ${name} | ${size} | ${need.join(', ') || '-'} | ${libraries.join(', ')} |`);
  }
  return { lines, sizes };
}

function write(rows, lines) {
  const failures = rows.flatMap(({ cell, result }) =>
    (result?.theirs ?? []).map(({ name }) => `${cell.by}: ${name} (${explained[name].probe})`),
  );
  writeFileSync(
    join(root, 'docs/platforms.md'),
    `<!-- Made by \`npm run platforms\`, from what it built and ran. -->
# Platforms

One command builds the addon for all of these from Linux, and runs each where it can: \`npm run platforms\`.
\`contract\` is the whole suite of @sock/conformance; \`smoke\` is each part of the backend once, where an emulator
translates too little for more.

| target | runtime | builds | runs | passed | unsupported | skipped | failed |
|---|---|---|---|---|---|---|---|
${rows.map(rowOf).join('\n')}

## What fails under Wine from C too

\`tools/platforms/winsock_probe.c\` makes the same calls in C, with nothing of ours between, in the same run, and they
fail too; in brackets the question that it asks. A case counts here only when it fails with the text that is recorded
for it in \`wine.json\`. So libsock is not the cause. What a real Windows answers is not known from here: these
cases have not passed on any Windows, and some may fail there as well. That is so above all for sending with a TTL, a
type of service or a hop limit (\`send-...\`), for which no page of Microsoft's was found that says WSASendMsg takes them.

${[...new Set(failures)].map((line) => `- ${line}`).join('\n') || 'Nothing.'}

## Binaries

| target | bytes | needs | libraries |
|---|---|---|---|
${lines.join('\n')}
`,
  );
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean' }, 'no-build': { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(`usage: npm run platforms [-- [--no-build] [TARGET [VERSION...]]]

Builds the addon for every target (tools/platforms/targets.json) and runs the contract in every cell
(tools/platforms/cells.json). Without arguments it writes docs/platforms.md. Needs root on Debian for what it
installs: qemu-user, and Wine in a folder of its own. Takes half an hour, most of it once.
  --no-build   runs what build/platforms/ has`);
    return;
  }
  const [only, ...chosen] = positionals;
  if (only !== undefined && !targets.some(({ name }) => name === only)) {
    throw new Error(`no such target: ${only}`);
  }
  let failed = 0;
  if (!values['no-build']) {
    const args = ['tools/platforms/cross-build.mjs', ...(only === undefined ? [] : [only])];
    failed +=
      spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0 ? 0 : 1;
  }
  const { lines, sizes } = await built();
  const rows = [];
  let passed = 0;
  let skipped = 0;
  for (const cell of cells.filter(({ target }) => only === undefined || target === only)) {
    cell.built = sizes.get(cell.target);
    if (cell.not !== undefined) {
      rows.push({ cell });
      skipped++;
      continue;
    }
    for (const version of cell.versions ?? [versions.runtimes[cell.program]]) {
      if (chosen.length > 0 && !chosen.includes(version)) continue;
      const result = await runCell(cell, version);
      rows.push({ cell, version, result });
      if (result.broken === undefined && result.failed === 0) passed++;
      else failed++;
    }
  }
  if (only === undefined) write(rows, lines);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
