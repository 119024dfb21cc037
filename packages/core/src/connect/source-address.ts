/** The address from which a destination would be reached, which RFC 6724 compares. */
import { SockAddr } from '../address.js';
import type { Driver } from '../driver.js';
import type { SockError } from '../errors.js';
import type { Socket } from '../socket.js';
import type { ConnectingClass } from './connecting-class.js';
import type { Source } from './destination-order.js';

/** Why there is no way to a destination: connect(2). Other errors say nothing about the way. */
const NO_WAY = new Set([
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EHOSTUNREACH',
  'EINVAL',
  'ENETDOWN',
  'ENETUNREACH',
]);
/** Some systems refuse port 0. Nothing is sent to this port: discard, RFC 863. */
const ANY_PORT = 9;

/** What a system knows about its own IPv6 addresses. */
export type SourceFacts = Omit<Source, 'bytes'>;

/** What the system knows, by the bytes of the addresses in hexadecimal digits. */
export type FactsOfSources = (driver: Driver) => ReadonlyMap<string, SourceFacts>;

const NO_FACTS: FactsOfSources = () => new Map();

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Finds the source address of destinations, by a UDP socket that sends nothing. */
export class SourceAddresses {
  #facts: ReadonlyMap<string, SourceFacts> | undefined;

  constructor(
    private readonly SocketOf: ConnectingClass<Socket>,
    /** Where the connection is to begin. */
    private readonly local: SockAddr | undefined,
    private readonly factsOf = NO_FACTS,
  ) {}

  /** `null` if there is no way to the destination; `undefined` if that cannot be found out. */
  find(destination: SockAddr): Source | null | undefined {
    let bytes: Uint8Array | null;
    try {
      bytes = (this.local ?? this.#sourceOf(destination)).asOctets();
    } catch (error) {
      return NO_WAY.has((error as SockError).code) ? null : undefined;
    }
    if (bytes === null) return undefined;
    if (bytes.length !== 16) return { bytes };
    this.#facts ??= this.factsOf(this.SocketOf.driver);
    return { bytes, ...this.#facts.get(hex(bytes)) };
  }

  #sourceOf(destination: SockAddr): SockAddr {
    const { address, scopeId } = destination;
    const port = destination.port || ANY_PORT;
    const to = destination.isIpv4()
      ? SockAddr.ipv4(address, port)
      : SockAddr.ipv6(address, port, { scopeId });
    const socket = new this.SocketOf(destination.domain(), 'dgram');
    try {
      socket.connect(to);
      return socket.localAddr();
    } finally {
      socket.close();
    }
  }
}
