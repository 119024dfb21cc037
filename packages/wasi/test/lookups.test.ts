/** Names of hosts by wasi:sockets/ip-name-lookup: the component over each host, and what its policy denies. */
import { readFileSync } from 'node:fs';
import { connectHost, type Driver, makeBackend } from '@sock/core';
import { createHost, type HostInit } from '@sock/wasi-host';
import { expect, test } from 'vitest';
import { type ImportObject, instantiate } from '../component/sock.js';
import { instantiateSocket } from '../dist/instance.js';
import { makeDirectDriver } from '../src/direct-driver.js';
import { type Bindings, makeDriver } from '../src/driver.js';
import { Lookups } from '../src/lookups.js';

type Found = readonly [code: string | undefined, addresses: readonly string[]];

const find = (driver: Pick<Driver, 'lookup'>, name: string, family: 0 | 4 | 6 = 0) =>
  new Promise<Found>((resolve) => {
    driver.lookup?.(name, family, (...found) => resolve(found));
  });

/** The component over a host of @sock/wasi-host. */
function over(init: HostInit): Driver {
  const module = (name: string): WebAssembly.Module =>
    new WebAssembly.Module(readFileSync(new URL(`../component/${name}`, import.meta.url)));
  const host = createHost(init) as unknown as ImportObject;
  return makeDriver(instantiate(module, host)['sock:socket/socket@0.1.0'] as Bindings);
}

const shim = instantiateSocket();
const drivers: Readonly<Record<string, Driver>> = {
  'the direct host': makeDirectDriver(),
  'preview2-shim': makeDriver(shim),
  '@sock/wasi-host': over({ policy: { lookup: true } }),
};

for (const [name, driver] of Object.entries(drivers)) {
  test(`${name}: names and addresses`, async () => {
    const [code, addresses] = await find(driver, 'localhost', 4);
    expect([code, addresses]).toEqual([undefined, ['127.0.0.1']]);
    expect(await find(driver, '127.0.0.1')).toEqual([undefined, ['127.0.0.1']]);
    expect(await find(driver, '2001:DB8:0::1', 6)).toEqual([undefined, ['2001:db8::1']]);
    expect(await find(driver, '2001:db8::1', 4)).toEqual(['ENOTFOUND', []]);
  });

  test(`${name}: texts that are no names`, async () => {
    for (const text of ['', 'a b', 'a\0b', 'a/b', 'a:80', '@', '%']) {
      expect(await find(driver, text), JSON.stringify(text)).toEqual(['ENOTFOUND', []]);
    }
  });

  test(`${name}: the answer never comes inside the call`, async () => {
    for (const text of ['127.0.0.1', 'a b', 'localhost']) {
      let isInside = true;
      const answered = new Promise<boolean>((resolve) => {
        driver.lookup?.(text, 0, () => resolve(isInside));
        isInside = false;
      });
      expect(await answered).toBe(false);
    }
  });
}

test('a policy denies names', async () => {
  const driver = over({
    policy: { lookup: ['db.example'] },
    lookup: (name) => () => ({ addresses: name === 'db.example' ? ['192.0.2.1'] : [] }),
  });
  expect(await find(driver, 'db.example')).toEqual([undefined, ['192.0.2.1']]);
  expect(await find(driver, 'other.example')).toEqual(['EACCES', []]);
  const { Socket } = makeBackend(driver);
  await expect(connectHost(Socket, 'other.example', 80)).rejects.toMatchObject({
    code: 'EACCES',
    message: 'getaddrinfo EACCES other.example',
    hostname: 'other.example',
  });
});

test('failures of the resolver keep their meaning, and a slow answer is waited for', async () => {
  let left = 5;
  const codes: Readonly<Record<string, string>> = {
    'again.example': 'EAI_AGAIN',
    'fail.example': 'EAI_FAIL',
  };
  const asked: string[] = [];
  const driver = over({
    policy: { lookup: true },
    lookup: (name) => {
      asked.push(name);
      const code = codes[name];
      if (code !== undefined) return () => ({ code });
      return () =>
        left-- > 0 ? undefined : { addresses: ['192.0.2.1', '2001:db8::1', '192.0.2.2'] };
    },
  });
  expect(await find(driver, 'again.example')).toEqual(['EAI_AGAIN', []]);
  expect(await find(driver, 'fail.example')).toEqual(['EAI_FAIL', []]);
  asked.length = 0;
  // Both families at once, as connectHost asks: one look-up of the host.
  const [v6, v4, both] = await Promise.all([
    find(driver, 'slow.example', 6),
    find(driver, 'slow.example', 4),
    find(driver, 'slow.example'),
  ]);
  expect(v6).toEqual([undefined, ['2001:db8::1']]);
  expect(v4).toEqual([undefined, ['192.0.2.1', '192.0.2.2']]);
  expect(both).toEqual([undefined, ['192.0.2.1', '2001:db8::1', '192.0.2.2']]);
  expect(asked).toEqual(['slow.example']);
});

test('a guest of another language may wait', () => {
  const { Lookup } = shim;
  const lookup = Lookup.start('localhost');
  expect(lookup.addresses(undefined).map((bytes) => bytes.join('.'))).toContain('127.0.0.1');
  // The answer stays.
  expect(lookup.addresses(0).length).toBeGreaterThan(0);
  expect(lookup.addresses(Number.NaN).length).toBeGreaterThan(0);
  const late = Lookup.start('nothing.invalid');
  const failure = (milliseconds: number): unknown => {
    try {
      return late.addresses(milliseconds);
    } catch (error) {
      return (error as { payload?: unknown }).payload;
    }
  };
  expect(['would-block', 'not-found', 'try-again']).toContain(failure(Number.NaN));
  expect(['not-found', 'try-again']).toContain(failure(60_000));
});

test('a trap of the component reaches whoever called', () => {
  const broken = {
    start(): never {
      throw new WebAssembly.RuntimeError('unreachable');
    },
  };
  const lookups = new Lookups(broken as unknown as Bindings['Lookup'], false);
  expect(() => lookups.find('a', 0, () => undefined)).toThrow(WebAssembly.RuntimeError);
});
