/** Options whose values are structures of the system: they become objects. */
import { checkBytes } from '../socket/buffer.js';
import { LITTLE_ENDIAN } from '../address/byte-order.js';
import { checkBoolean, checkInteger, invalidType, invalidValue } from '../errors.js';
import { ipBytes } from '../address/ip.js';

/** The process at the other end of a unix socket, at the time of connect(2) or listen(2): `struct ucred`. */
export interface Credentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Memory that a socket uses, in bytes: the `SK_MEMINFO_...` numbers, sock_diag(7). */
export interface MemoryInfo {
  readonly receiveAllocated: number;
  readonly receiveBuffer: number;
  readonly sendAllocated: number;
  readonly sendBuffer: number;
  readonly forwardAllocated: number;
  readonly sendQueued: number;
  readonly options: number;
  readonly backlog: number;
  /** Packets dropped, not bytes. */
  readonly drops: number;
}

/** How the transmit times of SCM_TXTIME are read: `struct sock_txtime`. */
export interface TxTime {
  /** `CLOCK_MONOTONIC`, `CLOCK_TAI` or the number of another clock. */
  readonly clock: 'monotonic' | 'tai' | number;
  /** The time is a deadline, not the moment of sending. */
  readonly deadline?: boolean | undefined;
  /** Packets that were dropped are reported on the error queue. */
  readonly reportErrors?: boolean | undefined;
}

/** The packets of a packet socket since the last query: `struct tpacket_stats`. */
export interface PacketStatistics {
  readonly packets: number;
  readonly drops: number;
}

/** What a packet socket receives in addition to what is sent to the interface: packet(7). */
export type PacketMembership = 'multicast' | 'promiscuous' | 'allMulticast' | 'unicast';

/** How the sockets of a group share packets: packet(7), `PACKET_FANOUT`. */
export interface Fanout {
  /** The number of the group, 1 to 65535. */
  readonly group: number;
  readonly mode:
    | 'hash'
    | 'loadBalance'
    | 'cpu'
    | 'rollover'
    | 'random'
    | 'queueMapping'
    | 'classicBpf'
    | 'extendedBpf';
  /** A socket whose queue is full passes packets on to the next. */
  readonly rollover?: boolean | undefined;
  /** The kernel reassembles fragments first. */
  readonly defragment?: boolean | undefined;
}

/** Path MTU discovery: `IP_PMTUDISC_...`, ip(7). */
export type PathMtuDiscovery = 'dont' | 'want' | 'do' | 'probe' | 'interface' | 'omit';

const pathMtuNames: readonly PathMtuDiscovery[] = [
  'dont',
  'want',
  'do',
  'probe',
  'interface',
  'omit',
];
const memberships: readonly PacketMembership[] = [
  'multicast',
  'promiscuous',
  'allMulticast',
  'unicast',
];
const fanoutModes: readonly Fanout['mode'][] = [
  'hash',
  'loadBalance',
  'cpu',
  'rollover',
  'random',
  'queueMapping',
  'classicBpf',
  'extendedBpf',
];
const FANOUT_ROLLOVER = 0x10;
const FANOUT_DEFRAGMENT = 0x80;
const clocks = { monotonic: 1, tai: 11 } as const;
const TXTIME_DEADLINE = 1;
const TXTIME_REPORT_ERRORS = 2;

/** The position of a name in a list of the system's names. */
function numberOf<T extends string>(argument: string, names: readonly T[], value: unknown): number {
  if (typeof value !== 'string') throw invalidType(argument, `one of ${names.join(', ')}`, value);
  const number = names.indexOf(value as T);
  if (number < 0) throw invalidValue(argument, `must be one of ${names.join(', ')}`, value);
  return number;
}

function object<T extends object>(argument: string, value: T): T {
  if (typeof value !== 'object' || value === null) {
    throw invalidType(argument, 'of type object', value);
  }
  return value;
}

/** The `index`-th word; 0 if an older system gave fewer. */
function word(bytes: Uint8Array, index: number): number {
  if (bytes.length < 4 * index + 4) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4 * index, LITTLE_ENDIAN);
}

export function credentialsOf(bytes: Uint8Array): Credentials {
  return { pid: word(bytes, 0) | 0, uid: word(bytes, 1), gid: word(bytes, 2) };
}

export function memoryInfoOf(bytes: Uint8Array): MemoryInfo {
  return {
    receiveAllocated: word(bytes, 0),
    receiveBuffer: word(bytes, 1),
    sendAllocated: word(bytes, 2),
    sendBuffer: word(bytes, 3),
    forwardAllocated: word(bytes, 4),
    sendQueued: word(bytes, 5),
    options: word(bytes, 6),
    backlog: word(bytes, 7),
    drops: word(bytes, 8),
  };
}

export function packetStatisticsOf(bytes: Uint8Array): PacketStatistics {
  return { packets: word(bytes, 0), drops: word(bytes, 1) };
}

export function txTimeOf(bytes: Uint8Array): TxTime {
  const clock = word(bytes, 0) | 0;
  const flags = word(bytes, 1);
  return {
    clock: clock === clocks.monotonic ? 'monotonic' : clock === clocks.tai ? 'tai' : clock,
    deadline: (flags & TXTIME_DEADLINE) !== 0,
    reportErrors: (flags & TXTIME_REPORT_ERRORS) !== 0,
  };
}

export function txTimeBytes(argument: string, value: TxTime): Uint8Array {
  const { clock, deadline = false, reportErrors = false } = object(argument, value);
  const number =
    clock === 'monotonic' || clock === 'tai'
      ? clocks[clock]
      : checkInteger(`${argument}.clock`, clock, 0, 0x7fffffff);
  const flags =
    (checkBoolean(`${argument}.deadline`, deadline) ? TXTIME_DEADLINE : 0) |
    (checkBoolean(`${argument}.reportErrors`, reportErrors) ? TXTIME_REPORT_ERRORS : 0);
  return new Uint8Array(Uint32Array.of(number, flags).buffer);
}

export function fanoutOf(number: number): Fanout | null {
  if (number === 0) return null;
  const flags = number >>> 24;
  return {
    group: number & 0xffff,
    mode: fanoutModes[(number >>> 16) & 0xff] ?? 'hash',
    rollover: (flags & FANOUT_ROLLOVER) !== 0,
    defragment: (flags & FANOUT_DEFRAGMENT) !== 0,
  };
}

export function fanoutNumber(argument: string, value: Fanout): number {
  const { group, mode, rollover = false, defragment = false } = object(argument, value);
  checkInteger(`${argument}.group`, group, 1, 0xffff);
  const flags =
    (checkBoolean(`${argument}.rollover`, rollover) ? FANOUT_ROLLOVER : 0) |
    (checkBoolean(`${argument}.defragment`, defragment) ? FANOUT_DEFRAGMENT : 0);
  return ((flags << 24) | (numberOf(`${argument}.mode`, fanoutModes, mode) << 16) | group) >>> 0;
}

export function pathMtuOf(number: number): PathMtuDiscovery {
  return pathMtuNames[number] ?? 'want';
}

export function pathMtuNumber(argument: string, value: unknown): number {
  return numberOf(argument, pathMtuNames, value);
}

/** The two ports of a range; `null` if neither is set. */
export function portRangeOf(number: number): [low: number, high: number] | null {
  return number === 0 ? null : [number & 0xffff, number >>> 16];
}

export function portRangeNumber(argument: string, value: unknown): number {
  if (value === null) return 0;
  if (!Array.isArray(value)) throw invalidType(argument, 'an array of two ports or null', value);
  const low = checkInteger(`${argument}[0]`, value[0], 0, 65535);
  const high = checkInteger(`${argument}[1]`, value[1], 0, 65535);
  return (high * 0x10000 + low) >>> 0;
}

/** The kind of a membership as `mr_type`. */
export function membershipBytes(argument: string, value: unknown): Uint8Array {
  return new Uint8Array(Uint16Array.of(numberOf(argument, memberships, value)).buffer);
}

/** Checks bytes and their number, which may be at most `most`. */
export function boundedBytes(argument: string, value: unknown, most: number): Uint8Array {
  const bytes = checkBytes(argument, value);
  if (bytes.length > most) throw invalidValue(argument, `must have at most ${most} bytes`, value);
  return bytes;
}

/** The bytes of an IPv4 or IPv6 address, preceded by their number. */
export function sizedAddress(argument: string, text: unknown): Uint8Array {
  const bytes = ipBytes(argument, text);
  return Uint8Array.of(bytes.length, ...bytes);
}
