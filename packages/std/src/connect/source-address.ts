/** The address from which a destination would be reached, which RFC 6724 compares. */
import { readFileSync } from 'node:fs';
import { type Driver, SockAddr, type Socket, type SockError } from '@sock/core';
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

/** Bits of the flags in /proc/net/if_inet6: linux/if_addr.h. */
const IFA_F_HOMEADDRESS = 0x10;
const IFA_F_DEPRECATED = 0x20;
/** Types of tunnels in /sys/class/net/*\/type: linux/if_arp.h, TUNNEL, TUNNEL6, SIT, IPGRE, IP6GRE. */
const TUNNELS = new Set(['768', '769', '776', '778', '823']);

type Facts = Omit<Source, 'bytes'>;

/** What Linux knows about its IPv6 addresses, by their bytes in hexadecimal digits: proc_net_if_inet6(5). */
function readFacts(driver: Driver): ReadonlyMap<string, Facts> {
  const facts = new Map<string, Facts>();
  if (driver.name !== 'native' || driver.system !== 'linux') return facts;
  let lines: string[];
  try {
    lines = readFileSync('/proc/net/if_inet6', 'latin1').split('\n');
  } catch {
    return facts;
  }
  for (const line of lines) {
    const [digits = '', , prefix = '', , flagDigits = '', name = ''] = line.split(/\s+/);
    if (digits === '') continue;
    const flags = Number.parseInt(flagDigits, 16);
    facts.set(digits, {
      prefixLength: Number.parseInt(prefix, 16),
      deprecated: (flags & IFA_F_DEPRECATED) !== 0,
      home: (flags & IFA_F_HOMEADDRESS) !== 0,
      tunnel: isTunnel(name),
    });
  }
  return facts;
}

function isTunnel(name: string): boolean {
  try {
    return TUNNELS.has(readFileSync(`/sys/class/net/${name}/type`, 'latin1').trim());
  } catch {
    return false;
  }
}

/** Finds the source address of destinations, by a UDP socket that sends nothing. */
export class SourceAddresses {
  #facts: ReadonlyMap<string, Facts> | undefined;

  constructor(
    private readonly SocketOf: ConnectingClass<Socket>,
    /** Where the connection is to begin. */
    private readonly local: SockAddr | undefined,
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
    this.#facts ??= readFacts(this.SocketOf.driver);
    return { bytes, ...this.#facts.get(Buffer.from(bytes).toString('hex')) };
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
