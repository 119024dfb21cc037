/** Node's permission model, addons that are disabled, and the messages of an addon that does not load. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type ProcessState, withPermission } from '../src/load-error.js';

const LOAD = "import('@sock/native').catch((error) => console.log(error.code, error.message))";

function load(flags: string[], env: Record<string, string> = {}): string {
  const { stdout } = spawnSync(process.execPath, [...flags, '-e', LOAD], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, ...env },
  });
  return stdout;
}

/** The flag's name in this version. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

describe('the cause is the message', () => {
  test.each([['--no-addons'], [PERMISSION]])('addons disabled by %s', (flag) => {
    const flags = flag === PERMISSION ? [flag, '--allow-fs-read=*'] : [flag];
    expect(load(flags)).toMatch(/ERR_DLOPEN_DISABLED @sock\/native: addons are disabled/);
  });

  test('an addon that is not one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sock-addon-'));
    const path = join(folder, 'sock.node');
    writeFileSync(path, 'text');
    try {
      const text = load([], { SOCK_ADDON: path });
      expect(text).toMatch(/^ERR_DLOPEN_FAILED @sock\/native: the addon does not load: \S+/);
      expect(text).not.toContain('does not load on');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('SOCK_ADDON is refused under --permission', () => {
    const text = load([PERMISSION, '--allow-fs-read=*'], { SOCK_ADDON: '/nowhere.node' });
    expect(text).toMatch(/ERR_ACCESS_DENIED .*SOCK_ADDON/);
  });
});

describe('process.permission', () => {
  const calls: string[] = [];
  const driver = {
    open: () => calls.push('open'),
    pair: () => calls.push('pair'),
  } as never;
  const state = (node: string, net?: boolean): ProcessState => ({
    env: {},
    versions: { node },
    permission: net === undefined ? undefined : { has: (scope) => scope === 'net' && net },
  });

  test('without the scope net no socket is opened', () => {
    const guarded = withPermission(state('25.0.0', false), driver);
    for (const call of [() => guarded.open(2, 1, 0, 0), () => guarded.pair(1, 1, 0, 0)]) {
      expect(call).toThrow(
        expect.objectContaining({ code: 'ERR_ACCESS_DENIED', permission: 'Net' }),
      );
    }
    expect(calls).toEqual([]);
  });

  test('with it, and where node has no such scope, the driver is as it was', () => {
    withPermission(state('26.1.0', true), driver).open(2, 1, 0, 0);
    expect(calls).toEqual(['open']);
    for (const other of [state('25.0.0'), state('24.3.0', false), state('20.20.0', false)]) {
      expect(withPermission(other, driver)).toBe(driver);
    }
  });
});
