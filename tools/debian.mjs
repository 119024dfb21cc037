/** Packages of other releases of Debian, without a change to the system's own sources. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A problem that is the machine's: shown without a stack. */
export class ToolchainError extends Error {}

/** Runs a command; its output is shown only when it fails. */
export function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    ...options,
  });
  if (error !== undefined)
    throw new ToolchainError(`${command} could not be started: ${error.message}`);
  if (status !== 0) {
    throw new ToolchainError(`\`${[command, ...args].join(' ')}\` failed:\n${stdout}${stderr}`);
  }
  return stdout.trim();
}

/** The system's sources of the same host, with another suite. */
function sourcesOf(suite, type) {
  const folder = '/etc/apt/sources.list.d';
  const deb822 = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.sources'))
        .map((name) => readFileSync(join(folder, name), 'utf8'))
        .flatMap((text) => text.split(/\n\s*\n/))
        .find((part) => /^Suites:/m.test(part) && /debian/i.test(part) && !/security/.test(part))
    : undefined;
  if (deb822 === undefined) throw new ToolchainError(`no Debian source was found in ${folder}`);
  return `${deb822
    .replace(/^Types:.*$/m, `Types: ${type}`)
    .replace(/^Suites:.*$/m, `Suites: ${suite}`)
    .replace(/^Components:.*$/m, 'Components: main')
    .trim()}\n`;
}

/**
 * Brings the lists of a suite up to date, in a folder of their own.
 * @param type `deb`, or `deb-src` for sources
 * @returns the options with which apt-get and apt-cache use them
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
