/** `tcp-socket` of wasi:sockets/tcp, and the streams of a connection. */
import { OpenFlags, Readiness } from '@sock/core';
import type { Address } from '../address.js';
import { Failure } from '../failure.js';
import { Pollable, READY, type Target } from './pollable.js';
import { type Network, Resource, type ResourceName } from './resource.js';
import type { Scope, Sending } from './scope.js';
import { CLOSED, FAILED, InputStream, OutputStream, PERMIT } from './stream.js';
import { Option } from './system.js';

type State =
  | 'unbound'
  | 'binding'
  | 'bound'
  | 'connecting'
  | 'connected'
  | 'listen-started'
  | 'listening'
  | 'closed';

const IN_PROGRESS: readonly State[] = ['binding', 'connecting', 'listen-started'];
/** Linux queues 4096 at most. */
const BACKLOG = 4096;

export class TcpSocket extends Resource implements Target, Sending {
  state: State = 'unbound';
  input: TcpInput | undefined;
  output: TcpOutput | undefined;
  readShut = false;
  writeShut = false;
  /** What the system did not take yet. */
  queue: Uint8Array | undefined;
  /** Why nothing can be sent any more: a negative error number. */
  broken = 0;
  /** Buffer sizes that were set: some systems answer another number. */
  readonly buffers = new Map<number, number>();
  /** This, and its streams. */
  #holders = 1;
  #backlog = BACKLOG;
  #failed = 0;
  #remote: Address | undefined;

  private constructor(
    scope: Scope,
    readonly family: 4 | 6,
    readonly handle: number,
  ) {
    super(scope);
    scope.own(handle);
  }

  get kind(): ResourceName {
    return 'tcp-socket';
  }

  /** Returns the socket, or a failure. */
  static create(scope: Scope, family: 4 | 6): TcpSocket | number {
    const { system, policy } = scope;
    if (scope.closed || scope.sockets >= policy.sockets) return Failure.NEW_SOCKET_LIMIT;
    scope.checkRoom();
    if (!policy.allowsSocket('tcp.connect')) return Failure.ACCESS_DENIED;
    const domain = family === 4 ? system.AF_INET : system.AF_INET6;
    const handle = system.driver.open(domain, system.SOCK_STREAM, 0, 0);
    if (handle < 0) return system.failure(handle);
    if (family === 6) system.setOption(handle, Option.ONLY_V6, 1);
    return new TcpSocket(scope, family, handle);
  }

  /** 0, or why no address of this kind will do. */
  #check(address: Address): number {
    const { family, isV4Mapped, isMulticast, isBroadcast } = address;
    if (family !== this.family || isV4Mapped || isMulticast || isBroadcast) {
      return Failure.INVALID_ARGUMENT;
    }
    return 0;
  }

  startBind(_network: Network, address: Address): number {
    if (IN_PROGRESS.includes(this.state)) return Failure.CONCURRENCY_CONFLICT;
    if (this.state !== 'unbound') return Failure.INVALID_STATE;
    const wrong = this.#check(address);
    if (wrong !== 0) return wrong;
    const { system, policy } = this.scope;
    if (!policy.allows('tcp.listen', address)) return Failure.ACCESS_DENIED;
    // Connections of an earlier listener that linger are not in the way: as wasmtime does, and net.
    if (address.port > 0) system.setOption(this.handle, Option.REUSE_ADDRESS, 1);
    system.putAddress(address);
    const result = system.driver.bind(this.handle);
    if (result < 0) return system.failure(result);
    this.state = 'binding';
    return 0;
  }

  finishBind(): number {
    if (this.state !== 'binding') return Failure.NOT_IN_PROGRESS;
    this.state = 'bound';
    return 0;
  }

  startConnect(_network: Network, address: Address): number {
    if (IN_PROGRESS.includes(this.state)) return Failure.CONCURRENCY_CONFLICT;
    if (this.state !== 'unbound' && this.state !== 'bound') return Failure.INVALID_STATE;
    const wrong = this.#check(address);
    if (wrong !== 0) return wrong;
    if (address.isUnspecified || address.port === 0) return Failure.INVALID_ARGUMENT;
    const { system, policy } = this.scope;
    if (!policy.allows('tcp.connect', address)) return Failure.ACCESS_DENIED;
    if (policy.connections.level < 1) return Failure.ACCESS_DENIED;
    policy.connections.take(1);
    system.putAddress(address);
    const result = system.driver.tryConnect(this.handle);
    this.#failed = result < 0 && result !== system.EINPROGRESS ? result : 0;
    this.#remote = address;
    this.state = 'connecting';
    return 0;
  }

  /** 0 when connected: then `input` and `output` are there. */
  finishConnect(): number {
    if (this.state !== 'connecting') return Failure.NOT_IN_PROGRESS;
    const { system } = this.scope;
    let errno = this.#failed;
    if (errno === 0) {
      if (!system.waitOne(this.handle, Readiness.WRITABLE, 0)) return Failure.WOULD_BLOCK;
      const failed = system.getOption(this.handle, Option.TAKE_ERROR);
      if (failed < 0) return failed;
      errno = -system.number;
    }
    if (errno !== 0) {
      this.state = 'closed';
      return system.failure(errno);
    }
    this.#connected();
    return 0;
  }

  #connected(): void {
    this.state = 'connected';
    // The interface has no word for it, and what one write gives is to be sent.
    this.scope.system.setOption(this.handle, Option.NODELAY, 1);
    this.#holders += 2;
    this.input = new TcpInput(this);
    this.output = new TcpOutput(this);
  }

  startListen(): number {
    if (IN_PROGRESS.includes(this.state)) return Failure.CONCURRENCY_CONFLICT;
    if (this.state !== 'bound') return Failure.INVALID_STATE;
    const { system } = this.scope;
    const result = system.driver.listen(this.handle, this.#backlog);
    if (result < 0) return system.failure(result);
    this.state = 'listen-started';
    return 0;
  }

  finishListen(): number {
    if (this.state !== 'listen-started') return Failure.NOT_IN_PROGRESS;
    this.state = 'listening';
    return 0;
  }

  /** The connection, or a failure. */
  accept(): TcpSocket | number {
    if (this.state !== 'listening') return Failure.INVALID_STATE;
    const { system, policy } = this.scope;
    if (this.scope.sockets >= policy.sockets) return Failure.NEW_SOCKET_LIMIT;
    this.scope.checkRoom();
    for (;;) {
      if (policy.connections.level < 1) return Failure.WOULD_BLOCK;
      const handle = system.driver.accept(this.handle, OpenFlags.DONTWAIT);
      if (handle === system.EINTR) continue;
      if (handle < 0) return system.failure(handle);
      const peer = system.takeAddress();
      policy.connections.take(1);
      const connection = new TcpSocket(this.scope, this.family, handle);
      if (!policy.acceptsAll && !policy.allows('tcp.accept', peer)) {
        connection.drop();
        continue;
      }
      connection.#remote = peer;
      for (const [option, size] of this.buffers) connection.buffers.set(option, size);
      connection.#connected();
      return connection;
    }
  }

  localAddress(): Address | number {
    if (this.state === 'unbound') return Failure.INVALID_STATE;
    if (this.state === 'binding') return Failure.CONCURRENCY_CONFLICT;
    const { system } = this.scope;
    const result = system.driver.localAddress(this.handle);
    return result < 0 ? system.failure(result) : system.takeAddress();
  }

  remoteAddress(): Address | number {
    return this.state === 'connected' ? (this.#remote as Address) : Failure.INVALID_STATE;
  }

  setListenBacklogSize(size: bigint): number {
    if (size === 0n) return Failure.INVALID_ARGUMENT;
    if (this.state === 'connected' || this.state === 'connecting' || this.state === 'closed') {
      return Failure.INVALID_STATE;
    }
    this.#backlog = size > BigInt(BACKLOG) ? BACKLOG : Number(size);
    if (this.state !== 'listening') return 0;
    const { system } = this.scope;
    const result = system.driver.listen(this.handle, this.#backlog);
    return result < 0 ? system.failure(result) : 0;
  }

  /** @param how 0: receive, 1: send, 2: both */
  shutdown(how: number): number {
    if (this.state !== 'connected') return Failure.INVALID_STATE;
    const { driver } = this.scope.system;
    if (how !== 1 && !this.readShut) {
      this.readShut = true;
      driver.shutdown(this.handle, 0);
    }
    if (how !== 0 && !this.writeShut) {
      this.writeShut = true;
      // What is queued goes first.
      if (this.queue === undefined) driver.shutdown(this.handle, 1);
    }
    return 0;
  }

  interest(): number {
    if (this.rep === 0) return READY;
    if (this.state === 'connecting') return this.#failed === 0 ? Readiness.WRITABLE : READY;
    return this.state === 'listening' ? Readiness.READABLE : READY;
  }

  subscribe(): Pollable {
    return new Pollable(this.scope, this);
  }

  /** Keeps what the system did not take, and sends it from the event loop or any wait. */
  enqueue(bytes: Uint8Array): void {
    this.queue = bytes;
    this.scope.sending.add(this);
    this.#watch();
  }

  #watch(): void {
    this.scope.system.driver.watch(this.handle, Readiness.WRITABLE, this.#writable);
  }

  readonly #writable = (): void => {
    this.drain();
    if (this.queue !== undefined) this.#watch();
  };

  /** Ends the wait of {@link enqueue}. */
  unwatch(): void {
    this.scope.system.driver.watch(this.handle, 0, this.#writable);
  }

  drain(): void {
    const { system } = this.scope;
    while (this.queue !== undefined) {
      const sent = system.driver.send(this.handle, this.queue, system.DONTWAIT);
      if (sent === system.EINTR) continue;
      if (sent === system.EAGAIN) return;
      if (sent < 0) this.broken = sent;
      else if (sent < this.queue.length) {
        this.queue = this.queue.subarray(sent);
        continue;
      }
      this.#drained();
    }
  }

  #drained(): void {
    this.queue = undefined;
    this.scope.sending.delete(this);
    const { driver } = this.scope.system;
    this.unwatch();
    if (this.writeShut) driver.shutdown(this.handle, 1);
    if (this.#holders === 0) this.scope.close(this.handle);
  }

  /** One of the three that hold the connection is gone. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0 && this.queue === undefined) this.scope.close(this.handle);
  }

  protected override dropped(): void {
    this.release();
  }
}

/** What a read is asked of the system at most, at once. */
export const LONGEST_READ = 1 << 20;

class TcpInput extends InputStream {
  readonly handle: number;
  #ended = false;
  readonly wait: (() => number) | undefined;

  constructor(readonly socket: TcpSocket) {
    super(socket.scope);
    this.handle = socket.handle;
    const { policy } = socket.scope;
    this.wait = policy.limitsBytes ? () => policy.bytes.wait : undefined;
  }

  interest(): number {
    return this.rep === 0 || this.#ended || this.socket.readShut ? READY : Readiness.READABLE;
  }

  read(into: Uint8Array, wait: boolean): number {
    const { scope, socket, handle } = this;
    const { system, policy } = scope;
    if (this.#ended || socket.readShut) return CLOSED;
    if (into.length === 0) return 0;
    // Waiting within the call is one call less; but not while others have something to send, or a limit holds.
    const within = wait && system.mayBlock && scope.sending.size === 0 && !policy.limitsBytes;
    for (;;) {
      let room = into;
      if (policy.limitsBytes) {
        const { level } = policy.bytes;
        if (level < 1) {
          if (!wait) return 0;
          this.#block();
          continue;
        }
        if (level < room.length) room = room.subarray(0, Math.floor(level));
      }
      const got = system.driver.recv(handle, room, within ? 0 : system.DONTWAIT);
      if (got > 0) {
        if (policy.limitsBytes) policy.bytes.take(got);
        return got;
      }
      if (got === system.EINTR) continue;
      if (got === system.EAGAIN) {
        if (!wait) return 0;
        this.#block();
        continue;
      }
      this.#ended = true;
      if (got === 0) return CLOSED;
      this.errno = got;
      return FAILED;
    }
  }

  #block(): void {
    const pollable = this.subscribe();
    pollable.block();
    pollable.drop();
  }

  protected override dropped(): void {
    this.socket.release();
  }
}

class TcpOutput extends OutputStream {
  readonly handle: number;
  readonly wait: (() => number) | undefined;

  constructor(readonly socket: TcpSocket) {
    super(socket.scope);
    this.handle = socket.handle;
    const { policy } = socket.scope;
    this.wait = policy.limitsBytes ? () => policy.bytes.wait : undefined;
  }

  interest(): number {
    const { writeShut, broken } = this.socket;
    return this.rep === 0 || writeShut || broken !== 0 ? READY : Readiness.WRITABLE;
  }

  settled(): boolean {
    if (this.socket.queue !== undefined) this.socket.drain();
    return this.socket.queue === undefined;
  }

  /** Why it broke, once; then that it is closed. */
  #broke(errno: number): number {
    this.socket.broken = this.scope.system.EPIPE;
    if (errno === this.scope.system.EPIPE) return CLOSED;
    this.errno = errno;
    return FAILED;
  }

  permit(): number {
    const { socket, scope } = this;
    if (socket.writeShut) return CLOSED;
    if (!this.settled()) return 0;
    if (socket.broken !== 0) return this.#broke(socket.broken);
    if (!scope.policy.limitsBytes) return PERMIT;
    return Math.max(0, Math.min(PERMIT, Math.floor(scope.policy.bytes.level)));
  }

  write(bytes: Uint8Array): number {
    const { socket, scope } = this;
    if (socket.writeShut) return CLOSED;
    if (socket.broken !== 0) return this.#broke(socket.broken);
    const { system, policy } = scope;
    const { length } = bytes;
    if (policy.limitsBytes) policy.bytes.take(length);
    if (socket.queue !== undefined) {
      // More than was permitted, while the rest of an earlier write waits.
      const joined = new Uint8Array(socket.queue.length + length);
      joined.set(socket.queue);
      joined.set(bytes, socket.queue.length);
      socket.queue = joined;
      return 0;
    }
    for (let done = 0; done < length;) {
      const rest = done === 0 ? bytes : bytes.subarray(done);
      const sent = system.driver.send(this.handle, rest, system.DONTWAIT);
      if (sent >= 0) done += sent;
      else if (sent === system.EAGAIN) {
        socket.enqueue(bytes.slice(done));
        return 0;
      } else if (sent !== system.EINTR) return this.#broke(sent);
    }
    return 0;
  }

  flush(wait: boolean): number {
    const { socket } = this;
    if (socket.writeShut && socket.queue === undefined) return CLOSED;
    while (wait && socket.queue !== undefined) {
      const pollable = this.subscribe();
      pollable.block();
      pollable.drop();
    }
    return socket.broken === 0 ? 0 : this.#broke(socket.broken);
  }

  protected override dropped(): void {
    this.socket.release();
  }
}
