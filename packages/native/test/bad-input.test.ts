/**
 * Every public method with hostile values: wrong types, values out of range, and values that run code of the caller
 * in the middle of the call. The method must throw the documented error or the caller's own. It must not use memory
 * that was taken away, touch descriptors of others, or leak any.
 */
import * as sock from '@sock/native';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSockets } from './descriptors.js';
import { type Ground, hostileArguments, make, type Recipe } from './hostile.js';

const { DatagramBatch, Domain, Events, Poller, SockAddr, SockError, Socket, TcpKeepalive, Type } =
  sock;
/** So many calls, with other values each time. */
const RUNS = process.env['SOCK_BAD_INPUT_RUNS'];
type Call = (...values: unknown[]) => unknown;
type Methods = Record<PropertyKey, Call>;

/** A call on an object, which is made anew for each call. */
interface Target {
  readonly name: string;
  readonly call: (ground: Ground, values: readonly unknown[]) => unknown;
}

/** Marked `@internal`: absent from the declarations that callers get. */
const INTERNAL: readonly PropertyKey[] = [
  ...[
    'adopt',
    'borrow',
    'joinPoller',
    'leavePoller',
    'endWaits',
    'receive',
    'controlRoom',
    'check',
  ],
  ...['OwnedFd', 'RecvFlags'],
];

/** All methods that an object has or inherits. A getter counts as a method. */
function methodsOf(name: string, prototype: object, on: (ground: Ground) => object): Target[] {
  const targets = new Map<PropertyKey, Target>();
  for (let at: object | null = prototype; at !== null && at !== Object.prototype;) {
    for (const key of Reflect.ownKeys(at)) {
      if (key === 'constructor' || INTERNAL.includes(key) || targets.has(key)) continue;
      const { value, set } = Object.getOwnPropertyDescriptor(at, key) as PropertyDescriptor;
      targets.set(key, {
        name: `${name}.${String(key)}`,
        call: (ground, values) => {
          const self = on(ground) as Methods;
          if (typeof value === 'function') return (self[key] as Call)(...values);
          if (set !== undefined) self[key] = values[0] as Call;
          return self[key];
        },
      });
    }
    at = Object.getPrototypeOf(at) as object | null;
  }
  return [...targets.values()];
}

function staticsOf(name: string, Class: object): Target[] {
  const targets = new Map<PropertyKey, Target>();
  for (let at: object | null = Class; at !== null && at !== Function.prototype;) {
    for (const key of Reflect.ownKeys(at)) {
      if (typeof (at as Methods)[key] !== 'function') continue;
      targets.set(key, {
        name: `${name}.${String(key)}`,
        call: (_ground, values) => (Class as Methods)[key]?.(...values),
      });
    }
    at = Object.getPrototypeOf(at) as object | null;
  }
  return [...targets.values()];
}

const constructs = (name: string, Class: object): Target => ({
  name: `new ${name}`,
  call: (_ground, values) => new (Class as new (...all: unknown[]) => unknown)(...values),
});

/** A poller whose next wait ends, whatever time-out it gets. */
function wokenPoller({ socket }: Ground): sock.Poller {
  const poller = new Poller();
  poller.register(socket, 1, sock.Interest.READABLE);
  poller.wake();
  return poller;
}

function batch(): sock.DatagramBatch {
  const made = new DatagramBatch({ count: 2, size: 16 });
  made.push(new Uint8Array(4), SockAddr.ipv4('127.0.0.1', 9));
  return made;
}

/** A descriptor that arrived. */
function ownedFd({ socket, peer }: Ground): object {
  peer.sendmsg({ buffers: [new Uint8Array(1)], control: [{ kind: 'rights', fds: [peer] }] });
  for (;;) {
    const [message] = socket.recvmsg({ buffers: [new Uint8Array(64)], control: 64 }).control;
    if (message?.kind === 'rights') return message.fds[0] as object;
  }
}

/** These take the number of any descriptor of the process and act on it, by design. */
const TAKE_NUMBERS = ['Socket.fromRawFd', 'Socket.borrowRawFd', 'Poller.wakeFd'];
const isDescriptor = (value: unknown): boolean =>
  typeof value === 'number' && value >= 0 && value < 2 ** 31;

const targets = new Map<string, Target>(
  [
    ...methodsOf('socket', Socket.prototype, ({ socket }) => socket),
    ...methodsOf('address', SockAddr.prototype, () => SockAddr.ipv6('fe80::1%1', 80)),
    ...methodsOf('poller', Poller.prototype, wokenPoller),
    ...methodsOf('events', Events.prototype, () => new Events(4)),
    ...methodsOf('batch', DatagramBatch.prototype, batch),
    ...methodsOf('keepalive', TcpKeepalive.prototype, () => new TcpKeepalive()),
    ...methodsOf('ownedFd', sock.OwnedFd.prototype, ownedFd),
    ...Object.entries(sock).flatMap(([name, member]): Target[] => {
      if (typeof member !== 'function') return [];
      const plain: Target = { name, call: (_ground, values) => (member as Call)(...values) };
      const isClass = Function.prototype.toString.call(member).startsWith('class ');
      if (!isClass) return [plain];
      const made = INTERNAL.includes(name) ? [] : [constructs(name, member)];
      return [...made, ...staticsOf(name, member)];
    }),
  ].map((target) => [target.name, target]),
);

/** Runs on a unix datagram pair with queued datagrams, so a receive has something to write. */
function ground(): Ground {
  const [socket, peer] = Socket.pair(Domain.UNIX, Type.DGRAM);
  for (const one of [socket, peer]) one.setReadTimeout(20);
  socket.setWriteTimeout(20);
  socket.setNonblocking(true);
  for (let i = 0; i < 4; i++) peer.send(new Uint8Array(64).fill(0xaa));
  const buffer = new (ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer)(
    64,
    { maxByteLength: 128 },
  );
  return {
    socket,
    peer,
    victims: [],
    bytes: new Uint8Array(64),
    resizable: new Uint8Array(buffer),
    thrown: new Error('of the caller'),
  };
}

function check(target: string, error: unknown, { thrown }: Ground): void {
  if (error === thrown || error instanceof SockError) return;
  if (error instanceof TypeError || error instanceof RangeError) return;
  throw new Error(`${target} threw ${String(error)}`, { cause: error });
}

/** Closes what a call made. Awaits a promise after closing the socket that it waits on. */
function finish(target: string, result: unknown, on: Ground, waits: Promise<void>[]): void {
  if (target.endsWith('.intoRawFd')) Socket.fromRawFd(result as number).close();
  if (result instanceof Socket || result instanceof Poller || result instanceof sock.OwnedFd) {
    result.close();
  } else if (result instanceof Promise) {
    waits.push(
      result.then(
        (settled) => finish(target, settled, on, waits),
        (error: unknown) => check(target, error, on),
      ),
    );
  } else if (Array.isArray(result)) {
    for (const item of result) finish(target, item, on, waits);
  }
}

async function attack(name: string, recipes: readonly Recipe[]): Promise<void> {
  const { call } = targets.get(name) as Target;
  const on = ground();
  const waits: Promise<void>[] = [];
  try {
    const values = recipes.map((recipe) => make(recipe, on));
    if (TAKE_NUMBERS.includes(name) && isDescriptor(values[0])) return;
    finish(name, call(on, values), on, waits);
  } catch (error) {
    check(name, error, on);
  } finally {
    const [victim, other] = on.victims;
    // The socket that got the number of the closed one has sent nothing, received nothing and is unchanged.
    expect([victim?.tryRecv(new Uint8Array(8)), other?.tryRecv(new Uint8Array(8))]).toEqual(
      victim === undefined ? [undefined, undefined] : [4, undefined],
    );
    expect(victim?.recvBufferSize()).toBe(other?.recvBufferSize());
    expect(victim?.nonblocking()).toBe(other?.nonblocking());
    for (const one of [on.socket, on.peer, ...on.victims]) one.close();
  }
  await Promise.all(waits);
}

test('hostile arguments of every public method: typed errors, no leak, no memory that is gone', async () => {
  expect(targets.size).toBeGreaterThan(400);
  globalThis.gc?.();
  const before = openSockets().length;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...targets.keys()), hostileArguments, attack),
    RUNS === undefined ? { seed: 20_261_125, numRuns: 12_000 } : { numRuns: Number(RUNS) },
  );
  for (let i = 0; i < 100 && openSockets().length > before; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(openSockets().length).toBe(before);
}, 3_600_000);
