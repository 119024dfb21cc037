/** The drop-in modules have the exports of node's modules, however they are loaded. */
import nodeDgram from 'node:dgram';
import { createRequire } from 'node:module';
import nodeNet from 'node:net';
import * as dgramNames from '@sock/std/dgram';
import stdDgram from '@sock/std/dgram';
import * as netNames from '@sock/std/net';
import stdNet from '@sock/std/net';
import { afterEach, describe, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.restoreAllMocks();
});

const require = createRequire(import.meta.url);
const replacedNet = ['connect', 'createConnection', 'createServer'];
const modules: [string, object, object, object, string[]][] = [
  ['net', nodeNet, stdNet, netNames, replacedNet],
  ['dgram', nodeDgram, stdDgram, dgramNames, ['createSocket']],
];

describe.each(modules)('@sock/std/%s', (name, node, std, names, replaced) => {
  test('has the names of the module, in the same order', () => {
    expect(Object.keys(std)).toEqual(Object.keys(node));
    for (const key of Object.keys(node)) expect(names).toHaveProperty([key]);
  });

  test('has the same values, except for the replaced functions', () => {
    for (const [key, own] of Object.entries(Object.getOwnPropertyDescriptors(node))) {
      const ours = Object.getOwnPropertyDescriptor(std, key) as PropertyDescriptor;
      if (!replaced.includes(key)) expect(ours).toEqual(own);
      else {
        expect(ours).toEqual({ ...own, value: ours.value });
        const [mine, theirs] = [ours.value as typeof test, own.value as typeof test];
        expect([mine.name, mine.length]).toEqual([theirs.name, theirs.length]);
      }
    }
  });

  test('require returns it, also for compiled imports', () => {
    const required = require(`@sock/std/${name}`) as { default: object };
    expect(Object.keys(required)).toEqual(Object.keys(node));
    expect(required.default).toBe(required);
    expect(require(`@sock/std/${name}`)).toBe(required);
  });
});

test('an import has the types of the module', () => {
  // The test is that it compiles.
  const types: [stdNet.Socket?, stdNet.Server?, stdNet.AddressInfo?, stdDgram.RemoteInfo?] = [];
  expect(types).toEqual([]);
});

test("a patch of node's functions affects ours", () => {
  const connect = vi.spyOn(nodeNet, 'connect').mockReturnValue('mocked' as never);
  expect(stdNet.connect(1)).toBe('mocked');
  const createSocket = vi.spyOn(nodeDgram, 'createSocket').mockReturnValue('mocked' as never);
  expect(stdDgram.createSocket('udp4')).toBe('mocked');
  const createServer = vi.spyOn(nodeNet, 'createServer').mockReturnValueOnce('mocked' as never);
  expect(stdNet.createServer()).toBe('mocked');
  const listen = vi.spyOn(nodeNet.Server.prototype, 'listen').mockReturnThis();
  const server = stdNet.createServer();
  expect(server.listen(1)).toBe(server);
  const spies = [connect, createSocket, createServer, listen];
  expect(spies.map(({ mock }) => mock.calls.length)).toEqual([1, 1, 2, 1]);
});

test('our functions can be patched too', () => {
  const connect = vi.spyOn(stdNet, 'connect').mockReturnValue('mocked' as never);
  expect(stdNet.connect(1)).toBe('mocked');
  connect.mockRestore();
  expect(stdNet.connect.name).toBe('connect');
});
