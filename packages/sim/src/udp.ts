/** UDP: RFC 768, with broadcast and multicast as ip(7) and ipv6(7) have them. */
import { Readiness } from '@sock/core';
import type { Address } from './address.js';
import type { Ip } from './ip.js';
import { IpSocket, isUnspecified } from './ip-socket.js';
import { constants, errors } from './numbers.js';
import type { Datagram, PacketHeader } from './packet.js';
import type { Ports } from './ports.js';
import { Queue } from './queue.js';
import {
  costOf,
  gather,
  IpOptions,
  lengthOf,
  type ReceivedHeader,
  scatter,
  type SimSocket,
} from './sim-socket.js';

/** The most bytes of a datagram: 65,535 less the headers. IPv6's length leaves its header out. */
const LONGEST = { 4: 65_507, 6: 65_527 } as const;
/** IP and UDP. */
const HEADERS = { 4: 28, 6: 48 } as const;
const LEAST_COST = 832;
/** The indexes of the interfaces. */
const LOOPBACK = 1;
const ETHERNET = 2;

/** `IP_PMTUDISC_...` that forbid fragments. */
const UNFRAGMENTED = new Set([2, 3, 4]);

/** A datagram that has arrived, and when. */
interface Arrival {
  readonly datagram: Datagram;
  /** By the host's clock, in milliseconds since the network was made. */
  readonly time: number;
  /** How many datagrams the socket had lost to a full buffer by then. */
  readonly drops: number;
}

/** A UDP socket. */
export class UdpSocket extends IpSocket {
  override readonly options = new IpOptions(212_992, 212_992, this.domain);
  peerIp: Ip | undefined;
  peerPort = 0;
  readonly #queue = new Queue<Arrival>();
  /** What was received last. */
  #last: Arrival | undefined;
  #drops = 0;
  #cost = 0;
  #corked:
    | {
        to: Address | undefined;
        header: PacketHeader | undefined;
        parts: Uint8Array[];
        length: number;
      }
    | undefined;

  protected get ports(): Ports<IpSocket> {
    return this.host.udpPorts;
  }

  get yields(): boolean {
    return true;
  }

  describe(): string {
    const peer = this.peerIp === undefined ? '' : ` to ${this.place(this.peerIp, this.peerPort)}`;
    return `${this.host.name}: udp ${this.place(this.localIp, this.localPort)}${peer}`;
  }

  readiness(): number {
    let ready: number = Readiness.WRITABLE;
    if (this.#queue.length > 0 && !this.host.readsNothing) ready |= Readiness.READABLE;
    if (this.error !== 0) ready |= Readiness.ERROR;
    if (this.shutRead) ready |= Readiness.READABLE;
    if (this.shutRead && this.shutWrite) ready |= Readiness.HANGUP;
    return ready;
  }

  connect(address: Address, _milliseconds: number): number {
    if (isUnspecified(address)) {
      this.peerIp = undefined;
      this.peerPort = 0;
      if (!this.isBound) {
        this.leavePort();
        this.localPort = 0;
        const { any4, any6 } = this.host.network.ips;
        this.localIp = this.six ? any6 : any4;
      }
      return 0;
    }
    const bound = this.#bindAny();
    if (bound < 0) return bound;
    const ip = this.resolve(address);
    if (typeof ip === 'number') return ip;
    if (this.#isBroadcast(ip) && !this.options.broadcast) return -errors.EACCES;
    let target = ip;
    let source: Ip | undefined;
    if (ip.isMulticast || this.#isBroadcast(ip)) {
      source = this.localIp.isAny ? this.host.sourceFor(ip) : this.localIp;
    } else {
      const route = this.route(ip, address.port);
      if (typeof route === 'number') return route;
      ({ ip: target, source } = route);
    }
    if (source === undefined) return -errors.ENETUNREACH;
    if (this.localIp.isAny) this.localIp = source;
    this.peerIp = target;
    this.peerPort = address.port;
    return 0;
  }

  #isBroadcast(ip: Ip): boolean {
    return ip.isBroadcast || this.host.isSubnetBroadcast(ip);
  }

  #bindAny(): number {
    return this.localPort === 0 ? this.take(this.localIp, 0) : 0;
  }

  listen(): number {
    return -errors.EOPNOTSUPP;
  }

  accept(): SimSocket | number {
    return -errors.EOPNOTSUPP;
  }

  peerAddress(): number {
    if (this.peerIp === undefined || this.peerPort === 0) return -errors.ENOTCONN;
    this.host.addresses_.writeIp(this.peerIp, this.peerPort, this.six);
    return 0;
  }

  shutdown(how: number): number {
    if (how !== 1) this.shutRead = true;
    if (how !== 0) this.shutWrite = true;
    this.changed();
    return this.peerIp === undefined ? -errors.ENOTCONN : 0;
  }

  /** MSG_MORE: what is sent later is added to the datagram, and goes where the first part was to go. */
  send(
    buffers: readonly Uint8Array[],
    flags: number,
    to: Address | undefined,
    header?: PacketHeader,
  ): number {
    const more = (flags & constants.MSG_MORE) !== 0;
    const corked = this.#corked;
    if (!more && corked === undefined) return this.#sendWhole(buffers, to, header);
    const length = lengthOf(buffers);
    if (corked === undefined) {
      if (to === undefined && this.peerIp === undefined) return -errors.EDESTADDRREQ;
      const parts = [gather(buffers, 0, length)];
      this.#corked = { to: to && { ...to }, header, parts, length };
      return length;
    }
    if (corked.length + length > LONGEST[this.six ? 6 : 4]) return -errors.EMSGSIZE;
    corked.parts.push(gather(buffers, 0, length));
    corked.length += length;
    if (more) return length;
    this.#corked = undefined;
    const result = this.#sendWhole(corked.parts, corked.to, corked.header);
    return result < 0 ? result : length;
  }

  #sendWhole(
    buffers: readonly Uint8Array[],
    to: Address | undefined,
    header: PacketHeader = {},
  ): number {
    const length = lengthOf(buffers);
    let ip = this.peerIp;
    let port = this.peerPort;
    // Linux binds before it looks at the rest.
    const bound = this.#bindAny();
    if (bound < 0) return bound;
    if (length > 0xffff) return -errors.EMSGSIZE;
    if (to !== undefined && !isUnspecified(to)) {
      const resolved = this.resolve(to);
      if (typeof resolved === 'number') return resolved;
      if (to.port === 0) return -errors.EINVAL;
      ip = resolved;
      ({ port } = to);
    } else if (ip === undefined) return -errors.EDESTADDRREQ;
    if (this.shutWrite) return -errors.EPIPE;
    if (this.error !== 0) return this.takeError();
    const wrong = this.#checkHeader(ip, header);
    if (wrong < 0) return wrong;
    if (ip.isMulticast) return this.#sendToGroup(ip, port, buffers, length, header);
    if (this.#isBroadcast(ip)) return this.#broadcast(ip, port, buffers, length, header);
    const route = this.route(ip, port, header.source);
    if (typeof route === 'number') return route;
    const { host } = this;
    const { network } = host;
    const { interfaceIndex } = header;
    // Nobody else is behind the loopback interface, and only its addresses are not behind the other one.
    if (interfaceIndex === LOOPBACK && route.host !== host) return -errors.ENETUNREACH;
    if (interfaceIndex === ETHERNET && route.ip.isLoopback) return -errors.ENETUNREACH;
    const fits = this.#fits(route.ip, length, route.host === host);
    if (fits < 0) return fits;
    network.send(
      host,
      route.host,
      this.#datagram(route.source, route.ip, port, buffers, length, 0, header),
    );
    network.settle();
    return length;
  }

  #fits(ip: Ip, length: number, local: boolean): number {
    if (length > LONGEST[ip.family]) return -errors.EMSGSIZE;
    if (local || !UNFRAGMENTED.has(this.options.mtuDiscover) || ip.host === undefined) return 0;
    const { mtu } = this.host.network.linkBetween(this.host, ip.host);
    return length + HEADERS[ip.family] > mtu ? -errors.EMSGSIZE : 0;
  }

  #datagram(
    source: Ip,
    destination: Ip,
    destinationPort: number,
    buffers: readonly Uint8Array[],
    length: number,
    interfaceIndex: number,
    { tos, ttl }: PacketHeader,
  ): Datagram {
    const { options } = this;
    const four = destination.family === 4;
    const group = four ? options.multicastTtl : options.multicastHops;
    const one = four ? options.ttl : options.unicastHops;
    return {
      protocol: 'udp',
      source,
      sourcePort: this.localPort,
      destination,
      destinationPort,
      data: gather(buffers, 0, length),
      interfaceIndex,
      tos: tos ?? (four ? options.tos : options.trafficClass),
      ttl: ttl ?? (destination.isMulticast ? group : one),
    };
  }

  /** Whether a datagram to an address can have such a header: a negative error number if not, in Linux's order. */
  #checkHeader(to: Ip, { source, interfaceIndex = 0 }: PacketHeader): number {
    if (source !== undefined && source.family !== to.family) return -errors.EINVAL;
    const isForeign = source !== undefined && !this.host.isLocal(source);
    // IPv4 finds out when it looks for a route, IPv6 when it reads the control message.
    if (isForeign && to.family === 4) return -errors.ENETUNREACH;
    if (interfaceIndex > ETHERNET) return -errors.ENODEV;
    return isForeign ? -errors.EINVAL : 0;
  }

  /** The interface that a datagram to a group goes out by: 1 is the loopback interface. */
  #groupInterface(ip: Ip, { interfaceIndex }: PacketHeader): number {
    if (interfaceIndex !== undefined) return interfaceIndex;
    if (ip.family === 6) return this.options.multicastInterface6 || 2;
    const { multicastInterface4: chosen } = this.options;
    const local = chosen ?? this.localIp;
    return local.isLoopback ? 1 : 2;
  }

  #sendToGroup(
    ip: Ip,
    port: number,
    buffers: readonly Uint8Array[],
    length: number,
    header: PacketHeader,
  ): number {
    const { host, options } = this;
    const { network } = host;
    const index = this.#groupInterface(ip, header);
    const loopback = ip.family === 4 ? network.ips.loopback4 : network.ips.loopback6;
    const outside = host.sourceFor(ip);
    if (index !== 1 && outside === undefined) return -errors.ENETUNREACH;
    const local = header.source ?? this.localIp;
    const source = local.isAny ? (index === 1 ? loopback : (outside as Ip)) : local;
    if (length > LONGEST[ip.family]) return -errors.EMSGSIZE;
    const datagram = this.#datagram(source, ip, port, buffers, length, index, header);
    const loops = ip.family === 4 ? options.multicastLoop4 : options.multicastLoop6;
    if (loops) network.send(host, host, datagram);
    if (index !== 1 && datagram.ttl > 0) {
      for (const other of network.hosts) {
        if (other !== host && other.hears(ip, index)) network.send(host, other, datagram);
      }
    }
    network.settle();
    return length;
  }

  #broadcast(
    ip: Ip,
    port: number,
    buffers: readonly Uint8Array[],
    length: number,
    header: PacketHeader,
  ): number {
    const { host } = this;
    const { network } = host;
    if (!this.options.broadcast) return -errors.EACCES;
    const { loopback4 } = network.ips;
    const usual = ip.isLoopback ? loopback4 : host.sourceFor(ip);
    const local = header.source ?? this.localIp;
    const source = local.isAny ? usual : local;
    if (source === undefined) return -errors.ENETUNREACH;
    if (length > LONGEST[4]) return -errors.EMSGSIZE;
    const index = ip.isLoopback ? LOOPBACK : ETHERNET;
    const datagram = this.#datagram(source, ip, port, buffers, length, index, header);
    for (const other of ip.isLoopback ? [host] : network.hosts) {
      if (ip.isBroadcast || other.isSubnetBroadcast(ip)) network.send(host, other, datagram);
    }
    network.settle();
    return length;
  }

  /** How well the socket fits a datagram; negative: not at all. Linux's `compute_score`. */
  score({ source, sourcePort, destination }: Datagram): number {
    let score = 0;
    const { localIp, peerIp } = this;
    if (localIp.family !== destination.family) {
      if (!localIp.isAny || this.options.onlyV6 || localIp.family === 4) return -1;
    } else if (localIp === destination) score += 2;
    else if (!localIp.isAny) return -1;
    else if (localIp.family === 4 && this.domain === constants.AF_INET) score += 1;
    if (peerIp === undefined) return score;
    // Who is connected to port 0 hears every port of that host.
    if (peerIp !== source || (this.peerPort !== 0 && this.peerPort !== sourcePort)) {
      // A group or a broadcast address never answers by itself.
      return -1;
    }
    return score + 8;
  }

  /** Whether a broadcast datagram is for this socket. */
  wantsBroadcast(datagram: Datagram): boolean {
    return this.localIp.family === 4 && this.score(datagram) >= 0;
  }

  /** Whether a datagram to a group is for this socket. */
  wantsGroup(datagram: Datagram): boolean {
    if (this.score(datagram) < 0) return false;
    const { destination, source, interfaceIndex } = datagram;
    const all = destination.family === 4 ? this.options.multicastAll4 : this.options.multicastAll6;
    return this.memberships.wants(destination, source, interfaceIndex, all);
  }

  /** A datagram arrives. */
  arrive(datagram: Datagram): void {
    const cost = costOf(datagram.data.length, LEAST_COST);
    // One always fits.
    if (this.#cost > 0 && this.#cost + cost > this.options.receiveBuffer) {
      this.host.droppedDatagrams += 1;
      this.#drops += 1;
      return;
    }
    this.#cost += cost;
    this.#queue.push({ datagram, time: this.host.clock.sinceStart, drops: this.#drops });
    this.changed();
  }

  /** Nobody listens where the socket sent to. */
  unreachable({ destination, destinationPort }: Datagram): void {
    if (this.peerIp !== destination) return;
    if (this.peerPort === 0 || this.peerPort === destinationPort) {
      this.fail(errors.ECONNREFUSED);
    }
  }

  receive(buffers: readonly Uint8Array[], flags: number, from: boolean): number {
    const { host } = this;
    const peek = (flags & constants.MSG_PEEK) !== 0;
    if (this.#queue.length === 0 || host.readsNothing) {
      if (this.error !== 0) return this.takeError();
      if (this.shutRead) {
        if (from) host.addresses_.writeNone();
        return 0;
      }
      if (!this.waits(flags)) return -errors.EAGAIN;
      const result = this.block(
        () => (this.#queue.length > 0 && !host.readsNothing) || this.error !== 0 || this.shutRead,
        this.options.readTimeout,
      );
      if (this.dead) return -errors.ENETDOWN;
      if (result < 0) return result;
      if (this.#queue.length === 0) return this.receive(buffers, flags, from);
    } else if (this.error !== 0) return this.takeError();
    const arrival = (peek ? this.#queue.first : this.#queue.shift()) as Arrival;
    const { data, source, sourcePort } = arrival.datagram;
    this.#last = arrival;
    if (!peek) this.#cost -= costOf(data.length, LEAST_COST);
    const copied = scatter(data, buffers);
    if (copied < data.length) host.received.flags = constants.MSG_TRUNC;
    if (from) host.addresses_.writeIp(source, sourcePort, this.six);
    return (flags & constants.MSG_TRUNC) !== 0 ? data.length : copied;
  }

  /** What the socket's options say that it wants to know. Linux's `ip_cmsg_recv` and `ip6_datagram_recv_ctl`. */
  override lastHeader(): ReceivedHeader {
    if (this.#last === undefined) return super.lastHeader();
    const { options, six } = this;
    const { datagram, time, drops } = this.#last;
    const { destination, source, interfaceIndex, tos, ttl } = datagram;
    const four = destination.family === 4;
    const wantsInfo = options.packetInfo6 || (four && options.packetInfo4);
    return {
      six: six && options.packetInfo6,
      destination: wantsInfo ? destination : undefined,
      // What a host sends to itself comes by the loopback interface.
      interfaceIndex: wantsInfo
        ? interfaceIndex || (this.host.isLocal(source) ? LOOPBACK : ETHERNET)
        : undefined,
      tos: (four ? options.receiveTos : options.receiveTrafficClass) ? tos : undefined,
      ttl: (four ? options.receiveTtl : options.receiveHops) ? ttl : undefined,
      timestamp: options.receiveTime && this.#timeOf(time, options.receiveTime),
      // Linux says it only after the first loss.
      drops: options.receiveDrops && drops > 0 ? drops : undefined,
    };
  }

  #timeOf(arrival: number, unit: 'microseconds' | 'nanoseconds'): bigint {
    const time = this.host.clock.nanosecondsOf(arrival);
    return unit === 'microseconds' ? time - (time % 1000n) : time;
  }

  close(): number {
    this.leavePort();
    this.#queue.clear();
    this.#last = undefined;
    return 0;
  }

  die(): void {
    this.dead = true;
    this.#queue.clear();
    this.changed();
  }
}
