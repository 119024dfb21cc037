/** Ranges of addresses that have a name: IANA's registries of special-purpose addresses. */
import { parseAddress } from '../address.js';

/** The first `bits` bits of `bytes`. */
export interface Range {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** Reads `ADDRESS` or `ADDRESS/BITS`; `undefined` when it is neither. */
export function parseRange(text: string): Range | undefined {
  const [address = '', bits, more] = text.split('/');
  const bytes = parseAddress(address);
  if (bytes === undefined || more !== undefined) return undefined;
  const longest = bytes.length * 8;
  if (bits === undefined) return { bytes, bits: longest };
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > longest) return undefined;
  return { bytes, bits: Number(bits) };
}

/** Whether an address is in the range. */
export function contains({ bytes, bits }: Range, address: Uint8Array): boolean {
  if (bytes.length !== address.length) return false;
  for (let at = 0, left = bits; left > 0; at++, left -= 8) {
    const mask = left >= 8 ? 255 : (255 << (8 - left)) & 255;
    if (((bytes[at] as number) & mask) !== ((address[at] as number) & mask)) return false;
  }
  return true;
}

const ranges = (...list: string[]): readonly Range[] =>
  list.map((text) => parseRange(text) as Range);

const loopback = ranges('127.0.0.0/8', '0.0.0.0/8', '::/127');
const linkLocal = ranges('169.254.0.0/16', 'fe80::/10');
const multicast = ranges('224.0.0.0/4', '255.255.255.255', 'ff00::/8');
/** RFC 1918, RFC 6598, RFC 4193, and the site-local addresses that RFC 3879 deprecated. */
const privateUse = ranges(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  'fec0::/10',
);
/** Where clouds tell their machines their credentials. */
const metadata = ranges(
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '169.254.169.123',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
);

/** Words that stand for addresses in a rule. */
export const words: Readonly<Record<string, readonly Range[]>> = {
  loopback,
  'link-local': linkLocal,
  private: privateUse,
  metadata,
  multicast,
  /** Everything that is not the Internet. */
  internal: [...loopback, ...linkLocal, ...privateUse, ...metadata, ...multicast],
};

const translated: readonly (readonly [Range, number])[] = (
  [
    // IPv4-mapped, IPv4-compatible, NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), SIIT (RFC 2765).
    ['::ffff:0:0/96', 12],
    ['::/96', 12],
    ['64:ff9b::/96', 12],
    ['64:ff9b:1::/48', 12],
    ['2002::/16', 2],
    ['::ffff:0:0:0/96', 12],
  ] as const
).map(([text, at]) => [parseRange(text) as Range, at] as const);

/** The address, and the IPv4 addresses that it carries to a translator on the way. */
export function readings(bytes: Uint8Array): Uint8Array[] {
  const list = [bytes];
  if (bytes.length !== 16) return list;
  for (const [range, at] of translated) {
    if (contains(range, bytes)) list.push(bytes.subarray(at, at + 4));
  }
  // Teredo (RFC 4380) has the client's address inverted in its last bytes.
  if (
    contains({ bytes: Uint8Array.of(0x20, 1, 0, 0, ...Array<number>(12).fill(0)), bits: 32 }, bytes)
  ) {
    list.push(
      bytes.subarray(4, 8),
      bytes.subarray(12).map((byte) => byte ^ 255),
    );
  }
  // ISATAP (RFC 5214): an interface identifier of 00-00-5e-fe or 02-00-5e-fe and the address.
  if (
    (bytes[8] === 0 || bytes[8] === 2) &&
    bytes[9] === 0 &&
    bytes[10] === 0x5e &&
    bytes[11] === 0xfe
  ) {
    list.push(bytes.subarray(12));
  }
  return list;
}

/** Whether any reading of an address is in one of the ranges. */
export const isIn = (list: readonly Range[], address: Uint8Array): boolean =>
  readings(address).some((reading) => list.some((range) => contains(range, reading)));
