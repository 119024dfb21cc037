/** The order in which the addresses of a host are tried: RFC 6724, section 6, and RFC 8305, section 4. */

/** The address from which a destination would be reached, and what the system knows about it. */
export interface Source {
  /** 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  /** Bits of the prefix of its interface. */
  readonly prefixLength?: number;
  /** Whether it is past its preferred lifetime: RFC 4862, section 5.5.4. */
  readonly deprecated?: boolean;
  /** Whether it is a home address of Mobile IP: RFC 6275. */
  readonly home?: boolean;
  /** Whether its interface is a tunnel. */
  readonly tunnel?: boolean;
}

/** A destination. `source`: `null` if there is no way to it, `undefined` if that is not known. */
export interface Destination {
  /** 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  readonly source?: Source | null | undefined;
}

/** RFC 6724, section 2.1: the default policy table. Longer prefixes come first. */
const POLICY: readonly (readonly [
  prefix: readonly number[],
  bits: number,
  precedence: number,
  label: number,
])[] = [
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 128, 50, 0],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 96, 35, 4],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 96, 1, 3],
  [[0x20, 0x01, 0, 0], 32, 5, 5],
  [[0x20, 0x02], 16, 30, 2],
  [[0x3f, 0xfe], 16, 1, 12],
  [[0xfe, 0xc0], 10, 1, 11],
  [[0xfc], 7, 3, 13],
  [[], 0, 40, 1],
];

const LINK_LOCAL = 2;
const SITE_LOCAL = 5;
const GLOBAL = 14;
/** Bits of a prefix of which the system says nothing: RFC 4291, section 2.5.4. */
const PREFIX_BITS = 64;

/** An IPv4 address counts as its IPv4-mapped IPv6 address. */
function mapped(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 16) return bytes;
  const all = new Uint8Array(16);
  all.fill(0xff, 10, 12);
  all.set(bytes, 12);
  return all;
}

/** The number of bits that two addresses have in common at their beginning. */
export function commonPrefix(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let bits = 0;
  for (let at = 0; at < one.length; at++, bits += 8) {
    const difference = (one[at] as number) ^ (other[at] as number);
    if (difference !== 0) return bits + Math.clz32(difference) - 24;
  }
  return bits;
}

interface Policy {
  readonly precedence: number;
  readonly label: number;
}

function policyOf(bytes: Uint8Array): Policy {
  const address = mapped(bytes);
  for (const [prefix, bits, precedence, label] of POLICY) {
    if (commonPrefix(prefix, address) >= bits) return { precedence, label };
  }
  return { precedence: 40, label: 1 };
}

/** RFC 6724, sections 3.1 to 3.2. */
function scopeOf(bytes: Uint8Array): number {
  const [first = 0, second = 0] = bytes;
  if (bytes.length === 4) {
    return first === 127 || (first === 169 && second === 254) ? LINK_LOCAL : GLOBAL;
  }
  if (first === 0xff) return second & 0xf;
  if (first === 0xfe && (second & 0xc0) === 0x80) return LINK_LOCAL;
  if (first === 0xfe && (second & 0xc0) === 0xc0) return SITE_LOCAL;
  const isLoopback = bytes[15] === 1 && bytes.subarray(0, 15).every((byte) => byte === 0);
  if (isLoopback) return LINK_LOCAL;
  const isMapped = commonPrefix(mapped(new Uint8Array(4)), bytes) >= 96;
  return isMapped ? scopeOf(bytes.subarray(12)) : GLOBAL;
}

/** What the rules compare. A rule about the source does not decide where the source is unknown. */
interface Ranked<T> extends Policy {
  readonly destination: T;
  readonly scope: number;
  readonly usable: boolean;
  readonly source: Source | undefined;
  readonly scopeMatches: boolean;
  readonly labelMatches: boolean;
}

function rank<T extends Destination>(destination: T): Ranked<T> {
  const { bytes, source: found } = destination;
  const source = found ?? undefined;
  const policy = policyOf(bytes);
  const scope = scopeOf(bytes);
  return {
    ...policy,
    destination,
    scope,
    usable: found !== null,
    source,
    scopeMatches: source !== undefined && scopeOf(source.bytes) === scope,
    labelMatches: source !== undefined && policyOf(source.bytes).label === policy.label,
  };
}

/** A rule prefers the destination that has a property. */
const prefer = (one: boolean, other: boolean): number => Number(other) - Number(one);

/** Rule 9. Only for IPv6: an IPv4 prefix says nothing about nearness, and would defeat DNS round robin. */
function prefixOf({ destination: { bytes }, source }: Ranked<Destination>): number {
  if (source === undefined || bytes.length !== 16 || source.bytes.length !== 16) return 0;
  return Math.min(commonPrefix(source.bytes, bytes), source.prefixLength ?? PREFIX_BITS);
}

function compare(one: Ranked<Destination>, other: Ranked<Destination>): number {
  const [a, b] = [one.source, other.source];
  const known = a !== undefined && b !== undefined;
  return (
    // Rule 1: avoid unusable destinations.
    prefer(one.usable, other.usable) ||
    // Rule 2: prefer matching scope.
    (known && prefer(one.scopeMatches, other.scopeMatches)) ||
    // Rule 3: avoid deprecated addresses.
    (known && prefer(a.deprecated !== true, b.deprecated !== true)) ||
    // Rule 4: prefer home addresses.
    (known && prefer(a.home === true, b.home === true)) ||
    // Rule 5: prefer matching label.
    (known && prefer(one.labelMatches, other.labelMatches)) ||
    // Rule 6: prefer higher precedence.
    other.precedence - one.precedence ||
    // Rule 7: prefer native transport.
    (known && prefer(a.tunnel !== true, b.tunnel !== true)) ||
    // Rule 8: prefer smaller scope.
    one.scope - other.scope ||
    // Rule 9: use longest matching prefix.
    (one.destination.bytes.length === other.destination.bytes.length &&
      prefixOf(other) - prefixOf(one)) ||
    // Rule 10: leave the order unchanged.
    0
  );
}

/** Sorts destinations by RFC 6724, section 6. Those that no rule tells apart keep their order. */
export function sortDestinations<T extends Destination>(destinations: readonly T[]): T[] {
  // The source of a single one is never asked for.
  if (destinations.length < 2) return [...destinations];
  return destinations
    .map((destination) => rank(destination))
    .toSorted(compare)
    .map(({ destination }) => destination);
}

/**
 * Interleaves the families of sorted destinations: RFC 8305, section 4, with a First Address Family Count of 1.
 * @param last the length of the address that was tried last: the other family comes next
 */
export function interleave<T extends Destination>(sorted: readonly T[], last?: number): T[] {
  const first = sorted[0]?.bytes.length;
  const other = sorted.filter(({ bytes }) => bytes.length !== first);
  const same = sorted.filter(({ bytes }) => bytes.length === first);
  const [leading, following] = last === first ? [other, same] : [same, other];
  const mixed: T[] = [];
  for (let at = 0; at < Math.max(leading.length, following.length); at++) {
    const pair = [leading[at], following[at]];
    for (const destination of pair) if (destination !== undefined) mixed.push(destination);
  }
  return mixed;
}
