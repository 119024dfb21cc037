/**
 * Fuzzes libsock's parsers, the targets in native/core/fuzz, with libFuzzer under AddressSanitizer and
 * UndefinedBehaviorSanitizer. Ends with `N passed, N failed, N skipped`; each target is one test.
 *
 *   npm run fuzz -- --runs 10000000
 */
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command, InvalidArgumentError, Option } from 'commander';
import { installPackages, root, run, versions } from './run.mjs';
import { Tally } from './tally.mjs';

const execute = promisify(execFile);
const core = join(root, 'native/core');
const kept = join(root, '.cache/fuzz');
/** The inputs that one process tries. A longer run would fill the memory: libFuzzer remembers what it saw. */
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
  .option(
    '--seed <number>',
    'seed of the first million inputs; the next million has the next',
    natural,
    1,
  )
  .addOption(new Option('--target <name>', 'fuzzes only this one').choices(targets))
  .option('--keep', 'keeps in the corpus the smallest set of inputs that reaches all the code')
  .parse()
  .opts();

const work = mkdtempSync(join(tmpdir(), 'sock-fuzz-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/** Whether a compiler has libFuzzer. */
function canFuzz(clang) {
  const probe =
    'int LLVMFuzzerTestOneInput(const char *data, unsigned long size) { return !data + !size; }';
  const flags = ['-fsanitize=fuzzer,address,undefined', '-xc', '-', '-o', join(work, 'probe')];
  return spawnSync(clang, flags, { input: probe }).status === 0;
}

/** A clang with libFuzzer, which is installed if possible; undefined if there is none. */
function compiler() {
  const debian = `clang-${versions.clang}`;
  const found = [process.env.FUZZ_CC, debian, 'clang'].find((name) => name && canFuzz(name));
  if (found !== undefined) return found;
  try {
    installPackages([debian, `libclang-rt-${versions.clang}-dev`]);
  } catch (error) {
    console.error(error.message);
  }
  return canFuzz(debian) ? debian : undefined;
}

function build(clang) {
  console.log(`compiling ${targets.join(', ')} with ${clang}`);
  const compile = (args) => run(clang, [...FLAGS, ...args], { stdio: 'inherit' });
  const sources = readdirSync(join(core, 'src')).filter((name) => name.endsWith('.c'));
  const objects = sources.map((name) => {
    const object = join(work, `${name}.o`);
    compile(['-fsanitize=fuzzer-no-link', '-c', join(core, 'src', name), '-o', object]);
    return object;
  });
  for (const target of targets) {
    const source = join(core, 'fuzz', `${target}_fuzz.c`);
    compile(['-fsanitize=fuzzer', source, ...objects, '-o', join(work, target)]);
  }
}

/** Runs a target; resolves to whether it ended well, and how many inputs it ran. */
async function runTarget(target, args) {
  // An input that fails is kept in a folder that outlives the run.
  const where = `-artifact_prefix=${join(kept, `${target}-`)}`;
  const command = [join(work, target), [...args, '-max_len=512', where], { maxBuffer: 1 << 26 }];
  const { stderr, message } = await execute(...command).catch((error) => error);
  if (message !== undefined) console.error(stderr?.slice(-16_384) || message);
  const ran = Number(/^Done (\d+) runs/m.exec(stderr)?.[1] ?? 0);
  return { ok: message === undefined, ran };
}

const corpusOf = (target) => join(core, 'fuzz/corpus', target);

async function fuzz(target) {
  const found = join(work, `${target}.corpus`);
  mkdirSync(found);
  let total = 0;
  for (let seed = options.seed; total < options.runs; seed++) {
    const count = Math.min(SLICE, options.runs - total);
    const args = [`-runs=${count}`, `-seed=${seed}`, found, corpusOf(target)];
    const { ok, ran } = await runTarget(target, args);
    total += ran;
    if (!ok || ran < count) return `failed with --seed ${seed}; the input is in ${kept}`;
    console.log(`${target}: ${total.toLocaleString('en')} inputs, clean`);
  }
  if (options.keep) await keep(target, found);
  return '';
}

async function keep(target, found) {
  const merged = join(work, `${target}.merged`);
  mkdirSync(merged);
  const { ok } = await runTarget(target, ['-set_cover_merge=1', merged, corpusOf(target), found]);
  if (!ok) throw new Error(`the corpus of ${target} could not be merged`);
  rmSync(corpusOf(target), { recursive: true, force: true });
  cpSync(merged, corpusOf(target), { recursive: true });
  console.log(`${target}: ${readdirSync(corpusOf(target)).length} inputs kept`);
}

const chosen = options.target === undefined ? targets : [options.target];
const tally = new Tally();
const clang = compiler();
if (clang !== undefined) build(clang);
mkdirSync(kept, { recursive: true });
for (const target of chosen) {
  if (clang === undefined)
    tally.add('skipped', target, 'found no clang with libFuzzer (FUZZ_CC names one)');
  else {
    mkdirSync(corpusOf(target), { recursive: true });
    const problem = await fuzz(target);
    tally.check(target, problem === '', problem);
  }
}
tally.finish();
