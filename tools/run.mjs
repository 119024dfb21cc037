/**
 * Runs commands, and installs the programs that come from Debian or PyPI. versions.json has their versions. It says so
 * on stderr: the stdout of some programs that use it is read by others.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const versions = JSON.parse(readFileSync(new URL('versions.json', import.meta.url), 'utf8'));

/** A problem of the machine: the user sees its message without a stack. */
export class ToolchainError extends Error {}

/**
 * Runs a command and shows its output only when it fails.
 * @returns its standard output, trimmed
 * @throws {ToolchainError} when the command does not start or fails
 */
export function run(command, args, options = {}) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    ...options,
  });
  if (error !== undefined) throw new ToolchainError(`${command} did not run: ${error.message}`);
  // Ctrl-C reaches the command first.
  if (signal === 'SIGINT') process.exit(130);
  if (status !== 0) {
    const output = `${stdout ?? ''}${stderr ?? ''}`;
    throw new ToolchainError(`\`${[command, ...args].join(' ')}\` failed:\n${output}`);
  }
  return stdout?.trim();
}

/** Whether a program is installed. */
export const runs = (command) =>
  spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** Installs Debian packages. Returns false on other systems and for users other than root. */
export function installPackages(packages) {
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return false;
  console.error(`installing ${packages.join(', ')} (apt-get)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update'], { env });
  run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env });
  return true;
}

/** The folder of a wheel from PyPI. The first use installs it into .cache/. */
export function wheel(name, version = versions.wheels[name]) {
  const home = join(root, '.cache/wheels', `${name}-${version}`);
  if (existsSync(home)) return home;
  console.error(`installing ${name} ${version} (pip)`);
  const work = `${home}.new`;
  rmSync(work, { recursive: true, force: true });
  const quiet = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore'];
  const args = ['-m', 'pip', 'install', ...quiet, '--target', work, `${name}==${version}`];
  run('python3', args);
  renameSync(work, home);
  return home;
}

/** The path of a program in a wheel. */
export function wheelProgram(name, program) {
  const home = wheel(name);
  const file = readdirSync(home, { recursive: true })
    .map((entry) => join(home, entry))
    .find((entry) => entry.endsWith(`/${program}`) && !entry.startsWith(join(home, 'bin')));
  if (file === undefined) throw new ToolchainError(`the wheel ${name} has no ${program}`);
  // pip does not always keep the permission to execute.
  chmodSync(file, 0o755);
  return file;
}
