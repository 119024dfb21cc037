/**
 * Calls the host's functions with random numbers and a memory of random bytes, as a hostile component would. A call may
 * return or trap; nothing else. `node --import tsx test/fuzz-lowered.ts CALLS SEED` runs it by itself.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { interfaces, resourceHomes } from '../src/host-interfaces.js';
import type { Lookup } from '../src/sockets/lookup.js';
import { Resource } from '../src/sockets/resource.js';
import { LoweredGuest } from './lowered-guest.js';

/** mulberry32: the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** These would wait for what never comes, which a component may do. */
const WAITS = /block|#poll$/;
/** Arguments are words of 64 bits here: an amount, a time, a size. */
const WIDE =
  /u64|instant|duration|read$|skip|set-.*(size|time|interval)|receive$|zeroes|random-bytes/;
const NAMES = new TextEncoder().encode('127.0.0.1.example');
const KINDS = Object.keys(resourceHomes);
const LOOPBACK = ['127.0.0.0/8:*', '[::1]:*'];
const POLICY = {
  tcp: { connect: LOOPBACK, listen: LOOPBACK },
  udp: { bind: LOOPBACK, send: LOOPBACK },
  lookup: ['*'],
  limits: { sockets: 64, resources: 4096 },
};
/** A guest serves for so many calls. */
const GUEST_CALLS = 20_000;

export interface FuzzResult {
  readonly calls: number;
  readonly returned: number;
  readonly trapped: number;
  /** Functions that returned at least once. */
  readonly functions: number;
  /** Descriptors of this process afterwards, beyond those before. */
  readonly left: number;
}

const descriptors = (): number => readdirSync('/proc/self/fd').length;

/** What a function takes, as far as random arguments are to get past the first checks. */
interface Shape {
  readonly kinds: readonly string[];
  /** The first number of an address, or -1. */
  readonly addressAt: number;
  readonly isOptional: boolean;
}

function shapeOf(name: string): Shape {
  const [home = '', key = ''] = name.split('#');
  const [params = ''] = (interfaces[home]?.[key]?.type ?? '').split(' -> ');
  const kinds = [...params.matchAll(/borrow<([a-z-]+)>/g)].map(([, kind]) => kind as string);
  const isOptional = /option<ip-socket-address>/.test(params);
  const hasAddress = isOptional || / ip-socket-address/.test(params);
  return { kinds, isOptional, addressAt: hasAddress ? kinds.length + Number(isOptional) : -1 };
}

export function fuzz(calls: number, seed: number): FuzzResult {
  const random = generator(seed);
  /** No name leaves this machine: some are answered at once, some later, some never. */
  const lookup: Lookup = () => () =>
    random() % 2 === 0 ? undefined : { addresses: ['127.0.0.1', '::1'], ttl: random() % 3 };
  let guest = new LoweredGuest(POLICY, lookup);
  const before = descriptors();
  let [returned, trapped] = [0, 0];
  const reached = new Set<string>();
  const names = [...guest.functions.keys()].filter((name) => !WAITS.test(name));
  const shapes = new Map(names.map((name) => [name, shapeOf(name)]));

  const number = (): number => {
    const choice = random() % 8;
    if (choice < 3) return random() % 40;
    if (choice < 6) return (random() % 262144) & ~7;
    if (choice === 6) return random() % 262200;
    return random() | 0;
  };
  /** Mostly a handle of this type that exists. */
  const handleOf = (kind: string): number => {
    if (random() % 8 !== 0) {
      for (let tries = 0; tries < 32; tries++) {
        const handle = 1 + (random() % (guest.handles.size + 8));
        const value = guest.handles.peek(handle);
        if (value instanceof Resource && value.kind === kind) return handle;
      }
    }
    return number();
  };
  const argumentsOf = (name: string): (number | bigint)[] => {
    const args: (number | bigint)[] = Array.from({ length: 16 }, number);
    const { kinds, addressAt, isOptional } = shapes.get(name) as Shape;
    kinds.forEach((kind, at) => {
      args[at] = handleOf(kind);
    });
    let next = kinds.length;
    if (addressAt >= 0) {
      next = addressAt + 12;
      if (isOptional) args[addressAt - 1] = random() % 2;
      if (random() % 8 !== 0) {
        // 127.0.0.1, or ::1 (after the flow), and a port that somebody may have.
        const port = random() % 3 === 0 ? 0 : 40_000 + (random() % 8);
        const address =
          random() % 2 === 0 ? [0, port, 127, 0, 0, 1] : [1, port, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        for (let at = 0; at < 12; at++) args[addressAt + at] = address[at] ?? 0;
      }
    } else if (name.endsWith('resolve-addresses') && random() % 4 !== 0) {
      NAMES.forEach((byte, at) => {
        new Uint8Array(guest.memory.buffer)[16384 + at] = byte;
      });
      args[1] = 16384;
      args[2] = random() % (NAMES.length + 1);
      next = 3;
    }
    if (random() % 4 !== 0) args[next] = 1024 + 8 * (random() % 64);
    if (WIDE.test(name)) {
      const value = BigInt(random() % 3 === 0 ? random() : random() % 5000);
      if (/instant|duration/.test(name)) args[0] = value;
      // Much of it would be a list that fills the memory, which is the guest's own to allow.
      else if (name.endsWith('random-bytes')) args[0] = BigInt(random() % 1000);
      else {
        args[1] = value;
        args[2] = 1024 + 8 * (random() % 64);
      }
    }
    return args;
  };
  /** A poll that ends: a timer that is over is among its pollables. */
  const poll = (): void => {
    const view = new DataView(guest.memory.buffer);
    const timer = guest.call('wasi:clocks/monotonic-clock#subscribe-duration', 0n) as number;
    const count = 1 + (random() % 32);
    const hostile = random() % 4 === 0;
    for (let at = 0; at < count; at++) {
      view.setUint32(8192 + 4 * at, hostile ? handleOf('pollable') : pollable(timer), true);
    }
    view.setUint32(8192 + 4 * (random() % count), timer, true);
    try {
      guest.call('wasi:io/poll#poll', 8192, count, 1024 + 8 * (random() % 64));
    } finally {
      guest.drop('pollable', timer);
    }
  };
  const pollable = (otherwise: number): number => {
    const handle = handleOf('pollable');
    const value = guest.handles.peek(handle);
    return value instanceof Resource && value.kind === 'pollable' ? handle : otherwise;
  };

  for (let at = 0; at < calls; at++) {
    if (at % GUEST_CALLS === GUEST_CALLS - 1) {
      guest.scope.closeAll();
      guest = new LoweredGuest(POLICY, lookup);
    }
    if (at % 16 === 0) {
      // Small numbers, so that pointers within point somewhere.
      const words = new Uint32Array(guest.memory.buffer);
      const from = random() % (words.length - 512);
      for (let i = 0; i < 512; i++)
        words[from + i] = random() % 4 === 0 ? random() : random() % 300;
    }
    const choice = random() % 32;
    const name =
      choice === 0 ? 'drop' : choice === 1 ? 'poll' : (names[random() % names.length] as string);
    try {
      if (choice === 0) {
        const kind = KINDS[random() % KINDS.length] as string;
        guest.drop(kind, handleOf(kind));
      } else if (choice === 1) poll();
      else guest.call(name, ...argumentsOf(name));
      returned += 1;
      reached.add(name);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) {
        throw new Error(`seed ${seed}, call ${at}: ${name}`, { cause: error });
      }
      trapped += 1;
    }
  }
  guest.scope.closeAll();
  return { calls, returned, trapped, functions: reached.size, left: descriptors() - before };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [calls = '1000000', seed = '1'] = process.argv.slice(2);
  process.stdout.write(`${JSON.stringify(fuzz(Number(calls), Number(seed)))}\n`);
}
