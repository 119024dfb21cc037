/** IP addresses, one object for each: sockets compare them by identity. */
import { SockAddr } from '@sock/core';
import type { Host } from './host.js';

/** An IPv4 or IPv6 address. */
export class Ip {
  /** The host that has the address; loopback and group addresses have none. */
  host: Host | undefined;
  readonly isAny: boolean;
  readonly isLoopback: boolean;
  readonly isMulticast: boolean;
  /** The limited broadcast address of IPv4. */
  readonly isBroadcast: boolean;

  constructor(
    /** A number that stands for the address in keys. */
    readonly id: number,
    readonly family: 4 | 6,
    readonly bytes: Uint8Array,
    readonly text: string,
  ) {
    const [first = 0] = bytes;
    this.isAny = bytes.every((byte) => byte === 0);
    this.isLoopback = family === 4 ? first === 127 : text === '::1';
    this.isMulticast = family === 4 ? first >= 224 && first < 240 : first === 255;
    this.isBroadcast = family === 4 && bytes.every((byte) => byte === 255);
  }

  /** Whether nobody else can be reached by it. */
  get isLocal(): boolean {
    return this.isLoopback || this.isAny;
  }

  toString(): string {
    return this.text;
  }
}

/** Two bytes, in network order. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** RFC 5952, without IPv4 in the last words. */
function textOfV6(bytes: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, i) => wordAt(bytes, 2 * i));
  let best = -1;
  let length = 1;
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && words[end] === 0) end++;
    if (end - start > length) [best, length] = [start, end - start];
  }
  const hex = words.map((word) => word.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + length).join(':')}`;
}

function bytesOfV6(text: string): Uint8Array {
  const [head = '', tail] = text.split('::');
  const wordsOf = (part: string): number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((word) => {
          if (!word.includes('.')) return [parseInt(word, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number);
          return [(a << 8) | b, (c << 8) | d];
        });
  const front = wordsOf(head);
  const back = tail === undefined ? [] : wordsOf(tail);
  const bytes = new Uint8Array(16);
  front.forEach((word, i) => bytes.set([word >> 8, word & 255], 2 * i));
  back.forEach((word, i) => bytes.set([word >> 8, word & 255], 16 - 2 * (back.length - i)));
  return bytes;
}

/** Addresses of peers that are kept beyond those of hosts: more than any program speaks to. */
const MOST = 100_000;

/** The addresses of one network. */
export class IpTable {
  readonly #v4 = new Map<number, Ip>();
  readonly #v6 = new Map<string, Ip>();
  #last = 0;
  readonly any4 = this.v4(0, 0, 0, 0);
  readonly any6 = this.v6(new Uint8Array(16));
  readonly loopback4 = this.v4(127, 0, 0, 1);
  readonly loopback6 = this.parse('::1');

  v4(a: number, b: number, c: number, d: number): Ip {
    const key = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    let ip = this.#v4.get(key);
    if (ip === undefined) {
      ip = new Ip(++this.#last, 4, Uint8Array.of(a, b, c, d), `${a}.${b}.${c}.${d}`);
      if (this.#v4.size < MOST) this.#v4.set(key, ip);
    }
    return ip;
  }

  /** The address of four bytes. */
  v4At(bytes: Uint8Array, at: number): Ip {
    return this.v4(
      bytes[at] as number,
      bytes[at + 1] as number,
      bytes[at + 2] as number,
      bytes[at + 3] as number,
    );
  }

  v6(bytes: Uint8Array): Ip {
    const text = textOfV6(bytes);
    let ip = this.#v6.get(text);
    if (ip === undefined) {
      ip = new Ip(++this.#last, 6, bytes.slice(), text);
      if (this.#v6.size < MOST) this.#v6.set(text, ip);
    }
    return ip;
  }

  /** The IPv4 address in an IPv4-mapped IPv6 address, RFC 4291 section 2.5.5.2. */
  unmapped({ bytes }: Ip): Ip | undefined {
    if (bytes.length !== 16 || bytes[10] !== 255 || bytes[11] !== 255) return undefined;
    if (bytes.subarray(0, 10).some((byte) => byte !== 0)) return undefined;
    return this.v4At(bytes, 12);
  }

  /** @throws what `SockAddr.ipv4` and `SockAddr.ipv6` throw */
  parse(text: string): Ip {
    if (typeof text === 'string' && text.includes(':')) {
      return this.v6(bytesOfV6(SockAddr.ipv6(text, 0).address));
    }
    const [a = 0, b = 0, c = 0, d = 0] = SockAddr.ipv4(text, 0).address.split('.').map(Number);
    return this.v4(a, b, c, d);
  }
}
