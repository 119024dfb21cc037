import { EventEmitter } from 'node:events';
import type net from 'node:net';
import type { Socket } from '@sock/core';
import { addressOf, DuplexSocket } from './duplex-socket.js';

/** A `net.Server` without a descriptor, over `readable()` of any backend's listening Socket. */
export class DuplexServer extends EventEmitter {
  readonly #socket: Socket;
  readonly #connections = new Set<DuplexSocket>();
  readonly #options: { allowHalfOpen?: boolean | undefined; pauseOnConnect?: boolean | undefined };
  listening = true;
  maxConnections: number | undefined;

  constructor(
    socket: Socket,
    options: { allowHalfOpen?: boolean | undefined; pauseOnConnect?: boolean | undefined } = {},
    onConnection?: (socket: net.Socket) => void,
  ) {
    super();
    this.#socket = socket;
    this.#options = options;
    if (onConnection !== undefined)
      this.on('connection', onConnection as (stream: unknown) => void);
    process.nextTick(() => {
      if (this.listening) this.emit('listening');
    });
    this.#accept().catch((error: Error) => {
      if (this.listening) this.emit('error', error);
    });
  }

  async #accept(): Promise<void> {
    while (this.listening) {
      const accepted = this.#socket.tryAccept();
      if (accepted === undefined) {
        await this.#socket.readable();
        continue;
      }
      const [connection] = accepted;
      if (this.maxConnections !== undefined && this.#connections.size >= this.maxConnections) {
        connection.close();
        this.emit('drop');
        continue;
      }
      const { allowHalfOpen = false, pauseOnConnect = false } = this.#options;
      const stream = new DuplexSocket(connection, { allowHalfOpen, pauseOnCreate: pauseOnConnect });
      this.#connections.add(stream);
      stream.once('close', () => {
        this.#connections.delete(stream);
        this.#closed();
      });
      this.emit('connection', stream);
    }
  }

  #closed(): void {
    if (!this.listening && this.#connections.size === 0) this.emit('close');
  }

  close(callback?: (error?: Error) => void): this {
    if (callback !== undefined) {
      if (this.listening) this.once('close', () => callback());
      else {
        const error = Object.assign(new Error('Server is not running.'), {
          code: 'ERR_SERVER_NOT_RUNNING',
        });
        process.nextTick(callback, error);
      }
    }
    if (!this.listening) return this;
    this.listening = false;
    this.#socket.close();
    process.nextTick(() => this.#closed());
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.listening) await new Promise<void>((resolve) => this.close(() => resolve()));
  }

  address(): { address?: string; port?: number; family?: string } | null {
    return this.listening ? addressOf(() => this.#socket.localAddr(), false) : null;
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this.#connections.size);
    return this;
  }

  /** Waiting keeps the process alive, which these can't change: kept for node's interface. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
