import type dgram from 'node:dgram';
import { lookup } from 'node:dns';
import { EventEmitter } from 'node:events';
import { type Driver, SockAddr, type Socket } from '@sock/core';
import { ipv6Address, nodeAddress, type NodeAddress, scopeIdOf } from '../node-address.js';
import { bytesOf, sendArguments } from './send-arguments.js';
import { CALLS_PER_TURN, whenReadable } from './readable-callback.js';

/** Bytes of the buffer for one message. */
const BUFFER_SIZE = 65536;

const failure = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code });

/**
 * A `dgram.Socket` without a descriptor, or of a type that node does not support: unix datagrams,
 * sequenced packets, raw, packet and netlink sockets. It has the interface and the events of node's class,
 * over `readable()` and `writable()` of the Socket.
 *
 * For addresses other than IP, `rinfo.address` is the path, or the address as text, and `rinfo.port` is 0.
 * `send` takes a path or a SockAddr in place of port and address.
 */
export class DatagramEmitter extends EventEmitter {
  readonly type: string;
  readonly #socket: Socket;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  readonly #family: 4 | 6 | undefined;
  readonly #ends: boolean;
  #bound: boolean;
  #binding = false;
  #connected = false;
  #queued = 0;
  #queuedBytes = 0;
  #closed = false;

  constructor(socket: Socket, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
    super();
    this.#socket = socket;
    const domain = socket.domain();
    this.#family = domain === 'ipv4' ? 4 : domain === 'ipv6' ? 6 : undefined;
    this.type = this.#family === undefined ? String(domain) : `udp${this.#family}`;
    this.#ends = socket.type() === 'seqpacket';
    this.#connected = nodeAddress(() => socket.peerAddr(), false).address !== undefined;
    // Sockets without ports receive without being bound.
    const local = nodeAddress(() => socket.localAddr(), false);
    this.#bound = this.#family === undefined || socket.type() === 'raw' || Boolean(local.port);
    if (this.#bound) process.nextTick(() => this.#listening());
    if (signal?.aborted === true) this.close();
    else signal?.addEventListener('abort', () => this.close(), { once: true });
  }

  #listening(): void {
    if (this.#closed) return;
    this.#bound = true;
    this.#wait();
    this.emit('listening');
  }

  #wait(): void {
    whenReadable(
      this.#socket,
      () => this.#receive(),
      (error) => this.#failed(error),
    );
  }

  #failed(error: Error): void {
    if (!this.#closed) this.emit('error', error);
  }

  #receive(): void {
    try {
      for (let taken = 0; taken < CALLS_PER_TURN && !this.#closed; taken += 1) {
        const received = this.#take();
        if (received === undefined) break;
        this.emit('message', ...received);
      }
    } finally {
      if (!this.#closed) this.#wait();
    }
  }

  #take(): [Buffer, object] | undefined {
    let received: [number, SockAddr] | undefined;
    try {
      received = this.#socket.tryRecvFrom(this.#buffer);
    } catch (error) {
      // The error of a datagram sent earlier, such as ECONNREFUSED: the socket stays usable.
      this.emit('error', error);
      return undefined;
    }
    if (received === undefined) return undefined;
    const [length, from] = received;
    if (length === 0 && this.#ends) {
      this.close();
      return undefined;
    }
    const place = from.isUnix() ? (from.path ?? '') : String(from);
    const { address = place, port = 0, family } = nodeAddress(() => from, false);
    return [
      Buffer.from(this.#buffer.subarray(0, length)),
      { address, family: family ?? from.family, port, size: length },
    ];
  }

  #open(): void {
    if (this.#closed) throw failure('ERR_SOCKET_DGRAM_NOT_RUNNING', 'Not running');
  }

  /** The address of a port and a host, which is looked up; or of a path, which is not. */
  #resolve(
    port: number,
    host: string | SockAddr,
    done: (error: Error | null, address: SockAddr | undefined) => void,
  ): void {
    const family = this.#family;
    if (typeof host !== 'string' || family === undefined) {
      process.nextTick(done, null, typeof host === 'string' ? SockAddr.unix(host) : host);
      return;
    }
    lookup(host, { family }, (error, address) => {
      if (this.#closed) return;
      if (error !== null) {
        done(error, undefined);
        return;
      }
      let found: SockAddr;
      try {
        found =
          family === 6
            ? ipv6Address(address, port, () => this.#driver)
            : SockAddr.ipv4(address, port);
      } catch (reason) {
        done(reason as Error, undefined);
        return;
      }
      done(null, found);
    });
  }

  /** `bind([port][, address][, callback])` or `bind(options[, callback])`. */
  bind(...values: unknown[]): this {
    this.#open();
    if (this.#bound || this.#binding) {
      throw failure('ERR_SOCKET_ALREADY_BOUND', 'Socket is already bound');
    }
    const callback = values.findLast((value) => typeof value === 'function') as () => void;
    if (callback !== undefined) this.once('listening', callback);
    const [first, second] = values;
    const options =
      typeof first === 'object' && first !== null
        ? (first as dgram.BindOptions)
        : { port: first as number, address: typeof second === 'string' ? second : undefined };
    this.#binding = true;
    const any = this.#family === 6 ? '::' : '0.0.0.0';
    this.#resolve(Number(options.port ?? 0), options.address || any, (error, address) => {
      this.#binding = false;
      try {
        if (error !== null) throw error;
        this.#socket.bind(address as SockAddr);
      } catch (reason) {
        this.emit('error', reason);
        return;
      }
      this.#listening();
    });
    return this;
  }

  get #driver(): Driver {
    return (this.#socket.constructor as typeof Socket).driver;
  }

  /** Runs a function once the socket is bound, and binds the socket if nobody did. */
  #whenBound(run: () => void): void {
    if (this.#bound) {
      run();
      return;
    }
    this.once('listening', run);
    if (!this.#binding) this.bind(0);
  }

  connect(port: number, ...rest: unknown[]): void {
    this.#open();
    if (this.#connected) throw failure('ERR_SOCKET_DGRAM_IS_CONNECTED', 'Already connected');
    const callback = rest.findLast((value) => typeof value === 'function') as
      | ((error?: Error) => void)
      | undefined;
    const host = typeof rest[0] === 'string' && rest[0] !== '' ? rest[0] : this.#loopback;
    this.#connected = true;
    this.#whenBound(() =>
      this.#resolve(port, host, (error, address) => {
        try {
          if (error !== null) throw error;
          this.#socket.connect(address as SockAddr);
        } catch (reason) {
          this.#connected = false;
          if (callback === undefined) this.emit('error', reason);
          else callback(reason as Error);
          return;
        }
        if (callback !== undefined) this.once('connect', callback);
        this.emit('connect');
      }),
    );
  }

  get #loopback(): string {
    return this.#family === 6 ? '::1' : '127.0.0.1';
  }

  /** `send(msg[, offset, length][, port][, address][, callback])`, or a path or a SockAddr in place of port and address. */
  send(message: unknown, ...rest: unknown[]): void {
    this.#open();
    const { bytes, port, address, callback } = sendArguments(
      bytesOf(message),
      rest,
      this.#connected,
    );
    this.#queued += 1;
    this.#queuedBytes += bytes.length;
    const sent = (error: Error | null, count?: number): void => {
      this.#queued -= 1;
      this.#queuedBytes -= bytes.length;
      if (callback !== undefined) callback(error, count);
      else if (error !== null) this.#failed(error);
    };
    const go = (to: SockAddr | undefined): void => {
      this.#transmit(bytes, to).then(
        (count) => process.nextTick(sent, null, count),
        (error: Error) => process.nextTick(sent, error),
      );
    };
    const to =
      port === undefined && address === undefined ? undefined : (address ?? this.#loopback);
    this.#whenBound(() => {
      if (to === undefined) go(undefined);
      else
        this.#resolve(port ?? 0, to, (error, found) => (error === null ? go(found) : sent(error)));
    });
  }

  async #transmit(bytes: Uint8Array, to: SockAddr | undefined): Promise<number> {
    for (;;) {
      const count =
        to === undefined ? this.#socket.trySend(bytes) : this.#socket.trySendTo(bytes, to);
      if (count !== undefined) return count;
      await this.#socket.writable();
    }
  }

  close(callback?: () => void): this {
    this.#open();
    if (callback !== undefined) this.once('close', callback);
    this.#closed = true;
    this.#socket.close();
    process.nextTick(() => this.emit('close'));
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) await new Promise<void>((resolve) => this.close(() => resolve()));
  }

  address(): NodeAddress {
    this.#open();
    return nodeAddress(() => this.#socket.localAddr(), false);
  }

  remoteAddress(): NodeAddress {
    this.#open();
    if (!this.#connected) throw failure('ERR_SOCKET_DGRAM_NOT_CONNECTED', 'Not connected');
    return nodeAddress(() => this.#socket.peerAddr(), false);
  }

  getRecvBufferSize(): number {
    return this.#socket.recvBufferSize();
  }

  getSendBufferSize(): number {
    return this.#socket.sendBufferSize();
  }

  setRecvBufferSize(size: number): void {
    this.#socket.setRecvBufferSize(size);
  }

  setSendBufferSize(size: number): void {
    this.#socket.setSendBufferSize(size);
  }

  getSendQueueCount(): number {
    return this.#queued;
  }

  getSendQueueSize(): number {
    return this.#queuedBytes;
  }

  setBroadcast(on: boolean): void {
    this.#socket.setBroadcast(on);
  }

  setTTL(ttl: number): number {
    if (this.#family === 6) this.#socket.setUnicastHopsV6(ttl);
    else this.#socket.setTtl(ttl);
    return ttl;
  }

  setMulticastTTL(ttl: number): number {
    if (this.#family === 6) this.#socket.setMulticastHopsV6(ttl);
    else this.#socket.setMulticastTtlV4(ttl);
    return ttl;
  }

  setMulticastLoopback(on: boolean): boolean {
    if (this.#family === 6) this.#socket.setMulticastLoopV6(on);
    else this.#socket.setMulticastLoopV4(on);
    return on;
  }

  setMulticastInterface(address: string): void {
    if (this.#family === 6) this.#socket.setMulticastIfV6(this.#scopeOf(address));
    else this.#socket.setMulticastIfV4(address);
  }

  addMembership(group: string, address?: string): void {
    if (this.#family === 6) this.#socket.joinMulticastV6(group, this.#scopeOf(address));
    else this.#socket.joinMulticastV4(group, address ?? '0.0.0.0');
  }

  dropMembership(group: string, address?: string): void {
    if (this.#family === 6) this.#socket.leaveMulticastV6(group, this.#scopeOf(address));
    else this.#socket.leaveMulticastV4(group, address ?? '0.0.0.0');
  }

  addSourceSpecificMembership(source: string, group: string, address?: string): void {
    if (this.#family === 6) this.#socket.joinSsmV6(source, group, this.#scopeOf(address));
    else this.#socket.joinSsmV4(source, group, address ?? '0.0.0.0');
  }

  dropSourceSpecificMembership(source: string, group: string, address?: string): void {
    if (this.#family === 6) this.#socket.leaveSsmV6(source, group, this.#scopeOf(address));
    else this.#socket.leaveSsmV4(source, group, address ?? '0.0.0.0');
  }

  /** The index of the interface that node writes as a zone: `::%eth0` or `::%2`. */
  #scopeOf(address = ''): number {
    return scopeIdOf(address, this.#driver);
  }

  /** For node's interface. `ref` and `unref` do nothing: a wait always keeps the process alive. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
