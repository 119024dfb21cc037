/** wasi:clocks and wasi:random. */
import { Pollable } from '../sockets/pollable.js';
import type { Scope } from '../sockets/scope.js';
import { trap } from '../sockets/resource.js';
import type { InterfaceDefinition } from './define.js';

const NS_PER_MS = 1e6;

const after = (scope: Scope, nanoseconds: bigint): Pollable =>
  new Pollable(scope, undefined, performance.now() + Number(nanoseconds) / NS_PER_MS);

const monotonicNow = (): bigint => process.hrtime.bigint();

export const monotonicClock: InterfaceDefinition = {
  now: { type: '() -> u64', call: monotonicNow, lower: () => () => monotonicNow() },
  resolution: { type: '() -> u64', call: () => 1n },
  'subscribe-instant': {
    type: '(u64) -> own<pollable>',
    call: (scope: Scope, when: bigint) => {
      const left = when - monotonicNow();
      return after(scope, left > 0n ? left : 0n);
    },
  },
  'subscribe-duration': {
    type: '(u64) -> own<pollable>',
    call: (scope: Scope, duration: bigint) => after(scope, duration),
  },
};

export const wallClock: InterfaceDefinition = {
  now: {
    type: '() -> datetime',
    call() {
      const now = performance.timeOrigin + performance.now();
      const seconds = Math.floor(now / 1000);
      return {
        seconds: BigInt(seconds),
        nanoseconds: Math.floor((now - seconds * 1000) * NS_PER_MS),
      };
    },
  },
  resolution: { type: '() -> datetime', call: () => ({ seconds: 0n, nanoseconds: 1000 }) },
};

/** More at once is a mistake: the list would not fit the component's memory. */
const RANDOM_MAX = 0x7fffffffn;

/** The most bytes that the Web Crypto API makes in one call. */
const RANDOM_STEP = 65536;

const bytes = (length: bigint): Uint8Array => {
  if (length > RANDOM_MAX) trap('get-random-bytes: too many');
  const all = new Uint8Array(Number(length));
  for (let at = 0; at < all.length; at += RANDOM_STEP) {
    crypto.getRandomValues(all.subarray(at, at + RANDOM_STEP));
  }
  return all;
};
const number = (): bigint => crypto.getRandomValues(new BigUint64Array(1))[0] as bigint;

export const random: InterfaceDefinition = {
  'get-random-bytes': {
    type: '(u64) -> list<u8>',
    call: (_: Scope, length: bigint) => bytes(length),
  },
  'get-random-u64': { type: '() -> u64', call: number },
};

export const insecureRandom: InterfaceDefinition = {
  'get-insecure-random-bytes': {
    type: '(u64) -> list<u8>',
    call: (_: Scope, length: bigint) => bytes(length),
  },
  'get-insecure-random-u64': { type: '() -> u64', call: number },
};

const seeds = new WeakMap<Scope, readonly [bigint, bigint]>();

/** A component gets the same seed each time it asks, as the interface says. */
function seedOf(scope: Scope): readonly [bigint, bigint] {
  let seed = seeds.get(scope);
  if (seed === undefined) seeds.set(scope, (seed = [number(), number()]));
  return seed;
}

export const insecureSeed: InterfaceDefinition = {
  'insecure-seed': { type: '() -> tuple<u64, u64>', call: seedOf },
};
