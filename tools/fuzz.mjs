/**
 * Fuzzes libsock's parsers, those of native/core/fuzz, with libFuzzer under AddressSanitizer and
 * UndefinedBehaviorSanitizer. Ends with `N passed, N failed, N skipped`, a test for each target.
 *
 *   npm run fuzz -- --runs 10000000
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { installPackages, root, ToolchainError, versions } from './wasi/toolchain.mjs';

const core = join(root, 'native/core');
const kept = join(root, '.cache/fuzz');
/** What one process does: libFuzzer keeps what it has seen in memory. */
const SLICE = 1_000_000;
const FLAGS = [
  '-std=c11',
  '-D_GNU_SOURCE',
  '-Wall',
  '-Wextra',
  '-Wpedantic',
  '-Wconversion',
  '-Werror',
  '-O1',
  '-g',
  '-fno-omit-frame-pointer',
  '-fsanitize=address,undefined,float-cast-overflow',
  '-fno-sanitize-recover=all',
  `-I${join(core, 'include')}`,
  `-I${join(core, 'src')}`,
];

const targets = readdirSync(join(core, 'fuzz'))
  .filter((name) => name.endsWith('_fuzz.c'))
  .map((name) => name.replace('_fuzz.c', ''));

function natural(text) {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('A whole number above 0.');
  return number;
}

const options = new Command('npm run fuzz --')
  .description("Fuzzes libsock's parsers of control messages, addresses and option values.")
  .option('--runs <count>', 'inputs for each target', natural, 1_000_000)
  .option('--seed <number>', 'of the first slice; each next one has the next', natural, 1)
  .addOption(new Option('--target <name>', 'only this one').choices(targets))
  .option('--keep', 'adds to the corpus what reaches something new, and drops what does not')
  .parse()
  .opts();

const work = mkdtempSync(join(tmpdir(), 'sock-fuzz-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/** Whether a compiler brings libFuzzer. */
function fuzzes(clang) {
  const source = join(work, 'probe.c');
  writeFileSync(
    source,
    '#include <stdint.h>\n#include <stddef.h>\nint LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return data && size ? 0 : 0; }\n',
  );
  const args = ['-fsanitize=fuzzer,address,undefined', source, '-o', join(work, 'probe')];
  return spawnSync(clang, args, { stdio: 'ignore' }).status === 0;
}

/** A clang with libFuzzer, installed when it is not there and may be; else undefined. */
function compiler() {
  const debian = `clang-${versions.clang}`;
  const names = [process.env.FUZZ_CC, debian, 'clang'].filter((name) => name);
  const found = names.find(fuzzes);
  if (found !== undefined) return found;
  const packages = [debian, `libclang-rt-${versions.clang}-dev`];
  console.log(`fuzz: installing ${packages.join(', ')} (apt-get)`);
  try {
    return installPackages(packages) && fuzzes(debian) ? debian : undefined;
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    console.error(error.message);
    return undefined;
  }
}

function compile(clang, args) {
  const { status } = spawnSync(clang, [...FLAGS, ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${clang} ${args.join(' ')} failed`);
}

function build(clang) {
  const sources = readdirSync(join(core, 'src')).filter((name) => name.endsWith('.c'));
  const objects = sources.map((name) => {
    const object = join(work, `${name}.o`);
    compile(clang, ['-fsanitize=fuzzer-no-link', '-c', join(core, 'src', name), '-o', object]);
    return object;
  });
  for (const target of targets) {
    const source = join(core, 'fuzz', `${target}_fuzz.c`);
    compile(clang, ['-fsanitize=fuzzer', source, ...objects, '-o', join(work, target)]);
  }
}

/** Runs a target; its status, and how many inputs it says that it ran. */
function run(target, args) {
  return new Promise((resolve, reject) => {
    // The input that fails is kept where it outlives the run.
    const child = spawn(
      join(work, target),
      [...args, '-max_len=512', `-artifact_prefix=${join(kept, `${target}-`)}`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let log = '';
    child.stderr.on('data', (chunk) => {
      log = `${log}${chunk}`.slice(-16_384);
    });
    child.on('error', reject);
    child.on('close', (status) => {
      const ran = Number(/^Done (\d+) runs/m.exec(log)?.[1] ?? 0);
      if (status !== 0) console.error(log);
      resolve({ status, ran });
    });
  });
}

const corpusOf = (target) => join(core, 'fuzz/corpus', target);

async function fuzz(target) {
  const found = join(work, `${target}.corpus`);
  mkdirSync(found);
  let total = 0;
  for (let slice = 0; total < options.runs; slice++) {
    const count = Math.min(SLICE, options.runs - total);
    const seed = options.seed + slice;
    const { status, ran } = await run(target, [
      `-runs=${count}`,
      `-seed=${seed}`,
      found,
      corpusOf(target),
    ]);
    total += ran;
    if (status !== 0 || ran < count) {
      console.log(`${target}: failed in the slice of --seed ${seed}; the input is in ${kept}`);
      return false;
    }
    console.log(`${target}: ${total.toLocaleString('en')} inputs, clean`);
  }
  if (options.keep) await keep(target, found);
  return true;
}

async function keep(target, found) {
  const merged = join(work, `${target}.merged`);
  mkdirSync(merged);
  const { status } = await run(target, ['-set_cover_merge=1', merged, corpusOf(target), found]);
  if (status !== 0) throw new Error(`the corpus of ${target} could not be merged`);
  rmSync(corpusOf(target), { recursive: true, force: true });
  renameSync(merged, corpusOf(target));
  console.log(`${target}: ${readdirSync(corpusOf(target)).length} inputs kept`);
}

const chosen = options.target === undefined ? targets : [options.target];
const clang = compiler();
if (clang === undefined) {
  console.log(
    `skipped: there is no clang with libFuzzer (FUZZ_CC, clang-${versions.clang} or clang), and it could not be installed`,
  );
  console.log(`0 passed, 0 failed, ${chosen.length} skipped`);
} else {
  mkdirSync(kept, { recursive: true });
  for (const target of chosen) mkdirSync(corpusOf(target), { recursive: true });
  build(clang);
  let failed = 0;
  for (const target of chosen) if (!(await fuzz(target))) failed += 1;
  console.log(`${chosen.length - failed} passed, ${failed} failed, 0 skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}
