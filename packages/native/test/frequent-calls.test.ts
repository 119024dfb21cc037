/** A buffer that is used again does not cross to the addon again. These tests change it in between. */
import { Domain, optionRow, SockAddr, Socket, Type } from '@sock/native';
import { expect, test } from 'vitest';
import { frequentCalls } from '../src/frequent-calls.js';

const driver = Socket.driver;
const { EBADF, EINVAL } = driver.errors as Record<string, number>;
const { AF_INET, SOCK_DGRAM } = driver.constants as Record<string, number>;
const KEEPALIVE = optionRow('keepalive')!.id;

function datagramSocket(): Socket {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  socket.connect(socket.localAddr());
  return socket;
}

/** Makes the addon remember where the bytes of both buffers are. */
function settle(socket: Socket, out: Uint8Array, into: Uint8Array): void {
  for (let i = 0; i < 4; i++) {
    expect(socket.send(out)).toBe(out.length);
    expect(socket.recv(into)).toBe(Math.min(out.length, into.length));
  }
}

test('sends what the buffer holds by now, and receives into the one that is given', () => {
  using socket = datagramSocket();
  const buffers = [new Uint8Array(4), new Uint8Array(4), Buffer.alloc(4), new Uint8Array(100_000)];
  const out = new Uint8Array(4);
  for (let round = 0; round < 40; round++) {
    out.fill(round + 1);
    // Each is used once, twice and three times in a row.
    const into = buffers[Math.trunc(round / (1 + (round % 3))) % buffers.length] as Uint8Array;
    for (const buffer of buffers) buffer.fill(0);
    socket.send(out);
    expect(socket.recv(into)).toBe(4);
    expect(into.subarray(0, 4)).toEqual(into.subarray(0, 4).map(() => round + 1));
    for (const other of buffers) if (other !== into) expect(other.some(Boolean)).toBe(false);
  }
});

test('a buffer that was detached is refused, and its bytes are not touched where they are now', () => {
  using socket = datagramSocket();
  const out = Uint8Array.of(1, 2, 3, 4);
  const into = new Uint8Array(4);
  settle(socket, out, into);
  const moved = structuredClone(into, { transfer: [into.buffer] });
  const taken = structuredClone(out, { transfer: [out.buffer] });
  moved.fill(9);
  expect(() => socket.send(out)).toThrow(/must not be detached/);
  expect(() => socket.recv(into)).toThrow(/must not be detached/);
  // The driver does not check them, and takes them as empty.
  expect(driver.send(socket.asRawFd(), out, 0)).toBe(0);
  expect(driver.recv(socket.asRawFd(), into, 0)).toBe(0);
  expect(moved).toEqual(Uint8Array.of(9, 9, 9, 9));
  settle(socket, taken, moved);
});

test('a resizable buffer is used as long as it is at the moment', () => {
  using socket = datagramSocket();
  const resizable = new (ArrayBuffer as unknown as new (
    length: number,
    options: object,
  ) => ArrayBuffer & { resize(length: number): void })(8, { maxByteLength: 65536 });
  const view = new Uint8Array(resizable);
  const into = new Uint8Array(65536);
  settle(socket, view, into);
  for (const length of [4, 65536 >> 1, 1, 8]) {
    resizable.resize(length);
    expect(socket.send(view)).toBe(length);
    expect(socket.recv(into)).toBe(length);
    expect(socket.send(into.subarray(0, 100))).toBe(100);
    expect(socket.recv(view)).toBe(Math.min(length, 100));
  }
  const end = new Uint8Array(resizable, 4, 4);
  settle(socket, end, into);
  resizable.resize(6);
  // It is outside the buffer now. An empty send in its place would look like success.
  for (const call of [() => socket.send(end), () => socket.recv(end)]) {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  }
});

test('the length is what the engine knows, whatever the array says', () => {
  using socket = datagramSocket();
  class Liar extends Uint8Array {
    override get length(): number {
      return 1 << 20;
    }
  }
  const liar = new Liar(4);
  const owner = new Uint8Array(4);
  Object.defineProperty(owner, 'length', { value: 1 << 20 });
  Object.defineProperty(owner, 'buffer', { value: new ArrayBuffer(1 << 20) });
  const into = new Uint8Array(64);
  for (const buffer of [liar, owner]) {
    for (let i = 0; i < 5; i++) {
      expect(socket.send(buffer)).toBe(4);
      expect(socket.recv(into)).toBe(4);
      expect(socket.send(into)).toBe(64);
      expect(socket.recv(buffer)).toBe(4);
    }
  }
});

test('an empty buffer and one of shared memory stay what they are', () => {
  using socket = datagramSocket();
  const empty = new Uint8Array(0);
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  for (let i = 0; i < 4; i++) {
    expect(socket.send(empty)).toBe(0);
    expect(socket.recv(shared)).toBe(0);
    shared.fill(i);
    expect(socket.send(shared)).toBe(8);
    expect(socket.recv(empty)).toBe(0);
  }
});

test('what is no Uint8Array is refused, again and again, and does not bring back the one before', () => {
  using socket = datagramSocket();
  const bytes = new Uint8Array(4);
  settle(socket, bytes, bytes);
  const fd = socket.asRawFd();
  for (const wrong of [undefined, null, {}, 'text', new Uint16Array(4), new ArrayBuffer(4), 4]) {
    for (let i = 0; i < 3; i++) {
      expect(driver.send(fd, wrong as never, 0)).toBe(-EINVAL!);
      expect(driver.recv(fd, wrong as never, 0)).toBe(-EINVAL!);
    }
  }
  const imposter = Object.create(Uint8Array.prototype) as Uint8Array;
  expect(driver.send(fd, imposter, 0)).toBe(-EINVAL!);
  for (const wrong of [Number.NaN, 1.5, 2 ** 32 + fd, '3', 3n, Symbol('s'), undefined]) {
    expect(driver.send(wrong as number, bytes, 0)).toBe(-EINVAL!);
    expect(driver.recv(fd, bytes, wrong as number)).toBe(-EINVAL!);
    expect(driver.getOption(wrong as number, KEEPALIVE)).toBe(-EINVAL!);
    expect(driver.setOption(fd, wrong as number)).toBe(-EINVAL!);
    expect(driver.accept(wrong as number, 0)).toBe(-EINVAL!);
    expect(driver.accept(fd, wrong as number)).toBe(-EINVAL!);
    expect(driver.close(wrong as number)).toBe(-EINVAL!);
    for (let place = 0; place < 4; place++) {
      const numbers = [AF_INET!, SOCK_DGRAM!, 0, 0];
      numbers[place] = wrong as number;
      expect(driver.open(...(numbers as Parameters<typeof driver.open>))).toBe(-EINVAL!);
    }
  }
  expect(driver.accept(-1, 0)).toBe(-EBADF!);
  expect(driver.close(-1)).toBe(-EBADF!);
  expect(driver.send(-1, bytes, 0)).toBe(-EBADF!);
});

test('two copies of the module, which share the addon, each use their own buffer', async () => {
  const { href } = new URL('../dist/index.js?copy', import.meta.url);
  const copy = ((await import(/* @vite-ignore */ href)) as { Socket: typeof Socket }).Socket.driver;
  expect(copy).not.toBe(driver);
  using socket = datagramSocket();
  const [mine, theirs] = [new Uint8Array(4), new Uint8Array(4)];
  settle(socket, Uint8Array.of(1, 2, 3, 4), mine);
  for (let round = 1; round < 10; round++) {
    mine.fill(0);
    theirs.fill(0);
    const [by, buffer] = round % 2 === 0 ? [driver, mine] : [copy, theirs];
    socket.send(new Uint8Array(4).fill(round));
    expect(by.recv(socket.asRawFd(), buffer, 0)).toBe(4);
    expect([...buffer]).toEqual([round, round, round, round]);
    expect([...mine, ...theirs].filter(Boolean).length).toBe(4);
  }
});

test('a call that never reached the addon, for want of stack, taught it no place', () => {
  const crossed: (Uint8Array | undefined)[] = [];
  let room = true;
  const call = (buffer?: Uint8Array): void => {
    if (!room) throw new RangeError('Maximum call stack size exceeded');
    crossed.push(buffer);
  };
  const calls = { recv: call, recvFrom: call, send: call, sendTo: call };
  const none = { getOption() {}, setOption() {}, open() {}, accept() {}, close() {} };
  const made = frequentCalls({ ...calls, ...none }, new ArrayBuffer(512), -1);
  for (const name of ['recv', 'recvFrom', 'send', 'sendTo'] as const) {
    const [one, other] = [new Uint8Array(4), new Uint8Array(4)];
    crossed.length = 0;
    for (const buffer of [other, other, other, one]) made[name](3, buffer, 0);
    expect(crossed).toEqual([other, other, undefined, one]);
    room = false;
    expect(() => made[name](3, one, 0)).toThrow(RangeError);
    room = true;
    for (const buffer of [one, one, one]) made[name](3, buffer, 0);
    expect(crossed.slice(4)[0]).toBe(one);
    expect(crossed.at(-1)).toBeUndefined();
  }
});
