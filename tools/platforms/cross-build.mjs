/**
 * Makes the addon's binary for every target from one machine, in build/platforms/TARGET/sock.node, and
 * with its symbols beside it. Prints for each its size and what it needs of its system; fails when it needs
 * what it should not. packages.mjs makes npm packages of the binaries.
 *
 *   node tools/platforms/cross-build.mjs [TARGET...]   all of targets.json, or these
 *   node tools/platforms/cross-build.mjs --twice ...   a second time elsewhere: the bytes have to be the same
 *   node tools/platforms/cross-build.mjs --syntax ...  compiles only, no binary
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root, versions } from '../run.mjs';
import { table } from '../terminal.mjs';
import { unexpected } from './imports.mjs';
import { thunks } from './thunks.mjs';
import { symbolsOf, zig } from './zig.mjs';

const nativeRequire = createRequire(join(root, 'packages/native/package.json'));
/** What a binary is made of, seen from the root of the repository. */
const sources = ['native/core/include', 'native/core/src', 'native/addon', 'tools/platforms'];

/** Every target that binaries are made for: the one list of them. */
export const targets = JSON.parse(readFileSync(new URL('targets.json', import.meta.url), 'utf8'));

const list = (folder, ext) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ext))
    .sort()
    .map((name) => join(folder, name));
const cSources = (from) =>
  list(join(from, 'native/core/src'), '.c').filter((file) => !basename(file).startsWith('wasi'));
const cxxSources = (from) => [
  ...list(join(from, 'native/addon'), '.cc'),
  join(from, 'tools/platforms/cxx_runtime.cc'),
];

const warnings = ['-Wall', '-Wextra', '-Werror'];
/** What libsock's own tests ask for too: native/core/test/run.sh. */
const cWarnings = [...warnings, '-Wpedantic', '-Wconversion'];
const common = [
  '-O2',
  '-fPIC',
  '-g',
  '-fvisibility=hidden',
  '-fstack-protector-strong',
  '-ffunction-sections',
  '-fdata-sections',
  '-DNDEBUG',
  `-ffile-prefix-map=${root}=`,
];
const cFlags = ['-std=c11', '-D_GNU_SOURCE', ...cWarnings, ...common];
const cxxFlags = [
  '-std=c++17',
  '-DNAPI_VERSION=8',
  '-DNODE_ADDON_API_DISABLE_DEPRECATED',
  '-DNAPI_DISABLE_CPP_EXCEPTIONS',
  '-fno-exceptions',
  '-fno-rtti',
  // They are ours alone, and not for whoever else has been loaded.
  '-fvisibility-global-new-delete=force-hidden',
  ...warnings,
  ...common,
  '-isystem',
  dirname(nativeRequire.resolve('node-addon-api/package.json')),
  '-isystem',
  nativeRequire('node-api-headers').include_dir,
];
const systemFlags = {
  linux: ['-D_FORTIFY_SOURCE=2'],
  // The functions are ours (thunks.mjs), not imported.
  win32: ['-DNAPI_EXTERN='],
};
const elfFlags = [
  '-Wl,-z,now',
  '-Wl,--gc-sections',
  `-Wl,--version-script=${fileURLToPath(new URL('exports.map', import.meta.url))}`,
];
/** Of systems whose files are not ELF. */
const linkFlags = {
  // Its own name is where it was linked otherwise.
  darwin: ['-undefined', 'dynamic_lookup', '-Wl,-dead_strip', '-Wl,-install_name,@rpath/sock.node'],
  win32: ['-Wl,--gc-sections', '-lws2_32', '-liphlpapi', '-lntdll'],
};

/** Runs the tasks, as many at a time as there are processors. */
async function parallel(tasks) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < tasks.length) {
      const index = next++;
      results[index] = await tasks[index]();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

async function compile(target, source, folder, from) {
  const isC = source.endsWith('.c');
  const object = join(folder, `${basename(source)}.o`);
  const flags = [
    ...(isC ? cFlags : cxxFlags),
    ...(systemFlags[target.os] ?? []),
    // The same bytes wherever the sources are.
    `-ffile-prefix-map=${from}=`,
    '-I',
    join(from, 'native/core/include'),
  ];
  // Flags of recvmmsg and sendmmsg are unsigned in musl, and int in the manual.
  if (target.libc === 'musl') flags.push('-Wno-sign-conversion');
  await zig(isC ? 'cc' : 'c++', '-target', target.zig, ...flags, '-c', source, '-o', object);
  return object;
}

/** The functions of Node-API that the objects refer to. */
function runtimeFunctions(objects) {
  const names = new Set();
  for (const object of objects) {
    for (const [name] of readFileSync(object, 'latin1').matchAll(
      /\b(?:napi|node_api)_[a-z0-9_]+/g,
    )) {
      names.add(name);
    }
  }
  const known = new Set(
    ['js_native_api_symbols', 'node_api_symbols'].flatMap(
      (list) => nativeRequire('node-api-headers').symbols.v8[list],
    ),
  );
  return [...names].filter((name) => known.has(name)).sort();
}

/** Compiles libsock for a target and links nothing. */
async function checkSyntax(target) {
  const folder = mkdtempSync(join(tmpdir(), 'sock-syntax-'));
  try {
    await parallel(cSources(root).map((source) => () => compile(target, source, folder, root)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A number for all that a target's binary is made of: sources, flags, headers and compiler. */
function inputsOf(target) {
  const hash = createHash('sha256');
  const version = (name) => nativeRequire(`${name}/package.json`).version;
  const headers = ['node-addon-api', 'node-api-headers'].map((name) => `${name} ${version(name)}`);
  hash.update(JSON.stringify([target, versions.wheels.ziglang, headers]));
  for (const folder of sources) {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const file = join(root, folder, name);
      const isInput =
        folder.startsWith('native') || /^(?:cross-build|thunks|cxx_|exports)/.test(name);
      if (!isInput || !statSync(file).isFile()) continue;
      hash.update(`\0${folder}/${name}\0`).update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}

/**
 * Compiles and links a target's binary.
 * @param folder becomes the folder of the result; what it holds is removed
 * @param from the folder of the sources, laid out as the repository is
 * @returns the path of the stripped binary
 */
async function build(target, folder, from = root) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'objects'), { recursive: true });
  const inputs = inputsOf(target);
  const objects = await parallel(
    [...cxxSources(from), ...cSources(from)].map(
      (source) => () => compile(target, source, join(folder, 'objects'), from),
    ),
  );
  if (target.os === 'win32') {
    const source = join(folder, 'objects/thunks.c');
    writeFileSync(source, thunks(runtimeFunctions(objects), target.cpu));
    const object = `${source}.o`;
    await zig(
      'cc',
      '-target',
      target.zig,
      '-O2',
      '-g',
      `-ffile-prefix-map=${folder}=`,
      '-c',
      source,
      '-o',
      object,
    );
    objects.push(object);
  }
  const link = (file, ...flags) =>
    zig(
      'cc',
      '-target',
      target.zig,
      '-shared',
      '-O2',
      ...flags,
      ...objects,
      // A debugger knows by the number which symbols belong to which binary.
      ...(linkFlags[target.os] ?? [...elfFlags, `-Wl,--build-id=0x${inputs.slice(0, 40)}`]),
      '-o',
      join(folder, file),
    );
  await link('sock.symbols.node', '-g');
  await link('sock.node', '-s');
  rmSync(join(folder, 'objects'), { recursive: true });
  writeFileSync(join(folder, 'inputs'), inputs);
  return join(folder, 'sock.node');
}

/**
 * The binary of a target, from build/platforms/ if its inputs have not changed since, or else built.
 * @returns the path of the stripped binary
 */
export async function binaryOf(target) {
  const folder = join(root, 'build/platforms', target.name);
  const record = join(folder, 'inputs');
  const isCurrent = existsSync(record) && readFileSync(record, 'utf8') === inputsOf(target);
  return isCurrent ? join(folder, 'sock.node') : build(target, folder);
}

/**
 * Builds a target's binary once more, from a copy of the sources in another place.
 * @returns the path of the stripped binary, in a folder that the caller removes
 */
export async function binaryElsewhere(target) {
  const folder = mkdtempSync(join(tmpdir(), 'sock-elsewhere-'));
  for (const part of sources)
    cpSync(join(root, part), join(folder, 'copy', part), { recursive: true });
  return build(target, join(folder, 'built'), join(folder, 'copy'));
}

/** SHA-256 of a file, in hexadecimal. */
export const digest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/**
 * Whether the file of symbols beside a binary has the same instructions at the same addresses. On Windows they
 * differ: with symbols the linker keeps functions that nobody calls.
 */
export async function symbolsFit(binary) {
  const [one, other] = await Promise.all([
    symbolsOf(binary),
    symbolsOf(join(dirname(binary), 'sock.symbols.node')),
  ]);
  return one.code === other.code;
}

/**
 * What a target's binary needs of its system.
 * @returns `needs`, such as `GLIBC 2.17`; `libraries`; `problems`, what it needs or exports and must not
 */
export async function requirementsOf(target, file) {
  const { needs, libraries, ...symbols } = await symbolsOf(file);
  const strange = unexpected(target, { ...symbols, libraries });
  return {
    needs: Object.entries(needs)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    libraries,
    problems: strange.map((what) => `${target.name} needs ${what}`),
  };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      twice: { type: 'boolean', default: false },
      syntax: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(`usage: node tools/platforms/cross-build.mjs [--twice | --syntax] [TARGET...]

Compiles the addon for each target, and links build/platforms/TARGET/sock.node.
  --twice   builds it once more, in another folder: fails unless the bytes are the same
  --syntax  compiles libsock alone, with every warning an error
Targets: ${targets.map(({ name }) => name).join(', ')}`);
    return;
  }
  const unknown = positionals.filter((name) => !targets.some((target) => target.name === name));
  if (unknown.length > 0) throw new Error(`no such target: ${unknown.join(', ')}`);
  const chosen = targets.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  const rows = [];
  const problems = [];
  for (const target of chosen) {
    const started = Date.now();
    console.log(`${target.name}: ${values.syntax ? 'checking' : 'building'} for ${target.zig}`);
    try {
      const seconds = () => ((Date.now() - started) / 1000).toFixed(0);
      if (values.syntax) {
        await checkSyntax(target);
        rows.push([target.name, 'compiles without a warning', '', `${seconds()} s`]);
        continue;
      }
      const file = await build(target, join(root, 'build/platforms', target.name));
      const { needs, libraries, problems: strange } = await requirementsOf(target, file);
      problems.push(...strange);
      if (values.twice) {
        const again = await binaryElsewhere(target);
        if (digest(again) !== digest(file))
          problems.push(`${target.name}: other bytes the second time`);
        rmSync(dirname(dirname(again)), { recursive: true });
      }
      rows.push([
        target.name,
        String(statSync(file).size),
        needs || libraries.join(', '),
        `${seconds()} s${values.twice ? ', twice' : ''}`,
      ]);
    } catch (error) {
      problems.push(`${target.name}: ${error.message}`);
      console.error(`${target.name}: ${error.message}`);
    }
  }
  console.log(table(['target', 'bytes', 'needs', 'time'], rows));
  for (const problem of problems) console.error(`FAILED ${problem}`);
  console.log(`${rows.length} passed, ${problems.length} failed, 0 skipped`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
