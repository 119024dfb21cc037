/**
 * Calls the host's functions with random numbers and a memory of random bytes, as a hostile component would. A call may
 * return or trap; nothing else. `node --import tsx test/fuzz-lowered.ts CALLS SEED` runs it by itself.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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

export interface FuzzResult {
  readonly calls: number;
  readonly returned: number;
  readonly trapped: number;
  /** Descriptors of this process afterwards, beyond those before. */
  readonly left: number;
}

const descriptors = (): number => readdirSync('/proc/self/fd').length;

export function fuzz(calls: number, seed: number): FuzzResult {
  const random = generator(seed);
  const everything = ['127.0.0.0/8:*', '[::1]:*'];
  const policy = {
    tcp: { connect: everything, listen: everything },
    udp: { bind: everything, send: everything },
    limits: { sockets: 64 },
  };
  let guest = new LoweredGuest(policy);
  const before = descriptors();
  let [returned, trapped] = [0, 0];
  const names = [...guest.functions.keys()].filter((name) => !WAITS.test(name));
  const kinds = [
    'tcp-socket',
    'udp-socket',
    'input-stream',
    'output-stream',
    'pollable',
    'error',
    'network',
    'incoming-datagram-stream',
    'outgoing-datagram-stream',
    'resolve-address-stream',
  ];
  const number = (): number => {
    const choice = random() % 8;
    if (choice < 3) return random() % 40;
    if (choice < 6) return (random() % 262144) & ~3;
    if (choice === 6) return random() % 262200;
    return random() | 0;
  };
  for (let at = 0; at < calls; at++) {
    if (at % 20_000 === 19_999) {
      guest.scope.closeAll();
      guest = new LoweredGuest(policy);
    }
    if (at % 16 === 0) {
      // Small numbers, so that pointers within point somewhere.
      const words = new Uint32Array(guest.memory.buffer);
      const from = random() % (words.length - 512);
      for (let i = 0; i < 512; i++)
        words[from + i] = random() % 4 === 0 ? random() : random() % 300;
    }
    const name = names[random() % names.length] as string;
    const isDrop = random() % 16 === 0;
    try {
      if (isDrop) guest.drop(kinds[random() % kinds.length] as string, random() % 200);
      else {
        const wide =
          /u64|instant|duration|read$|skip|set-.*(size|time|interval)|receive$|zeroes|random-bytes/.test(
            name,
          );
        const args: (number | bigint)[] = Array.from({ length: 16 }, number);
        if (wide) {
          const value = BigInt(random() % 3 === 0 ? random() : random() % 5000);
          if (/instant|duration|random-bytes/.test(name)) args[0] = value;
          else args[1] = value;
        }
        // Much of it would be a list that fills the memory, which is the guest's own to allow.
        if (name.endsWith('random-bytes')) args[0] = BigInt(random() % 1000);
        guest.call(name, ...args);
      }
      returned += 1;
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) {
        throw new Error(`seed ${seed}, call ${at}: ${isDrop ? 'drop' : name}`, { cause: error });
      }
      trapped += 1;
    }
  }
  guest.scope.closeAll();
  return { calls, returned, trapped, left: descriptors() - before };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [calls = '1000000', seed = '1'] = process.argv.slice(2);
  process.stdout.write(`${JSON.stringify(fuzz(Number(calls), Number(seed)))}\n`);
}
