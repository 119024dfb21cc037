/**
 * The contract on a backend that lacks half of it: this one loses what the support table calls unsupported on WASI.
 * No case may fail, and every missing part must say so.
 */
import { cases, type Result, run } from '@sock/conformance';
import {
  type Driver,
  EUNSUPPORTED,
  Interest,
  Layout,
  messageFlags,
  optionRow,
  type OptionRow,
  options,
  type PollerDriver,
  Socket as CoreSocket,
} from '@sock/core';
import { Socket as NativeSocket } from '@sock/native';
import { expect, test } from 'vitest';

const native = NativeSocket.driver;
const missing = (): number => -EUNSUPPORTED;

const KEPT_FLAGS = ['MSG_PEEK', 'MSG_DONTWAIT', 'MSG_TRUNC'];
const GONE = ['AF_UNIX', 'AF_VSOCK', 'AF_PACKET', 'AF_NETLINK', 'SOCK_RAW', 'SOCK_SEQPACKET'];

const rows = new Map((options as readonly OptionRow[]).map((row) => [row.id, row]));
const lacks = (id: number): boolean => rows.get(id)?.wasi.level === 'unsupported';
const ONLY_V6 = optionRow('onlyV6')?.id as number;
const value = new Float64Array(native.memory, Layout.valueNumber, 1);

const OPTIONAL: readonly (keyof Driver)[] = [
  'recvMessage',
  'sendMessage',
  'sendFile',
  'pipe',
  'splice',
  'attachFilter',
  'accept4',
  'interfaceIndex',
  'interfaceName',
  'interfaces',
];
const poller = native.poller as PollerDriver;
const rest = { ...native };
for (const name of OPTIONAL) delete (rest as Partial<Driver>)[name];

const driver: Driver = {
  ...rest,
  name: 'limited',
  system: 'wasi',
  constants: Object.fromEntries(
    Object.entries(native.constants).filter(
      ([name]) => !GONE.includes(name) && (!name.startsWith('MSG_') || KEPT_FLAGS.includes(name)),
    ),
  ),
  poller: {
    ...poller,
    add: (handle, socket, token, interest) =>
      interest & Interest.EDGE ? missing() : poller.add(handle, socket, token, interest),
  },
  pair: missing,
  setCloexec: missing,
  getOptionRaw: missing,
  setOptionRaw: missing,
  open(domain, type, protocol, flags) {
    const handle = native.open(domain, type, protocol, flags);
    value[0] = 1;
    if (domain === native.constants['AF_INET6']) native.setOption(handle, ONLY_V6);
    return handle;
  },
  getOption: (handle, id) => (lacks(id) ? missing() : native.getOption(handle, id)),
  setOption: (handle, id) =>
    lacks(id) || (id === ONLY_V6 && value[0] === 0) ? missing() : native.setOption(handle, id),
};

class Socket extends CoreSocket {
  static override readonly driver = driver;
}

test('a backend that lacks half of the contract passes the rest and says what it lacks', async () => {
  const results: Result[] = [];
  const totals = await run(
    { name: 'limited', Socket, MSG: messageFlags(driver) },
    { onResult: (result) => results.push(result) },
  );
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  expect(failed.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([]);
  expect(totals.passed + totals.unsupported + totals.skipped).toBe(cases.length);
  expect(totals.passed).toBeGreaterThan(200);
  expect(totals.unsupported).toBeGreaterThan(100);
}, 120_000);

test('a lack that the support table does not admit is a failure', async () => {
  class Liar extends CoreSocket {
    static override readonly driver = { ...native, name: 'liar', setOption: missing };
  }
  const { failed } = await run(
    { name: 'liar', Socket: Liar, MSG: messageFlags(native) },
    { only: (name) => name.startsWith('setTtl on udp4') },
  );
  expect(failed).toBe(1);
});

test('a support table that denies what is there is a failure', async () => {
  class Modest extends CoreSocket {
    static override readonly driver = {
      ...native,
      name: 'modest',
      support: { setTtl: { level: 'unsupported', reason: 'no wish to do so' } as const },
    };
  }
  const { failed } = await run(
    { name: 'modest', Socket: Modest, MSG: messageFlags(native) },
    { only: (name) => name.startsWith('setTtl on udp4') },
  );
  expect(failed).toBe(1);
});
