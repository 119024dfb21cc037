/** The component's interface as a guest in any language uses it. Only the component checks the values. */
import { optionRow } from '@sock/core';
import { expect, test } from 'vitest';
import { constants, errors } from '../component/numbers.js';
import { instantiateSocket } from '../dist/instance.js';

const bindings = instantiateSocket();
const { AF_INET = 0, AF_INET6 = 0, SOCK_STREAM = 0, SOCK_DGRAM = 0, MSG_DONTWAIT = 0 } = constants;
const UNSUPPORTED = 100_000;
const READ_TIMEOUT = optionRow('readTimeout')!.id;
const REUSE_PORT = optionRow('reusePort')!.id;
const RETRIES = optionRow('tcpKeepaliveRetries')!.id;

/** The name of the error of a call, or its number if it has no name. `undefined` if the call does not fail. */
function failure(call: () => unknown): string | number | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    const { payload } = error as { payload?: number };
    if (payload === undefined) throw error;
    return Object.keys(errors).find((name) => errors[name] === payload) ?? payload;
  }
}

const address = (family: number, bytes: readonly number[]) => ({
  family,
  port: 0,
  flowinfo: 0,
  scopeId: 0,
  bytes: Uint8Array.from(bytes),
});

const loopback = address(1, [127, 0, 0, 1]);

function bound() {
  const socket = bindings.Socket.open(AF_INET, SOCK_DGRAM, 0);
  socket.bind(loopback);
  return socket;
}

test('an address that is none is refused', () => {
  const four = bindings.Socket.open(AF_INET, SOCK_STREAM, 0);
  const six = bindings.Socket.open(AF_INET6, SOCK_DGRAM, 0);
  for (const length of [0, 3, 5, 16, 112, 113, 1000]) {
    const bytes = Array.from({ length }, () => 1);
    expect(
      failure(() => four.bind(address(1, bytes))),
      `${length} bytes`,
    ).toBe('EINVAL');
    if (length !== 16) expect(failure(() => six.connect(address(2, bytes)))).toBe('EINVAL');
  }
  for (const family of [0, 3, 0xffff]) {
    expect(failure(() => four.bind(address(family, [127, 0, 0, 1])))).toBe('EAFNOSUPPORT');
  }
  expect(failure(() => four.bind(loopback))).toBeUndefined();
});

test('numbers that are none wait for nothing and trap nowhere', () => {
  const socket = bound();
  for (const number of [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e300]) {
    for (const option of [7, 10]) socket.setOption(option, { number, bytes: new Uint8Array() });
    expect(failure(() => socket.recv(8, MSG_DONTWAIT))).toBe('EAGAIN');
  }
  const entries = [{ socket, interest: { readable: true } }];
  expect(failure(() => bindings.poll(entries, Number.NaN))).toBe('EINVAL');
  expect(bindings.poll(entries, 0)[0]).toMatchObject({ readable: false });
  expect(bindings.poll([], 0)).toEqual([]);
  expect(failure(() => bindings.poll([], undefined))).toBe('EDEADLK');
  const stream = bindings.Socket.open(AF_INET, SOCK_STREAM, 0);
  for (const number of [Number.NaN, 0, -1]) {
    expect(failure(() => stream.connectTimeout(loopback, number))).toBe('EINVAL');
  }
  for (const number of [Number.NaN, -1, 2 ** 32, 1e300]) {
    expect(failure(() => stream.setOption(RETRIES, { number, bytes: new Uint8Array() }))).toBe(
      'EINVAL',
    );
  }
});

test('unknown options and flags, and a value that is too long, are refused', () => {
  const socket = bound();
  for (const option of [0, REUSE_PORT, 9999, 0xffffffff]) {
    expect(failure(() => socket.getOption(option))).toBe(UNSUPPORTED);
  }
  const value = { number: 1, bytes: new Uint8Array(1000) };
  expect(failure(() => socket.setOption(READ_TIMEOUT, value))).toBe('EINVAL');
  expect(failure(() => socket.recv(8, 0x40000000))).toBe('ENOTSUP');
  expect(failure(() => socket.send(new Uint8Array(1), 0x40000000))).toBe('ENOTSUP');
});

test('a wish for more than there is room for gets what there is', () => {
  const socket = bound();
  socket.sendTo(Uint8Array.of(1, 2, 3), 0, { ...socket.localAddress() });
  expect([...socket.recv(0xffffffff, 0)]).toEqual([1, 2, 3]);
});

test('a socket that was closed answers EBADF to everything, and may be closed again', () => {
  const socket = bound();
  const duplicate = socket.duplicate();
  socket.close();
  socket.close();
  const calls: Record<string, () => unknown> = {
    bind: () => socket.bind(loopback),
    connect: () => socket.connect(loopback),
    tryConnect: () => socket.tryConnect(loopback),
    connectTimeout: () => socket.connectTimeout(loopback, 1),
    listen: () => socket.listen(1),
    accept: () => socket.accept(true),
    localAddress: () => socket.localAddress(),
    peerAddress: () => socket.peerAddress(),
    duplicate: () => socket.duplicate(),
    shutdown: () => socket.shutdown('both'),
    recv: () => socket.recv(1, 0),
    recvMessage: () => socket.recvMessage(1, 0),
    send: () => socket.send(new Uint8Array(1), 0),
    sendTo: () => socket.sendTo(new Uint8Array(1), 0, loopback),
    getOption: () => socket.getOption(READ_TIMEOUT),
    setOption: () => socket.setOption(READ_TIMEOUT, { number: 1, bytes: new Uint8Array() }),
  };
  for (const [name, call] of Object.entries(calls)) expect(failure(call), name).toBe('EBADF');
  expect(bindings.poll([{ socket, interest: { readable: true } }], 0)[0]).toMatchObject({
    error: true,
  });
  expect(duplicate.localAddress().port).toBeGreaterThan(0);
});
