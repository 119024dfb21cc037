import { Duplex, type DuplexOptions } from 'node:stream';
import type { SockAddr, Socket } from '@sock/core';
import type { NetServer } from '../node-internals.js';
import { asCall, connectionError } from '../convert/socket-kind.js';
import { BATCH, whenReadable } from './readable-callback.js';

const CHUNK = 65536;

/** What a {@link DuplexSocket} is made with. */
export interface DuplexSocketOptions extends DuplexOptions {
  readonly connecting?: boolean;
  readonly pauseOnCreate?: boolean;
}

type Callback = (error?: Error | null) => void;

/**
 * A `net.Socket` without a descriptor: a Duplex with its interface and events, over `readable()` and
 * `writable()` of any backend's Socket.
 */
export class DuplexSocket extends Duplex {
  readonly #socket: Socket;
  #buffer = new Uint8Array(CHUNK);
  #timer: NodeJS.Timeout | undefined;
  /** Whether a wait is under way, or its answer being taken. */
  #reading = false;
  /** Whether the stream asked for more since the last chunk. */
  #asked = false;
  connecting: boolean;
  timeout = 0;
  bytesRead = 0;
  bytesWritten = 0;
  /** The server that accepted it, as node's have it; its count of connections is kept by `_server`. */
  server: NetServer | null = null;
  _server: NetServer | null = null;

  constructor(socket: Socket, options: DuplexSocketOptions = {}) {
    const { connecting = false, pauseOnCreate = false, ...rest } = options;
    super({ allowHalfOpen: false, ...rest, emitClose: false, autoDestroy: true });
    this.#socket = socket;
    this.connecting = connecting;
    // As node's does, when both ends have ended without anybody looking.
    this.on('end', () => {
      if (!this.allowHalfOpen) this.write = this.#writeAfterEnd;
    });
    if (connecting) this.#awaitConnection();
    if (pauseOnCreate) this.pause();
    else if (!connecting) this.read(0);
  }

  #awaitConnection(): void {
    const done = (error: Error | null): void => {
      if (this.destroyed) return;
      const failure = error ?? connectionError(this.#socket);
      this.connecting = false;
      if (failure !== null) {
        this.destroy(failure);
        return;
      }
      this.emit('connect');
      this.emit('ready');
      if (!this.isPaused()) this.read(0);
    };
    this.#socket.writable().then(
      () => process.nextTick(done, null),
      (error: Error) => process.nextTick(done, error),
    );
  }

  get pending(): boolean {
    return this.connecting || this.destroyed;
  }

  override _read(): void {
    this.#asked = true;
    if (this.connecting) this.once('connect', () => this._read());
    else if (!this.#reading) this.#wait();
  }

  #wait(): void {
    this.#reading = true;
    whenReadable(
      this.#socket,
      () => this.#receive(),
      (error) => {
        if (!this.destroyed) this.destroy(error);
      },
    );
  }

  #receive(): void {
    for (let taken = 0; taken < BATCH && !this.destroyed; taken += 1) {
      let length: number | undefined;
      try {
        length = this.#socket.tryRecv(this.#buffer);
      } catch (error) {
        this.destroy(asCall(error as Error, 'read'));
        return;
      }
      if (length === undefined) break;
      this.#timer?.refresh();
      if (length === 0) {
        this.push(null);
        // Without a reader too, the end is to be seen.
        this.read(0);
        return;
      }
      this.bytesRead += length;
      this.#asked = false;
      if (!this.push(this.#chunk(length)) && !this.#asked) {
        this.#reading = false;
        return;
      }
    }
    if (!this.destroyed) this.#wait();
  }

  /** The chunk is the consumer's from here on; a large one takes the buffer with it. */
  #chunk(length: number): Buffer {
    const chunk = Buffer.from(this.#buffer.buffer, 0, length);
    if (length <= CHUNK / 2) return Buffer.from(chunk);
    this.#buffer = new Uint8Array(CHUNK);
    return chunk;
  }

  override _write(chunk: Buffer, _: BufferEncoding, callback: Callback): void {
    if (!this.connecting) {
      this.#send(chunk, callback);
      return;
    }
    const closed = (): void => {
      const message = 'Socket closed before the connection was established';
      callback(Object.assign(new Error(message), { code: 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION' }));
    };
    this.once('close', closed);
    this.once('connect', () => {
      this.off('close', closed);
      this.#send(chunk, callback);
    });
  }

  /** At once as far as it goes: who writes and then destroys has written. */
  #send(chunk: Uint8Array, callback: Callback): void {
    let rest = chunk;
    try {
      while (rest.length > 0) {
        const count = this.#socket.trySend(rest);
        if (count === undefined) break;
        rest = rest.subarray(count);
        this.bytesWritten += count;
        this.#timer?.refresh();
      }
    } catch (error) {
      callback(asCall(error as Error, 'write'));
      return;
    }
    if (rest.length === 0) callback();
    else {
      this.#socket.writable().then(
        () => process.nextTick(() => this.#send(rest, callback)),
        (error: Error) => process.nextTick(callback, asCall(error, 'write')),
      );
    }
  }

  /** What `write` becomes when the peer has ended and this side with it. */
  #writeAfterEnd(...values: unknown[]): boolean {
    if (!this.writableEnded) return Reflect.apply(Duplex.prototype.write, this, values) as boolean;
    const error = Object.assign(new Error('This socket has been ended by the other party'), {
      code: 'EPIPE',
    });
    const callback = values.findLast((value) => typeof value === 'function');
    if (callback !== undefined) process.nextTick(callback as Callback, error);
    this.destroy(error);
    return false;
  }

  override _final(callback: Callback): void {
    if (this.connecting) {
      this.once('connect', () => this._final(callback));
      return;
    }
    try {
      this.#socket.shutdown('write');
    } catch (error) {
      // When the peer has gone there is nothing left to end.
      if ((error as { code?: string }).code !== 'ENOTCONN') {
        callback(asCall(error as Error, 'shutdown'));
        return;
      }
    }
    // As libuv, which tells in its next turn.
    setImmediate(callback);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.connecting = false;
    this.#socket.close();
    callback(error);
    setImmediate(() => this.emit('close', error !== null));
    if (this._server === null) return;
    this._server._connections -= 1;
    this._server._emitCloseIfDrained();
    this._server = null;
  }

  /** Half-closes, and destroys when everything was written: node's `destroySoon`. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Closes with a reset: SO_LINGER of 0, where the backend has it. */
  resetAndDestroy(): this {
    if (this.destroyed) return this;
    if (this.#socket.supports('linger').level !== 'unsupported') this.#socket.setLinger(0);
    return this.destroy();
  }

  setTimeout(milliseconds: number, callback?: () => void): this {
    clearTimeout(this.#timer);
    this.timeout = milliseconds;
    if (milliseconds === 0) {
      if (callback !== undefined) this.off('timeout', callback);
      return this;
    }
    this.#timer = setTimeout(() => this.emit('timeout'), milliseconds);
    this.#timer.unref();
    if (callback !== undefined) this.once('timeout', callback);
    return this;
  }

  /** As in node: what is not of TCP has no such thing, which is no error. */
  get #isTcp(): boolean {
    const domain = this.destroyed ? undefined : this.#socket.domain();
    return domain === 'ipv4' || domain === 'ipv6';
  }

  setNoDelay(on = true): this {
    if (this.#isTcp) this.#socket.setNodelay(on);
    return this;
  }

  setKeepAlive(on = false, initialDelay = 0): this {
    if (!this.#isTcp) return this;
    this.#socket.setKeepalive(on);
    if (on && initialDelay >= 1000) this.#socket.setTcpKeepalive({ time: initialDelay });
    return this;
  }

  /** Waiting keeps the process alive, which these can't change: kept for node's interface. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  address(): AddressOf {
    return addressOf(() => this.#socket.localAddr(), this.destroyed);
  }

  get localAddress(): string | undefined {
    return this.address().address;
  }

  get localPort(): number | undefined {
    return this.address().port;
  }

  get localFamily(): string | undefined {
    return this.address().family;
  }

  #remote(): AddressOf {
    return addressOf(() => this.#socket.peerAddr(), this.destroyed);
  }

  get remoteAddress(): string | undefined {
    return this.#remote().address;
  }

  get remotePort(): number | undefined {
    return this.#remote().port;
  }

  get remoteFamily(): string | undefined {
    return this.#remote().family;
  }

  get readyState(): string {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }
}

/** An address in node's form. */
export interface AddressOf {
  address?: string;
  port?: number;
  family?: string;
}

/** An address in node's form; empty where there is none. */
export function addressOf(read: () => SockAddr, closed: boolean): AddressOf {
  if (closed) return {};
  try {
    const found = read();
    if (!found.isIpv4() && !found.isIpv6()) return {};
    return {
      address: found.address,
      family: found.isIpv4() ? 'IPv4' : 'IPv6',
      port: found.port,
    };
  } catch {
    return {};
  }
}
