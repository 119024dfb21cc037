import { Duplex, type DuplexOptions } from 'node:stream';
import type { Socket } from '@sock/core';

const CHUNK = 65536;

/** What a {@link DuplexSocket} is made with. */
export interface DuplexSocketOptions extends DuplexOptions {
  readonly connecting?: boolean;
  readonly pauseOnCreate?: boolean;
}

/**
 * A `net.Socket` without a descriptor: a Duplex with its interface and events, over `readable()` and
 * `writable()` of any backend's Socket.
 */
export class DuplexSocket extends Duplex {
  readonly #socket: Socket;
  #buffer = new Uint8Array(CHUNK);
  #timer: NodeJS.Timeout | undefined;
  #reading = false;
  #hadError = false;
  connecting: boolean;
  pending: boolean;
  timeout = 0;
  bytesRead = 0;
  bytesWritten = 0;

  constructor(socket: Socket, options: DuplexSocketOptions = {}) {
    const { connecting = false, pauseOnCreate = false, ...rest } = options;
    super({ allowHalfOpen: false, ...rest, emitClose: false, autoDestroy: true });
    this.#socket = socket;
    this.connecting = connecting;
    this.pending = connecting;
    if (connecting) this.#awaitConnection();
    else if (!pauseOnCreate) this.read(0);
  }

  #awaitConnection(): void {
    this.#socket.writable().then(
      () => {
        const error = this.#socket.takeError();
        this.connecting = false;
        this.pending = false;
        if (error !== null) {
          this.destroy(error);
          return;
        }
        this.emit('connect');
        this.emit('ready');
        this.read(0);
      },
      (error: Error) => this.#fail(error),
    );
  }

  /** What ends a wait after the socket was closed is no error of the stream. */
  #fail(error: Error): void {
    if (!this.destroyed) this.destroy(error);
  }

  override _read(): void {
    if (this.connecting) {
      this.once('connect', () => this._read());
      return;
    }
    if (this.#reading) return;
    this.#reading = true;
    this.#receive().then(
      () => {
        this.#reading = false;
      },
      (error: Error) => this.#fail(error),
    );
  }

  async #receive(): Promise<void> {
    for (;;) {
      const length = this.#socket.tryRecv(this.#buffer);
      if (length === undefined) {
        await this.#socket.readable();
        if (this.destroyed) return;
        continue;
      }
      this.#active();
      if (length === 0) {
        this.push(null);
        return;
      }
      this.bytesRead += length;
      // The chunk is the consumer's from here on; a large one takes the buffer with it.
      const chunk = Buffer.from(this.#buffer.buffer, 0, length);
      if (length > CHUNK / 2) {
        this.#buffer = new Uint8Array(CHUNK);
        if (!this.push(chunk)) return;
      } else if (!this.push(Buffer.from(chunk))) {
        return;
      }
    }
  }

  override _write(
    chunk: Buffer,
    _: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#send(chunk).then(() => callback(), callback);
  }

  async #send(chunk: Uint8Array): Promise<void> {
    if (this.connecting) await new Promise((resolve) => this.once('connect', resolve));
    for (let sent = 0; sent < chunk.length;) {
      const count = this.#socket.trySend(chunk.subarray(sent));
      if (count === undefined) {
        await this.#socket.writable();
        continue;
      }
      sent += count;
      this.bytesWritten += count;
      this.#active();
    }
  }

  override _final(callback: (error?: Error | null) => void): void {
    try {
      this.#socket.shutdown('write');
      callback();
    } catch (error) {
      // The peer has gone: there is nothing left to end.
      const gone = (error as { code?: string }).code === 'ENOTCONN';
      callback(gone ? null : (error as Error));
    }
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.#hadError = error !== null;
    let failure = error;
    try {
      this.#socket.close();
    } catch (closing) {
      failure ??= closing as Error;
    }
    callback(failure);
    process.nextTick(() => this.emit('close', this.#hadError));
  }

  /** Half-closes, and destroys when everything was written: node's `destroySoon`. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Closes with a reset: SO_LINGER of 0, where the backend has it. */
  resetAndDestroy(): this {
    if (this.#socket.supports('setLinger').level !== 'unsupported') this.#socket.setLinger(0);
    return this.destroy();
  }

  #active(): void {
    this.#timer?.refresh();
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

  setNoDelay(on = true): this {
    if (!this.destroyed) this.#socket.setNodelay(on);
    return this;
  }

  setKeepAlive(on = false, initialDelay = 0): this {
    if (this.destroyed) return this;
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

  address(): { address?: string; port?: number; family?: string } {
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

  #remote(): { address?: string; port?: number; family?: string } {
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

/** An address in node's form; empty where there is none. */
export function addressOf(
  read: () => { isIpv4(): boolean; isIpv6(): boolean; address: string; port: number },
  closed: boolean,
): { address?: string; port?: number; family?: string } {
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
