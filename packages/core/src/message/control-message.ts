/**
 * Control messages (ancillary data) of sendmsg(2) and recvmsg(2), with types for both directions. They
 * pass to the driver as `struct sock_control`s, whose data is the system's structure.
 */
import { checkBytes } from '../socket/buffer.js';
import { type SocketClass, SocketHandle } from '../socket/socket-handle.js';
import type { Driver, Handle } from '../driver.js';
import type { DriverContext } from '../driver/context.js';
import { checkInteger, invalidType, invalidValue, type SockError } from '../errors.js';
import { LITTLE_ENDIAN } from '../address/byte-order.js';
import { formatIpv4, formatIpv6, ipv4Bytes, ipv6Bytes } from '../address/ip.js';
import { OwnedFd } from './owned-fd.js';

const HEADER = 16;
/** SCM_MAX_FD of Linux. */
const RIGHTS_MAX = 253;

/** A Socket, an OwnedFd, or the number of a descriptor. */
export type FdSource = number | { asRawFd(): number };

/** A control message to be sent. */
export type ControlMessage =
  /** SCM_RIGHTS: the receiver gets duplicates of the descriptors. unix(7) */
  | { readonly kind: 'rights'; readonly fds: readonly FdSource[] }
  /** SCM_CREDENTIALS: the system checks them. unix(7) */
  | {
      readonly kind: 'credentials';
      readonly pid: number;
      readonly uid: number;
      readonly gid: number;
    }
  /** IP_PKTINFO: send from this interface (0: any) and local address. ip(7) */
  | { readonly kind: 'ipv4PacketInfo'; readonly interfaceIndex: number; readonly address: string }
  /** IPV6_PKTINFO. RFC 3542 */
  | { readonly kind: 'ipv6PacketInfo'; readonly interfaceIndex: number; readonly address: string }
  /** IP_TTL, IPV6_HOPLIMIT, IP_TOS, IPV6_TCLASS of this datagram: 0 to 255. */
  | { readonly kind: 'ttl' | 'hopLimit' | 'tos' | 'trafficClass'; readonly value: number }
  /** UDP_SEGMENT: the size to cut the message into, in bytes. udp(7) */
  | { readonly kind: 'udpSegment'; readonly size: number }
  | RawControlMessage;

/** Any control message, in the system's form: `struct cmsghdr`. */
export interface RawControlMessage {
  readonly kind?: 'raw';
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

/** A control message that was received. */
export type ReceivedControlMessage<T = unknown> =
  /** SCM_RIGHTS: the receiver closes the descriptors. */
  | { readonly kind: 'rights'; readonly fds: readonly OwnedFd<T>[] }
  | {
      readonly kind: 'credentials';
      readonly pid: number;
      readonly uid: number;
      readonly gid: number;
    }
  /** The interface it arrived on, the local address it came to, and the one in its header. */
  | {
      readonly kind: 'ipv4PacketInfo';
      readonly interfaceIndex: number;
      readonly address: string;
      readonly destination: string;
    }
  | { readonly kind: 'ipv6PacketInfo'; readonly interfaceIndex: number; readonly address: string }
  | { readonly kind: 'ttl' | 'hopLimit' | 'tos' | 'trafficClass'; readonly value: number }
  /** SO_TIMESTAMP, SO_TIMESTAMPNS: nanoseconds since 1970. */
  | { readonly kind: 'timestamp'; readonly nanoseconds: bigint }
  /** SO_TIMESTAMPING: nanoseconds since 1970, of the kernel and of the device; `null` for a time that was not taken. */
  | {
      readonly kind: 'timestamping';
      readonly software: bigint | null;
      readonly hardware: bigint | null;
    }
  /** UDP_GRO: the size of the datagrams joined into this one, in bytes. */
  | { readonly kind: 'udpGro'; readonly size: number }
  /** SO_RXQ_OVFL: datagrams dropped so far because the receive buffer was full. */
  | { readonly kind: 'rxqOverflow'; readonly dropped: number }
  /** IP_RECVERR, IPV6_RECVERR: why a datagram could not be delivered, from `MSG.ERRQUEUE`. ip(7) */
  | {
      readonly kind: 'error';
      readonly error: SockError;
      /** Who found it: `'local'`, `'icmp'`, `'icmp6'`, `'timestamping'`, `'zerocopy'`, or a number. */
      readonly origin: string | number;
      readonly icmpType: number;
      readonly icmpCode: number;
      readonly info: number;
      readonly data: number;
      /** The host or router that reported it. */
      readonly offender: string | null;
    }
  | (RawControlMessage & { readonly kind: 'raw' });

const ORIGINS = ['none', 'local', 'icmp', 'icmp6', 'timestamping', 'zerocopy', 'txtime'];

const align = (length: number): number => (length + 7) & ~7;

/** The system's number for a name, or `undefined` if the system does not have that control message. */
const number = (driver: Driver, name: string): number | undefined => driver.constants[name];

function need(context: DriverContext, kind: string, name: string): number {
  const value = number(context.driver, name);
  if (value !== undefined) return value;
  throw context.unsupported('sendmsg', 'sendmsg', `control messages of kind '${kind}' (${name})`);
}

const int32 = (...values: number[]): Uint8Array => new Uint8Array(Int32Array.from(values).buffer);

/** The file descriptor of an argument; throws `ERR_INVALID_ARG_TYPE` or `ERR_OUT_OF_RANGE`. */
export function fdOf(context: DriverContext, argument: string, source: FdSource): number {
  if (typeof source === 'number') return checkInteger(argument, source, 0, 0x7fffffff);
  if (typeof source?.asRawFd === 'function') {
    if (source instanceof SocketHandle) context.checkOwn(argument, source);
    return checkInteger(`${argument}.asRawFd()`, source.asRawFd(), 0, 0x7fffffff);
  }
  throw invalidType(argument, 'a Socket, an OwnedFd or a file descriptor', source);
}

/** Level, type and data of a control message to be sent. */
function parts(
  context: DriverContext,
  message: ControlMessage,
  at: string,
): [number, number, Uint8Array] {
  if (typeof message !== 'object' || message === null)
    throw invalidType(at, 'of type object', message);
  const { kind } = message;
  const { constants } = context.driver;
  const ip = constants['IPPROTO_IP'] ?? 0;
  const ipv6 = constants['IPPROTO_IPV6'] ?? 41;
  const socket = constants['SOL_SOCKET'] ?? 0;
  switch (kind) {
    case 'rights': {
      if (!Array.isArray(message.fds)) throw invalidType(`${at}.fds`, 'an array', message.fds);
      checkInteger(`${at}.fds.length`, message.fds.length, 1, RIGHTS_MAX);
      const fds = message.fds.map((fd, index) => fdOf(context, `${at}.fds[${index}]`, fd));
      return [socket, need(context, kind, 'SCM_RIGHTS'), int32(...fds)];
    }
    case 'credentials': {
      const pid = checkInteger(`${at}.pid`, message.pid, 0, 0x7fffffff);
      const uid = checkInteger(`${at}.uid`, message.uid, 0, 0xffffffff);
      const gid = checkInteger(`${at}.gid`, message.gid, 0, 0xffffffff);
      return [socket, need(context, kind, 'SCM_CREDENTIALS'), int32(pid, uid, gid)];
    }
    case 'ipv4PacketInfo': {
      const index = int32(
        checkInteger(`${at}.interfaceIndex`, message.interfaceIndex, 0, 0x7fffffff),
      );
      const address = ipv4Bytes(`${at}.address`, message.address);
      // The IN_PKTINFO of Windows has the address and the index; elsewhere there are two addresses.
      const data =
        context.driver.system === 'win32'
          ? [...address, ...index]
          : [...index, ...address, 0, 0, 0, 0];
      return [ip, need(context, kind, 'IP_PKTINFO'), Uint8Array.from(data)];
    }
    case 'ipv6PacketInfo': {
      const data = new Uint8Array(20);
      data.set(ipv6Bytes(`${at}.address`, message.address));
      data.set(
        int32(checkInteger(`${at}.interfaceIndex`, message.interfaceIndex, 0, 0x7fffffff)),
        16,
      );
      return [ipv6, need(context, kind, 'IPV6_PKTINFO'), data];
    }
    case 'ttl':
    case 'tos':
    case 'hopLimit':
    case 'trafficClass': {
      const name = {
        ttl: 'IP_TTL',
        tos: 'IP_TOS',
        hopLimit: 'IPV6_HOPLIMIT',
        trafficClass: 'IPV6_TCLASS',
      }[kind];
      const level = kind === 'ttl' || kind === 'tos' ? ip : ipv6;
      return [
        level,
        need(context, kind, name),
        int32(checkInteger(`${at}.value`, message.value, 0, 255)),
      ];
    }
    case 'udpSegment': {
      const size = checkInteger(`${at}.size`, message.size, 1, 65535);
      const level = constants['IPPROTO_UDP'] ?? 17;
      return [
        level,
        need(context, kind, 'UDP_SEGMENT'),
        // A DWORD on Windows.
        context.driver.system === 'win32'
          ? int32(size)
          : new Uint8Array(Uint16Array.of(size).buffer),
      ];
    }
    case undefined:
    case 'raw': {
      const { level, type, data } = message;
      checkInteger(`${at}.level`, level, -0x80000000, 0x7fffffff);
      checkInteger(`${at}.type`, type, -0x80000000, 0x7fffffff);
      return [level, type, checkBytes(`${at}.data`, data)];
    }
    default:
      throw invalidValue(`${at}.kind`, 'must be the kind of a control message', kind);
  }
}

/** Encodes control messages for the driver. */
export function encodeControl(
  context: DriverContext,
  messages: readonly ControlMessage[],
): Uint8Array {
  if (!Array.isArray(messages))
    throw invalidType('control', 'an array of control messages', messages);
  const list = messages.map((message, index) => parts(context, message, `control[${index}]`));
  const bytes = new Uint8Array(
    list.reduce((sum, [, , data]) => sum + HEADER + align(data.length), 0),
  );
  let at = 0;
  for (const [level, type, data] of list) {
    bytes.set(int32(level, type, data.length, 0), at);
    bytes.set(data, at + HEADER);
    at += HEADER + align(data.length);
  }
  return bytes;
}

/** Reads a `struct timespec` or `struct timeval`: two words of four or eight bytes each. */
function timeAt(view: DataView, at: number, size: number, perSecond: bigint): bigint {
  const [seconds, rest] =
    size === 16
      ? [view.getBigInt64(at, LITTLE_ENDIAN), view.getBigInt64(at + 8, LITTLE_ENDIAN)]
      : [BigInt(view.getInt32(at, LITTLE_ENDIAN)), BigInt(view.getInt32(at + 4, LITTLE_ENDIAN))];
  return seconds * 1_000_000_000n + rest * (1_000_000_000n / perSecond);
}

function timestamping(view: DataView): ReceivedControlMessage {
  const size = view.byteLength / 3;
  const at = (index: number): bigint | null => {
    const time = timeAt(view, index * size, size, 1_000_000_000n);
    return time === 0n ? null : time;
  };
  return { kind: 'timestamping', software: at(0), hardware: at(2) };
}

/** Reads a `struct sock_extended_err`, followed by the address of the host that reported the error. */
function extendedError(
  context: DriverContext,
  view: DataView,
  data: Uint8Array,
): ReceivedControlMessage {
  const errno = view.getUint32(0, LITTLE_ENDIAN);
  const origin = view.getUint8(4);
  let offender: string | null = null;
  const family = view.byteLength >= 18 ? view.getUint16(16, LITTLE_ENDIAN) : 0;
  const { constants } = context.driver;
  if (family === constants['AF_INET'] && data.length >= 24) {
    offender = formatIpv4(data.subarray(20, 24));
  } else if (family === constants['AF_INET6'] && data.length >= 40) {
    offender = formatIpv6(data.subarray(24, 40));
  }
  return {
    kind: 'error',
    error: context.error(-errno, 'recvmsg', { address: offender ?? undefined }),
    origin: ORIGINS[origin] ?? origin,
    icmpType: view.getUint8(5),
    icmpCode: view.getUint8(6),
    info: view.getUint32(8, LITTLE_ENDIAN),
    data: view.getUint32(12, LITTLE_ENDIAN),
    offender,
  };
}

/** Reads one control message. It is `raw` if its kind is unknown or its data is too short for its kind. */
function decodeOne<T>(
  context: DriverContext,
  Socket: SocketClass<T>,
  level: number,
  type: number,
  data: Uint8Array<ArrayBuffer>,
): ReceivedControlMessage<T> {
  const { constants } = context.driver;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const is = (name: string, length: number): boolean =>
    type === constants[name] && data.length >= length;
  if (level === constants['SOL_SOCKET']) {
    if (is('SCM_RIGHTS', 0)) {
      const handles: Handle[] = [];
      for (let at = 0; at + 4 <= data.length; at += 4)
        handles.push(view.getInt32(at, LITTLE_ENDIAN));
      return { kind: 'rights', fds: handles.map((handle) => new OwnedFd(Socket, handle)) };
    }
    if (is('SCM_CREDENTIALS', 12)) {
      return {
        kind: 'credentials',
        pid: view.getInt32(0, LITTLE_ENDIAN),
        uid: view.getUint32(4, LITTLE_ENDIAN),
        gid: view.getUint32(8, LITTLE_ENDIAN),
      };
    }
    const time = data.length === 16 || data.length === 8;
    if (is('SCM_TIMESTAMPNS', 8) && time) {
      return { kind: 'timestamp', nanoseconds: timeAt(view, 0, data.length, 1_000_000_000n) };
    }
    if (is('SCM_TIMESTAMP', 8) && time) {
      return { kind: 'timestamp', nanoseconds: timeAt(view, 0, data.length, 1_000_000n) };
    }
    if (is('SCM_TIMESTAMPING', 24) && data.length % 24 === 0) {
      return timestamping(view) as ReceivedControlMessage<T>;
    }
    if (is('SO_RXQ_OVFL', 4))
      return { kind: 'rxqOverflow', dropped: view.getUint32(0, LITTLE_ENDIAN) };
  }
  if (level === constants['IPPROTO_IP']) {
    if (context.driver.system === 'win32' && is('IP_PKTINFO', 8)) {
      const address = formatIpv4(data.subarray(0, 4));
      return {
        kind: 'ipv4PacketInfo',
        interfaceIndex: view.getInt32(4, LITTLE_ENDIAN),
        address,
        destination: address,
      };
    }
    if (is('IP_PKTINFO', 12)) {
      return {
        kind: 'ipv4PacketInfo',
        interfaceIndex: view.getInt32(0, LITTLE_ENDIAN),
        address: formatIpv4(data.subarray(4, 8)),
        destination: formatIpv4(data.subarray(8, 12)),
      };
    }
    if (is('IP_TTL', 4)) return { kind: 'ttl', value: view.getInt32(0, LITTLE_ENDIAN) };
    if (context.driver.system === 'win32' && is('IP_TOS', 4)) {
      return { kind: 'tos', value: view.getInt32(0, LITTLE_ENDIAN) };
    }
    // Linux always reports one byte, although it takes an int.
    if (is('IP_TOS', 1)) return { kind: 'tos', value: view.getUint8(0) };
    if (is('IP_RECVERR', 16)) {
      return extendedError(context, view, data) as ReceivedControlMessage<T>;
    }
  }
  if (level === constants['IPPROTO_IPV6']) {
    if (is('IPV6_PKTINFO', 20)) {
      return {
        kind: 'ipv6PacketInfo',
        interfaceIndex: view.getInt32(16, LITTLE_ENDIAN),
        address: formatIpv6(data.subarray(0, 16)),
      };
    }
    if (is('IPV6_HOPLIMIT', 4)) return { kind: 'hopLimit', value: view.getInt32(0, LITTLE_ENDIAN) };
    if (is('IPV6_TCLASS', 4))
      return { kind: 'trafficClass', value: view.getInt32(0, LITTLE_ENDIAN) };
    if (is('IPV6_RECVERR', 16)) {
      return extendedError(context, view, data) as ReceivedControlMessage<T>;
    }
  }
  if (level === constants['IPPROTO_UDP'] && is('UDP_GRO', 4)) {
    return { kind: 'udpGro', size: view.getInt32(0, LITTLE_ENDIAN) };
  }
  return { kind: 'raw', level, type, data };
}

/** Decodes the control messages that a driver filled in. It checks every length before using it. */
export function decodeControl<T>(
  context: DriverContext,
  Socket: SocketClass<T>,
  bytes: Uint8Array,
): ReceivedControlMessage<T>[] {
  const messages: ReceivedControlMessage<T>[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const level = view.getInt32(at, LITTLE_ENDIAN);
    const type = view.getInt32(at + 4, LITTLE_ENDIAN);
    const length = view.getUint32(at + 8, LITTLE_ENDIAN);
    if (length > bytes.length - at - HEADER) break;
    const data = Uint8Array.from(bytes.subarray(at + HEADER, at + HEADER + length));
    messages.push(decodeOne(context, Socket, level, type, data));
    at += HEADER + align(length);
  }
  return messages;
}
