/** A receive of TCP that got less than it had room for is not tried again at once, and when it is all the same. */
import { beforeEach, describe, expect, test } from 'vitest';
import { optionRow } from '../src/driver/support.js';
import { Interest, type Socket } from '../src/index.js';
import { errors, ScriptedDriver, socketsOver } from './scripted-driver.js';

const idOf = (name: string): number => optionRow(name)?.id ?? -1;
const PROTOCOL = idOf('protocol');
const TCP_ULP = idOf('tcpUlp');

let driver: ScriptedDriver;
/** What the next receives return, each once. */
let arrived: number[];
let watched: Map<number, (readiness: number) => void>;
let drained: (boolean | undefined)[];

beforeEach(() => {
  arrived = [];
  watched = new Map();
  drained = [];
  driver = new ScriptedDriver();
  driver.recv = (handle, { length }, flags) => {
    driver.calls.push(['recv', handle, length, flags]);
    return arrived.shift() ?? -errors.EAGAIN;
  };
  driver.watch = ((handle: number, interest: number, ready: () => void, isDrained?: boolean) => {
    if (interest === 0) watched.delete(handle);
    else {
      watched.set(handle, ready);
      drained.push(isDrained);
    }
    return 0;
  }) as typeof driver.watch;
  driver.values.set(PROTOCOL, { number: driver.constants.IPPROTO_TCP, bytes: new Uint8Array(0) });
});

/** A socket on which a receive waits. */
function waiting(): [Socket, Promise<number>] {
  const socket = new (socketsOver(driver))('ipv4', 'stream');
  return [socket, socket.recvAsync(new Uint8Array(16))];
}

/** The system reports that a socket is ready. */
function report(socket: Socket, readiness: number): void {
  const { handle } = socket as unknown as { handle: number };
  const ready = watched.get(handle);
  watched.delete(handle);
  ready?.(readiness);
}

const received = (): number => driver.take().filter((name) => name === 'recv').length;

describe('after a receive that got less than it had room for', () => {
  test('the next one of the same code waits without a call', async () => {
    const [socket, first] = waiting();
    let second: Promise<number> | undefined;
    const next = first.then(() => {
      driver.take();
      second = socket.recvAsync(new Uint8Array(16));
    });
    arrived = [5];
    report(socket, Interest.READABLE);
    await next;
    expect(received()).toBe(0);
    expect(drained.at(-1)).toBe(true);
    arrived = [7];
    report(socket, Interest.READABLE);
    expect(await second).toBe(7);
  });

  test('each of several sockets that became ready in one turn does so', async () => {
    const all = Array.from({ length: 5 }, waiting);
    arrived = [1, 2, 3, 4, 5];
    const next = all.map(([socket, first]) =>
      first.then(() => {
        socket.recvAsync(new Uint8Array(16)).catch(() => {});
      }),
    );
    driver.take();
    for (const [socket] of all) report(socket, Interest.READABLE);
    await Promise.all(next);
    expect(received()).toBe(5);
    for (const [socket] of all) socket.close();
  });

  test('a later one is tried', async () => {
    const [socket, first] = waiting();
    arrived = [5];
    report(socket, Interest.READABLE);
    await first;
    await new Promise((resolve) => setTimeout(resolve, 0));
    arrived = [6];
    expect(await socket.recvAsync(new Uint8Array(16))).toBe(6);
  });

  test('a receive that filled its buffer is followed by a try', async () => {
    const [socket, first] = waiting();
    arrived = [16, 4];
    report(socket, Interest.READABLE);
    expect(await first).toBe(16);
    expect(await socket.recvAsync(new Uint8Array(16))).toBe(4);
  });

  test.each([
    ['the end of the stream', Interest.READABLE | 8],
    ['urgent data', Interest.READABLE | Interest.PRIORITY],
    ['an error', Interest.READABLE | 4],
  ])('a try follows if there was %s too', async (_, readiness) => {
    const [socket, first] = waiting();
    arrived = [5, 0];
    report(socket, readiness);
    await first;
    expect(await socket.recvAsync(new Uint8Array(16))).toBe(0);
  });

  test('a try follows on a socket of another protocol', async () => {
    driver.values.set(PROTOCOL, { number: 17, bytes: new Uint8Array(0) });
    const [socket, first] = waiting();
    arrived = [5, 3];
    report(socket, Interest.READABLE);
    await first;
    expect(await socket.recvAsync(new Uint8Array(16))).toBe(3);
  });

  test('a try follows with an upper layer protocol in the kernel: kTLS ends a receive before a record of another type', async () => {
    driver.values.set(TCP_ULP, { number: 0, bytes: new TextEncoder().encode('tls') });
    const [socket, first] = waiting();
    arrived = [5, 3];
    report(socket, Interest.READABLE);
    await first;
    expect(await socket.recvAsync(new Uint8Array(16))).toBe(3);
  });

  test('a try follows once an option that core does not know has set such a protocol', async () => {
    const [socket, first] = waiting();
    arrived = [5];
    report(socket, Interest.READABLE);
    await first;
    driver.values.set(TCP_ULP, { number: 0, bytes: new TextEncoder().encode('tls') });
    socket.setsockoptRaw(282, 2, new Uint8Array(40));
    arrived = [3];
    expect(await socket.recvAsync(new Uint8Array(16))).toBe(3);
    const wait = socket.recvAsync(new Uint8Array(16));
    arrived = [2, 1];
    report(socket, Interest.READABLE);
    await wait;
    expect(await socket.recvAsync(new Uint8Array(16))).toBe(1);
  });
});

test('the object of a call that is done serves the next one, and no other', async () => {
  const [socket, first] = waiting();
  const buffers = [new Uint8Array(8), new Uint8Array(8)] as const;
  const second = socket.recvAsync(buffers[0]);
  const third = socket.recvAsync(buffers[1]);
  arrived = [1, 2];
  report(socket, Interest.READABLE);
  expect(await Promise.all([first, second])).toEqual([1, 2]);
  const fourth = socket.recvAsync(new Uint8Array(8));
  const fifth = socket.recvAsync(new Uint8Array(8));
  arrived = [3, 4, 5];
  report(socket, Interest.READABLE);
  expect(await Promise.all([third, fourth, fifth])).toEqual([3, 4, 5]);
});

test('a wrong buffer leaves the next call as it should be', async () => {
  const socket = new (socketsOver(driver))('ipv4', 'stream');
  arrived = [1];
  await socket.recvAsync(new Uint8Array(8));
  await expect(socket.recvAsync('text' as never)).rejects.toMatchObject({
    code: 'ERR_INVALID_ARG_TYPE',
  });
  arrived = [2];
  expect(await socket.recvAsync(new Uint8Array(8))).toBe(2);
});
