import { Duplex, type DuplexOptions } from 'node:stream';
import type { Socket } from '@sock/core';
import { nodeAddress, type NodeAddress } from '../node-address.js';
import { asCall, connectionError } from '../node-errors.js';
import type { NetServer } from '../node-internals.js';
import { CALLS_PER_TURN, whenReadable } from './readable-callback.js';

/** Bytes of the buffer that a receive may fill. */
const BUFFER_SIZE = 65536;

/** Options of {@link DuplexSocket}. */
export interface DuplexSocketOptions extends DuplexOptions {
  /** Whether the Socket is still connecting. Default: `false`. */
  readonly connecting?: boolean;
  /** Whether reading waits until `resume()`, as the option of `net.Server` does. Default: `false`. */
  readonly pauseOnCreate?: boolean;
}

type Callback = (error?: Error | null) => void;

/**
 * A `net.Socket` without a descriptor: a Duplex that has the interface and the events of node's class
 * and works on a Socket of any backend, over its `readable()` and `writable()`.
 */
export class DuplexSocket extends Duplex {
  readonly #socket: Socket;
  #buffer = new Uint8Array(BUFFER_SIZE);
  #timer: NodeJS.Timeout | undefined;
  /** Whether it waits for data or is receiving. */
  #reading = false;
  /** Whether the stream has asked for more since the last chunk. */
  #asked = false;
  connecting: boolean;
  timeout = 0;
  bytesRead = 0;
  bytesWritten = 0;
  /** The server that accepted it. `_server` is used to count the server's connections, as in node. */
  server: NetServer | null = null;
  _server: NetServer | null = null;

  constructor(socket: Socket, options: DuplexSocketOptions = {}) {
    const { connecting = false, pauseOnCreate = false, ...rest } = options;
    super({ allowHalfOpen: false, ...rest, emitClose: false, autoDestroy: true });
    this.#socket = socket;
    this.connecting = connecting;
    // As node's: after the peer has ended and this side with it, a write reports EPIPE.
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
    for (let taken = 0; taken < CALLS_PER_TURN && !this.destroyed; taken += 1) {
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
        // So that `end` is emitted without a reader too.
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

  /** The received bytes, for the consumer to keep: a small chunk is copied, a large one is the buffer. */
  #chunk(length: number): Buffer {
    const chunk = Buffer.from(this.#buffer.buffer, 0, length);
    if (length <= BUFFER_SIZE / 2) return Buffer.from(chunk);
    this.#buffer = new Uint8Array(BUFFER_SIZE);
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

  /** Sends at once what the system accepts, so that it is sent even if `destroy()` follows. */
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

  /** Replaces `write` once the peer has ended and this side with it. */
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
      // ENOTCONN: the connection is gone, so there is nothing to end.
      if ((error as { code?: string }).code !== 'ENOTCONN') {
        callback(asCall(error as Error, 'shutdown'));
        return;
      }
    }
    // libuv calls back in its next turn too.
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

  /** Ends the writing half, and destroys the socket once everything is written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Closes the connection by a reset: SO_LINGER of 0. Without that option it closes as `destroy()`. */
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

  /** TCP options are ignored on other sockets, as in node. */
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

  /** For node's interface. `ref` and `unref` do nothing: a wait always keeps the process alive. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  address(): NodeAddress {
    return nodeAddress(() => this.#socket.localAddr(), this.destroyed);
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

  #remote(): NodeAddress {
    return nodeAddress(() => this.#socket.peerAddr(), this.destroyed);
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
