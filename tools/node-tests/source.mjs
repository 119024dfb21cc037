/** Node's own tests, from Debian's source package `nodejs`, into .cache/; nothing of the system is changed. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianSuite, run } from '../debian.mjs';

/** Debian's releases that are asked, in this order. */
const SUITES = ['trixie', 'sid'];
const PARTS = ['common', 'fixtures', 'parallel', 'sequential'];

/**
 * The source of a major version, of which only `test/` is there; where Debian has none, of its first suite's.
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
  const offer = offers.find(({ version }) => version.startsWith(`${major}.`)) ?? offers[0];
  if (offer === undefined) throw new Error(`${SUITES.join(' and ')} have no source of nodejs`);
  console.log(`fetching the source of nodejs ${offer.version} (Debian) for its tests`);
  const wanted = /^nodejs_.*\.orig\.tar\.xz$/;
  const archive = () => readdirSync(work).find((name) => wanted.test(name));
  try {
    const source = ['source', '--download-only', '--tar-only', `nodejs=${offer.version}`];
    run('apt-get', [...offer.options, ...source], { cwd: work });
  } catch (error) {
    // Of its many archives only one matters here.
    if (archive() === undefined) throw error;
  }
  const unpacked = join(work, 'source');
  mkdirSync(unpacked);
  // They are no modules, whatever the package around them says.
  writeFileSync(join(unpacked, 'package.json'), '{}');
  run('tar', [
    '-xJf',
    join(work, archive()),
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
