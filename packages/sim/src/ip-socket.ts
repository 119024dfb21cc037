/** What sockets of TCP and UDP have in common: addresses and ports. */
import { type Address, Family } from './address.js';
import type { Host } from './host.js';
import type { Ip } from './ip.js';
import { Memberships } from './memberships.js';
import { constants, errors } from './numbers.js';
import type { PortHolder, Ports } from './ports.js';
import { SimSocket } from './sim-socket.js';

/** A destination, with the host that has it. */
export interface Route {
  readonly ip: Ip;
  readonly port: number;
  readonly source: Ip;
  readonly host: Host;
}

/** A socket of an IP protocol. */
export abstract class IpSocket extends SimSocket implements PortHolder {
  localIp: Ip;
  localPort = 0;
  /** The program bound it: a port of its choice, or an address. */
  isBound = false;
  /** The program chose the port: it stays when a connection ends. */
  protected keepsPort = false;
  /** The port was left, though the socket still says it: another bind(2) is allowed. */
  protected hasLeft = false;
  /** Made by the first: most sockets join no group. */
  #memberships: Memberships | undefined;

  constructor(host: Host, id: number, domain: number, type: number, protocol: number) {
    super(host, id, domain, type, protocol);
    const { any4, any6 } = host.network.ips;
    this.localIp = this.six ? any6 : any4;
  }

  get memberships(): Memberships {
    this.#memberships ??= new Memberships();
    return this.#memberships;
  }

  abstract get yields(): boolean;
  protected abstract get ports(): Ports<IpSocket>;

  /** The address that a call was given, IPv4-mapped ones as IPv4; or a negative error number. */
  protected resolve(address: Address): Ip | number {
    const { ip } = address;
    if (ip === undefined) return -errors.EAFNOSUPPORT;
    if (!this.six) return ip.family === 4 ? ip : -errors.EAFNOSUPPORT;
    if (ip.family === 4) return -errors.EAFNOSUPPORT;
    const v4 = this.host.network.ips.unmapped(ip);
    if (v4 === undefined) return ip;
    return this.options.onlyV6 ? -errors.ENETUNREACH : v4;
  }

  bind(address: Address): number {
    const ip = this.resolve(address);
    if (typeof ip === 'number') return ip === -errors.ENETUNREACH ? -errors.EINVAL : ip;
    if ((this.localPort !== 0 || this.isBound) && !this.hasLeft) return -errors.EINVAL;
    if (!this.host.isLocal(ip) && !this.bindsGroup(ip)) return -errors.EADDRNOTAVAIL;
    const result = this.take(ip, address.port);
    if (result < 0) return result;
    this.isBound = true;
    this.keepsPort = address.port !== 0;
    // Linux: an address of IPv6 leaves nothing of IPv4.
    if (ip.family === 6 && !ip.isAny) this.options.onlyV6 = true;
    return result;
  }

  /** Datagram sockets may be bound to the address of a group. */
  protected bindsGroup(ip: Ip): boolean {
    return this.type === constants.SOCK_DGRAM && (ip.isMulticast || ip.isBroadcast);
  }

  /** Takes a port, 0 for any, of an address. */
  protected take(ip: Ip, port: number): number {
    const { ports } = this;
    let chosen = port;
    if (port === 0) chosen = ports.choose();
    else {
      const result = ports.check(this, ip, port);
      if (result < 0) return result;
    }
    if (chosen < 0) return -errors.EADDRINUSE;
    this.localIp = ip;
    this.localPort = chosen;
    this.hasLeft = false;
    ports.add(chosen, this);
    return 0;
  }

  protected leavePort(): void {
    if (this.localPort !== 0) this.ports.remove(this.localPort, this);
    this.hasLeft = true;
  }

  /** The way to an address, or a negative error number. @param localIp where it leaves from */
  protected route(target: Ip, port: number, localIp = this.localIp): Route | number {
    const { host } = this;
    const { ips } = host.network;
    // RFC 1122 has no meaning for it; systems take it for this host.
    const ip = target.isAny ? (target.family === 4 ? ips.loopback4 : ips.loopback6) : target;
    if (!localIp.isAny && localIp.family !== ip.family) {
      return ip.family === 4 ? -errors.ENETUNREACH : -errors.EINVAL;
    }
    const to = ip.isLoopback ? host : ip.host;
    if (to === undefined) return -errors.ENETUNREACH;
    if (!localIp.isAny) {
      if (localIp.isLoopback && to !== host) return -errors.EINVAL;
      return { ip, port, source: localIp, host: to };
    }
    const source = to === host ? ip : host.sourceFor(ip);
    if (source === undefined) return -errors.ENETUNREACH;
    // All of 127.0.0.0/8 is this host; what goes there comes from 127.0.0.1.
    const from = ip.isLoopback && ip.family === 4 ? ips.loopback4 : source;
    return { ip, port, source: from, host: to };
  }

  localAddress(): number {
    this.host.addresses_.writeIp(this.localIp, this.localPort, this.six);
    return 0;
  }

  protected place(ip: Ip, port: number): string {
    return ip.family === 4 ? `${ip.text}:${port}` : `[${ip.text}]:${port}`;
  }
}

/** Whether an address names nobody: what connect(2) dissolves an association with. */
export function isUnspecified({ family }: Address): boolean {
  return family === Family.UNSPEC;
}
