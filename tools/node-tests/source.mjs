/** Node's own tests, from Debian's source package `nodejs`, into .cache/; nothing of the system is changed. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianSuite, run } from '../debian.mjs';

/** Debian's releases that are asked, in this order. */
const SUITES = ['trixie', 'sid'];
const PARTS = ['common', 'fixtures', 'parallel', 'sequential'];

const distance = (version, major) => Math.abs(Number.parseInt(version, 10) - Number(major));

/** The archive's name; `undefined` where it is listed and can't be fetched. */
function download({ options, version }, folder) {
  console.log(`fetching the source of nodejs ${version} (Debian) for its tests`);
  const source = ['source', '--download-only', '--tar-only', `nodejs=${version}`];
  let reason = 'no archive of it';
  try {
    run('apt-get', [...options, ...source], { cwd: folder });
  } catch (error) {
    // Of its many archives only one matters here, which may have come all the same.
    reason = error.message.split('\n').findLast((line) => line.startsWith('E: ')) ?? error.message;
  }
  const archive = readdirSync(folder).find((name) => /^nodejs_.*\.orig\.tar\.xz$/.test(name));
  if (archive === undefined) console.log(`it could not be fetched: ${reason}`);
  return archive;
}

/**
 * The source of a major version, of which only `test/` is there; where Debian has none, of the nearest.
 * @throws {Error} where apt can't fetch it
 */
export function sourceOf(major) {
  const cache = fileURLToPath(new URL('../../.cache/node-tests', import.meta.url));
  const home = join(cache, String(major));
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
  // They are no modules, whatever the package around them says.
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
