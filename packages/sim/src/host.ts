/** A simulated host, which is a backend: its `Socket` and `Poller` are on this host. */
import { type BackendOfDriver, type Handle, makeBackend, type Socket } from '@sock/core';
import { AddressMemory } from './address.js';
import { makeDriver } from './driver.js';
import type { CallName } from './fault.js';
import { HostClock } from './host-clock.js';
import type { Ip } from './ip.js';
import type { IpSocket } from './ip-socket.js';
import { lookUp } from './names.js';
import type { Network } from './network.js';
import { errors } from './numbers.js';
import { type Datagram, type Packet, resetFor, type Segment, TcpFlag } from './packet.js';
import { Ports } from './ports.js';
import { hashOf } from './random.js';
import { Pollers, Waits } from './readiness.js';
import type { Received, SimSocket } from './sim-socket.js';
import type { TcpSocket } from './tcp.js';
import type { UdpSocket } from './udp.js';
import type { UnixSocket } from './unix.js';

/** What a {@link Host} is made with. */
export interface HostOptions {
  /** By which other hosts find it; default: its address. */
  readonly name?: string;
  /** More addresses of it. */
  readonly addresses?: readonly string[];
  /** How many sockets may be open at once; more fail with EMFILE. Default: as many as you like. */
  readonly openFiles?: number;
}

/** A program of a host: it is started again when the host is. */
export type HostProgram = (context: { readonly signal: AbortSignal }) => void | Promise<void>;

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

declare const AbortController: new () => {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
};

/** The callback of node's `lookup` option. */
type LookupCallback = (
  error: Error | null,
  address?: string | { address: string; family: number }[],
  family?: number,
) => void;

/** What node gives a `lookup` option. */
interface LookupOptions {
  readonly all?: boolean | undefined;
  readonly family?: number | string | undefined;
}

/** Linux's subnets of a home or office, /24: what a broadcast reaches. */
const SUBNET_BYTES = 3;
const LOOPBACK_BROADCAST = '127.255.255.255';

/** A host of a {@link Network}. */
export class Host {
  /** Sockets on this host. */
  readonly Socket: BackendOfDriver['Socket'];
  /** Waits on many sockets of this host at once. */
  readonly Poller: BackendOfDriver['Poller'];
  /** The numbers of the `MSG_...` flags: `MSG.PEEK`. */
  readonly MSG: BackendOfDriver['MSG'];
  /** The numbers of the `SOCK_...` types and their flags: `SOCK.NONBLOCK`. */
  readonly SOCK: BackendOfDriver['SOCK'];
  readonly ifNameToIndex: BackendOfDriver['ifNameToIndex'];
  readonly ifIndexToName: BackendOfDriver['ifIndexToName'];
  readonly ifNameIndex: BackendOfDriver['ifNameIndex'];
  /** The wall clock of this host, which may be off. */
  readonly clock: HostClock;
  /** Whether the host crashed and was not started again. */
  down = false;
  /** How many datagrams arrived when the buffer of their socket was full. */
  droppedDatagrams = 0;

  // What follows is for the sockets of this host.

  /** @internal */
  readonly waits: Waits;
  /** @internal */
  readonly pollers: Pollers;
  /** @internal */
  readonly connections = new Map<string, TcpSocket>();
  /** @internal By port, apart from the many connections that share it. */
  readonly listeners = new Map<number, Set<TcpSocket>>();
  /** @internal */
  readonly tcpPorts: Ports<IpSocket>;
  /** @internal */
  readonly udpPorts: Ports<IpSocket>;
  /** @internal `null`: a path whose socket is closed. */
  readonly unixNames = new Map<string, UnixSocket | null>();
  /** @internal */
  readonly unixSockets = new Set<UnixSocket>();
  /** @internal */
  readonly sockets = new Map<Handle, SimSocket>();
  /** @internal Where addresses cross. */
  readonly addresses_: AddressMemory;
  /** @internal What the last receive says besides. */
  readonly received: Received = { flags: 0 };
  /** @internal */
  readsNothing = false;
  /** Sockets that nobody closed must not be collected: when that happens is not a matter of the seed. */
  readonly #kept = new Map<Handle, Socket>();
  readonly #programs: HostProgram[] = [];
  #abort = new AbortController();
  #names = 0;

  /** @internal Made by {@link Network.host}. */
  constructor(
    /** @internal */
    readonly network: Network,
    readonly name: string,
    /** @internal */
    readonly addresses: readonly Ip[],
    /** @internal */
    readonly limits: HostOptions,
  ) {
    const start = hashOf(`${network.seed} ${name}`);
    this.tcpPorts = new Ports(start);
    this.udpPorts = new Ports(start);
    this.waits = new Waits(network);
    this.pollers = new Pollers(network, (handle) => this.sockets.get(handle));
    this.clock = new HostClock(network.clock);
    const driver = makeDriver(this);
    this.addresses_ = new AddressMemory(network.ips, driver.memory);
    const backend = makeBackend(driver);
    const keep = (socket: Socket): void => {
      if (!socket.closed && !this.#kept.has(socket.asRawFd())) {
        this.#kept.set(socket.asRawFd(), socket);
      }
    };
    this.Socket = class Socket extends backend.Socket {
      constructor(...parameters: ConstructorParameters<BackendOfDriver['Socket']>) {
        super(...parameters);
        keep(this);
      }
    };
    this.Poller = backend.Poller;
    this.MSG = backend.MSG;
    this.SOCK = backend.SOCK;
    this.ifNameToIndex = backend.ifNameToIndex;
    this.ifIndexToName = backend.ifIndexToName;
    this.ifNameIndex = backend.ifNameIndex;
  }

  /** The first address. */
  get address(): string {
    return (this.addresses[0] as Ip).text;
  }

  /**
   * Runs a program on this host: now, and again each time the host is started after a crash. What it throws
   * fails the run, unless the host is down.
   * @param program gets a signal that is aborted when the host crashes
   */
  run(program: HostProgram): void {
    this.#programs.push(program);
    this.#start(program);
  }

  #start(program: HostProgram): void {
    const { signal } = this.#abort;
    this.network.loop.post(() => {
      if (signal.aborted) return;
      void Promise.resolve({ signal })
        .then(program)
        .catch((error: unknown) => {
          if (signal.aborted) return;
          this.network.loop.post(() => {
            throw error;
          });
        });
    });
  }

  /** Ends all sockets of the host without a word to anybody, and all that it does: a power failure. */
  crash(): void {
    if (this.down) return;
    this.down = true;
    this.network.note(`${this.name} is down`);
    for (const socket of new Set<SimSocket>([
      ...this.sockets.values(),
      ...this.connections.values(),
      ...this.unixSockets,
    ])) {
      socket.die();
    }
    this.connections.clear();
    this.listeners.clear();
    for (const ports of [this.tcpPorts, this.udpPorts]) ports.clear();
    this.unixNames.clear();
    this.unixSockets.clear();
    this.#abort.abort(new Error(`${this.name} crashed`));
  }

  /** Starts the host again after a crash, with its programs and without its sockets. */
  restart(): void {
    if (!this.down) return;
    this.down = false;
    this.network.note(`${this.name} is up`);
    this.#abort = new AbortController();
    for (const program of this.#programs) this.#start(program);
  }

  /** Has every program of the host read nothing: what is sent to it stays in its buffers. */
  stopReading(): void {
    this.readsNothing = true;
  }

  /** Ends {@link stopReading}. */
  resumeReading(): void {
    this.readsNothing = false;
    for (const socket of this.sockets.values()) socket.changed();
  }

  /** Has the n-th call from now, 1 by default, fail with an error; `times` - 1 more too. */
  failCall(call: CallName, error: string, { nth = 1, times = 1 } = {}): void {
    this.network.inject({ kind: 'call', host: this.name, call, error, nth, times });
  }

  /** Removes the path of a unix socket: unlink(2). */
  unlink(path: string): boolean {
    return this.unixNames.delete(String.fromCharCode(...new TextEncoder().encode(path)));
  }

  /**
   * Looks up a name: other hosts' names, and addresses. Takes the place of `dns.lookup` in the options of
   * node's and of most clients.
   */
  readonly lookup = (
    hostname: string,
    options: LookupOptions | number | LookupCallback,
    callback?: LookupCallback,
  ): void => {
    const done = (typeof options === 'function' ? options : callback) as LookupCallback;
    const asked = typeof options === 'object' ? options : {};
    const wanted = Number(
      (typeof options === 'number' ? options : String(asked.family ?? 0))
        .toString()
        .replace('IPv', ''),
    );
    lookUp(this.network, hostname, this.network.lookupTime).then(
      (ips) => {
        const fit = ips.filter(({ family }) => wanted === 0 || family === wanted);
        const list = fit.map(({ text, family }) => ({ address: text, family }));
        const [first] = list;
        if (asked.all === true) done(null, list);
        else if (first !== undefined) done(null, first.address, first.family);
        else done(new Error(`getaddrinfo ENOTFOUND ${hostname}`));
      },
      (error: Error) => done(error),
    );
  };

  toString(): string {
    return this.name;
  }

  // What follows is for the network and the sockets.

  /** Whether the host has an address, by its text. */
  has(address: string): boolean {
    return this.addresses.some(({ text }) => text === address);
  }

  /** @internal */
  isLocal(ip: Ip): boolean {
    return ip.isLocal || ip.host === this;
  }

  /** @internal The address that packets to an address come from. */
  sourceFor({ family }: Ip): Ip | undefined {
    return this.addresses.find((ip) => ip.family === family);
  }

  /** @internal */
  isSubnetBroadcast(ip: Ip): boolean {
    if (ip.family !== 4 || ip.bytes[SUBNET_BYTES] !== 255) return false;
    if (ip.isLoopback) return ip.text === LOOPBACK_BROADCAST;
    return this.addresses.some(
      ({ family, bytes }) =>
        family === 4 && bytes.subarray(0, SUBNET_BYTES).every((byte, i) => byte === ip.bytes[i]),
    );
  }

  /** @internal The index of the interface that has an address. */
  interfaceOf(ip: Ip): number {
    if (ip.isLoopback) return 1;
    return ip.host === this ? 2 : 0;
  }

  /** @internal Whether a socket of this host is a member of a group. */
  hears(group: Ip, interfaceIndex: number): boolean {
    if (group.text === '224.0.0.1' || group.text === 'ff02::1') return true;
    for (const socket of this.udpPorts.all()) {
      if ((socket as UdpSocket).memberships.has(group, interfaceIndex)) return true;
    }
    return false;
  }

  /** @internal A name in the abstract namespace that nobody has: unix(7), autobind. */
  unusedName(digits: number): string {
    for (;;) {
      const name = `\0${(this.#names++).toString(16).padStart(digits, '0')}`;
      if (!this.unixNames.has(name)) return name;
    }
  }

  /** @internal */
  forget(handle: Handle): void {
    this.#kept.delete(handle);
  }

  /** @internal A packet arrives. */
  receive(packet: Packet): void {
    if (this.down) return;
    if (packet.protocol === 'tcp') this.#receiveSegment(packet);
    else if (packet.protocol === 'udp') this.#receiveDatagram(packet);
    else this.#receiveReport(packet.about);
  }

  #receiveSegment(segment: Segment): void {
    const connection = this.connections.get(segment.key);
    const { flags, source, destination } = segment;
    const { SYN, ACK, RST } = TcpFlag;
    const begins = (flags & (SYN | ACK | RST)) === SYN;
    if (connection !== undefined && !(begins && connection.state === 'timeWait')) {
      connection.arrive(segment);
      return;
    }
    const from = source.isLoopback ? this : source.host;
    if (from === undefined) return;
    if (begins) {
      const listener = this.#listener(destination, segment.destinationPort, segment);
      if (listener !== undefined) {
        connection?.forgetTimeWait();
        listener.begin(segment, from);
        return;
      }
    }
    if ((flags & RST) === 0) this.network.send(this, from, resetFor(segment));
  }

  /** The listener of an address; of those that share it, one by the peer's port. */
  #listener(ip: Ip, port: number, { sourcePort }: Segment): TcpSocket | undefined {
    let best: TcpSocket[] = [];
    let most = 0;
    for (const socket of this.listeners.get(port) ?? []) {
      const { localIp } = socket;
      let score = 0;
      if (localIp === ip) score = 4;
      else if (localIp.isAny && localIp.family === ip.family) score = 2;
      else if (localIp.isAny && localIp.family === 6 && !socket.options.onlyV6) score = 1;
      if (score === 0 || score < most) continue;
      if (score > most) best = [];
      most = score;
      best.push(socket);
    }
    return best[hashOf(`${sourcePort}`) % Math.max(1, best.length)];
  }

  #receiveDatagram(datagram: Datagram): void {
    const sockets = this.udpPorts.at(datagram.destinationPort) as
      | ReadonlySet<UdpSocket>
      | undefined;
    if (datagram.interfaceIndex !== 0) {
      const { destination: group, interfaceIndex } = datagram;
      const { isMulticast } = group;
      if (isMulticast && !this.hears(group, interfaceIndex)) return;
      for (const socket of sockets ?? []) {
        if (isMulticast ? socket.wantsGroup(datagram) : socket.wantsBroadcast(datagram)) {
          socket.arrive(datagram);
        }
      }
      return;
    }
    let best: UdpSocket | undefined;
    let sharing: UdpSocket[] | undefined;
    let most = -1;
    for (const socket of sockets ?? []) {
      const score = socket.score(datagram);
      if (score < most || score < 0) continue;
      if (score === most && best?.options.reusePort === true && socket.options.reusePort) {
        (sharing ??= [best]).push(socket);
        continue;
      }
      if (score > most) sharing = undefined;
      most = score;
      best = socket;
    }
    if (sharing !== undefined) best = sharing[hashOf(`${datagram.sourcePort}`) % sharing.length];
    if (best !== undefined) {
      best.arrive(datagram);
      return;
    }
    const { source, destination } = datagram;
    const from = source.isLoopback ? this : source.host;
    if (from === undefined) return;
    this.network.send(this, from, {
      protocol: 'icmp',
      source: destination,
      destination: source,
      about: datagram,
    });
  }

  #receiveReport(about: Datagram): void {
    for (const socket of this.udpPorts.at(about.sourcePort) ?? []) {
      (socket as UdpSocket).unreachable(about);
    }
  }

  /** @internal The connection that sent a segment is reset: a fault. */
  receiveReset({ source, sourcePort, destination, destinationPort }: Segment): void {
    for (const connection of this.connections.values()) {
      const { localIp, localPort, peerIp, peerPort } = connection;
      if (localIp !== source || localPort !== sourcePort) continue;
      if (peerIp !== destination || peerPort !== destinationPort) continue;
      this.network.loop.post(() => connection.resetByFault());
      return;
    }
  }

  /** @internal The error of a call that a fault has fail; 0 for none. */
  failureOf(call: CallName): number {
    if (this.down) return -errors.ENETDOWN;
    return this.network.faults.ofCalls ? this.network.faults.ofCall(this, call) : 0;
  }
}
