/** The messages when the addon may not be loaded or used. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const PROGRAM = `import('@sock/native').then(
  ({ Socket }) => {
    try { new Socket('ipv4', 'stream').close(); console.log('opened'); }
    catch (error) { console.log(error.code, error.message); }
  },
  (error) => console.log(error.message),
);`;

function output(
  flags: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): string {
  // Without the SOCK_ADDON of the sanitizers' run: these programs load the ordinary build.
  const { stdout } = spawnSync(process.execPath, [...flags, '-e', PROGRAM], {
    encoding: 'utf8',
    cwd: import.meta.dirname ?? process.cwd(),
    // Tests under sanitizers set SOCK_ADDON, which the permission model refuses.
    env: { ...process.env, SOCK_ADDON: undefined, ...environment },
  });
  return stdout.trim();
}

const flagsOfNode = process.allowedNodeEnvironmentFlags;
const PERMISSION = ['--permission', '--experimental-permission'].find((flag) =>
  flagsOfNode.has(flag),
);

test('disabled addons are named as the cause, with the flag that enables them', () => {
  expect(output(['--no-addons'])).toMatch(/addons are disabled.*--allow-addons/);
});

test('a file in SOCK_ADDON that does not exist is named', () => {
  expect(output([], { SOCK_ADDON: '/nowhere/sock.node' })).toMatch(
    /SOCK_ADDON names a file that does not exist \(\/nowhere\/sock\.node\)/,
  );
});

describe.runIf(PERMISSION !== undefined)('under the permission model', () => {
  const allowed = [PERMISSION ?? '', '--allow-fs-read=*', '--allow-addons'];

  test('SOCK_ADDON is refused', () => {
    expect(output(allowed, { SOCK_ADDON: '/nowhere/sock.node' })).toMatch(/SOCK_ADDON is refused/);
  });

  test('without --allow-addons the message says so', () => {
    expect(output(allowed.slice(0, 2))).toMatch(/--allow-addons/);
  });

  test('sockets open where the network is allowed or not restricted', () => {
    const net = flagsOfNode.has('--allow-net') ? ['--allow-net'] : [];
    expect(output([...allowed, ...net])).toBe('opened');
  });

  test.runIf(flagsOfNode.has('--allow-net'))('without --allow-net no socket opens', () => {
    expect(output(allowed)).toMatch(/^ERR_ACCESS_DENIED .*--allow-net/);
  });
});
