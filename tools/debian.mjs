/** Reads packages of other Debian releases without changing the system's own sources. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, ToolchainError } from './run.mjs';

/** The system's own source entry, with another suite. */
function sourcesOf(suite, type) {
  const folder = '/etc/apt/sources.list.d';
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const entry = names
    .filter((name) => name.endsWith('.sources'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split(/\n\s*\n/))
    .find((part) => /^Suites:/m.test(part) && /debian/i.test(part) && !/security/.test(part));
  if (entry === undefined) throw new ToolchainError(`no Debian source was found in ${folder}`);
  return `${entry
    .replace(/^Types:.*$/m, `Types: ${type}`)
    .replace(/^Suites:.*$/m, `Suites: ${suite}`)
    .replace(/^Components:.*$/m, 'Components: main')
    .trim()}\n`;
}

/**
 * Downloads the package lists of a suite into `folder`.
 * @param type `deb` for packages, `deb-src` for their sources
 * @returns the options that make apt-get and apt-cache use these lists
 */
export function debianSuite(folder, suite, type = 'deb') {
  for (const name of ['parts', 'lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  writeFileSync(join(folder, 'parts/later.sources'), sourcesOf(suite, type));
  const options = [
    'Dir::Etc::sourcelist=/dev/null',
    `Dir::Etc::sourceparts=${join(folder, 'parts')}`,
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  run('apt-get', [...options, 'update']);
  return options;
}
