/** IP addresses as text: RFC 4291 section 2.2 and RFC 5952, like inet_pton(3) and inet_ntop(3). */
import { invalidType, invalidValue } from '../errors.js';

/** The four bytes of a dotted-decimal address; `undefined` if the text is no such address. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [index, part] of parts.entries()) {
    // A leading zero is refused: some systems read it as octal.
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[index] = Number(part);
  }
  return bytes;
}

export function formatIpv4(bytes: Uint8Array): string {
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
}

/** The sixteen bytes of an IPv6 address without zone; `undefined` if the text is no such address. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] as string, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  const bytes: number[] = [];
  if (text === '') return bytes;
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (mayEndInIpv4 && index === groups.length - 1 && group.includes('.')) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === undefined) return undefined;
      bytes.push(...ipv4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

export function formatIpv6(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let index = 0; index < 16; index += 2) {
    groups.push(((bytes[index] as number) << 8) | (bytes[index + 1] as number));
  }
  const zeros = longestZeros(groups);
  const dotted =
    zeros.start === 0 && (zeros.length === 6 || (zeros.length === 5 && groups[5] === 0xffff));
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (dotted) {
    return `::${zeros.length === 5 ? 'ffff:' : ''}${formatIpv4(bytes.subarray(12))}`;
  }
  if (zeros.length < 2) return text(0, 8);
  return `${text(0, zeros.start)}::${text(zeros.start + zeros.length, 8)}`;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (index < groups.length && groups[index] === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best;
}

/** The bytes of an IPv4 address given as text; throws `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE`. */
export function ipv4Bytes(argument: string, text: unknown): Uint8Array {
  if (typeof text !== 'string') throw invalidType(argument, 'of type string', text);
  const bytes = parseIpv4(text);
  if (bytes === undefined) throw invalidValue(argument, 'must be an IPv4 address', text);
  return bytes;
}

/** The bytes of an IPv6 address given as text; throws `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE`. */
export function ipv6Bytes(argument: string, text: unknown): Uint8Array {
  if (typeof text !== 'string') throw invalidType(argument, 'of type string', text);
  const bytes = parseIpv6(text);
  if (bytes === undefined) throw invalidValue(argument, 'must be an IPv6 address', text);
  return bytes;
}

/** The bytes of an IP address of either version; throws like {@link ipv4Bytes}. */
export function ipBytes(argument: string, text: unknown): Uint8Array {
  return typeof text === 'string' && text.includes(':')
    ? ipv6Bytes(argument, text)
    : ipv4Bytes(argument, text);
}
