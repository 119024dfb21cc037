/** Names of interfaces over a driver that does as it is told. */
import { expect, test } from 'vitest';
import { type Driver, interfaceNames } from '../src/index.js';
import { errors, ScriptedDriver } from './scripted-driver.js';

/** A driver with as many interfaces, named by their indexes. */
function driverWith(count: number): Driver & { rooms: number[] } {
  const rooms: number[] = [];
  return Object.assign(new ScriptedDriver(), {
    rooms,
    interfaces(list: Uint8Array): number {
      const view = new DataView(list.buffer);
      rooms.push(list.length / 20);
      for (let i = 0; i < Math.min(count, list.length / 20); i++) {
        new Uint32Array(list.buffer, i * 20, 1)[0] = i + 1;
        new TextEncoder().encodeInto(`eth${i + 1}`, new Uint8Array(view.buffer, i * 20 + 4, 16));
      }
      return count;
    },
    interfaceIndex: (name: Uint8Array): number => name.length,
    interfaceName(index: number, name: Uint8Array): number {
      if (index > count) return -errors.ENOENT;
      return new TextEncoder().encodeInto(`eth${index}`, name).written;
    },
  });
}

test('a list that was too short is read again with enough room', () => {
  const driver = driverWith(40);
  const list = interfaceNames(driver).ifNameIndex();
  expect(driver.rooms).toEqual([32, 40]);
  expect(list).toEqual(
    Array.from({ length: 40 }, (_, i) => ({ index: i + 1, name: `eth${i + 1}` })),
  );
  expect(interfaceNames(driverWith(0)).ifNameIndex()).toEqual([]);
});

test('names cross as the bytes of their text', () => {
  const { ifNameToIndex, ifIndexToName } = interfaceNames(driverWith(1));
  expect(ifNameToIndex('wé')).toBe(3);
  expect(ifIndexToName(1)).toBe('eth1');
});

test('errors name the call; a call that the driver lacks is unsupported', () => {
  expect(() => interfaceNames(driverWith(1)).ifIndexToName(2)).toThrow(
    expect.objectContaining({ code: 'ENOENT', syscall: 'if_indextoname' }),
  );
  const { ifNameToIndex, ifIndexToName, ifNameIndex } = interfaceNames(new ScriptedDriver('wasi'));
  for (const call of [() => ifNameToIndex('lo'), () => ifIndexToName(1), ifNameIndex]) {
    expect(call).toThrow(
      expect.objectContaining({
        code: 'ERR_SOCK_UNSUPPORTED',
        message: expect.stringContaining('does not offer network interfaces'),
      }),
    );
  }
});
