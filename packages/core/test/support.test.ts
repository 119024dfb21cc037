/** What `supports` answers, for options and operations, on systems and backends. */
import { describe, expect, test } from 'vitest';
import { EUNSUPPORTED, operations, options, supportOf } from '../src/index.js';
import { ScriptedDriver, socketsOver } from './scripted-driver.js';

const linuxOnly = options.find((row) => String(row.systems) === 'linux' && !('supportOn' in row))!;

describe('supportOf', () => {
  test('an option is native where its system has it', () => {
    const row = linuxOnly;
    expect(supportOf(new ScriptedDriver('linux'), row.name)).toEqual({ level: 'native' });
    const elsewhere = supportOf(new ScriptedDriver('darwin'), row.name);
    expect(elsewhere.level).toBe('unsupported');
    expect(elsewhere.reason).toContain(row.option);
    expect(elsewhere.reason).toContain('linux');
  });

  test('on WASI the table says so, and why', () => {
    const wasi = new ScriptedDriver('wasi');
    for (const row of options) expect(supportOf(wasi, row.name)).toBe(row.wasi);
    for (const [name, { wasi: support }] of Object.entries(operations)) {
      expect(supportOf(wasi, name)).toBe(support);
      if (support.level !== 'native') expect(support.reason, name).toMatch(/\S/);
    }
  });

  test('the support table of a driver comes first', () => {
    const own = { level: 'emulated', reason: 'in memory' } as const;
    expect(supportOf(new ScriptedDriver('linux', { bind: own }), 'bind')).toBe(own);
    expect(supportOf(new ScriptedDriver('linux', { bind: own }), 'listen').level).toBe('native');
  });

  test('setters answer as their getters', () => {
    const driver = new ScriptedDriver('wasi');
    expect(supportOf(driver, 'setKeepalive')).toBe(supportOf(driver, 'keepalive'));
  });

  test('an unknown name is refused, and so are the names of Object.prototype', () => {
    for (const name of ['nosuch', '', 'toString', 'constructor', '__proto__', 'hasOwnProperty']) {
      expect(() => supportOf(new ScriptedDriver(), name)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
      );
    }
  });
});

test('an unsupported call throws an error that names backend, operation and reason', () => {
  const driver = new ScriptedDriver('wasi');
  const socket = new (socketsOver(driver))('ipv4', 'stream');
  driver.next.set('setOption', -EUNSUPPORTED);
  expect(() => socket.setBroadcast(true)).toThrow(
    expect.objectContaining({
      code: 'ERR_SOCK_UNSUPPORTED',
      message: expect.stringMatching(
        /setBroadcast.*scripted.*wasi:sockets 0\.2 does not offer broadcast/s,
      ),
    }),
  );
  expect(socket.supports('broadcast').level).toBe('unsupported');
});
