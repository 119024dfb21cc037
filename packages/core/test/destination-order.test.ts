/** RFC 6724, section 6, with the examples of section 10.2; and RFC 8305, section 4. */
import { SockAddr } from '../src/index.js';
import { expect, test } from 'vitest';
import {
  commonPrefix,
  type Destination,
  interleave,
  sortDestinations,
  type Source,
} from '../src/connect/destination-order.js';

const bytesOf = (text: string): Uint8Array =>
  SockAddr.from({ address: text, port: 0 }).asOctets() as Uint8Array;

interface Named extends Destination {
  readonly text: string;
}

/** A destination and its source: `null` if there is no way to it. */
const to = (text: string, source?: string | null, facts: Omit<Source, 'bytes'> = {}): Named => ({
  text,
  bytes: bytesOf(text),
  source: typeof source === 'string' ? { bytes: bytesOf(source), ...facts } : source,
});

const order = (...destinations: Named[]): string[] =>
  sortDestinations(destinations).map(({ text }) => text);

/** Both orders lead to the same result, so a rule decides and not the order. */
function expectFirst(first: Named, second: Named): void {
  expect(order(first, second)).toEqual([first.text, second.text]);
  expect(order(second, first)).toEqual([first.text, second.text]);
}

test('rule 1: a destination without a way to it comes last', () => {
  expectFirst(to('198.51.100.121', '198.51.100.117'), to('2001:db8:1::1', null));
});

test('rule 2: the scope of the source is that of the destination', () => {
  expectFirst(to('2001:db8:1::1', '2001:db8:1::2'), to('198.51.100.121', '169.254.13.78'));
  expectFirst(to('198.51.100.121', '198.51.100.117'), to('2001:db8:1::1', 'fe80::1'));
});

test('rule 3: a deprecated source comes last', () => {
  expectFirst(to('2001:db8:1::1', '2001:db8:1::2'), to('fe80::1', 'fe80::2', { deprecated: true }));
});

test('rule 4: a home address comes first', () => {
  expectFirst(to('2001:db8:1::1', '2001:db8:3::2', { home: true }), to('fe80::1', 'fe80::2'));
});

test('rule 5: the label of the source is that of the destination', () => {
  expectFirst(
    to('2002:c633:6401::1', '2002:c633:6401::2'),
    to('2001:db8:1::1', '2002:c633:6401::2'),
  );
});

test('rule 6: higher precedence', () => {
  expectFirst(to('2001:db8:1::1', '2001:db8:1::2'), to('10.1.2.3', '10.1.2.4'));
  expectFirst(to('2001:db8:1::1', '2001:db8:1::2'), to('2002:c633:6401::1', '2002:c633:6401::2'));
  expectFirst(to('10.1.2.3', '10.1.2.4'), to('fd00::1', 'fd00::2'));
  expectFirst(to('10.1.2.3', '10.1.2.4'), to('2001:0:1::1', '2001:0:1::2'));
  expectFirst(to('::1', '::1'), to('127.0.0.1', '127.0.0.1'));
  expectFirst(to('fd00::1', 'fd00::2'), to('fec0::1', 'fec0::2'));
  expectFirst(to('fd00::1', 'fd00::2'), to('3ffe::1', '3ffe::2'));
  expectFirst(to('fd00::1', 'fd00::2'), to('::10.0.0.1', '::10.0.0.2'));
});

test('rule 7: native transport', () => {
  expectFirst(
    to('2001:db8:1::1', '2001:db8:1::2'),
    to('2001:db8:1::3', '2001:db8:1::4', { tunnel: true }),
  );
});

test('rule 8: smaller scope', () => {
  expectFirst(to('fe80::1', 'fe80::2'), to('2001:db8:1::1', '2001:db8:1::2'));
});

test('rule 9: longest matching prefix, of IPv6 and no longer than the prefix of the source', () => {
  expectFirst(to('2001:db8:1::1', '2001:db8:1::2'), to('2001:db8:3ffe::1', '2001:db8:3f44::2'));
  const [near, far] = ['2001:db8:1::3', '2001:db8:1::8000'].map((text) =>
    to(text, '2001:db8:1::2'),
  );
  expect(order(far as Named, near as Named)).toEqual(['2001:db8:1::8000', '2001:db8:1::3']);
  const long = { prefixLength: 128 };
  expectFirst(
    to('2001:db8:1::3', '2001:db8:1::2', long),
    to('2001:db8:1::8000', '2001:db8:1::2', long),
  );
});

test('rule 10: the order stays, of IPv4 whatever the prefix', () => {
  expect(order(to('10.9.0.1', '10.1.2.4'), to('10.1.2.3', '10.1.2.4'))).toEqual([
    '10.9.0.1',
    '10.1.2.3',
  ]);
});

test('a source that is unknown decides nothing', () => {
  expectFirst(to('2001:db8:1::1'), to('198.51.100.121', '198.51.100.117'));
  expect(order(to('2001:db8:3ffe::1'), to('2001:db8:1::1'))).toEqual([
    '2001:db8:3ffe::1',
    '2001:db8:1::1',
  ]);
});

test('the source of a single destination is not asked for', () => {
  const destination = {
    bytes: bytesOf('10.0.0.1'),
    get source(): Source {
      throw new Error('asked');
    },
  };
  expect(sortDestinations([destination])).toEqual([destination]);
});

test('the families take turns, beginning with the first or with the one that was not tried last', () => {
  const list = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '10.0.0.1', '10.0.0.2'].map((text) =>
    to(text),
  );
  const texts = (last?: number): string[] => interleave(list, last).map(({ text }) => text);
  expect(texts()).toEqual(['2001:db8::1', '10.0.0.1', '2001:db8::2', '10.0.0.2', '2001:db8::3']);
  expect(texts(4)).toEqual(texts());
  expect(texts(16)).toEqual(['10.0.0.1', '2001:db8::1', '10.0.0.2', '2001:db8::2', '2001:db8::3']);
  expect(interleave([], 4)).toEqual([]);
});

test('common prefixes', () => {
  expect(commonPrefix([0x20, 0x01], [0x20, 0x01])).toBe(16);
  expect(commonPrefix([0x20, 0x01], [0x20, 0x00])).toBe(15);
  expect(commonPrefix([0x80], [0])).toBe(0);
});
