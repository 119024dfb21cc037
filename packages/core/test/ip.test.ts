/** IP addresses as text, against the tables of RFC 4291 and RFC 5952 and two other implementations. */
import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../src/address/ip.js';

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString('hex');
const groupsOf = (bytes: Uint8Array): string =>
  Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] as number) << 8) | (bytes[2 * index + 1] as number)).toString(16),
  ).join(':');

describe('IPv6', () => {
  // Text that is accepted, its bytes, and the one text that RFC 5952 wants back.
  test.each([
    ['2001:db8::1', '20010db8000000000000000000000001', '2001:db8::1'],
    // RFC 4291, section 2.2
    ['ABCD:EF01:2345:6789:ABCD:EF01:2345:6789', 'abcdef0123456789abcdef0123456789', undefined],
    [
      '2001:DB8:0:0:8:800:200C:417A',
      '20010db80000000000080800200c417a',
      '2001:db8::8:800:200c:417a',
    ],
    ['FF01:0:0:0:0:0:0:101', 'ff010000000000000000000000000101', 'ff01::101'],
    ['0:0:0:0:0:0:0:1', '00000000000000000000000000000001', '::1'],
    ['0:0:0:0:0:0:0:0', '00000000000000000000000000000000', '::'],
    ['::13.1.68.3', '0000000000000000000000000d014403', '::13.1.68.3'],
    ['::FFFF:129.144.52.38', '00000000000000000000ffff81903426', '::ffff:129.144.52.38'],
    // RFC 5952, section 4.1: leading zeros are left out
    ['2001:0db8::0001', '20010db8000000000000000000000001', '2001:db8::1'],
    // section 4.2.1: as short as can be
    ['2001:db8:0:0:0:0:2:1', '20010db8000000000000000000020001', '2001:db8::2:1'],
    // section 4.2.2: one group of zeros is not shortened
    ['2001:db8::1:1:1:1:1', '20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    // section 4.2.3: the longest run, and of two the first
    ['2001:0:0:1:0:0:0:1', '20010000000000010000000000000001', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    // section 4.3: lower case
    ['2001:DB8::AAAA', '20010db800000000000000000000aaaa', '2001:db8::aaaa'],
    ['fe80::', 'fe800000000000000000000000000000', 'fe80::'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221', '64:ff9b::c000:221'],
  ])('%s', (text, hex, canonical) => {
    expect(hexOf(parseIpv6(text))).toBe(hex);
    expect(formatIpv6(bytesOf(hex))).toBe(canonical ?? text.toLowerCase());
  });

  test.each([
    '',
    ':',
    ':::',
    '::1::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '12345::',
    'g::',
    '::1.2.3',
    '::1.2.3.256',
    '::01.2.3.4',
    '1.2.3.4::',
    '1:2:3:4:5:6:7:1.2.3.4',
    ' ::1',
    '::1 ',
    '::1%1',
    '[::1]',
    ':1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:',
  ])('%j is no address', (text) => {
    expect(parseIpv6(text)).toBeUndefined();
  });

  test('accepts the texts that node accepts', () => {
    const piece = fc.constantFrom(
      '0',
      '1',
      'a',
      'F',
      '00',
      '0db8',
      'ffff',
      '12345',
      ':',
      '::',
      '.',
    );
    const text = fc
      .array(fc.oneof(piece, fc.constantFrom(':', '::', '1.2.3.4', '255.255.255.255')), {
        maxLength: 18,
      })
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (candidate) => {
        expect(parseIpv6(candidate) !== undefined).toBe(isIPv6(candidate));
      }),
      { numRuns: 5000, seed: 5952 },
    );
  });

  test('writes what the URL standard writes, and reads it back', () => {
    const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xffff));
    const address = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => {
      return Uint8Array.from(groups.flatMap((value) => [value >> 8, value & 0xff]));
    });
    fc.assert(
      fc.property(address, (bytes) => {
        const text = formatIpv6(bytes);
        const canonical = new URL(`http://[${groupsOf(bytes)}]/`).hostname.slice(1, -1);
        // The URL standard never writes the dotted form; it reads it.
        expect(new URL(`http://[${text}]/`).hostname.slice(1, -1)).toBe(canonical);
        if (!text.includes('.')) expect(text).toBe(canonical);
        expect(hexOf(parseIpv6(text))).toBe(hexOf(bytes));
      }),
      { numRuns: 2000, seed: 5952 },
    );
  });
});

describe('IPv4', () => {
  test('writes four decimal numbers and reads them back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
        const text = formatIpv4(bytes);
        expect(text).toBe(bytes.join('.'));
        expect(parseIpv4(text)).toEqual(bytes);
      }),
      { seed: 791 },
    );
  });

  test('accepts the texts that node accepts', () => {
    const piece = fc.constantFrom('0', '1', '9', '25', '255', '256', '00', '.', '.', '.', '-', ' ');
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(text, fc.ipV4()), (candidate) => {
        expect(parseIpv4(candidate) !== undefined).toBe(isIPv4(candidate));
      }),
      { numRuns: 5000, seed: 791 },
    );
  });

  test.each(['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1.2.3.04', '1.2.3.', '0x7f.0.0.1', '127.1'])(
    '%j is no address',
    (text) => {
      expect(parseIpv4(text)).toBeUndefined();
    },
  );
});
