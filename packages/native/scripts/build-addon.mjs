/**
 * Compiles libsock and the addon into build/sock.node. Needs a C and a C++ compiler and nothing
 * else: the Node-API headers come from npm, and the addon is the same for every version of Node.
 *
 *   node scripts/build-addon.mjs              build/sock.node
 *   SOCK_SANITIZE=1 node scripts/...          build/sanitized/sock.node, under ASan and UBSan
 *   CC=clang CXX=clang++ node scripts/...     other compilers
 *
 * In the repository turbo runs it, and only when an input changed.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const packageRoot = fileURLToPath(new URL('..', import.meta.url));
const native = [join(packageRoot, '../../native'), join(packageRoot, 'native')].find((folder) =>
  existsSync(join(folder, 'core/include/sock.h')),
);
if (native === undefined) throw new Error('the sources of libsock are not where they should be');

const sanitize = process.env.SOCK_SANITIZE === '1';
const out = join(packageRoot, sanitize ? 'build/sanitized' : 'build');
const addon = join(out, 'sock.node');
const CC = process.env.CC ?? 'cc';
const CXX = process.env.CXX ?? 'c++';

const list = (folder, ext) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ext))
    .map((name) => join(folder, name));
// The compiler of WASI compiles these.
const cSources = list(join(native, 'core/src'), '.c').filter(
  (file) => !basename(file).startsWith('wasi'),
);
const cxxSources = list(join(native, 'addon'), '.cc');

const includes = [
  join(native, 'core/include'),
  dirname(require.resolve('node-addon-api/package.json')),
  require('node-api-headers').include_dir,
];
// Warnings in other projects' headers are not ours to fix.
const includeFlags = includes.flatMap((folder, i) => [i === 0 ? '-I' : '-isystem', folder]);
const flags = [
  '-fPIC',
  '-fvisibility=hidden',
  '-Wall',
  '-Wextra',
  '-Werror',
  ...(sanitize
    ? [
        '-O1',
        '-g',
        '-fno-omit-frame-pointer',
        '-fsanitize=address,undefined',
        '-fno-sanitize-recover=undefined',
      ]
    : ['-O2', '-flto', '-fno-plt', '-DNDEBUG', '-fstack-protector-strong', '-D_FORTIFY_SOURCE=2']),
];
const cFlags = ['-std=c11', '-D_GNU_SOURCE', ...flags];
const cxxFlags = [
  '-std=c++17',
  '-DNAPI_VERSION=8',
  '-DNODE_ADDON_API_DISABLE_DEPRECATED',
  '-DNAPI_DISABLE_CPP_EXCEPTIONS',
  '-fno-exceptions',
  '-fno-rtti',
  ...flags,
];
const linkFlags = [
  '-shared',
  ...(process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-Wl,-z,now']),
  ...(sanitize ? ['-fsanitize=address,undefined'] : ['-O2', '-flto', '-fno-plt']),
];

async function compile(source) {
  const isC = source.endsWith('.c');
  const object = join(out, `${basename(source)}.o`);
  await tool(isC ? CC : CXX, [
    ...(isC ? cFlags : cxxFlags),
    ...includeFlags,
    '-c',
    source,
    '-o',
    object,
  ]);
  return object;
}

async function tool(command, args) {
  try {
    const { stderr } = await run(command, args, { maxBuffer: 1 << 24 });
    if (stderr !== '') process.stderr.write(stderr);
  } catch (error) {
    if (error.code === 'ENOENT') {
      console.error(
        `${command} is not installed. Building @sock/native needs a C and a C++ compiler: ` +
          'on Debian `apt-get install g++`, on macOS `xcode-select --install`.',
      );
    } else {
      console.error(error.stderr || error.message);
    }
    process.exit(1);
  }
}

mkdirSync(out, { recursive: true });
console.log(`compiling @sock/native${sanitize ? ' with sanitizers' : ''} (${CC}, ${CXX})`);
const queue = [...cxxSources, ...cSources];
const objects = [];
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let source = queue.shift(); source !== undefined; source = queue.shift()) {
      objects.push(await compile(source));
    }
  }),
);
// Written under another name first: a running process may have mapped the old file.
await tool(CXX, [...linkFlags, ...objects, '-o', `${addon}.new`]);
renameSync(`${addon}.new`, addon);
