/** Names and indexes of network interfaces, checked against node's own list of them. */
import { networkInterfaces } from 'node:os';
import { ifIndexToName, ifNameIndex, ifNameToIndex } from '@sock/native';
import { expect, test } from 'vitest';

const code = (call: () => unknown): string | undefined => {
  try {
    call();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

test('every interface of the system is listed, and its name and index lead to each other', () => {
  const list = ifNameIndex();
  expect(list.length).toBeGreaterThan(0);
  expect(new Set(list.map(({ index }) => index)).size).toBe(list.length);
  for (const { index, name } of list) {
    expect(ifNameToIndex(name)).toBe(index);
    expect(ifIndexToName(index)).toBe(name);
  }
  const names = list.map(({ name }) => name);
  for (const name of Object.keys(networkInterfaces())) expect(names).toContain(name);
});

test('the index is the zone of link-local addresses', () => {
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    for (const address of addresses) {
      if (address.family === 'IPv6' && address.scopeid !== 0) {
        expect(ifNameToIndex(name)).toBe(address.scopeid);
      }
    }
  }
});

test('what is no interface has no index and no name', () => {
  expect(code(() => ifNameToIndex('no such one'))).toBe('ENODEV');
  expect(code(() => ifIndexToName(0x7fffffff))).toBe('ENXIO');
});

test('what can be no name or index is refused before the call', () => {
  for (const name of ['', 'x'.repeat(16), 'é'.repeat(8), 'l\0o']) {
    expect(
      code(() => ifNameToIndex(name)),
      name,
    ).toBe('ERR_INVALID_ARG_VALUE');
  }
  expect(code(() => ifNameToIndex('é'.repeat(7)))).toBe('ENODEV');
  expect(code(() => ifNameToIndex(1 as never))).toBe('ERR_INVALID_ARG_TYPE');
  for (const index of [0, -1, 1.5, 2 ** 31]) {
    expect(
      code(() => ifIndexToName(index)),
      `${index}`,
    ).toBe('ERR_OUT_OF_RANGE');
  }
  expect(code(() => ifIndexToName('lo' as never))).toBe('ERR_INVALID_ARG_TYPE');
});
