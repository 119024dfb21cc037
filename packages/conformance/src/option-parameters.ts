/** The parameters of the setters of the option table. */
import type { OptionRow } from '@sock/core';
import { fail } from './assert.js';
import {
  boolean,
  durationOrNull,
  integer,
  interfaceIndex,
  interfaceV4,
  ipv4,
  ipv6,
  linger,
  type Parameter,
  RANGE,
  seconds,
  textOrNull,
  TYPE,
  types,
  VALUE,
  type Wrong,
} from './parameter.js';

const named = (valid: string): Parameter => ({
  valid,
  wrong: () => [
    ...types(TYPE, [undefined, null, 0, 1, true, {}, [], 5n]),
    ...types(VALUE, ['', valid.toUpperCase(), 'constructor', '__proto__', 'x'.repeat(5000)]),
  ],
});

const bytes = (most: number): Parameter => ({
  valid: new Uint8Array(4),
  wrong: () => [
    ...types(TYPE, [undefined, null, 5, 'text', {}, [1], new ArrayBuffer(4)]),
    [VALUE, new Uint8Array(most + 1)],
  ],
});

/** A link-layer address. */
const hardwareAddress: Parameter = {
  valid: undefined,
  wrong: () => [
    ...types(TYPE, [5, {}, [1], new ArrayBuffer(4)]),
    ...types(VALUE, ['text', '0:0', '02-00', '02:00:']),
    ...types(RANGE, [new Uint8Array(9), '00:'.repeat(8) + '00']),
  ],
};

const u64: Parameter = {
  valid: 1n,
  wrong: () => [
    ...types(TYPE, [undefined, null, 5, '5', true, {}, []]),
    ...types(RANGE, [-1n, 1n << 64n]),
  ],
};

const device: Parameter = {
  valid: null,
  wrong: () =>
    integer(1, 0x7fffffff)
      .wrong()
      .filter(([, value]) => value !== null),
};

const portRange: Parameter = {
  valid: null,
  wrong: () => [
    ...types(TYPE, [undefined, 5, '1-2', {}, [], [1], ['1', '2'], [1, null]]),
    ...types(RANGE, [
      [-1, 5],
      [1, 65_536],
      [1.5, 2],
    ]),
  ],
};

const pathMtu = named('do');
const membership = named('promiscuous');

/** Objects with one wrong property each. */
const members = (valid: Readonly<Record<string, unknown>>, wrong: readonly Wrong[]): Parameter => ({
  valid,
  wrong: () => [
    ...types(TYPE, [undefined, null, 5, 'text', true]),
    ...wrong.map(([code, value]): Wrong => [code, { ...valid, ...(value as object) }]),
  ],
});

const txTime = members({ clock: 'monotonic' }, [
  [TYPE, { clock: undefined }],
  [TYPE, { clock: 'realtime' }],
  [RANGE, { clock: -1 }],
  [TYPE, { deadline: 1 }],
  [TYPE, { reportErrors: null }],
]);

const fanout = members({ group: 1, mode: 'hash' }, [
  [TYPE, { group: '1' }],
  [RANGE, { group: 0 }],
  [RANGE, { group: 65_536 }],
  [TYPE, { mode: 0 }],
  [VALUE, { mode: 'HASH' }],
  [TYPE, { rollover: 1 }],
  [TYPE, { defragment: 1 }],
]);

/** An IPv4 or IPv6 address. */
const eitherIp: Parameter = {
  valid: '127.0.0.1',
  wrong: () => ipv4.wrong().filter(([, value]) => value !== '::1'),
};

/** The parameters of a row's setter, in order. */
export function parametersOf(row: OptionRow): readonly Parameter[] {
  const { range } = row;
  switch (row.codec) {
    case 'bool':
    case 'boolU8':
      return [boolean];
    case 'u8':
      return [integer(range?.[0] ?? 0, range?.[1] ?? 255)];
    case 'u32':
      return [integer(range?.[0] ?? 0, range?.[1] ?? 0xffffffff)];
    case 'int':
      return [integer(range?.[0] ?? -0x80000000, range?.[1] ?? 0x7fffffff)];
    case 'interfaceIndex':
      return [interfaceIndex];
    case 'seconds':
      return [seconds];
    case 'milliseconds':
    case 'timeval':
      return [durationOrNull];
    case 'linger':
      return [linger];
    case 'ipv4':
      return [ipv4];
    case 'ipMreq':
      return [ipv4, ipv4];
    case 'ipMreqn':
      return [ipv4, interfaceV4];
    case 'ipMreqSource':
      return [ipv4, ipv4, ipv4];
    case 'ipv6Mreq':
      return [ipv6, interfaceIndex];
    case 'ipv6MreqSource':
      return [ipv6, ipv6, interfaceIndex];
    case 'packetMreq':
      return [interfaceIndex, membership, hardwareAddress];
    case 'string':
      return [textOrNull];
    case 'bytes':
      return [bytes(244)];
    case 'byte':
      return [integer(0, 255)];
    case 'u64':
      return [u64];
    case 'unit':
      return [];
    case 'device':
      return [device];
    case 'portRange':
      return [portRange];
    case 'pathMtu':
      return [pathMtu];
    case 'txTime':
      return [txTime];
    case 'fanout':
      return [fanout];
    case 'tcpMd5':
      return [eitherIp, bytes(80)];
    case 'tcpMd5Prefix':
      return [eitherIp, integer(0, 128), bytes(80)];
    default:
      return fail(`no wrong values are known for the codec ${row.codec} of ${row.name}`);
  }
}
