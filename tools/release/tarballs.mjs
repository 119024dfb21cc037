/** Packs the packages, and says what a tarball holds that it must not. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { root, run } from '../run.mjs';
import { command } from './command.mjs';

/** The file name of a package's tarball. */
export const tarballName = (name) => `${name.replace('@', '').replace('/', '-')}.tgz`;

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));

/** The source of a file that the compiler wrote, without its extension. */
const stem = (file) => file.replace(/\.(?:d\.)?ts(?:\.map)?$|\.js(?:\.map)?$/, '');

/**
 * Removes what has no source any more from `dist`: neither the compiler nor turbo removes what an earlier
 * build left there, and it would be published.
 */
function removeStale(folder) {
  const [source, dist] = [join(folder, 'src'), join(folder, 'dist')];
  if (!existsSync(source) || !existsSync(dist)) return;
  const sources = new Set(filesIn(source).map(stem));
  for (const file of filesIn(dist)) {
    if (/\.(?:js|d\.ts)(?:\.map)?$/.test(file) && !sources.has(stem(file))) {
      rmSync(join(dist, file));
    }
  }
}

/** Removes what packing put into the folder of a package. */
const packing = new Set();
process.on('exit', () => {
  for (const clean of packing) clean();
});

/**
 * Packs a package of the workspace, with pnpm: it writes the versions of the workspace into the manifest. When it ends
 * half way, what the package's own script has put into the folder goes too.
 */
export async function pack(folder, tarball) {
  removeStale(folder);
  const before = new Set(readdirSync(folder));
  const clean = () => {
    for (const name of readdirSync(folder)) {
      if (!before.has(name)) rmSync(join(folder, name), { recursive: true, force: true });
    }
  };
  packing.add(clean);
  await command(join(root, 'node_modules/.bin/pnpm'), ['pack', '--out', tarball], { cwd: folder });
  packing.delete(clean);
}

/** Unpacks a tarball into a folder, without the folder `package` around it. */
export function unpack(tarball, folder) {
  mkdirSync(folder, { recursive: true });
  // By its name alone: one of the two programs that Windows has takes `C:` for a host.
  const args = ['-xzf', basename(tarball), '--strip-components=1', '-C', resolve(folder)];
  run('tar', args, { cwd: dirname(tarball) });
  return folder;
}

/** Names of files and folders that are of use in the repository only. */
const INSIDE = [
  [/\.(?:o|obj|a|lib|d|gcda|gcno|tsbuildinfo)$/, 'an object file, or a by-product of a build'],
  [
    /(?:^|\/)(?:tests?|fuzz|oracle|proof|fixtures|coverage|node_modules|\.[^/]+)(?:\/|$)/,
    'of use only here',
  ],
  [/\.(?:test|spec)\.[cm]?[jt]s$|_test\.(?:c|cc)$/, 'a test'],
  [/sanitize|vitest\.config|(?:^|\/)(?:tsconfig|turbo|typedoc)[^/]*\.json$/, 'of use only here'],
  [/\.symbols\.node$/, 'symbols'],
];

/** Paths of the machine that packed. */
const places = [root, homedir()]
  .map((folder) => folder.replace(/\/+$/, ''))
  .filter((folder) => folder.length > 1);
const PATH = new RegExp(
  `(?:${places.map((folder) => folder.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|')})(?=[/"'\0])`,
);

/** What is wrong with the files of an unpacked package: a list of sentences. */
export function contentProblems(folder, { maximum = Infinity } = {}) {
  const problems = [];
  const files = filesIn(folder);
  for (const needed of ['README.md', 'LICENSE', 'package.json']) {
    if (!files.includes(needed)) problems.push(`${needed} is missing`);
  }
  for (const file of files) {
    const name = file.replaceAll('\\', '/');
    const [, reason] = INSIDE.find(([pattern]) => pattern.test(name)) ?? [];
    if (reason !== undefined) problems.push(`${name} is ${reason}`);
    const text = readFileSync(join(folder, file), 'latin1');
    const path = PATH.exec(text)?.[0];
    if (path !== undefined) problems.push(`${name} has an absolute path of this machine`);
  }
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
  if (/"(?:workspace|catalog):/.test(manifest)) {
    problems.push('package.json has a version that only the workspace knows');
  }
  const bytes = files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  if (bytes > maximum) problems.push(`it has ${bytes} bytes unpacked, more than ${maximum}`);
  return problems;
}
