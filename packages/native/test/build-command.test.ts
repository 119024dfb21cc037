/** `npx @sock/native build`, in a copy of the package as its users have it. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packedCopy } from './packed-copy.js';

const OPENS = `import('@sock/native').then(
  ({ Socket }) => { new Socket('ipv4', 'stream').close(); console.log('opened'); },
  (error) => console.log(error.message),
);`;

interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

interface Surroundings {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The user that runs it: root may write everywhere. */
  readonly uid?: number;
}

function run(cwd: string, args: readonly string[], around: Surroundings = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    ...(around.uid === undefined ? {} : { uid: around.uid, gid: around.uid }),
    env: {
      ...process.env,
      // The sanitizers' run sets these, and the compiler would be checked too.
      SOCK_ADDON: undefined,
      LD_PRELOAD: undefined,
      ASAN_OPTIONS: 'detect_leaks=0',
      ...around.environment,
    },
  });
  return { status, output: `${stdout}${stderr}` };
}

/** Builds in a copy; returns what came of it and of a program that uses the package then. */
function built(
  environment: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): { build: Outcome; use: Outcome; folder: string } {
  const { project, folder } = packedCopy();
  const build = run(project, [join(folder, 'bin/sock-native.mjs'), 'build', ...args], {
    environment,
  });
  return { build, use: run(project, ['-e', OPENS]), folder };
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sock-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// Compiling takes seconds.
describe.runIf(process.platform !== 'win32')('npx @sock/native build', { timeout: 300_000 }, () => {
  test('compiles in a folder with a space, from the package alone, and the addon is used', () => {
    const { build, use, folder } = built();
    expect(build).toMatchObject({ status: 0 });
    expect(existsSync(join(folder, 'build/sock.node'))).toBe(true);
    expect(use.output.trim()).toBe('opened');
  });

  test('a compiler with flags in CC that predefines _FORTIFY_SOURCE: no error, no warning', () => {
    const CC = 'cc -m64 -D_FORTIFY_SOURCE=3 -Werror';
    const CXX = 'c++ -m64 -D_FORTIFY_SOURCE=3 -Werror';
    const { build, use } = built(process.arch === 'x64' ? { CC, CXX } : {});
    expect(build.output).not.toMatch(/warning|error/);
    expect(use.output.trim()).toBe('opened');
  });

  test('a compiler that warns does not end it, and its path may have spaces', () => {
    const folder = join(temporary(), 'with spaces');
    mkdirSync(folder);
    const CC = join(folder, 'my cc');
    writeFileSync(CC, '#!/bin/sh\nexec cc -Wall -Wextra -Wpadded "$@"\n');
    chmodSync(CC, 0o755);
    const { build, use } = built({ CC });
    expect(build.output).toMatch(/warning/);
    expect(build.status).toBe(0);
    expect(use.output.trim()).toBe('opened');
  });

  test('a read-only package: it goes into the cache, where the loader finds it', () => {
    const { project, folder } = packedCopy();
    const cache = temporary();
    chmodSync(cache, 0o777);
    const around = {
      environment: { XDG_CACHE_HOME: cache },
      ...(process.getuid?.() === 0 ? { uid: 65534 } : {}),
    };
    chmodSync(folder, 0o555);
    const build = run(project, [join(folder, 'bin/sock-native.mjs'), 'build'], around);
    const use = run(project, ['-e', OPENS], around);
    // So that it can be removed.
    chmodSync(folder, 0o755);
    expect(build.output).toMatch(/read-only: the addon goes into the cache/);
    expect(existsSync(join(folder, 'build/sock.node'))).toBe(false);
    expect(use.output.trim()).toBe('opened');
  });

  test('--out names the file, for SOCK_ADDON', () => {
    const file = join(temporary(), 'a b/sock.node');
    const { project, folder } = packedCopy();
    const build = run(project, [join(folder, 'bin/sock-native.mjs'), 'build', '--out', file]);
    expect(build.output).toContain(`SOCK_ADDON is ${file}`);
    const use = run(project, ['-e', OPENS], { environment: { SOCK_ADDON: file } });
    expect(use.output.trim()).toBe('opened');
  });

  test('without a compiler the message says what to install', () => {
    const { build } = built({ CC: '/nowhere/cc' });
    expect(build.status).toBe(1);
    expect(build.output).toMatch(
      /the compiler \/nowhere\/cc is not installed.*apt-get install g\+\+/,
    );
    expect(build.output).not.toMatch(/^\s+at /m);
  });

  test('what the compiler says of an error is shown', () => {
    const { build } = built({ CFLAGS: '-DNDEBUG=1 -include /nowhere/header.h' });
    expect(build.status).toBe(1);
    expect(build.output).toMatch(/\/nowhere\/header\.h/);
  });

  test('--help, and a wrong command', () => {
    const { project, folder } = packedCopy();
    const command = join(folder, 'bin/sock-native.mjs');
    expect(run(project, [command, '--help'])).toMatchObject({ status: 0 });
    expect(run(project, [command, '--help']).output).toMatch(/usage: npx @sock\/native build/);
    for (const wrong of [['bild'], [], ['build', '--wrong']]) {
      expect(run(project, [command, ...wrong]).status).toBe(2);
    }
  });
});
