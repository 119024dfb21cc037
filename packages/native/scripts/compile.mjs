/**
 * Compiles libsock and the addon into one file. Needs a C and a C++ compiler and nothing else: the addon is the same
 * for every version of Node. `CC`, `CXX`, `CFLAGS`, `CXXFLAGS` and `LDFLAGS` mean what they mean to make.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const packageRoot = fileURLToPath(new URL('..', import.meta.url));

/** A problem of the machine or of the compiler: the user sees its message without a stack. */
export class BuildError extends Error {}

/** The folder of the sources, and those of the headers: in the repository, or in the package. */
function sources() {
  const isSource = (folder) => existsSync(join(folder, 'core/include/sock.h'));
  const native = join(packageRoot, '../../native');
  if (isSource(native)) {
    const require = createRequire(import.meta.url);
    const wrapper = dirname(require.resolve('node-addon-api/package.json'));
    return { native, headers: [wrapper, require('node-api-headers').include_dir] };
  }
  const packed = join(packageRoot, 'native');
  if (!isSource(packed)) throw new BuildError(`the sources of libsock are not in ${packed}`);
  return { native: packed, headers: [join(packed, 'node-api')] };
}

/** Splits a variable such as `CC="gcc -m64"` into words, as a shell does. Quotes keep spaces. */
export function words(text) {
  return (text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  );
}

/** The words of a compiler's variable. A path with spaces is one word if that file exists. */
function compiler(variable, otherwise) {
  const value = process.env[variable]?.trim();
  if (value === undefined || value === '') return [otherwise];
  return existsSync(value) ? [value] : words(value);
}

const flagsFrom = (variable) => words(process.env[variable] ?? '');

async function tool([command, ...first], args) {
  try {
    const { stderr } = await run(command, [...first, ...args], { maxBuffer: 1 << 24 });
    if (stderr !== '') process.stderr.write(stderr);
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EACCES') {
      throw new BuildError(
        `the compiler ${command} is not installed. Compiling @sock/native needs a C and a C++ compiler: ` +
          'on Debian and Ubuntu `apt-get install g++`, on Alpine `apk add g++`, on Fedora `dnf install gcc-c++`, ' +
          'on macOS `xcode-select --install`. The variables CC and CXX name others.',
      );
    }
    throw new BuildError(error.stderr || error.message);
  }
}

const list = (folder, ext) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ext))
    .map((name) => join(folder, name));

/**
 * Compiles the addon.
 * @param file becomes the addon
 * @param options.sanitize with AddressSanitizer and UndefinedBehaviorSanitizer
 * @param options.strict warnings are errors, and the linker optimizes: what the repository's own build wants, and what
 *   compilers that nobody has tried may not survive
 * @throws {BuildError} when there is no compiler, or it fails
 */
export async function compile(file, { sanitize = false, strict = false } = {}) {
  if (process.platform === 'win32') {
    throw new BuildError(
      'compiling on Windows is not supported: the binaries for Windows are packages, such as @sock/native-win32-x64',
    );
  }
  const { native, headers } = sources();
  const CC = compiler('CC', 'cc');
  const CXX = compiler('CXX', 'c++');
  const optimized = ['-O2', ...(strict ? ['-flto'] : []), '-fno-plt'];
  const sanitizers = '-fsanitize=address,undefined';
  const common = [
    '-fPIC',
    '-fvisibility=hidden',
    ...(strict ? ['-Wall', '-Wextra', '-Werror'] : []),
    ...(sanitize
      ? ['-O1', '-g', '-fno-omit-frame-pointer', sanitizers, '-fno-sanitize-recover=undefined']
      : [
          ...optimized,
          '-DNDEBUG',
          '-fstack-protector-strong',
          // Some distributions' compilers define it already, and warn of another value.
          '-U_FORTIFY_SOURCE',
          '-D_FORTIFY_SOURCE=2',
        ]),
    '-I',
    join(native, 'core/include'),
    // Warnings in other projects' headers are not ours to fix.
    ...headers.flatMap((folder) => ['-isystem', folder]),
  ];
  const c = [...CC, '-std=c11', '-D_GNU_SOURCE', ...common, ...flagsFrom('CFLAGS')];
  const cxx = [
    ...CXX,
    '-std=c++17',
    '-DNAPI_VERSION=8',
    '-DNODE_ADDON_API_DISABLE_DEPRECATED',
    '-DNAPI_DISABLE_CPP_EXCEPTIONS',
    '-fno-exceptions',
    '-fno-rtti',
    ...common,
    ...flagsFrom('CXXFLAGS'),
  ];
  const link = [
    ...CXX,
    '-shared',
    ...(process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-Wl,-z,now']),
    ...(sanitize
      ? [sanitizers]
      : [...optimized, ...(strict || process.platform === 'darwin' ? [] : ['-s'])]),
    ...flagsFrom('LDFLAGS'),
  ];
  mkdirSync(dirname(file), { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'sock-build-'));
  try {
    const queue = [
      ...list(join(native, 'addon'), '.cc'),
      // The compiler of WASI compiles the others.
      ...list(join(native, 'core/src'), '.c').filter((name) => !basename(name).startsWith('wasi')),
    ];
    const objects = [];
    await Promise.all(
      Array.from({ length: availableParallelism() }, async () => {
        for (let source = queue.shift(); source !== undefined; source = queue.shift()) {
          const object = join(work, `${basename(source)}.o`);
          const command = source.endsWith('.c') ? c : cxx;
          await tool(command, ['-c', source, '-o', object]);
          objects.push(object);
        }
      }),
    );
    // Written under another name first: a running process may have mapped the old file.
    await tool(link, [...objects.sort(), '-o', `${file}.new`]);
    renameSync(`${file}.new`, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
