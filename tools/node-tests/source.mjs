/** Fetches node's own tests from Debian's source package `nodejs` into .cache/. The system does not change. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianSuite } from '../debian.mjs';
import { root, run } from '../run.mjs';

/** The Debian releases to look in, in this order. */
const SUITES = ['trixie', 'sid'];
const PARTS = ['common', 'fixtures', 'parallel', 'sequential'];

const distance = (version, major) => Math.abs(Number.parseInt(version, 10) - Number(major));

/** Returns the name of the archive, or undefined if Debian lists it but does not have it. */
function download({ options, version }, folder) {
  console.log(`fetching the source of nodejs ${version} (Debian) for its tests`);
  const source = ['source', '--download-only', '--tar-only', `nodejs=${version}`];
  let reason = 'no archive of it';
  try {
    run('apt-get', [...options, ...source], { cwd: folder });
  } catch (error) {
    // The package has many archives. Only one is needed, and it may have arrived.
    reason = error.message.split('\n').findLast((line) => line.startsWith('E: ')) ?? error.message;
  }
  const archive = readdirSync(folder).find((name) => /^nodejs_.*\.orig\.tar\.xz$/.test(name));
  if (archive === undefined) console.log(`it could not be fetched: ${reason}`);
  return archive;
}

/**
 * The folder with `test/` of a major version of Node, or of the nearest version that Debian has.
 * @throws {Error} if apt cannot fetch it
 */
export function sourceOf(major) {
  const home = join(root, '.cache/node-tests', String(major));
  if (existsSync(home)) return home;
  const work = `${home}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const offers = SUITES.flatMap((suite) => {
    const options = debianSuite(join(work, suite), suite, 'deb-src');
    return run('apt-cache', [...options, 'showsrc', 'nodejs'])
      .split('\n')
      .filter((line) => line.startsWith('Version: '))
      .map((line) => ({ options, version: line.slice('Version: '.length) }));
  });
  offers.sort((one, other) => distance(one.version, major) - distance(other.version, major));
  let archive;
  for (const offer of offers) archive ??= download(offer, work);
  if (archive === undefined) throw new Error(`${SUITES.join(' and ')} have no source of nodejs`);
  const unpacked = join(work, 'source');
  mkdirSync(unpacked);
  // Without it the package.json of this repository would make ES modules of the tests.
  writeFileSync(join(unpacked, 'package.json'), '{}');
  run('tar', [
    '-xJf',
    join(work, archive),
    '-C',
    unpacked,
    '--strip-components=1',
    '--wildcards',
    '--no-wildcards-match-slash',
    ...PARTS.map((part) => `*/test/${part}`),
  ]);
  renameSync(unpacked, home);
  rmSync(work, { recursive: true, force: true });
  return home;
}
