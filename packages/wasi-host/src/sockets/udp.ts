/** `udp-socket` of wasi:sockets/udp, and its streams of datagrams. */
import { Layout, Readiness } from '@sock/core';
import { Address } from '../address.js';
import { Failure } from '../failure.js';
import { Pollable, READY, type Target } from './pollable.js';
import { type Network, Resource, type ResourceName, trap } from './resource.js';
import type { Scope } from './scope.js';
import { Option } from './system.js';

const NOTHING = new Uint8Array(0);

type State = 'unbound' | 'binding' | 'bound';

/** How many datagrams may be sent after one question. */
const PERMIT = 16;

export class UdpSocket extends Resource implements Target {
  state: State = 'unbound';
  incoming: IncomingDatagrams | undefined;
  outgoing: OutgoingDatagrams | undefined;
  readonly buffers = new Map<number, number>();
  /** The peer, when it has one. */
  remote: Address | undefined;
  /** Whether it was bound without a rule of its own, to send. */
  #onlyToSend = false;
  /** The address that it was bound to, without the port. */
  #boundTo: Uint8Array = NOTHING;
  #holders = 1;

  private constructor(
    scope: Scope,
    readonly family: 4 | 6,
    readonly handle: number,
  ) {
    super(scope);
    scope.own(handle);
  }

  get kind(): ResourceName {
    return 'udp-socket';
  }

  /** Returns the socket, or a failure. */
  static create(scope: Scope, family: 4 | 6): UdpSocket | number {
    const { system, policy } = scope;
    if (scope.closed || scope.sockets >= policy.sockets) return Failure.NEW_SOCKET_LIMIT;
    scope.checkRoom();
    if (!policy.allowsSocket('udp.bind')) return Failure.ACCESS_DENIED;
    const domain = family === 4 ? system.AF_INET : system.AF_INET6;
    const handle = system.driver.open(domain, system.SOCK_DGRAM, 0, 0);
    if (handle < 0) return system.failure(handle);
    if (family === 6) system.setOption(handle, Option.ONLY_V6, 1);
    return new UdpSocket(scope, family, handle);
  }

  startBind(_network: Network, address: Address): number {
    if (this.state === 'binding') return Failure.CONCURRENCY_CONFLICT;
    if (this.state !== 'unbound') return Failure.INVALID_STATE;
    const { family, isV4Mapped, isMulticast, isBroadcast } = address;
    if (family !== this.family || isV4Mapped || isMulticast || isBroadcast) {
      return Failure.INVALID_ARGUMENT;
    }
    const { system } = this.scope;
    if (!this.#mayBind(address)) return Failure.ACCESS_DENIED;
    system.putAddress(address);
    const result = system.driver.bind(this.handle);
    if (result < 0) return system.failure(result);
    this.#boundTo = address.bytes;
    this.state = 'binding';
    return 0;
  }

  #mayBind(address: Address): boolean {
    const { policy } = this.scope;
    // libc binds a socket that is connected or sends to the wildcard address first.
    if (address.isUnspecified && address.port === 0 && policy.mayBindToSend) {
      this.#onlyToSend = !policy.allows('udp.bind', address);
      return true;
    }
    return policy.allows('udp.bind', address);
  }

  finishBind(): number {
    if (this.state !== 'binding') return Failure.NOT_IN_PROGRESS;
    this.state = 'bound';
    return 0;
  }

  /** Whether a datagram of this sender may be seen. */
  receivesFrom(sender: Address): boolean {
    return this.scope.policy.receives(sender, this.#onlyToSend);
  }

  /** Whether every sender may be seen, so that none needs to be asked about. */
  get receivesFromAll(): boolean {
    return !this.#onlyToSend && this.scope.policy.receivesFromAll;
  }

  /** 0: `incoming` and `outgoing` are there. */
  stream(remote: Address | undefined): number {
    if (this.state !== 'bound') return Failure.INVALID_STATE;
    const { system } = this.scope;
    if (remote !== undefined) {
      const wrong = this.checkRemote(remote);
      if (wrong !== 0) return wrong;
      system.putAddress(remote);
      const result = system.driver.connect(this.handle);
      if (result < 0) return system.failure(result);
    } else if (this.remote !== undefined) {
      const failed = this.#disconnect();
      if (failed < 0) return failed;
    }
    this.remote = remote;
    this.#holders += 2;
    this.incoming = new IncomingDatagrams(this, remote);
    this.outgoing = new OutgoingDatagrams(this, remote);
    return 0;
  }

  /**
   * Ends the connection of a datagram socket. Linux takes the port away from a socket whose port it chose itself
   * (udp_disconnect), so the socket is bound to that port again: the interface keeps it bound.
   */
  #disconnect(): number {
    const { system } = this.scope;
    const { driver } = system;
    const result = driver.localAddress(this.handle);
    if (result < 0) return system.failure(result);
    const { port } = system.takeAddress();
    system.putNobody();
    driver.connect(this.handle);
    if (driver.localAddress(this.handle) >= 0 && system.takeAddress().port === port) return 0;
    system.putAddress(new Address(this.family, port, this.#boundTo));
    const bound = driver.bind(this.handle);
    return bound < 0 ? system.failure(bound) : 0;
  }

  /** 0, or why nothing may be sent there. */
  checkRemote(remote: Address): number {
    const { family, isV4Mapped, isUnspecified, port } = remote;
    if (family !== this.family || isV4Mapped || isUnspecified || port === 0) {
      return Failure.INVALID_ARGUMENT;
    }
    return this.scope.policy.allows('udp.send', remote) ? 0 : Failure.ACCESS_DENIED;
  }

  localAddress(): Address | number {
    if (this.state === 'unbound') return Failure.INVALID_STATE;
    if (this.state === 'binding') return Failure.CONCURRENCY_CONFLICT;
    const { system } = this.scope;
    const result = system.driver.localAddress(this.handle);
    return result < 0 ? system.failure(result) : system.takeAddress();
  }

  remoteAddress(): Address | number {
    return this.remote ?? Failure.INVALID_STATE;
  }

  interest(): number {
    return READY;
  }

  subscribe(): Pollable {
    return new Pollable(this.scope, this);
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.scope.close(this.handle);
  }

  protected override dropped(): void {
    this.release();
  }
}

export class IncomingDatagrams extends Resource implements Target {
  readonly handle: number;
  readonly family: 4 | 6;
  /** The error that a later datagram of the last call met. */
  failed = 0;
  readonly wait: (() => number) | undefined;
  /** Whether a datagram's sender must be looked at. */
  #asks: boolean;

  constructor(
    readonly socket: UdpSocket,
    readonly remote: Address | undefined,
  ) {
    super(socket.scope);
    this.handle = socket.handle;
    this.family = socket.family;
    this.#asks = !socket.receivesFromAll;
    const { policy, system } = socket.scope;
    if (remote !== undefined) {
      // The system lets no others in any more, but those stay that were there before it knew the peer.
      const flags = system.DONTWAIT | system.PEEK;
      this.#asks = system.driver.recv(this.handle, NOTHING, flags) !== system.EAGAIN;
    }
    this.wait = policy.limitsBytes ? () => policy.bytes.wait : undefined;
  }

  get kind(): ResourceName {
    return 'incoming-datagram-stream';
  }

  interest(): number {
    return this.rep === 0 ? READY : Readiness.READABLE;
  }

  /** The sender of every datagram, when there is one alone; otherwise each one's is in the driver's memory. */
  get sender(): Address | undefined {
    return this.#asks ? undefined : this.remote;
  }

  /** Receives one datagram. Its length, or an error number: EAGAIN for none. */
  receive(into: Uint8Array): number {
    const { handle, scope } = this;
    const { system, policy } = scope;
    const { driver, DONTWAIT } = system;
    for (;;) {
      if (policy.limitsBytes && policy.bytes.level < 1) return system.EAGAIN;
      const got =
        this.sender === undefined
          ? driver.recvFrom(handle, into, DONTWAIT)
          : driver.recv(handle, into, DONTWAIT);
      if (got === system.EINTR) continue;
      if (got < 0) {
        if (got === system.EAGAIN && this.remote !== undefined) this.#asks = false;
        return got;
      }
      if (policy.limitsBytes) policy.bytes.take(got);
      if (this.#asks && !this.#isWanted()) continue;
      return got;
    }
  }

  /** Datagrams that were queued before the socket had its peer, and those of senders that the policy does not allow, are left out. */
  #isWanted(): boolean {
    const sender = this.scope.system.takeAddress();
    if (this.remote !== undefined) return this.remote.equals(sender);
    return this.socket.receivesFrom(sender);
  }

  subscribe(): Pollable {
    return new Pollable(this.scope, this);
  }

  protected override dropped(): void {
    this.socket.release();
  }
}

export class OutgoingDatagrams extends Resource implements Target {
  readonly handle: number;
  permit = 0;
  readonly wait: (() => number) | undefined;
  #full = false;
  /** The last receiver that the policy allowed: most datagrams go where the one before went. */
  #allowed: Address | undefined;

  constructor(
    readonly socket: UdpSocket,
    readonly remote: Address | undefined,
  ) {
    super(socket.scope);
    this.handle = socket.handle;
    const { policy } = socket.scope;
    this.wait = policy.limitsBytes ? () => policy.bytes.wait : undefined;
  }

  get kind(): ResourceName {
    return 'outgoing-datagram-stream';
  }

  checkSend(): number {
    const { system, policy } = this.scope;
    if (policy.limitsBytes && policy.bytes.level < 1) return (this.permit = 0);
    if (this.#full && !system.waitOne(this.handle, Readiness.WRITABLE, 0)) return (this.permit = 0);
    this.#full = false;
    return (this.permit = PERMIT);
  }

  /** Traps when more are sent than {@link checkSend} permitted: the permit is used up. */
  use(count: number): void {
    if (count > this.permit) trap('send: more datagrams than check-send permitted');
    this.permit = 0;
  }

  /** Puts the receiver where {@link send} takes it from. 0, or a failure. */
  aim(remote: Address): number {
    if (this.remote !== undefined) {
      return this.remote.equals(remote) ? 0 : Failure.INVALID_ARGUMENT;
    }
    if (this.#allowed === undefined || !this.#allowed.equals(remote)) {
      const wrong = this.socket.checkRemote(remote);
      if (wrong !== 0) return wrong;
      this.#allowed = remote;
    }
    this.scope.system.putAddress(remote);
    return 0;
  }

  /** The same for an IPv4 address as numbers, when it is the last one's; false when it is not. */
  aimAgain(ip: number, port: number): boolean {
    const allowed = this.#allowed;
    if (allowed === undefined || allowed.family !== 4 || allowed.port !== port) return false;
    const { bytes } = allowed;
    const last =
      (bytes[0] as number) |
      ((bytes[1] as number) << 8) |
      ((bytes[2] as number) << 16) |
      ((bytes[3] as number) << 24);
    if (last !== ip) return false;
    const { i32 } = this.scope.system;
    i32[Layout.addressFamily >> 2] = 1 | (port << 16);
    i32[Layout.addressLength >> 2] = 4;
    i32[Layout.addressData >> 2] = ip;
    return true;
  }

  /** Sends one datagram: to its peer, or where {@link aim} aimed. Its length or an error number. */
  send(bytes: Uint8Array): number {
    const { system, policy } = this.scope;
    for (;;) {
      const sent =
        this.remote === undefined
          ? system.driver.sendTo(this.handle, bytes, system.DONTWAIT)
          : system.driver.send(this.handle, bytes, system.DONTWAIT);
      if (sent === system.EINTR) continue;
      this.#full = sent === system.EAGAIN;
      if (policy.limitsBytes && sent > 0) policy.bytes.take(sent);
      return sent;
    }
  }

  interest(): number {
    return this.rep !== 0 && this.#full ? Readiness.WRITABLE : READY;
  }

  subscribe(): Pollable {
    return new Pollable(this.scope, this);
  }

  protected override dropped(): void {
    this.socket.release();
  }
}
