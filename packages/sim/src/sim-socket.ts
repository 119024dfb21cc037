/** What the simulated sockets of every kind have in common. */
import { EUNSUPPORTED } from '@sock/core';
import type { Address } from './address.js';
import type { Host } from './host.js';
import type { Ip } from './ip.js';
import { constants, errors } from './numbers.js';
import { type PacketHeader, TTL } from './packet.js';
import type { Registration } from './readiness.js';

/** Timeouts of {@link SimSocket.connect}: not to wait, and to wait for as long as it takes. */
export const AT_ONCE = 0;
export const FOR_EVER = Infinity;

/** Option values that every kind of socket keeps. Durations are in milliseconds; -1 stands for none. */
export class CommonOptions {
  readTimeout = -1;
  writeTimeout = -1;
  linger = -1;
  broadcast = false;
  keepalive = false;
  reuseAddress = false;
  reusePort = false;
  onlyV6 = false;
  receiveBuffer: number;
  sendBuffer: number;

  constructor(receiveBuffer: number, sendBuffer: number) {
    this.receiveBuffer = receiveBuffer;
    this.sendBuffer = sendBuffer;
  }
}

/** Options of IP that TCP keeps too, though only UDP acts on most of them. */
export class IpOptions extends CommonOptions {
  tos = 0;
  trafficClass = 0;
  ttl = TTL;
  unicastHops = TTL;
  // What comes with received datagrams.
  packetInfo4 = false;
  packetInfo6 = false;
  receiveTos = false;
  receiveTrafficClass = false;
  receiveTtl = false;
  receiveHops = false;
  /** The unit of the time of arrival: SO_TIMESTAMP, SO_TIMESTAMPNS. */
  receiveTime: 'microseconds' | 'nanoseconds' | undefined;
  receiveDrops = false;
  mtuDiscover = 1;
  multicastTtl = 1;
  multicastHops = 1;
  multicastLoop4 = true;
  multicastLoop6 = true;
  multicastAll4: boolean;
  multicastAll6 = true;
  /** The address that IP_MULTICAST_IF was set to, and the index for IPv6. */
  multicastInterface4: Ip | undefined;
  multicastInterface6 = 0;

  constructor(receiveBuffer: number, sendBuffer: number, domain: number) {
    super(receiveBuffer, sendBuffer);
    this.multicastAll4 = domain === constants.AF_INET;
  }
}

/** What is known of a received datagram beside its sender. What its socket did not ask for is `undefined`. */
export interface ReceivedHeader {
  readonly destination?: Ip | undefined;
  /** Whether an IPv4 destination is shown as an IPv4-mapped one. */
  readonly six: boolean;
  readonly interfaceIndex?: number | undefined;
  readonly tos?: number | undefined;
  readonly ttl?: number | undefined;
  /** In nanoseconds since 1970. */
  readonly timestamp?: bigint | undefined;
  readonly drops?: number | undefined;
}

/** Of a message that has no header. */
const NO_HEADER: ReceivedHeader = { six: false };

/** What a received message says of itself. */
export interface Received {
  flags: number;
}

/** A socket of a simulated host. Results are numbers as a driver's: negative error numbers. */
export abstract class SimSocket {
  nonblocking = false;
  /** How many handles there are. */
  references = 1;
  /** A pending error number; 0 for none. */
  error = 0;
  /** Its host crashed: the socket is gone, though its program still has a handle. */
  dead = false;
  shutRead = false;
  shutWrite = false;
  /** Who wants to know when it gets ready. */
  readonly registrations = new Set<Registration>();
  abstract readonly options: CommonOptions;
  /** Values of options that are read back and change nothing else, by the row's id. */
  readonly advisory = new Map<number, number>();

  constructor(
    readonly host: Host,
    /** Unique in the network: what SO_COOKIE gives. */
    readonly id: number,
    readonly domain: number,
    readonly type: number,
    readonly protocol: number,
  ) {}

  /** Bits of core's `Readiness`, and {@link ENDED}. */
  abstract readiness(): number;
  abstract bind(address: Address): number;
  abstract connect(address: Address, milliseconds: number): number;
  abstract listen(backlog: number): number;
  /** The next connection, or a negative error number. */
  abstract accept(wait: boolean): SimSocket | number;
  abstract localAddress(): number;
  abstract peerAddress(): number;
  abstract shutdown(how: number): number;
  /** @param header in place of what the options say; streams and unix sockets have none */
  abstract send(
    buffers: readonly Uint8Array[],
    flags: number,
    to: Address | undefined,
    header?: PacketHeader,
  ): number;
  /** @param from whether the sender's address goes to memory */
  abstract receive(buffers: readonly Uint8Array[], flags: number, from: boolean): number;
  /** What is known of the message that was received last. */
  lastHeader(): ReceivedHeader {
    return NO_HEADER;
  }

  /** The last handle is gone. */
  abstract close(): number;
  /** The host crashed: nothing is said to anybody. */
  abstract die(): void;
  /** One line on what it is, for error messages. */
  abstract describe(): string;

  get six(): boolean {
    return this.domain === constants.AF_INET6;
  }

  get isListening(): boolean {
    return false;
  }

  /** Tells those who wait that something changed. */
  changed(): void {
    if (this.registrations.size === 0) return;
    for (const registration of this.registrations) registration.changed();
  }

  /** The pending error as a negative result, which is taken; 0 for none. */
  takeError(): number {
    const { error } = this;
    this.error = 0;
    return -error;
  }

  fail(error: number): void {
    this.error = error;
    this.changed();
  }

  /** Whether a call with these flags may wait. */
  waits(flags: number): boolean {
    return !this.nonblocking && (flags & constants.MSG_DONTWAIT) === 0;
  }

  /** Waits in virtual time until `condition` holds; a negative error number when it will not. */
  block(condition: () => boolean, timeout: number): number {
    return this.host.network.block(
      () => this.dead || condition(),
      timeout < 0 ? FOR_EVER : timeout,
      this,
    );
  }

  /** The buffer size that SO_RCVBUF or SO_SNDBUF makes of a value: socket(7), at most 4 MiB as is usual. */
  static bufferSize(value: number, least: number): number {
    const most = 4 * 1024 * 1024;
    const asked = value < 0 ? most : Math.min(value, most);
    return Math.max(2 * asked, least);
  }

  /** The error of an address that is not of the socket's family. */
  static readonly wrongFamily = -errors.EAFNOSUPPORT;
  static readonly unsupported = -EUNSUPPORTED;
}

/** The bytes in buffers. */
export function lengthOf(buffers: readonly Uint8Array[]): number {
  if (buffers.length === 1) return (buffers[0] as Uint8Array).length;
  let length = 0;
  for (const buffer of buffers) length += buffer.length;
  return length;
}

/** A copy of `length` bytes of the buffers, from an offset on. */
export function gather(buffers: readonly Uint8Array[], start: number, length: number): Uint8Array {
  const [first] = buffers;
  if (buffers.length === 1 && start === 0 && (first as Uint8Array).length === length) {
    return new Uint8Array(first as Uint8Array);
  }
  const data = new Uint8Array(length);
  let skip = start;
  let at = 0;
  for (const buffer of buffers) {
    if (at === length) break;
    const part = buffer.subarray(skip, skip + length - at);
    skip = Math.max(0, skip - buffer.length);
    data.set(part, at);
    at += part.length;
  }
  return data;
}

/** Copies data into buffers from an offset of theirs on; returns how many bytes fitted. */
export function scatter(data: Uint8Array, buffers: readonly Uint8Array[], start = 0): number {
  const [first] = buffers;
  if (buffers.length === 1 && start === 0 && data.length <= (first as Uint8Array).length) {
    (first as Uint8Array).set(data);
    return data.length;
  }
  let skip = start;
  let at = 0;
  for (const buffer of buffers) {
    if (at === data.length) break;
    const room = buffer.length - skip;
    if (room <= 0) {
      skip -= buffer.length;
      continue;
    }
    const part = data.subarray(at, at + room);
    buffer.set(part, skip);
    at += part.length;
    skip = 0;
  }
  return at;
}

/** What a datagram or segment costs of a buffer besides its data: Linux's `truesize`, about. */
export function costOf(length: number, least: number): number {
  let size = 512;
  while (size < length + 320) size *= 2;
  return size === 512 ? least : size + 256;
}

/** The peer sends no more: a hang-up for those who wait to read, EPOLLRDHUP. Beside the bits of Readiness. */
export const ENDED = 256;
