import { isInstance, shareInstances } from './instances.js';
import { checkBytes } from './socket/buffer.js';
import { Family, familyName, lengthFor } from './address/address-family.js';
import type { Domain } from './constants.js';
import { Layout } from './driver.js';
import { checkInteger, invalidType, invalidValue, outOfRange } from './errors.js';
import { formatIpv4, formatIpv6, ipv4Bytes, ipv6Bytes } from './address/ip.js';
import type { Memory } from './driver/memory.js';
import {
  formatHardware,
  hardwareBytes,
  type PacketAddress,
  type PacketAddressInit,
  packetTypeName,
  packetTypeNumber,
} from './address/packet-address.js';
import { abstractBytes, pathBytes } from './address/unix-address.js';
import { scopeIdOfZone } from './address/zones.js';

const U32_MAX = 0xffffffff;
/** Bytes of an IP address, by family. */
const IP_SIZE = { [Family.IPV4]: 4, [Family.IPV6]: 16 } as const;
const NO_BYTES = new Uint8Array(0);

/** The result of {@link SockAddr.asSocket}: node's `AddressInfo`, with IPv6's flowinfo and scope id. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
  readonly family: 'IPv4' | 'IPv6';
  readonly flowinfo?: number;
  readonly scopeId?: number;
}

/** The argument of {@link SockAddr.from}, such as node's `AddressInfo`. */
export interface SockAddrInit {
  readonly address: string;
  readonly port: number;
  readonly family?: string | number | undefined;
  readonly flowinfo?: number | undefined;
  readonly scopeId?: number | undefined;
}

/** What an IPv4 address does not have. */
interface Rest {
  readonly flowinfo: number;
  readonly scopeId: number;
  /** The other bytes of an IPv6 address. */
  readonly word1: number;
  readonly word2: number;
  readonly word3: number;
  /** All bytes, for families other than IPv4 and IPv6. */
  readonly bytes: Uint8Array | undefined;
}

/** Of every IPv4 address. */
const NO_REST: Rest = {
  flowinfo: 0,
  scopeId: 0,
  word1: 0,
  word2: 0,
  word3: 0,
  bytes: undefined,
};

interface AddressParts {
  family: number;
  port: number;
  flowinfo: number;
  scopeId: number;
  bytes: Uint8Array;
}

function toJSON(this: SockAddr): string {
  return this.toString();
}

/**
 * The address of a socket: `struct sockaddr` and its length. Immutable. It makes text only
 * when a property or method asks for it, so receiving an address costs no string.
 *
 * @see ip(7), ipv6(7), unix(7), vsock(7), packet(7), netlink(7)
 */
export class SockAddr {
  readonly #family: number;
  readonly #port: number;
  /** The first four bytes, as the word of the memory they crossed in. */
  readonly #word0: number;
  /** A large object would cost more than the rest of receiving an address, and most addresses are IPv4. */
  readonly #rest: Rest;

  /**
   * Returns what {@link toString} returns, so `JSON.stringify` shows an address as text. It is a property of each
   * address, so that structuredClone() and postMessage() refuse one: the copy would be an empty object.
   */
  readonly toJSON: () => string = toJSON;

  private constructor(family: number, port: number, word0: number, rest: Rest) {
    this.#family = family;
    this.#port = port;
    this.#word0 = word0;
    this.#rest = rest;
  }

  /** Reads the address that a driver left in its memory, or at a byte offset of another. @internal */
  static read(memory: Memory, offset = 0): SockAddr {
    const { u16, i32 } = memory;
    const family = u16[(offset + Layout.addressFamily) >> 1] as number;
    return new SockAddr(
      family,
      u16[(offset + Layout.addressPort) >> 1] as number,
      i32[(offset + Layout.addressData) >> 2] as number,
      family === Family.IPV4 ? NO_REST : readRest(memory, offset, family),
    );
  }

  /**
   * Writes an address to a driver's memory, or to a byte offset of another.
   * @throws `ERR_INVALID_ARG_TYPE` for anything but a SockAddr
   * @internal
   */
  static write(memory: Memory, address: SockAddr, offset = 0): void {
    if (typeof address === 'object' && address !== null) {
      if (#family in address) {
        SockAddr.#write(memory, address, offset);
        return;
      }
      // An address of another loaded copy of this module: see instances.ts.
      const Other = (address as { constructor?: typeof SockAddr }).constructor;
      if (isInstance(address, 'SockAddr') && Other !== SockAddr && Other?.prototype !== address) {
        Other?.write(memory, address, offset);
        return;
      }
    }
    throw invalidType('address', "a SockAddr, such as SockAddr.parse('127.0.0.1:80')", address);
  }

  // No private methods: each object would have a mark for them.
  static #write({ u8, u16, u32, i32 }: Memory, address: SockAddr, offset: number): void {
    const { flowinfo, scopeId, word1, word2, word3, bytes } = address.#rest;
    u16[(offset + Layout.addressFamily) >> 1] = address.#family;
    u16[(offset + Layout.addressPort) >> 1] = address.#port;
    u32[(offset + Layout.addressFlowinfo) >> 2] = flowinfo;
    u32[(offset + Layout.addressScopeId) >> 2] = scopeId;
    u32[(offset + Layout.addressLength) >> 2] = SockAddr.#length(address);
    i32[(offset + Layout.addressData) >> 2] = address.#word0;
    i32[((offset + Layout.addressData) >> 2) + 1] = word1;
    i32[((offset + Layout.addressData) >> 2) + 2] = word2;
    i32[((offset + Layout.addressData) >> 2) + 3] = word3;
    if (bytes !== undefined) u8.set(bytes, offset + Layout.addressData);
  }

  static #make(parts: Partial<AddressParts> & { family: number }): SockAddr {
    const { family, port = 0, flowinfo = 0, scopeId = 0, bytes = NO_BYTES } = parts;
    if (family !== Family.IPV4 && family !== Family.IPV6) {
      const rest = { ...NO_REST, flowinfo, scopeId, bytes };
      return new SockAddr(family, port, 0, rest);
    }
    const words = new Int32Array(4);
    new Uint8Array(words.buffer).set(bytes);
    const [word0, word1, word2, word3] = words as unknown as [number, number, number, number];
    const rest =
      family === Family.IPV4
        ? NO_REST
        : { flowinfo, scopeId, word1, word2, word3, bytes: undefined };
    return new SockAddr(family, port, word0, rest);
  }

  /** The number of bytes. */
  static #length(address: SockAddr): number {
    const { bytes } = address.#rest;
    if (bytes !== undefined) return bytes.length;
    return address.#family === Family.IPV6 ? IP_SIZE[Family.IPV6] : IP_SIZE[Family.IPV4];
  }

  static #bytesOf(address: SockAddr): Uint8Array {
    const { word1, word2, word3, bytes } = address.#rest;
    if (bytes !== undefined) return bytes;
    const words = Int32Array.of(address.#word0, word1, word2, word3);
    return new Uint8Array(words.buffer, 0, SockAddr.#length(address));
  }

  static #isPathname(address: SockAddr): boolean {
    const { bytes } = address.#rest;
    return (
      address.#family === Family.UNIX && bytes !== undefined && bytes.length > 0 && bytes[0] !== 0
    );
  }

  /**
   * An IPv4 address, `struct sockaddr_in`.
   * @param address dotted decimal, `'127.0.0.1'`
   * @param port 0 to 65535
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @example
   * const address = SockAddr.ipv4('127.0.0.1', 8080);
   */
  static ipv4(address: string, port: number): SockAddr {
    return SockAddr.#make({
      family: Family.IPV4,
      port: checkInteger('port', port, 0, 65535),
      bytes: ipv4Bytes('address', address),
    });
  }

  /**
   * An IPv6 address, `struct sockaddr_in6`.
   * @param address RFC 4291 text, `'::1'`; a zone, the index or the name of an interface (`'fe80::1%2'`, `'fe80::1%eth0'`),
   *   is taken as `scopeId`; names take a backend that looks them up: if_nametoindex(3)
   * @param port 0 to 65535
   * @param options.flowinfo flow label and traffic class, 32 bits
   * @param options.scopeId interface index of a link-local address
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   */
  static ipv6(
    address: string,
    port: number,
    options: { flowinfo?: number | undefined; scopeId?: number | undefined } = {},
  ): SockAddr {
    if (typeof address !== 'string') throw invalidType('address', 'of type string', address);
    if (typeof options !== 'object' || options === null) {
      throw invalidType('options', 'of type object', options);
    }
    const percent = address.indexOf('%');
    const zone = percent === -1 ? undefined : address.slice(percent + 1);
    const scopeOfZone = zone === undefined ? 0 : scopeIdOfZone(zone);
    return SockAddr.#make({
      family: Family.IPV6,
      port: checkInteger('port', port, 0, 65535),
      flowinfo: checkInteger('options.flowinfo', options.flowinfo ?? 0, 0, U32_MAX),
      scopeId: checkInteger('options.scopeId', options.scopeId ?? scopeOfZone, 0, U32_MAX),
      bytes: ipv6Bytes('address', percent === -1 ? address : address.slice(0, percent)),
    });
  }

  /**
   * A unix domain address, `struct sockaddr_un`. The empty path is the unnamed address: binding to
   * it makes Linux choose an abstract name (autobind). A path whose first byte is NUL is abstract.
   * @param path at most 107 bytes (UTF-8), no NUL inside
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @example
   * const address = SockAddr.unix('/run/app.sock');
   */
  static unix(path: string | Uint8Array): SockAddr {
    return SockAddr.#make({ family: Family.UNIX, bytes: pathBytes('path', path) });
  }

  /**
   * An address in Linux's abstract namespace of unix domain sockets.
   * @param name at most 107 bytes, NULs allowed; without the leading NUL
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  static abstract(name: string | Uint8Array): SockAddr {
    return SockAddr.#make({ family: Family.UNIX, bytes: abstractBytes('name', name) });
  }

  /**
   * A VM socket address, `struct sockaddr_vm` (vsock(7)).
   * @param cid context id, 32 bits
   * @param port 32 bits
   */
  static vsock(cid: number, port: number): SockAddr {
    return SockAddr.#make({
      family: Family.VSOCK,
      scopeId: checkInteger('cid', cid, 0, U32_MAX),
      flowinfo: checkInteger('port', port, 0, U32_MAX),
    });
  }

  /**
   * The address of an interface's link layer, `struct sockaddr_ll`: what packet sockets bind to and
   * send to. A packet socket made with protocol 0 receives nothing before it is bound to one.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see packet(7)
   */
  static packet(init: PacketAddressInit): SockAddr {
    if (typeof init !== 'object' || init === null)
      throw invalidType('init', 'of type object', init);
    const { interfaceIndex = 0, protocol = 0, hardwareAddress = '' } = init;
    const { hardwareType = 0, packetType = 'host' } = init;
    checkInteger('init.hardwareType', hardwareType, 0, 65535);
    return SockAddr.#make({
      family: Family.PACKET,
      port: checkInteger('init.protocol', protocol, 0, 65535),
      flowinfo: ((hardwareType << 16) | packetTypeNumber('init.packetType', packetType)) >>> 0,
      scopeId: checkInteger('init.interfaceIndex', interfaceIndex, 0, 0x7fffffff),
      bytes: hardwareBytes('init.hardwareAddress', hardwareAddress),
    });
  }

  /**
   * A netlink address, `struct sockaddr_nl`.
   * @param pid port id of a socket; 0, the default, is the kernel; when binding, 0 lets the kernel choose
   * @param groups multicast groups as a mask of bits, 32 bits; default none
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   * @see netlink(7)
   */
  static netlink(pid = 0, groups = 0): SockAddr {
    return SockAddr.#make({
      family: Family.NETLINK,
      scopeId: checkInteger('pid', pid, 0, U32_MAX),
      flowinfo: checkInteger('groups', groups, 0, U32_MAX),
    });
  }

  /**
   * An address of any family as its system lays it out: `struct sockaddr` after `sa_family`. For
   * families without a method of their own, such as `AF_CAN`. The counterpart of socket2's `SockAddr::new`.
   * @param family the system's number of the family, 0 to 32767
   * @param data at most 112 bytes
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  static raw(family: number, data: Uint8Array): SockAddr {
    checkInteger('family', family, 0, Family.SYSTEM - 1);
    checkBytes('data', data);
    if (data.length > Layout.addressDataSize) {
      throw outOfRange('data.length', `at most ${Layout.addressDataSize} bytes`, data.length);
    }
    return SockAddr.#make({ family: family | Family.SYSTEM, bytes: Uint8Array.from(data) });
  }

  /**
   * Reads `'127.0.0.1:80'` or `'[::1]:80'`, the text that {@link toString} makes of IP addresses.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @example
   * const address = SockAddr.parse('[::1]:8080');
   */
  static parse(text: string): SockAddr {
    if (typeof text !== 'string') throw invalidType('text', 'of type string', text);
    const match = /^(?:\[([^\]]*)\]|([^:]*)):([0-9]{1,10})$/.exec(text);
    // A name would be reported as a wrong IPv4 address, which does not help.
    if (match === null || (match[1] === undefined && !/^[0-9.]+$/.test(match[2] ?? ''))) {
      throw invalidValue(
        'text',
        "must be like '127.0.0.1:80' or '[::1]:80'; `SockAddr.resolve` of @sock/std looks names up",
        text,
      );
    }
    const port = Number(match[3]);
    return match[1] === undefined
      ? SockAddr.ipv4(match[2] as string, port)
      : SockAddr.ipv6(match[1], port);
  }

  /**
   * From an object such as node's `server.address()`. Without `family` the address decides.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   */
  static from(init: SockAddrInit): SockAddr {
    if (typeof init !== 'object' || init === null) {
      throw invalidType('init', 'an object with address and port', init);
    }
    const { address, port, family, flowinfo, scopeId } = init;
    if (typeof address !== 'string') throw invalidType('init.address', 'of type string', address);
    switch (typeof family === 'string' ? family.toLowerCase() : family) {
      case 'ipv4':
      case 4:
        return SockAddr.ipv4(address, port);
      case 'ipv6':
      case 6:
        return SockAddr.ipv6(address, port, { flowinfo, scopeId });
      case undefined:
        return address.includes(':')
          ? SockAddr.ipv6(address, port, { flowinfo, scopeId })
          : SockAddr.ipv4(address, port);
      default:
        throw invalidValue('init.family', "must be 'IPv4' or 'IPv6'", family);
    }
  }

  /** `'ipv4'`, `'ipv6'`, `'unix'`, ...; the system's number for a family without a name. */
  get family(): Domain | 'unspec' {
    return familyName(this.#family);
  }

  /** The IP address as text, without zone; `''` for other families. */
  get address(): string {
    if (this.#family === Family.IPV4) return formatIpv4(SockAddr.#bytesOf(this));
    if (this.#family === Family.IPV6) return formatIpv6(SockAddr.#bytesOf(this));
    return '';
  }

  /** The port of an IP or vsock address; 0 for other families. */
  get port(): number {
    if (this.#family === Family.VSOCK) return this.#rest.flowinfo;
    return this.isIpv4() || this.isIpv6() ? this.#port : 0;
  }

  /** `sin6_flowinfo`; 0 for other families. */
  get flowinfo(): number {
    return this.#family === Family.IPV6 ? this.#rest.flowinfo : 0;
  }

  /** `sin6_scope_id`: the interface index of a link-local address; 0 for other families. */
  get scopeId(): number {
    return this.#family === Family.IPV6 ? this.#rest.scopeId : 0;
  }

  /**
   * The path of a unix address in the file system; `undefined` for all others. Bytes that are not UTF-8
   * show as U+FFFD: {@link pathBytes} has them.
   */
  get path(): string | undefined {
    return SockAddr.#isPathname(this)
      ? new TextDecoder().decode(this.#rest.bytes as Uint8Array)
      : undefined;
  }

  /**
   * The bytes of the path of a unix address in the file system, which need not be UTF-8; `undefined`
   * for all others. `SockAddr.unix` takes them back.
   */
  get pathBytes(): Uint8Array | undefined {
    return SockAddr.#isPathname(this) ? this.#rest.bytes?.slice() : undefined;
  }

  /** Whether this is an IPv4 address. */
  isIpv4(): boolean {
    return this.#family === Family.IPV4;
  }

  /** Whether this is an IPv6 address. */
  isIpv6(): boolean {
    return this.#family === Family.IPV6;
  }

  /** Whether this is a unix domain address: a path, an abstract name or unnamed. */
  isUnix(): boolean {
    return this.#family === Family.UNIX;
  }

  /**
   * Whether this is an address without a name: the address of a unix socket that was never bound,
   * also as the sender of a datagram.
   */
  isUnnamed(): boolean {
    return this.#family === Family.UNSPEC || (this.isUnix() && SockAddr.#length(this) === 0);
  }

  /** The path of a unix address in the file system, or `null`. */
  asPathname(): string | null {
    return this.path ?? null;
  }

  /** The name of a unix address in the abstract namespace, without its leading NUL, or `null`. */
  asAbstractNamespace(): Uint8Array | null {
    const bytes = this.#rest.bytes;
    return this.isUnix() && bytes !== undefined && bytes.length > 0 && bytes[0] === 0
      ? bytes.slice(1)
      : null;
  }

  /** Context id and port of a vsock address, or `null`. */
  asVsockAddress(): [cid: number, port: number] | null {
    return this.#family === Family.VSOCK ? [this.#rest.scopeId, this.#rest.flowinfo] : null;
  }

  /** The fields of a packet socket's address, or `null`. */
  asPacketAddress(): PacketAddress | null {
    if (this.#family !== Family.PACKET) return null;
    return {
      interfaceIndex: this.#rest.scopeId,
      protocol: this.#port,
      hardwareType: this.#rest.flowinfo >>> 16,
      packetType: packetTypeName(this.#rest.flowinfo & 0xff),
      hardwareAddress: formatHardware(this.#rest.bytes ?? NO_BYTES),
    };
  }

  /** Port id and multicast groups of a netlink address, or `null`. */
  asNetlinkAddress(): [pid: number, groups: number] | null {
    return this.#family === Family.NETLINK ? [this.#rest.scopeId, this.#rest.flowinfo] : null;
  }

  /**
   * A unix address as node's `net` takes it, or `null`: `path` begins with NUL for an abstract name
   * and is empty for an unnamed address.
   */
  asUnix(): { path: string } | null {
    return this.isUnix() ? { path: new TextDecoder().decode(this.#rest.bytes ?? NO_BYTES) } : null;
  }

  /** The system's number and the bytes of an address whose family has no method here, or `null`. */
  asRaw(): [family: number, data: Uint8Array] | null {
    if ((this.#family & Family.SYSTEM) === 0) return null;
    return [this.#family & ~Family.SYSTEM, Uint8Array.from(this.#rest.bytes ?? NO_BYTES)];
  }

  /** How many bytes the address has for the system: `socklen_t`; 0 for the unspecified family. */
  len(): number {
    // A path ends with a NUL.
    return lengthFor(this.#family, SockAddr.#length(this) + (SockAddr.#isPathname(this) ? 1 : 0));
  }

  /** An IP address as a plain object, or `null`. */
  asSocket(): SocketAddress | null {
    return this.asSocketIpv4() ?? this.asSocketIpv6();
  }

  /** An IPv4 address as a plain object, or `null`. */
  asSocketIpv4(): SocketAddress | null {
    if (!this.isIpv4()) return null;
    return { address: this.address, port: this.#port, family: 'IPv4' };
  }

  /** An IPv6 address as a plain object, or `null`. */
  asSocketIpv6(): SocketAddress | null {
    if (!this.isIpv6()) return null;
    return {
      address: this.address,
      port: this.#port,
      family: 'IPv6',
      flowinfo: this.#rest.flowinfo,
      scopeId: this.#rest.scopeId,
    };
  }

  /** The bytes of an IP address in network order, 4 or 16, or `null`. */
  asOctets(): Uint8Array | null {
    return this.isIpv4() || this.isIpv6() ? SockAddr.#bytesOf(this) : null;
  }

  /** The domain whose sockets take this address. */
  domain(): Domain {
    const { family } = this;
    return family === 'unspec' ? 0 : family;
  }

  /** Whether both are the same address. */
  equals(other: SockAddr): boolean {
    return (
      other instanceof SockAddr &&
      this.#family === other.#family &&
      this.#port === other.#port &&
      this.#rest.flowinfo === other.#rest.flowinfo &&
      this.#rest.scopeId === other.#rest.scopeId &&
      String(SockAddr.#bytesOf(this)) === String(SockAddr.#bytesOf(other))
    );
  }

  /** `127.0.0.1:80`, `[fe80::1%2]:80`, `/run/x.sock`, `@abstract`, `vsock:2:1024`. */
  toString(): string {
    switch (this.#family) {
      case Family.IPV4:
        return `${this.address}:${this.#port}`;
      case Family.IPV6:
        return `[${this.address}${this.#rest.scopeId === 0 ? '' : `%${this.#rest.scopeId}`}]:${this.#port}`;
      case Family.UNIX: {
        const name = this.asAbstractNamespace();
        if (name !== null) return `@${new TextDecoder().decode(name)}`;
        return this.path ?? '(unnamed)';
      }
      case Family.UNSPEC:
        return '(unnamed)';
      case Family.VSOCK:
        return `vsock:${this.#rest.scopeId}:${this.#rest.flowinfo}`;
      case Family.NETLINK:
        return `netlink:${this.#rest.scopeId}:${this.#rest.flowinfo}`;
      case Family.PACKET:
        return `packet:${this.#rest.scopeId}:${formatHardware(this.#rest.bytes ?? NO_BYTES)}`;
      default:
        return `(family ${String(this.family)})`;
    }
  }

  /** Node's inspection text. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `SockAddr(${this.toString()})`;
  }
}

/** Reads what an address has that is not IPv4. */
function readRest({ u8, u32, i32 }: Memory, offset: number, family: number): Rest {
  const start = offset + Layout.addressData;
  const ipv6 = family === Family.IPV6;
  // A program can write to a batch's addresses, so the length there may be anything.
  const claimed = u32[(offset + Layout.addressLength) >> 2] as number;
  return {
    flowinfo: u32[(offset + Layout.addressFlowinfo) >> 2] as number,
    scopeId: u32[(offset + Layout.addressScopeId) >> 2] as number,
    word1: ipv6 ? (i32[(start >> 2) + 1] as number) : 0,
    word2: ipv6 ? (i32[(start >> 2) + 2] as number) : 0,
    word3: ipv6 ? (i32[(start >> 2) + 3] as number) : 0,
    bytes: ipv6 ? undefined : u8.slice(start, start + Math.min(claimed, Layout.addressDataSize)),
  };
}

shareInstances(SockAddr, 'SockAddr');
