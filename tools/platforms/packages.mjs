/**
 * Makes the npm packages of the binaries, such as @sock/native-linux-x64-gnu: a folder and a tarball for each
 * target. Prints the paths of the tarballs on stdout, and everything else on stderr.
 *
 *   node tools/platforms/packages.mjs [--out DIR] [TARGET...]
 *   node tools/platforms/packages.mjs --verify ...   builds and packs twice: the bytes have to be the same
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root, run } from '../run.mjs';
import { table } from '../terminal.mjs';
import {
  binaryElsewhere,
  binaryOf,
  digest,
  requirementsOf,
  symbolsFit,
  targets,
} from './cross-build.mjs';

const published = targets.filter(({ extra }) => extra !== true);
const native = JSON.parse(readFileSync(join(root, 'packages/native/package.json'), 'utf8'));
/** Fields that each package has from @sock/native. */
const shared = [
  'version',
  'license',
  'author',
  'repository',
  'homepage',
  'bugs',
  'keywords',
  'engines',
  'publishConfig',
];

const SYSTEMS = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' };
const LIBRARIES = { glibc: ' with glibc', musl: ' with musl' };

/** A target in words, such as `Linux x64 with musl`. */
const inWords = ({ os, cpu, libc }) => `${SYSTEMS[os]} ${cpu}${LIBRARIES[libc] ?? ''}`;

/** The package.json of a target's package. */
export function manifestOf(target) {
  return {
    name: `${native.name}-${target.name}`,
    description: `The binary of ${native.name} for ${inWords(target)}.`,
    ...Object.fromEntries(shared.filter((key) => key in native).map((key) => [key, native[key]])),
    os: [target.os],
    cpu: [target.cpu],
    ...(target.libc === undefined ? {} : { libc: [target.libc] }),
    main: 'sock.node',
    files: ['sock.node'],
    // Yarn keeps packages in archives otherwise, and no system loads a library from one.
    preferUnplugged: true,
  };
}

const readmeOf = (target, needs) => `# ${native.name}-${target.name}

The binary of \`${native.name}\` for ${inWords(target)}${needs === '' ? '' : `; it needs ${needs} or later`}.

${native.name} depends on it, and npm installs it where it fits. Nobody needs to install it by hand, except where npm
left it out: \`npm install ${native.name}-${target.name}@${native.version}\`.
`;

/** Writes a package's folder, packs it, and returns the tarball's path. */
function pack(target, binary, needs, out) {
  const folder = join(out, `native-${target.name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const write = (name, content) => writeFileSync(join(folder, name), content, { mode: 0o644 });
  write('package.json', `${JSON.stringify(manifestOf(target), null, 2)}\n`);
  write('README.md', readmeOf(target, needs));
  write('LICENSE', readFileSync(join(root, 'LICENSE')));
  write('sock.node', readFileSync(binary));
  // npm gives every file the same time, so the same files make the same tarball.
  const flags = ['--silent', '--ignore-scripts', '--pack-destination', out];
  const name = run('npm', ['pack', ...flags], { cwd: folder, shell: process.platform === 'win32' });
  return join(out, name.split('\n').at(-1));
}

/**
 * Copies the files that a debugger wants, which no tarball has. There are none for Windows: see `symbolsFit`.
 * @returns false when they do not fit the binary
 */
async function keepSymbols(target, binary, out) {
  const folder = join(out, 'symbols', target.name);
  rmSync(folder, { recursive: true, force: true });
  if (target.os === 'win32') return true;
  mkdirSync(folder, { recursive: true });
  cpSync(join(dirname(binary), 'sock.symbols.node'), join(folder, 'sock.symbols.node'));
  return symbolsFit(binary);
}

/** What differs when a package is made again in another place. */
async function differences(target, { binary, needs, tarball }) {
  const again = await binaryElsewhere(target);
  const elsewhere = mkdtempSync(join(tmpdir(), 'sock-packages-'));
  try {
    const pairs = [
      [binary, again],
      [tarball, pack(target, again, needs, elsewhere)],
    ];
    return pairs
      .filter(([one, other]) => digest(one) !== digest(other))
      .map(([one]) => `${target.name}: ${basename(one)} has other bytes the second time`);
  } finally {
    rmSync(elsewhere, { recursive: true });
    rmSync(dirname(dirname(again)), { recursive: true });
  }
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      out: { type: 'string', default: join(root, '.cache/platform-packages') },
      verify: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(`usage: node tools/platforms/packages.mjs [--out DIR] [--verify] [TARGET...]

Makes the npm package of each target's binary: DIR/native-TARGET/, and a tarball in DIR. The symbols are in
DIR/symbols/TARGET/. Prints the paths of the tarballs on stdout, one a line. A target whose inputs have not
changed is not built again.
  --out DIR  default: .cache/platform-packages
  --verify   builds and packs each a second time in another place: fails unless the bytes are the same.
             The last line of stdout is then \`N passed, N failed, 0 skipped\`.
Targets: ${published.map(({ name }) => name).join(', ')}`);
    return;
  }
  const unknown = positionals.filter((name) => !published.some((target) => target.name === name));
  if (unknown.length > 0) throw new Error(`no such target: ${unknown.join(', ')}`);
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  const rows = [];
  const problems = [];
  for (const target of published) {
    if (positionals.length > 0 && !positionals.includes(target.name)) continue;
    console.error(`${target.name}: building`);
    try {
      const binary = await binaryOf(target);
      const { needs, libraries, problems: strange } = await requirementsOf(target, binary);
      const tarball = pack(target, binary, needs, out);
      if (!(await keepSymbols(target, binary, out))) {
        strange.push(`${target.name}: the symbols are of another binary`);
      }
      console.log(tarball);
      if (values.verify) {
        console.error(`${target.name}: again, elsewhere`);
        strange.push(...(await differences(target, { binary, needs, tarball })));
      }
      problems.push(...strange);
      const size = (file) => String(statSync(file).size);
      rows.push([
        target.name,
        size(binary),
        size(tarball),
        needs || libraries.join(', '),
        digest(tarball).slice(0, 16),
      ]);
    } catch (error) {
      problems.push(`${target.name}: ${error.message}`);
    }
  }
  console.error(table(['target', 'binary, bytes', 'tarball, bytes', 'needs', 'SHA-256'], rows));
  for (const problem of problems) console.error(`FAILED ${problem}`);
  const failed = new Set(problems.map((problem) => problem.split(/[: ]/)[0])).size;
  if (values.verify) console.log(`${rows.length - failed} passed, ${failed} failed, 0 skipped`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
