/** Names of hosts: the look-ups of the component, until the host has answered them. */
import { type Driver, SockAddr } from '@sock/core';
import type * as SocketInterface from '../component/interfaces/sock-socket-socket.js';

type LookUp = NonNullable<Driver['lookup']>;
type Family = Parameters<LookUp>[1];
type Done = Parameters<LookUp>[2];
type LookupClass = typeof SocketInterface.Lookup;

/** A name that is looked up, and who waits for it. */
interface Pending {
  readonly lookup: SocketInterface.Lookup;
  readonly waiting: { readonly family: Family; readonly done: Done }[];
}

const DISPOSE: symbol = Symbol.dispose ?? Symbol.for('dispose');
/** The longest time between two questions to the host, in milliseconds. */
const LONGEST_PAUSE = 16;

/** The failures of the interface in the words of getaddrinfo(3), as node has them. */
const CODES: Readonly<Record<string, string>> = {
  'not-found': 'ENOTFOUND',
  'invalid-name': 'ENOTFOUND',
  'try-again': 'EAI_AGAIN',
  failed: 'EAI_FAIL',
  'access-denied': 'EACCES',
  unsupported: 'ERR_SOCK_UNSUPPORTED',
};

const WOULD_BLOCK = 'would-block';
/** The lengths of addresses, in bytes. */
const FAMILY_SIZES: Readonly<Record<Family, number>> = { 0: 0, 4: 4, 6: 16 };

/** The failure that a call of the interface throws. */
function failureOf(error: unknown): string {
  const { payload } = (error ?? {}) as { payload?: unknown };
  if (typeof payload !== 'string') throw error;
  return payload;
}

/** An address as text. */
const text = (bytes: Uint8Array): string => {
  if (bytes.length === 4) return bytes.join('.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const groups = Array.from({ length: 8 }, (_, at) => view.getUint16(2 * at).toString(16));
  return SockAddr.ipv6(groups.join(':'), 0).address;
};

/** The look-ups of one component instance. */
export class Lookups {
  readonly #LookupOf: LookupClass;
  readonly #isTold: boolean;
  readonly #pending = new Map<string, Pending>();
  #timer: unknown;
  #pause = 0;

  /** @param isTold whether somebody calls {@link look} when the host has an answer. Otherwise it is asked again and again */
  constructor(LookupOf: LookupClass, isTold: boolean) {
    this.#LookupOf = LookupOf;
    this.#isTold = isTold;
  }

  /** {@link Driver.lookup}. The host looks up both families at once, so that a name needs one look-up at a time. */
  readonly find: LookUp = (name, family, done) => {
    const known = this.#pending.get(name);
    if (known !== undefined) {
      known.waiting.push({ family, done });
      return;
    }
    let lookup: SocketInterface.Lookup;
    try {
      lookup = this.#LookupOf.start(name);
    } catch (error) {
      const code = CODES[failureOf(error)] ?? 'EAI_FAIL';
      setTimeout(() => done(code, []), 0);
      return;
    }
    this.#pending.set(name, { lookup, waiting: [{ family, done }] });
    this.#askSoon();
  };

  /** Asks the host for each answer, and passes on those that are there. */
  look(): void {
    for (const [name, { lookup, waiting }] of this.#pending) {
      const answer = this.#ask(lookup);
      if (answer === WOULD_BLOCK) continue;
      this.#pending.delete(name);
      (lookup as unknown as Record<symbol, () => void>)[DISPOSE]?.();
      for (const { family, done } of waiting) {
        if (typeof answer === 'string') done(CODES[answer] ?? 'EAI_FAIL', []);
        else {
          const fit = answer.filter(
            ({ length }) => family === 0 || length === FAMILY_SIZES[family],
          );
          if (fit.length === 0) done('ENOTFOUND', []);
          else done(undefined, fit.map(text));
        }
      }
    }
  }

  /** The addresses or the failure. */
  #ask(lookup: SocketInterface.Lookup): readonly Uint8Array[] | string {
    try {
      return lookup.addresses(0);
    } catch (error) {
      return failureOf(error);
    }
  }

  #askSoon(): void {
    this.#pause = 0;
    clearTimeout(this.#timer as Parameters<typeof clearTimeout>[0]);
    this.#timer = setTimeout(this.#turn, 0);
  }

  readonly #turn = (): void => {
    this.look();
    if (this.#isTold || this.#pending.size === 0) return;
    this.#pause = Math.min(LONGEST_PAUSE, 2 * this.#pause || 1);
    this.#timer = setTimeout(this.#turn, this.#pause);
  };
}
