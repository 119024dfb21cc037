/** TCP: RFC 9293, with retransmission after RFC 6298 and no congestion control. */
import { Readiness } from '@sock/core';
import type { Address } from './address.js';
import type { AgendaEvent } from './agenda.js';
import type { Clock } from './clock.js';
import type { Host } from './host.js';
import type { Ip } from './ip.js';
import { IpSocket, isUnspecified, type Route } from './ip-socket.js';
import { constants, errors } from './numbers.js';
import { keyOf, NO_DATA, type Segment, TcpFlag } from './packet.js';
import type { Ports } from './ports.js';
import { Queue } from './queue.js';
import { AT_ONCE, ENDED, gather, lengthOf, type SimSocket } from './sim-socket.js';
import { TcpOptions } from './tcp-options.js';
import { TcpReceiver } from './tcp-receiver.js';
import { type SenderConnection, TcpSender } from './tcp-sender.js';

export type TcpStateName =
  | 'closed'
  | 'listen'
  | 'synSent'
  | 'synReceived'
  | 'established'
  | 'finWait1'
  | 'finWait2'
  | 'closeWait'
  | 'closing'
  | 'lastAck'
  | 'timeWait';

const { SYN, ACK, FIN, RST } = TcpFlag;
/** TCP_TIMEWAIT_LEN of Linux, in milliseconds. */
const TIME_WAIT = 60_000;
const LOOPBACK_MTU = 65_536;
/** The headers of IP and TCP. */
const HEADERS = { 4: 40, 6: 60 } as const;
/** The hops that a packet has left. */
const HOPS = 64;
/** What a segment costs of a send buffer besides its data, and how many of them one has room for. */
const OVERHEAD = 600;
const SEGMENTS = 30;

/** A TCP socket: a listener, a connection, or neither yet. */
export class TcpSocket extends IpSocket implements SenderConnection {
  override readonly options = new TcpOptions(131_072, 16_384, this.domain);
  state: TcpStateName = 'closed';
  peerIp: Ip | undefined;
  peerPort = 0;
  /** The host at the other end. */
  #peer: Host | undefined;
  #key = '';
  #peerKey = '';
  /** The program has no handle of it any more. */
  orphan = false;
  #listener: TcpSocket | undefined;
  /** Made by a non-blocking connect(2): the first call after the outcome reports it. */
  #reportsConnect = false;
  /** It was connected, and connect(2) said so: it can't be connected again. */
  #wasConnected = false;

  // A listener's.
  #backlog = 0;
  readonly #accepted = new Queue<TcpSocket>();
  #halfOpen = 0;

  readonly #sender = new TcpSender(this);
  readonly #receiver = new TcpReceiver(this.options);
  /** Ends the connection after TIME-WAIT, or after an orphan has waited for its peer's end. */
  #endTimer: AgendaEvent | undefined;
  /** When the peer was last heard of. */
  #heard = 0;
  #keepaliveTimer: AgendaEvent | undefined;
  #probes = 0;

  protected get ports(): Ports<IpSocket> {
    return this.host.tcpPorts;
  }

  override get isListening(): boolean {
    return this.state === 'listen';
  }

  get yields(): boolean {
    return this.state !== 'listen';
  }

  get isConnected(): boolean {
    return this.peerIp !== undefined && this.#isSynchronized;
  }

  get #isSynchronized(): boolean {
    return this.state !== 'closed' && this.state !== 'listen' && this.state !== 'synSent';
  }

  /** The largest segment that the socket sends, in bytes. */
  get mss(): number {
    return this.#sender.mss;
  }

  /** @internal */
  get clock(): Clock {
    return this.host.network.clock;
  }

  /** @internal */
  get synRetries(): number | undefined {
    const { state } = this;
    return state === 'synSent' || state === 'synReceived' ? this.options.synRetries : undefined;
  }

  /** @internal */
  get userTimeout(): number {
    return this.options.userTimeout;
  }

  /** @internal */
  get isClosed(): boolean {
    return this.state === 'closed';
  }

  /** @internal */
  unsettled(): void {
    this.host.network.unsettled(this.#sender);
  }

  /** @internal */
  timedOut(): void {
    this.#drop(errors.ETIMEDOUT);
  }

  describe(): string {
    const local = this.place(this.localIp, this.localPort);
    const peer = this.peerIp === undefined ? '' : ` to ${this.place(this.peerIp, this.peerPort)}`;
    return `${this.host.name}: tcp ${local}${peer} (${this.state})`;
  }

  readiness(): number {
    let ready = 0;
    const { state } = this;
    if (state === 'listen') return this.#accepted.length > 0 ? Readiness.READABLE : 0;
    if (this.error !== 0) ready |= Readiness.ERROR;
    const ended = this.#receiver.finished || this.shutRead;
    if (state === 'closed' || (ended && this.shutWrite)) ready |= Readiness.HANGUP;
    if (ended) ready |= Readiness.READABLE | ENDED;
    if (state === 'synSent' || state === 'synReceived') return ready;
    if (this.#receiver.bytes.length > 0 && !this.host.readsNothing) ready |= Readiness.READABLE;
    if (state === 'closed' && this.peerIp !== undefined) ready |= Readiness.READABLE;
    if (this.shutWrite || state === 'closed' || this.#room > this.options.sendBuffer / 3) {
      ready |= Readiness.WRITABLE;
    }
    if (this.host.readsNothing && this.error === 0) ready &= ~Readiness.READABLE;
    return ready;
  }

  get #room(): number {
    return this.options.sendBuffer - this.#sender.pending;
  }

  // Connections.

  connect(address: Address, milliseconds: number): number {
    if (isUnspecified(address)) return this.#dissolve();
    switch (this.state) {
      case 'closed':
        break;
      case 'listen':
        return -errors.EISCONN;
      case 'synSent':
      case 'synReceived':
        if (milliseconds === AT_ONCE) return -errors.EALREADY;
        return this.#awaitConnection(milliseconds);
      default:
        if (!this.#reportsConnect) return -errors.EISCONN;
        this.#reportsConnect = false;
        this.#wasConnected = true;
        return 0;
    }
    if (this.#wasConnected) return -errors.EISCONN;
    if (this.error !== 0) {
      this.#reportsConnect = false;
      this.#forgetAddress();
      return this.takeError();
    }
    const ip = this.resolve(address);
    if (typeof ip === 'number') return ip;
    // A connection that failed may be tried again, from its port.
    if (ip.isMulticast || ip.isBroadcast) return -errors.ENETUNREACH;
    const route = this.route(ip, address.port);
    if (typeof route === 'number') return route;
    const taken = this.#connectPort(route);
    if (taken < 0) return taken;
    this.shutRead = this.shutWrite = this.#receiver.finished = false;
    this.#associate(route.ip, route.port, route.host);
    this.host.connections.set(this.#key, this);
    this.state = 'synSent';
    this.#reportsConnect = true;
    this.#sender.transmit(SYN, NO_DATA);
    this.host.network.settle();
    if (milliseconds === AT_ONCE) return -errors.EINPROGRESS;
    return this.#awaitConnection(milliseconds);
  }

  /** A connection that did not come about: the socket is as it was. */
  #forgetAddress(): void {
    const { any4, any6 } = this.host.network.ips;
    this.peerIp = undefined;
    if (!this.isBound) this.localIp = this.six ? any6 : any4;
  }

  #connectPort({ ip, port, source }: Route): number {
    if (this.localPort !== 0 && !this.hasLeft) {
      if (this.localIp.isAny) this.localIp = source;
      const key = keyOf(this.localIp, this.localPort, ip, port);
      return this.host.connections.has(key) ? -errors.EADDRNOTAVAIL : 0;
    }
    const { connections, tcpPorts } = this.host;
    const chosen = tcpPorts.choose((candidate) => {
      if (connections.has(keyOf(source, candidate, ip, port))) return false;
      for (const other of tcpPorts.at(candidate) ?? []) {
        if (other.isBound || other.isListening) return false;
      }
      return true;
    });
    if (chosen < 0) return chosen;
    this.localIp = source;
    this.localPort = chosen;
    this.hasLeft = false;
    tcpPorts.add(chosen, this);
    return 0;
  }

  #associate(ip: Ip, port: number, peer: Host): void {
    this.peerIp = ip;
    this.peerPort = port;
    this.#peer = peer;
    this.#key = keyOf(this.localIp, this.localPort, ip, port);
    this.#peerKey = keyOf(ip, port, this.localIp, this.localPort);
    this.#sender.begin(this.#ownMss);
  }

  get #mtu(): number {
    const peer = this.#peer;
    if (peer === undefined || peer === this.host) return LOOPBACK_MTU;
    return this.host.network.linkBetween(this.host, peer).mtu;
  }

  get #ownMss(): number {
    const most = Math.max(1, this.#mtu - HEADERS[this.localIp.family]);
    return this.options.mss > 0 ? Math.min(most, this.options.mss) : most;
  }

  #awaitConnection(milliseconds: number): number {
    const result = this.block(
      () => this.state !== 'synSent' && this.state !== 'synReceived',
      milliseconds,
    );
    if (this.dead) return -errors.ENETDOWN;
    if (result < 0) return result === -errors.EAGAIN ? -errors.EINPROGRESS : result;
    this.#reportsConnect = false;
    if (this.state === 'closed') {
      this.#forgetAddress();
      return this.takeError() || -errors.ECONNABORTED;
    }
    this.#wasConnected = true;
    return 0;
  }

  /** connect(2) to AF_UNSPEC. */
  #dissolve(): number {
    this.#wasConnected = false;
    if (this.state === 'listen') this.#stopListening();
    else if (this.state !== 'closed') this.#abort();
    if (!this.keepsPort) this.leavePort();
    this.#forgetAddress();
    return 0;
  }

  listen(backlog: number): number {
    if (this.state !== 'closed' && this.state !== 'listen') return -errors.EINVAL;
    if (this.#wasConnected) return -errors.EINVAL;
    if (this.localPort === 0 || this.hasLeft) {
      const result = this.take(this.localIp, 0);
      if (result < 0) return result;
    }
    if (this.state === 'closed') {
      for (const other of this.host.listeners.get(this.localPort) ?? []) {
        const same = other.localIp === this.localIp || other.localIp.isAny || this.localIp.isAny;
        if (same && other.localIp.family === this.localIp.family) {
          if (!(this.options.reusePort && other.options.reusePort)) return -errors.EADDRINUSE;
        }
      }
    }
    this.#backlog = backlog < 0 ? constants.SOMAXCONN : Math.min(backlog, constants.SOMAXCONN);
    if (this.state === 'closed') {
      const listeners = this.host.listeners.get(this.localPort);
      if (listeners === undefined) this.host.listeners.set(this.localPort, new Set([this]));
      else listeners.add(this);
    }
    this.state = 'listen';
    this.peerIp = undefined;
    this.shutRead = this.shutWrite = false;
    return 0;
  }

  #stopListening(): void {
    this.state = 'closed';
    const listeners = this.host.listeners.get(this.localPort);
    if (listeners?.delete(this) === true && listeners.size === 0) {
      this.host.listeners.delete(this.localPort);
    }
    if (!this.keepsPort) this.leavePort();
    for (const connection of this.#accepted) connection.#abort();
    this.#accepted.clear();
    if (this.#halfOpen > 0) {
      for (const connection of [...this.host.connections.values()]) {
        if (connection.#listener === this) connection.#abort();
      }
    }
    this.changed();
  }

  accept(wait: boolean): SimSocket | number {
    if (this.state !== 'listen') return -errors.EINVAL;
    if (this.#accepted.length === 0) {
      if (!wait) return -errors.EAGAIN;
      const result = this.block(
        () => this.#accepted.length > 0 || this.state !== 'listen',
        this.options.readTimeout,
      );
      if (result < 0) return result;
      if (this.dead) return -errors.ENETDOWN;
      if (this.#accepted.length === 0) return -errors.EINVAL;
    }
    const connection = this.#accepted.shift() as TcpSocket;
    connection.orphan = false;
    connection.#wasConnected = true;
    connection.references = 1;
    return connection;
  }

  peerAddress(): number {
    if (this.peerIp === undefined || !this.#hasPeer) return -errors.ENOTCONN;
    this.host.addresses_.writeIp(this.peerIp, this.peerPort, this.six);
    return 0;
  }

  get #hasPeer(): boolean {
    return !['closed', 'listen', 'synSent', 'synReceived'].includes(this.state);
  }

  shutdown(how: number): number {
    const { state } = this;
    if (state === 'listen') {
      if (how !== 1) this.#stopListening();
      return 0;
    }
    if (state === 'synSent') {
      if (how !== 1) this.#abort(errors.ECONNRESET);
      return 0;
    }
    if (how !== 1) this.shutRead = true;
    if (how !== 0) {
      this.shutWrite = true;
      if (state === 'established' || state === 'closeWait') this.#finish();
    }
    this.changed();
    this.host.network.settle();
    return state === 'closed' ? -errors.ENOTCONN : 0;
  }

  #finish(): void {
    this.state = this.state === 'closeWait' ? 'lastAck' : 'finWait1';
    this.#sender.finish();
  }

  // Sending.

  send(buffers: readonly Uint8Array[], flags: number, _to: Address | undefined): number {
    const waits = this.waits(flags);
    if (this.state === 'synSent' || this.state === 'synReceived') {
      if (!waits) return -errors.EAGAIN;
      const result = this.#awaitConnection(
        this.options.writeTimeout < 0 ? Infinity : this.options.writeTimeout,
      );
      if (result < 0) return result === -errors.EINPROGRESS ? -errors.EAGAIN : result;
    }
    const length = lengthOf(buffers);
    let sent = 0;
    do {
      if (this.error !== 0) return sent > 0 ? sent : this.takeError();
      if (this.shutWrite || !this.#canSend) return sent > 0 ? sent : -errors.EPIPE;
      if (length === 0) return 0;
      const room = this.#room;
      if (room <= 0) {
        if (!waits) return sent > 0 ? sent : -errors.EAGAIN;
        const result = this.block(
          () => this.#room > 0 || this.error !== 0 || !this.#canSend,
          this.options.writeTimeout,
        );
        if (result < 0) return sent > 0 ? sent : result;
        if (this.dead) return -errors.ENETDOWN;
        continue;
      }
      const part = Math.min(room, length - sent);
      this.#sender.push(gather(buffers, sent, part));
      sent += part;
      this.host.network.settle();
    } while (sent < length);
    return sent;
  }

  get #canSend(): boolean {
    return this.state === 'established' || this.state === 'closeWait';
  }

  /** @internal */
  emit(sequence: number, flags: number, data: Uint8Array): void {
    const { host, peerIp } = this;
    if (peerIp === undefined || this.#peer === undefined) return;
    const receiver = this.#receiver;
    host.network.send(host, this.#peer, {
      protocol: 'tcp',
      source: this.localIp,
      sourcePort: this.localPort,
      destination: peerIp,
      destinationPort: this.peerPort,
      key: this.#peerKey,
      sequence,
      acknowledgment: (flags & ACK) === 0 ? 0 : receiver.expected,
      flags,
      window: receiver.announce(),
      data,
      mss: (flags & SYN) === 0 ? 0 : this.#ownMss,
      tos: peerIp.family === 4 ? this.options.tos : this.options.trafficClass,
      ttl: peerIp.family === 4 ? this.options.ttl : this.options.unicastHops,
    });
  }

  #acknowledge(): void {
    this.emit(this.#sender.next, ACK, NO_DATA);
  }

  // Timers.

  #later(milliseconds: number, run: () => void): void {
    this.clock.cancel(this.#endTimer);
    this.#endTimer = this.clock.schedule(milliseconds, () => {
      this.#endTimer = undefined;
      run();
    });
  }

  /** Starts or stops probing, as SO_KEEPALIVE and its times say. */
  updateKeepalive(): void {
    const { clock } = this.host.network;
    clock.cancel(this.#keepaliveTimer);
    this.#keepaliveTimer = undefined;
    if (!this.options.keepalive || !this.#canSend) return;
    const idle = this.#probes === 0 ? this.options.keepaliveTime : this.options.keepaliveInterval;
    const since = clock.now - this.#heard;
    const wait = this.#probes === 0 ? Math.max(0, idle - since) : idle;
    this.#keepaliveTimer = clock.schedule(wait, () => this.#probe());
  }

  #probe(): void {
    const { clock } = this.host.network;
    this.#keepaliveTimer = undefined;
    if (!this.options.keepalive || !this.#canSend) return;
    if (this.#probes === 0 && clock.now - this.#heard < this.options.keepaliveTime) {
      this.updateKeepalive();
      return;
    }
    if (this.#probes >= this.options.keepaliveRetries) {
      this.#drop(errors.ETIMEDOUT);
      return;
    }
    this.#probes += 1;
    this.#sender.probe();
    this.updateKeepalive();
  }

  // Receiving.

  receive(buffers: readonly Uint8Array[], flags: number, from: boolean): number {
    if (from) this.host.addresses_.writeNone();
    const { host } = this;
    const length = lengthOf(buffers);
    const peek = (flags & constants.MSG_PEEK) !== 0;
    const all = (flags & constants.MSG_WAITALL) !== 0 && !peek;
    const copies = (flags & constants.MSG_TRUNC) === 0;
    const receiver = this.#receiver;
    const copy = (start: number, most: number): number => {
      if (peek) return receiver.bytes.peek(buffers, start, most, copies);
      const end = receiver.bytes.read(buffers, start, most, copies);
      if (end > start) this.#openWindow();
      return end;
    };
    const enough = (): boolean =>
      !host.readsNothing && receiver.bytes.length >= (all ? Math.max(1, length) : 1);
    let got = 0;
    for (;;) {
      if (this.state === 'listen') return -errors.ENOTCONN;
      if (!host.readsNothing) got = copy(got, length - got);
      if (got > 0 && (!all || got >= length)) return got;
      if (length === 0 && this.#canReceive) return 0;
      if (receiver.finished) return got;
      if (this.error !== 0) return got > 0 ? got : this.takeError();
      if (this.shutRead) return got;
      if (this.state === 'closed') {
        if (got > 0) return got;
        return this.peerIp === undefined || !this.shutWrite ? -errors.ENOTCONN : 0;
      }
      if (!this.waits(flags)) return got > 0 ? got : -errors.EAGAIN;
      const result = this.block(
        () =>
          enough() ||
          receiver.bytes.length > 0 ||
          receiver.finished ||
          this.shutRead ||
          this.error !== 0 ||
          this.state === 'closed',
        this.options.readTimeout,
      );
      if (this.dead) return -errors.ENETDOWN;
      if (result < 0) return got > 0 ? got : result;
    }
  }

  get #canReceive(): boolean {
    return this.#isSynchronized && this.state !== 'synReceived';
  }

  /** Tells the peer of room that it may be waiting for: RFC 9293, section 3.8.6.2.2. */
  #openWindow(): void {
    if (!this.#receiver.opens(this.mss)) return;
    if (!this.#isSynchronized) return;
    this.#acknowledge();
    this.host.network.settle();
  }

  /** A segment to a listener: the beginning of a connection, RFC 9293, section 3.10.7.2. */
  begin(segment: Segment, from: Host): void {
    if (this.#accepted.length > this.#backlog) return;
    if (this.#halfOpen > Math.max(this.#backlog, 8)) return;
    const { host } = this;
    const connection = new TcpSocket(
      host,
      host.network.nextCookie(),
      this.domain,
      this.type,
      this.protocol,
    );
    Object.assign(connection.options, this.options);
    for (const [id, value] of this.advisory) connection.advisory.set(id, value);
    // As the first packet was.
    if (connection.six) {
      connection.options.multicastHops = HOPS;
      connection.options.multicastInterface6 = host.interfaceOf(segment.destination);
    } else connection.options.multicastTtl = HOPS;
    connection.localIp = segment.destination;
    connection.localPort = this.localPort;
    connection.orphan = true;
    connection.references = 0;
    connection.#listener = this;
    this.ports.add(this.localPort, connection);
    connection.#associate(segment.source, segment.sourcePort, from);
    host.connections.set(connection.#key, connection);
    connection.state = 'synReceived';
    connection.#takeSyn(segment);
    this.#halfOpen += 1;
    connection.#sender.transmit(SYN | ACK, NO_DATA);
  }

  /** A segment of this connection: RFC 9293, section 3.10.7.4. */
  arrive(segment: Segment): void {
    const { flags } = segment;
    this.#heard = this.host.network.clock.now;
    this.#probes = 0;
    if (this.state === 'synSent') {
      this.#arriveSynSent(segment);
      return;
    }
    if ((flags & RST) !== 0) {
      // One that is not exactly what comes next may be somebody else's: RFC 5961.
      const { expected } = this.#receiver;
      if (segment.sequence === expected || this.state === 'timeWait') this.#wasReset();
      else if (segment.sequence > expected) this.#acknowledge();
      return;
    }
    if ((flags & SYN) !== 0) {
      const simultaneous = this.state === 'synReceived' && (flags & ACK) !== 0;
      if (!simultaneous) {
        if (this.state === 'synReceived') this.#sender.repeat();
        else this.#acknowledge();
        return;
      }
    }
    if ((flags & ACK) === 0) return;
    if (!this.#takeAcknowledgment(segment)) return;
    const state = this.state as TcpStateName;
    if (state === 'closed') return;
    const length = segment.data.length + ((flags & FIN) === 0 ? 0 : 1);
    if (length > 0) this.#takeData(segment);
    else if (segment.sequence < this.#receiver.expected) this.#acknowledge();
  }

  /** Takes the peer's SYN: where its stream begins, its window and its largest segment. */
  #takeSyn({ sequence, window, mss }: Segment): void {
    const sender = this.#sender;
    this.#receiver.expected = sequence + 1;
    sender.window = window;
    if (mss > 0) sender.mss = Math.min(sender.mss, mss);
  }

  #arriveSynSent(segment: Segment): void {
    const { flags, acknowledgment } = segment;
    if ((flags & ACK) !== 0 && acknowledgment !== this.#sender.next) return;
    if ((flags & RST) !== 0) {
      if ((flags & ACK) !== 0) this.#drop(errors.ECONNREFUSED);
      return;
    }
    if ((flags & SYN) === 0) return;
    this.#takeSyn(segment);
    if ((flags & ACK) === 0) {
      // Both ends connect to each other at once; or one end to itself.
      this.state = 'synReceived';
      this.#sender.answerSyn();
      return;
    }
    this.#sender.acknowledged(acknowledgment);
    this.#establish();
    this.#acknowledge();
    this.#sender.output();
  }

  #establish(): void {
    this.state = 'established';
    const { options } = this;
    if (!options.sendBufferSet) {
      let size = 256;
      while (size < this.mss + OVERHEAD) size *= 2;
      options.sendBuffer = Math.max(options.sendBuffer, SEGMENTS * (size + 256));
    }
    if (this.shutWrite) this.#finish();
    this.updateKeepalive();
    this.changed();
  }

  /** False when the segment goes no further. */
  #takeAcknowledgment(segment: Segment): boolean {
    const { acknowledgment, window, data, flags } = segment;
    const sender = this.#sender;
    if (acknowledgment > sender.next) {
      this.#acknowledge();
      return false;
    }
    if (this.state === 'synReceived') {
      if (acknowledgment < sender.next) return true;
      const listener = this.#listener;
      if (listener !== undefined && listener.#accepted.length > listener.#backlog) return false;
      sender.acknowledged(acknowledgment);
      sender.window = window;
      if ((flags & SYN) !== 0) this.#acknowledge();
      this.#establish();
      if (listener !== undefined) {
        listener.#halfOpen -= 1;
        this.#listener = undefined;
        if (listener.state !== 'listen') {
          this.#abort();
          return false;
        }
        listener.#accepted.push(this);
        listener.changed();
      }
      return true;
    }
    if (sender.acknowledged(acknowledgment)) this.#afterAcknowledged();
    else if (data.length === 0 && (flags & FIN) === 0) sender.repeated(acknowledgment, window);
    sender.takeWindow(acknowledgment, window);
    return true;
  }

  #afterAcknowledged(): void {
    if (this.#sender.finAcknowledged) {
      if (this.state === 'finWait1') {
        this.state = 'finWait2';
        if (this.orphan) this.#later(this.options.lingerTime, () => this.#drop(0));
      } else if (this.state === 'closing') this.#waitTime();
      else if (this.state === 'lastAck') {
        this.#drop(0);
        return;
      }
    }
    this.changed();
  }

  #takeData(segment: Segment): void {
    const { state } = this;
    if (state === 'timeWait' || state === 'closing' || state === 'lastAck') {
      this.#acknowledge();
      return;
    }
    if (state === 'closeWait') {
      this.#acknowledge();
      return;
    }
    // Nobody is left who could read it: RFC 9293, section 3.6.1.
    const unwanted = this.orphan && this.#listener === undefined && state !== 'established';
    if (segment.data.length > 0 && (unwanted || (this.shutRead && state.startsWith('finWait')))) {
      this.#sendReset();
      this.#drop(this.orphan ? 0 : errors.ECONNRESET);
      return;
    }
    const receiver = this.#receiver;
    if (receiver.take(segment)) {
      if (receiver.finished) this.#peerFinished();
      this.changed();
    }
    if ((this.state as TcpStateName) !== 'closed') this.#acknowledge();
  }

  /** The peer's FIN has come. */
  #peerFinished(): void {
    if (this.state === 'established') this.state = 'closeWait';
    else if (this.state === 'finWait1') this.state = 'closing';
    else if (this.state === 'finWait2') this.#waitTime();
  }

  #waitTime(): void {
    this.state = 'timeWait';
    this.changed();
    this.#later(TIME_WAIT, () => this.#drop(0));
  }

  // The end.

  #wasReset(): void {
    const { state } = this;
    if (state === 'synReceived') {
      this.#drop(this.#listener === undefined ? errors.ECONNREFUSED : 0);
      return;
    }
    if (state === 'timeWait') return;
    const error = state === 'closeWait' ? errors.EPIPE : errors.ECONNRESET;
    this.#drop(error);
  }

  /** A new connection of the same addresses takes the place of this one: RFC 6191. */
  forgetTimeWait(): void {
    this.#drop(0);
  }

  /** The peer's system reset the connection though nothing was lost: a fault. */
  resetByFault(): void {
    if (this.#isSynchronized && this.state !== 'timeWait') this.#wasReset();
  }

  #sendReset(): void {
    if (this.#isSynchronized) this.emit(this.#sender.next, RST | ACK, NO_DATA);
  }

  /** Ends the connection without a word to the peer. */
  #drop(error: number): void {
    if (this.state === 'closed') return;
    if (this.state === 'synReceived' && this.#listener !== undefined) this.#listener.#halfOpen -= 1;
    this.state = 'closed';
    this.#stopTimers();
    this.host.connections.delete(this.#key);
    this.#sender.clear();
    this.#receiver.forgetEarly();
    if (error !== 0) this.error = error;
    this.shutRead = this.shutWrite = true;
    if (error === errors.ECONNREFUSED || error === errors.ETIMEDOUT) {
      // It never was connected: the socket may be used again.
      if (!this.#receiver.finished) this.shutRead = this.shutWrite = error === errors.ETIMEDOUT;
    }
    if (this.references === 0 || !this.keepsPort) this.leavePort();
    this.changed();
  }

  #stopTimers(): void {
    this.#sender.stopTimer();
    this.clock.cancel(this.#endTimer);
    this.clock.cancel(this.#keepaliveTimer);
    this.#endTimer = this.#keepaliveTimer = undefined;
  }

  #abort(error = 0): void {
    this.#sendReset();
    this.#drop(error);
  }

  close(): number {
    this.orphan = true;
    const { state, host } = this;
    if (state === 'listen') {
      this.#stopListening();
      this.leavePort();
      return 0;
    }
    if (state === 'closed') {
      this.leavePort();
      return 0;
    }
    const { linger } = this.options;
    const unread = this.#receiver.bytes.length > 0;
    this.#receiver.bytes.clear();
    this.#receiver.discards = true;
    if (state === 'synSent' || state === 'synReceived' || linger === 0 || unread) {
      if (state === 'synSent') this.#drop(0);
      else this.#abort();
      this.leavePort();
      host.network.settle();
      return 0;
    }
    this.shutRead = this.shutWrite = true;
    if (state === 'established' || state === 'closeWait') this.#finish();
    else if (state === 'finWait2') this.#later(this.options.lingerTime, () => this.#drop(0));
    host.network.settle();
    if (linger > 0 && !this.nonblocking) {
      host.network.block(() => this.#sender.isDone, linger, this);
    }
    return 0;
  }

  die(): void {
    this.dead = true;
    this.state = 'closed';
    this.#stopTimers();
    this.error = errors.ENETDOWN;
    this.changed();
  }
}
