/** The option table: what has to hold for every row, and the methods that are made from it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { operations, optionRow, type OptionRow, options, Socket } from '../src/index.js';
import { ScriptedDriver, socketsOver } from './scripted-driver.js';

const rows: readonly OptionRow[] = options;
const systems = ['linux', 'darwin', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'cygwin', 'win32'];
const namesOf = (row: OptionRow): string[] => [row.name, ...(row.aliases ?? [])];
const setterOf = (row: OptionRow, name: string): string =>
  row.setter ?? `set${name.charAt(0).toUpperCase()}${name.slice(1)}`;
const prototype = Socket.prototype as unknown as Record<string, unknown>;

type Method = (...values: unknown[]) => unknown;
const method = (socket: Socket, name: string): Method =>
  (socket as unknown as Record<string, Method>)[name]!.bind(socket);

function opened() {
  const driver = new ScriptedDriver();
  const socket = new (socketsOver(driver))('ipv4', 'stream');
  driver.take();
  return { driver, socket };
}

describe('the table', () => {
  test('has the options of every group', () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(new Set(rows.map((row) => row.group))).toEqual(
      new Set(['socket', 'ipv4', 'ipv6', 'tcp', 'udp', 'dccp', 'packet', 'netlink', 'raw']),
    );
  });

  test('ids are unique and small enough to cross as integers', () => {
    const ids = rows.map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(Number.isInteger(id) && id > 0 && id < 1024, `${id}`).toBe(true);
  });

  test('no two rows make the same method, and none hides an operation', () => {
    const made = rows.flatMap((row) =>
      namesOf(row).flatMap((name) => [
        ...(row.access === 'set' ? [] : [name]),
        ...(row.access === 'get' ? [] : [setterOf(row, name)]),
      ]),
    );
    const all = [...new Set(made)];
    expect(made.filter((name, index) => made.indexOf(name) !== index && !isShared(name))).toEqual(
      [],
    );
    expect(all.filter((name) => Object.hasOwn(operations, name))).toEqual([]);
  });

  /** A setter that a row names itself serves all of its aliases. */
  function isShared(name: string): boolean {
    return rows.filter((row) => row.setter === name).length === 1;
  }

  test.each(rows.map((row) => [row.name, row] as const))('%s', (_, row) => {
    expect(row.level).toMatch(/^(?:SOL|IPPROTO)_[A-Z0-9]+$/);
    expect(row.option).toMatch(/^[A-Z][A-Z0-9_]+$/);
    expect(row.name).toMatch(/^[a-z][A-Za-z0-9]+$/);
    expect(row.doc).toMatch(/\.$/);
    expect(row.source).toMatch(/\([0-9]\)|RFC [0-9]+|linux\/|\.h\b/);
    if (row.systems !== 'all') {
      expect(row.systems.length).toBeGreaterThan(0);
      for (const system of row.systems) expect(systems).toContain(system);
    }
    // Nothing but the system doing it goes without saying.
    if (row.wasi.level !== 'native') expect(row.wasi.reason).toMatch(/\S/);
    if (row.range !== undefined) expect(row.range[0]).toBeLessThan(row.range[1]);
    for (const sample of row.samples ?? []) {
      if (typeof sample !== 'number' || row.range === undefined) continue;
      expect(sample >= row.range[0] && sample <= row.range[1], `sample ${sample}`).toBe(true);
    }
    for (const name of namesOf(row)) {
      const setter = setterOf(row, name);
      const readable = row.access !== 'set' || setter === name;
      expect(typeof prototype[name] === 'function', name).toBe(readable);
      expect(typeof prototype[setter] === 'function', setter).toBe(row.access !== 'get');
      expect(optionRow(name)).toBe(row);
      expect(optionRow(setter)).toBe(row);
    }
  });

  test('the header of libsock has every row under its id', () => {
    const header = readFileSync(
      new URL('../../../native/core/include/sock_options.h', import.meta.url),
      'utf8',
    );
    const ids = [...header.matchAll(/^ +SOCK_OPTION_([A-Z0-9_]+) = (\d+),$/gm)].map(
      ([, name, id]) => [name, Number(id)],
    );
    const constant = (name: string) =>
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    expect(ids).toEqual(rows.map((row) => [constant(row.name), row.id]));
  });
});

describe('methods', () => {
  const settable = rows.filter((row) => row.access !== 'get');
  const both = rows.filter((row) => row.access === 'both');

  test.each(both.map((row) => [row.name, row] as const))('%s reads what was set', (_, row) => {
    const values: Partial<Record<OptionRow['codec'], readonly unknown[]>> = {
      bool: [true, false],
      boolU8: [true, false],
      int: row.range ?? [-0x80000000, 0, 0x7fffffff],
      u32: row.range ?? [0, 0xffffffff],
      u8: row.range ?? [0, 255],
      interfaceIndex: [0, 0x7fffffff],
      seconds: [1000, 0x7fffffff],
      milliseconds: [null, 1, 0x7fffffff],
      timeval: [null, 0.5, 0x7fffffff],
      linger: [null, 0, 0x7fffffff],
      ipv4: ['0.0.0.0', '192.0.2.1', '255.255.255.255'],
      string: [null, 'eth0', 'é'],
      bytes: [new Uint8Array(0), Uint8Array.of(1, 2, 3)],
      byte: [0, 255],
      u64: [0n, 0xffff_ffff_ffff_ffffn],
      device: [null, 1, 0x7fffffff],
      portRange: [null, [0, 1], [40_000, 65_535]],
      pathMtu: ['dont', 'want', 'do', 'probe', 'interface', 'omit'],
      txTime: [{ clock: 'tai', deadline: true, reportErrors: false }],
      fanout: [{ group: 65_535, mode: 'cpu', rollover: true, defragment: true }],
    };
    const tried = values[row.codec];
    expect(tried, `no values for codec ${row.codec}`).toBeDefined();
    for (const name of namesOf(row)) {
      const { driver, socket } = opened();
      for (const value of tried!) {
        method(socket, setterOf(row, name))(value);
        expect(method(socket, name)()).toEqual(value);
      }
      expect(driver.calls[0]).toEqual(['setOption', socket.asRawFd(), row.id]);
      expect(driver.calls[1]).toEqual(['getOption', socket.asRawFd(), row.id]);
    }
  });

  test.each(settable.map((row) => [setterOf(row, row.name), row] as const))(
    '%s refuses wrong arguments before any call',
    (setter, row) => {
      const { driver, socket } = opened();
      const count = (prototype[setter] as Method).length;
      // Nothing to be wrong about.
      if (row.codec === 'unit') return expect(count).toBe(0);
      for (const value of [undefined, {}, [], Symbol('value'), 1n, () => true]) {
        if (row.codec === 'u64' && typeof value === 'bigint') continue;
        const values = Array.from({ length: count }, () => value);
        expect(() => method(socket, setter)(...values), String(value)).toThrow(TypeError);
      }
      const outside: Partial<Record<OptionRow['codec'], readonly number[]>> = {
        int: row.range ?? [-0x80000000, 0x7fffffff],
        u32: row.range ?? [0, 0xffffffff],
        u8: row.range ?? [0, 255],
        byte: [0, 255],
        device: [1, 0x7fffffff],
        interfaceIndex: [0, 0x7fffffff],
        seconds: [1, 0x7fffffff],
        milliseconds: [1, 0x7fffffff],
        timeval: [1, 0x7fffffff],
        linger: [0, 0x7fffffff],
      };
      const limits = outside[row.codec];
      if (limits !== undefined) {
        const [least, most] = [limits[0]!, limits.at(-1)!];
        for (const value of [least - 1, most + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
          expect(() => method(socket, setter)(value), `${value}`).toThrow(RangeError);
        }
      }
      if (row.codec === 'u64') {
        for (const value of [-1n, 1n << 64n]) {
          expect(() => method(socket, setter)(value), `${value}`).toThrow(RangeError);
        }
      }
      expect(driver.take()).toEqual([]);
    },
  );

  test('text that does not fit is refused', () => {
    const { driver, socket } = opened();
    expect(() => socket.bindDevice('x'.repeat(245))).toThrow(TypeError);
    expect(driver.take()).toEqual([]);
  });

  test('memberships cross as their structs: group, then interface', () => {
    const { driver, socket } = opened();
    const valueOf = (name: string) => driver.values.get(optionRow(name)!.id)!;
    socket.joinMulticastV4('239.1.2.3', '192.0.2.1');
    expect(valueOf('joinMulticastV4').bytes).toEqual(Uint8Array.of(239, 1, 2, 3, 192, 0, 2, 1));
    socket.joinMulticastV6('ff02::1', 3);
    expect(valueOf('joinMulticastV6').number).toBe(3);
    expect(Buffer.from(valueOf('joinMulticastV6').bytes).toString('hex')).toBe(
      'ff020000000000000000000000000001',
    );
    expect(() => socket.joinMulticastV4('ff02::1', '0.0.0.0')).toThrow(TypeError);
    expect(() => socket.joinMulticastV6('239.1.2.3', 0)).toThrow(TypeError);
    expect(() => socket.joinMulticastV6('ff02::1', -1)).toThrow(RangeError);
  });

  test('takeError has the name of the pending error, and null for none', () => {
    const { driver, socket } = opened();
    const { id } = optionRow('takeError')!;
    driver.values.set(id, { number: 0, bytes: new Uint8Array(0) });
    expect(socket.takeError()).toBeNull();
    driver.values.set(id, { number: driver.errors.EADDRINUSE, bytes: new Uint8Array(0) });
    expect(socket.takeError()).toMatchObject({ code: 'EADDRINUSE', errno: -5007 });
  });
});
