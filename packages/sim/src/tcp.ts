/** TCP: RFC 9293, with retransmission as of RFC 6298 and no congestion control. */
import { Readiness } from '@sock/core';
import type { Address } from './address.js';
import type { AgendaEvent } from './agenda.js';
import type { Host } from './host.js';
import type { Ip } from './ip.js';
import { IpSocket, isUnspecified, type Route } from './ip-socket.js';
import { constants, errors } from './numbers.js';
import { keyOf, NO_DATA, type Segment, TcpFlag } from './packet.js';
import type { Ports } from './ports.js';
import { Queue } from './queue.js';
import {
  AT_ONCE,
  gather,
  IpOptions,
  lengthOf,
  ENDED,
  scatter,
  type SimSocket,
} from './sim-socket.js';

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
/** What Linux has by default: net.ipv4.tcp_*. Times in milliseconds. */
const RETRANSMIT_FIRST = 1000;
const RETRANSMIT_LEAST = 200;
const RETRANSMIT_MOST = 120_000;
const RETRIES = 15;
const TIME_WAIT = 60_000;
const LOOPBACK_MTU = 65_536;
/** Segments out of order, or acknowledgments that say the same, after which one counts as lost: RFC 5681. */
const DUPLICATES = 3;
/** The headers of IP and TCP. */
const HEADERS = { 4: 40, 6: 60 } as const;
/** The hops that a packet has left. */
const HOPS = 64;
/** What a segment costs of a send buffer besides its data, and how many of them one has room for. */
const OVERHEAD = 600;
const SEGMENTS = 30;

/** The options of TCP, besides those of all sockets. */
export class TcpOptions extends IpOptions {
  keepaliveTime = 7_200_000;
  keepaliveInterval = 75_000;
  keepaliveRetries = 9;
  synRetries = 6;
  userTimeout = -1;
  lingerTime = 60_000;
  /** The largest segment that the program allows; 0: as the way does. */
  mss = 0;
  /** The program set it: it no longer grows. */
  sendBufferSet = false;
}

/** A stretch of the stream that was sent. */
interface Sent {
  readonly sequence: number;
  readonly end: number;
  readonly flags: number;
  readonly data: Uint8Array;
  at: number;
  again: boolean;
}

/** A TCP socket: a listener, a connection, or neither yet. */
export class TcpSocket extends IpSocket {
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

  // What is sent.
  #unacknowledged = 0;
  #next = 0;
  #window = 0;
  #queued = new Queue<Uint8Array>();
  #queuedBytes = 0;
  #sent = new Queue<Sent>();
  #sentBytes = 0;
  #finQueued = false;
  #finSequence = -1;
  #mss = 536;
  #duplicates = 0;
  #timer: AgendaEvent | undefined;
  #unsettled = false;
  #timeout = RETRANSMIT_FIRST;
  #roundTrip = 0;
  #variance = 0;
  #attempts = 0;
  #stuckSince = -1;

  // What is received.
  #received = new Queue<Uint8Array>();
  #receivedBytes = 0;
  #expected = 0;
  #early: Segment[] = [];
  #earlyBytes = 0;
  #peerFinished = false;
  #announced = 0;
  /** The end of the largest window that was announced. */
  #edge = 0;
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
    return this.#mss;
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
    const ended = this.#peerFinished || this.shutRead;
    if (state === 'closed' || (ended && this.shutWrite)) ready |= Readiness.HANGUP;
    if (ended) ready |= Readiness.READABLE | ENDED;
    if (state === 'synSent' || state === 'synReceived') return ready;
    if (this.#receivedBytes > 0 && !this.host.readsNothing) ready |= Readiness.READABLE;
    if (state === 'closed' && this.peerIp !== undefined) ready |= Readiness.READABLE;
    if (this.shutWrite || state === 'closed' || this.#room > this.options.sendBuffer / 3) {
      ready |= Readiness.WRITABLE;
    }
    if (this.host.readsNothing && this.error === 0) ready &= ~Readiness.READABLE;
    return ready;
  }

  get #room(): number {
    return this.options.sendBuffer - this.#queuedBytes - this.#sentBytes;
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
    this.shutRead = this.shutWrite = this.#peerFinished = false;
    this.#associate(route.ip, route.port, route.host);
    this.host.connections.set(this.#key, this);
    this.state = 'synSent';
    this.#reportsConnect = true;
    this.#transmit(0, SYN, NO_DATA);
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
    this.#mss = this.#ownMss;
    this.#unacknowledged = this.#next = 0;
    this.#attempts = 0;
    this.#timeout = RETRANSMIT_FIRST;
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
    this.#finQueued = true;
    this.#output();
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
      this.#queued.push(gather(buffers, sent, part));
      this.#queuedBytes += part;
      sent += part;
      this.#output();
      this.host.network.settle();
    } while (sent < length);
    return sent;
  }

  get #canSend(): boolean {
    return this.state === 'established' || this.state === 'closeWait';
  }

  /** Sends what the peer's window has room for. */
  #output(): void {
    while (this.#queuedBytes > 0) {
      const room = this.#window - (this.#next - this.#unacknowledged);
      if (room <= 0) break;
      this.#transmit(this.#next, ACK, this.#take(Math.min(room, this.#mss)));
    }
    if (this.#finQueued && this.#queuedBytes === 0) {
      this.#finQueued = false;
      this.#finSequence = this.#next;
      this.#transmit(this.#next, FIN | ACK, NO_DATA);
    }
    if (this.#queuedBytes > 0) this.#unsettle();
  }

  /** Takes so many bytes off the queue, or fewer. */
  #take(length: number): Uint8Array {
    const first = this.#queued.first as Uint8Array;
    if (first.length === length || (first.length < length && this.#queued.length === 1)) {
      this.#queued.shift();
      this.#queuedBytes -= first.length;
      return first;
    }
    if (first.length > length) {
      this.#queued.first = first.subarray(length);
      this.#queuedBytes -= length;
      return first.subarray(0, length);
    }
    const data = new Uint8Array(Math.min(length, this.#queuedBytes));
    let at = 0;
    while (at < data.length) {
      const chunk = this.#queued.shift() as Uint8Array;
      const part = chunk.subarray(0, data.length - at);
      data.set(part, at);
      at += part.length;
      if (part.length < chunk.length) {
        this.#restore(chunk.subarray(part.length));
      }
    }
    this.#queuedBytes -= data.length;
    return data;
  }

  #restore(rest: Uint8Array): void {
    const others = [...this.#queued];
    this.#queued.clear();
    this.#queued.push(rest);
    for (const chunk of others) this.#queued.push(chunk);
  }

  /** Sends something that has to be acknowledged. */
  #transmit(sequence: number, flags: number, data: Uint8Array): void {
    const consumed = data.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1);
    const end = sequence + consumed;
    const at = this.host.network.clock.now;
    this.#sent.push({ sequence, end, flags, data, at, again: false });
    this.#sentBytes += data.length;
    this.#next = end;
    this.#emit(sequence, flags, data);
    this.#unsettle();
  }

  #emit(sequence: number, flags: number, data: Uint8Array): void {
    const { host, peerIp } = this;
    if (peerIp === undefined || this.#peer === undefined) return;
    this.#announced = this.#freeWindow;
    this.#edge = Math.max(this.#edge, this.#expected + this.#announced);
    host.network.send(host, this.#peer, {
      protocol: 'tcp',
      source: this.localIp,
      sourcePort: this.localPort,
      destination: peerIp,
      destinationPort: this.peerPort,
      key: this.#peerKey,
      sequence,
      acknowledgment: (flags & ACK) === 0 ? 0 : this.#expected,
      flags,
      window: this.#announced,
      data,
      mss: (flags & SYN) === 0 ? 0 : this.#ownMss,
    });
  }

  get #freeWindow(): number {
    const free = this.options.receiveBuffer - this.#receivedBytes - this.#earlyBytes;
    // What was announced stands, though the buffer became smaller: RFC 9293, section 3.8.6.
    return Math.max(0, free, this.#edge - this.#expected - this.#earlyBytes);
  }

  #acknowledge(): void {
    this.#emit(this.#next, ACK, NO_DATA);
  }

  // Timers.

  #unsettle(): void {
    if (this.#unsettled || this.#timer !== undefined) return;
    this.#unsettled = true;
    this.host.network.unsettled(this);
  }

  /** Has what is unacknowledged, or has no window to go into, be tried again after a while. */
  armTimer(): void {
    this.#unsettled = false;
    if (this.#timer !== undefined || this.state === 'closed') return;
    if (this.#sent.length === 0 && this.#queuedBytes === 0) return;
    if (this.#stuckSince < 0) this.#stuckSince = this.host.network.clock.now;
    this.#timer = this.host.network.clock.schedule(this.#timeout, () => {
      this.#timer = undefined;
      this.#retry();
    });
  }

  #retry(): void {
    const first = this.#sent.first;
    if (first === undefined && this.#queuedBytes === 0) return;
    const { now } = this.host.network.clock;
    const connecting = this.state === 'synSent' || this.state === 'synReceived';
    const { userTimeout, synRetries } = this.options;
    this.#attempts += 1;
    const tooOften = this.#attempts > (connecting ? synRetries : RETRIES);
    const tooLong = userTimeout >= 0 && now - this.#stuckSince >= userTimeout;
    // A peer whose window is closed but who answers is there: it may be closed for ever.
    if ((tooOften && first !== undefined) || tooLong) {
      this.#drop(errors.ETIMEDOUT);
      return;
    }
    this.#timeout = Math.min(this.#timeout * 2, RETRANSMIT_MOST);
    if (first === undefined) this.#emit(this.#unacknowledged - 1, ACK, NO_DATA);
    else this.#again(first);
    this.armTimer();
  }

  #again(sent: Sent): void {
    sent.again = true;
    this.#emit(sent.sequence, sent.flags, sent.data);
  }

  #stopTimer(): void {
    this.host.network.clock.cancel(this.#timer);
    this.#timer = undefined;
  }

  #later(milliseconds: number, run: () => void): void {
    this.#stopTimer();
    this.#timer = this.host.network.clock.schedule(milliseconds, () => {
      this.#timer = undefined;
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
    this.#emit(this.#unacknowledged - 1, ACK, NO_DATA);
    this.updateKeepalive();
  }

  // Receiving.

  receive(buffers: readonly Uint8Array[], flags: number, from: boolean): number {
    if (from) this.host.addresses_.writeNone();
    const { host } = this;
    const length = lengthOf(buffers);
    const peek = (flags & constants.MSG_PEEK) !== 0;
    const all = (flags & constants.MSG_WAITALL) !== 0 && !peek;
    const discard = (flags & constants.MSG_TRUNC) !== 0;
    const enough = (): boolean =>
      !host.readsNothing && this.#receivedBytes >= (all ? Math.max(1, length) : 1);
    let got = 0;
    for (;;) {
      if (this.state === 'listen') return -errors.ENOTCONN;
      if (!host.readsNothing) got += this.#copy(buffers, got, length - got, peek, discard);
      if (got > 0 && (!all || got >= length)) return got;
      if (length === 0 && this.#canReceive) return 0;
      if (this.#peerFinished) return got;
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
          this.#receivedBytes > 0 ||
          this.#peerFinished ||
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

  #copy(
    buffers: readonly Uint8Array[],
    start: number,
    most: number,
    peek: boolean,
    discard: boolean,
  ): number {
    let at = start;
    const end = start + most;
    if (peek) {
      for (const chunk of this.#received) {
        if (at >= end) break;
        const part = chunk.subarray(0, end - at);
        if (!discard) scatter(part, buffers, at);
        at += part.length;
      }
      return at - start;
    }
    while (at < end && this.#receivedBytes > 0) {
      const chunk = this.#received.first as Uint8Array;
      const part = chunk.length <= end - at ? chunk : chunk.subarray(0, end - at);
      if (!discard) scatter(part, buffers, at);
      at += part.length;
      this.#receivedBytes -= part.length;
      if (part.length === chunk.length) this.#received.shift();
      else this.#received.first = chunk.subarray(part.length);
    }
    if (at > start) this.#openWindow();
    return at - start;
  }

  /** Tells the peer of room that it may be waiting for: RFC 9293, section 3.8.6.2.2. */
  #openWindow(): void {
    const most = this.options.receiveBuffer;
    if (this.#announced > most / 2) return;
    const free = this.#freeWindow;
    if (free - this.#announced < Math.min(this.#mss, most / 2)) return;
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
    connection.#expected = segment.sequence + 1;
    connection.#window = segment.window;
    connection.#mss = Math.min(connection.#mss, segment.mss || connection.#mss);
    this.#halfOpen += 1;
    connection.#transmit(0, SYN | ACK, NO_DATA);
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
      if (segment.sequence === this.#expected || this.state === 'timeWait') this.#wasReset();
      else if (segment.sequence > this.#expected) this.#acknowledge();
      return;
    }
    if ((flags & SYN) !== 0) {
      const simultaneous = this.state === 'synReceived' && (flags & ACK) !== 0;
      if (!simultaneous) {
        if (this.state === 'synReceived') this.#repeatSynAck();
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
    else if (segment.sequence < this.#expected) this.#acknowledge();
  }

  #repeatSynAck(): void {
    const first = this.#sent.first;
    if (first !== undefined) this.#again(first);
  }

  #arriveSynSent(segment: Segment): void {
    const { flags, acknowledgment } = segment;
    if ((flags & ACK) !== 0 && acknowledgment !== this.#next) return;
    if ((flags & RST) !== 0) {
      if ((flags & ACK) !== 0) this.#drop(errors.ECONNREFUSED);
      return;
    }
    if ((flags & SYN) === 0) return;
    this.#expected = segment.sequence + 1;
    this.#mss = Math.min(this.#mss, segment.mss || this.#mss);
    this.#window = segment.window;
    if ((flags & ACK) === 0) {
      // Both ends connect to each other at once; or one end to itself.
      this.state = 'synReceived';
      this.#sent.clear();
      this.#transmit(0, SYN | ACK, NO_DATA);
      return;
    }
    this.#removeAcknowledged(acknowledgment);
    this.#establish();
    this.#acknowledge();
    this.#output();
  }

  #establish(): void {
    this.state = 'established';
    const { options } = this;
    if (!options.sendBufferSet) {
      let size = 256;
      while (size < this.#mss + OVERHEAD) size *= 2;
      options.sendBuffer = Math.max(options.sendBuffer, SEGMENTS * (size + 256));
    }
    if (this.shutWrite) this.#finish();
    this.updateKeepalive();
    this.changed();
  }

  /** False when the segment goes no further. */
  #takeAcknowledgment(segment: Segment): boolean {
    const { acknowledgment, window, data, flags } = segment;
    if (acknowledgment > this.#next) {
      this.#acknowledge();
      return false;
    }
    if (this.state === 'synReceived') {
      if (acknowledgment < this.#next) return true;
      const listener = this.#listener;
      if (listener !== undefined && listener.#accepted.length > listener.#backlog) return false;
      this.#removeAcknowledged(acknowledgment);
      this.#window = window;
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
    if (acknowledgment > this.#unacknowledged) {
      this.#removeAcknowledged(acknowledgment);
      this.#afterAcknowledged();
    } else if (
      acknowledgment === this.#unacknowledged &&
      this.#sent.length > 0 &&
      data.length === 0 &&
      window === this.#window &&
      (flags & FIN) === 0
    ) {
      this.#duplicates += 1;
      if (this.#duplicates === DUPLICATES) this.#again(this.#sent.first as Sent);
    }
    if (acknowledgment >= this.#unacknowledged) {
      const opened = window > this.#window;
      this.#window = window;
      if (opened || this.#queuedBytes > 0 || this.#finQueued) this.#output();
      // A probe of a closed window was answered: the peer is there.
      if (this.#sent.length === 0) this.#attempts = 0;
    }
    return true;
  }

  #removeAcknowledged(acknowledgment: number): void {
    const { now } = this.host.network.clock;
    for (let first = this.#sent.first; first !== undefined && first.end <= acknowledgment;) {
      this.#sent.shift();
      this.#sentBytes -= first.data.length;
      // Karn: what was sent twice tells nothing.
      if (!first.again && first.end === acknowledgment) this.#measure(now - first.at);
      first = this.#sent.first;
    }
    this.#unacknowledged = acknowledgment;
    this.#attempts = 0;
    this.#duplicates = 0;
    this.#stuckSince = -1;
    if (this.#timer !== undefined && this.state !== 'timeWait') this.#stopTimer();
    if (this.#sent.length > 0) {
      this.#unsettle();
      // What was lost with it is not waited for any longer.
      const first = this.#sent.first as Sent;
      if (first.at < now - this.#timeout && !first.again) this.#again(first);
    }
  }

  /** RFC 6298. */
  #measure(roundTrip: number): void {
    if (this.#roundTrip === 0) {
      this.#roundTrip = roundTrip;
      this.#variance = roundTrip / 2;
    } else {
      this.#variance = 0.75 * this.#variance + 0.25 * Math.abs(this.#roundTrip - roundTrip);
      this.#roundTrip = 0.875 * this.#roundTrip + 0.125 * roundTrip;
    }
    const timeout = this.#roundTrip + 4 * this.#variance;
    this.#timeout = Math.min(RETRANSMIT_MOST, Math.max(RETRANSMIT_LEAST, timeout));
  }

  #afterAcknowledged(): void {
    const finAcknowledged = this.#finSequence >= 0 && this.#unacknowledged > this.#finSequence;
    if (finAcknowledged) {
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
    if (segment.sequence > this.#expected) this.#keepEarly(segment);
    else if (this.#append(segment)) {
      this.#appendEarly();
      this.changed();
    }
    if ((this.state as TcpStateName) !== 'closed') this.#acknowledge();
  }

  #keepEarly(segment: Segment): void {
    if (segment.data.length > this.#freeWindow) return;
    if (this.#early.some((other) => other.sequence === segment.sequence)) return;
    this.#early.push(segment);
    this.#earlyBytes += segment.data.length;
    this.#early.sort((a, b) => a.sequence - b.sequence);
  }

  #appendEarly(): void {
    for (let first = this.#early[0]; first !== undefined; first = this.#early[0]) {
      if (first.sequence > this.#expected) break;
      this.#early.shift();
      this.#earlyBytes -= first.data.length;
      this.#append(first);
    }
  }

  /** Takes what is new of a segment. False when nothing is, or there is no room for it. */
  #append({ sequence, data, flags }: Segment): boolean {
    const skip = this.#expected - sequence;
    let taken = false;
    if (data.length > skip) {
      const fresh = skip === 0 ? data : data.subarray(skip);
      const room = Math.max(
        this.options.receiveBuffer - this.#receivedBytes,
        this.#edge - this.#expected,
      );
      if (fresh.length > room) {
        // A probe of a window that is closed.
        if (room <= 0) return false;
        this.#keep(fresh.subarray(0, room));
        return true;
      }
      this.#keep(fresh);
      taken = true;
    }
    if ((flags & FIN) !== 0 && this.#expected === sequence + data.length) {
      this.#expected += 1;
      this.#peerFinished = true;
      taken = true;
      if (this.state === 'established') this.state = 'closeWait';
      else if (this.state === 'finWait1') this.state = 'closing';
      else if (this.state === 'finWait2') this.#waitTime();
    }
    return taken;
  }

  #keep(data: Uint8Array): void {
    this.#expected += data.length;
    // Sooner or later all of it is discarded: nobody reads it.
    if (this.orphan && this.references === 0 && this.#closed) return;
    this.#received.push(data);
    this.#receivedBytes += data.length;
  }

  #closed = false;

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
    if (this.#isSynchronized) this.#emit(this.#next, RST | ACK, NO_DATA);
  }

  /** Ends the connection without a word to the peer. */
  #drop(error: number): void {
    if (this.state === 'closed') return;
    if (this.state === 'synReceived' && this.#listener !== undefined) this.#listener.#halfOpen -= 1;
    this.state = 'closed';
    this.#stopTimer();
    this.host.network.clock.cancel(this.#keepaliveTimer);
    this.#keepaliveTimer = undefined;
    this.host.connections.delete(this.#key);
    this.#queued.clear();
    this.#sent.clear();
    this.#early = [];
    this.#queuedBytes = this.#sentBytes = this.#earlyBytes = 0;
    this.#finQueued = false;
    this.#finSequence = -1;
    if (error !== 0) this.error = error;
    this.shutRead = this.shutWrite = true;
    if (error === errors.ECONNREFUSED || error === errors.ETIMEDOUT) {
      // It never was connected: the socket may be used again.
      if (this.#peerFinished === false) this.shutRead = this.shutWrite = error === errors.ETIMEDOUT;
    }
    if (this.references === 0 || !this.keepsPort) this.leavePort();
    this.changed();
  }

  #abort(error = 0): void {
    this.#sendReset();
    this.#drop(error);
  }

  close(): number {
    this.#closed = true;
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
    const unread = this.#receivedBytes > 0;
    this.#received.clear();
    this.#receivedBytes = 0;
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
      host.network.block(
        () => this.#sent.length === 0 && this.#queuedBytes === 0 && !this.#finQueued,
        linger,
        this,
      );
    }
    return 0;
  }

  die(): void {
    this.dead = true;
    this.state = 'closed';
    this.#stopTimer();
    this.host.network.clock.cancel(this.#keepaliveTimer);
    this.#keepaliveTimer = undefined;
    this.error = errors.ENETDOWN;
    this.changed();
  }
}
