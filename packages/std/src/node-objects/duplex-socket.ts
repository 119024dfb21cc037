import net from 'node:net';
import { Duplex, type DuplexOptions } from 'node:stream';
import type { Socket } from '@sock/core';
import { connectionError, nodeError, uvNumber } from '../node-errors.js';
import type { NetServer } from '../node-internals.js';
import { HAS_STREAM_HANDLE } from '../runtime.js';
import { StreamHandle } from './stream-handle.js';
import { streamMembers } from './stream-members.js';

/** Options of {@link DuplexSocket}. */
export interface DuplexSocketOptions extends DuplexOptions {
  /** Whether the Socket is still connecting. Default: `false`. */
  readonly connecting?: boolean;
  /** Whether reading waits until `resume()`, as the option of `net.Server` does. Default: `false`. */
  readonly pauseOnCreate?: boolean;
}

type Callback = (error?: Error | null) => void;
interface Chunk {
  readonly chunk: unknown;
  readonly encoding: BufferEncoding;
}

const bytesOf = (chunk: unknown, encoding: BufferEncoding): Uint8Array =>
  typeof chunk === 'string' ? Buffer.from(chunk, encoding) : (chunk as Uint8Array);

/** The members of node's class that DuplexSocket has from it, below. */
type Borrowed = Omit<net.Socket, keyof Duplex | 'connect' | 'resetAndDestroy'>;

// The members are put onto the prototype at the end of this file.
// oxlint-disable-next-line no-unsafe-declaration-merging
export interface DuplexSocket extends Borrowed {
  _handle: StreamHandle | null;
  _unrefTimer(): void;
  _reset(): this;
}

/**
 * A `net.Socket` without a descriptor: a Duplex that has the interface and the events of node's class
 * and works on a Socket of any backend, over its `readable()` and `writable()`. Whatever node's class does
 * above its handle, such as time-outs, addresses and counters, is node's own code.
 *
 * It is not `instanceof net.Socket`: node would hand its handle to C++ (tls, http2, child_process).
 */
export class DuplexSocket extends Duplex {
  connecting: boolean;
  /** The server that accepted it. `_server` is used to count the server's connections, as in node. */
  server: NetServer | null = null;
  _server: NetServer | null = null;
  /** What node's class sets in its constructor, and its methods read. */
  _hadError = false;
  _parent: null = null;
  _host: string | null = null;
  _closeAfterHandlingError = false;
  _pendingData: unknown = null;
  _pendingEncoding = '';

  /** @param socket of a promise, the stream is connecting until the promise is settled */
  constructor(socket: Socket | Promise<Socket>, options: DuplexSocketOptions = {}) {
    const isLater = socket instanceof Promise;
    const { connecting = isLater, pauseOnCreate = false, ...rest } = options;
    super({
      allowHalfOpen: false,
      ...rest,
      emitClose: false,
      autoDestroy: true,
      decodeStrings: false,
    });
    this._handle = isLater ? null : this.#handleOf(socket);
    this.connecting = connecting;
    // As node's: after the peer has ended and this side with it, a write reports EPIPE.
    this.on('end', () => {
      if (!this.allowHalfOpen) this.write = this.#writeAfterEnd;
    });
    if (isLater) this.#awaitSocket(socket);
    else if (connecting) this.#awaitConnection(socket);
    if (pauseOnCreate) this.pause();
    else if (!connecting) this.read(0);
  }

  #handleOf(socket: Socket): StreamHandle {
    // As libuv does: another thread or process may use the same socket.
    socket.setNonblocking(true);
    return new StreamHandle(socket, {
      received: (chunk) => this.push(chunk),
      ended: () => {
        this.push(null);
        // So that `end` is emitted without a reader too.
        this.read(0);
      },
      failed: (error) => {
        if (!this.destroyed) this.destroy(error);
      },
      active: () => this._unrefTimer(),
    });
  }

  #awaitConnection(socket: Socket): void {
    this._handle?.whenConnected((error) => {
      if (!this.destroyed) this.#connected(error ?? connectionError(socket));
    });
  }

  /** Takes the socket over once it is there, or closes it if the stream was destroyed before. */
  #awaitSocket(later: Promise<Socket>): void {
    // Outside of the promise: what a listener throws is an uncaught exception, as with node.
    later.then(
      (socket) => {
        if (this.destroyed) socket.close();
        else {
          this._handle = this.#handleOf(socket);
          process.nextTick(() => {
            if (!this.destroyed) this.#connected(null);
          });
        }
      },
      (error: Error) => {
        process.nextTick(() => {
          if (!this.destroyed) this.#connected(error);
        });
      },
    );
  }

  #connected(failure: Error | null): void {
    this.connecting = false;
    if (failure !== null) {
      this.destroy(failure);
      return;
    }
    this.emit('connect');
    this.emit('ready');
    if (!this.isPaused()) this.read(0);
  }

  override _write(chunk: unknown, encoding: BufferEncoding, callback: Callback): void {
    this.#writeChunks([{ chunk, encoding }], chunk, encoding, callback);
  }

  override _writev(chunks: Chunk[], callback: Callback): void {
    this.#writeChunks(chunks, chunks, '', callback);
  }

  #writeChunks(
    chunks: Chunk[],
    pending: unknown,
    encoding: BufferEncoding | '',
    callback: Callback,
  ): void {
    if (!this.connecting) {
      this._pendingData = null;
      this._pendingEncoding = '';
      if (this._handle === null) {
        callback(nodeError('ERR_SOCKET_CLOSED', 'Socket is closed'));
        return;
      }
      this._unrefTimer();
      const list = chunks.map((each) => bytesOf(each.chunk, each.encoding));
      this._handle.write(list, callback);
      return;
    }
    this._pendingData = pending;
    this._pendingEncoding = encoding;
    const closed = (): void => {
      const message = 'Socket closed before the connection was established';
      callback(nodeError('ERR_SOCKET_CLOSED_BEFORE_CONNECTION', message));
    };
    this.once('close', closed);
    this.once('connect', () => {
      this.off('close', closed);
      this.#writeChunks(chunks, pending, encoding, callback);
    });
  }

  /** Replaces `write` once the peer has ended and this side with it. */
  #writeAfterEnd(...values: unknown[]): boolean {
    if (!this.writableEnded) return Reflect.apply(Duplex.prototype.write, this, values) as boolean;
    const error = nodeError('EPIPE', 'This socket has been ended by the other party');
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
    if (this._handle === null) {
      callback();
      return;
    }
    const status = this._handle.shutdown({ oncomplete: () => callback() });
    if (status === 0) return;
    // ENOTCONN: the connection is gone, so there is nothing to end.
    if (status === uvNumber('ENOTCONN')) callback();
    else
      callback(
        Object.assign(nodeError('EIO', 'shutdown failed'), { errno: status, syscall: 'shutdown' }),
      );
  }

  /** Always throws: the Socket was connected before. Node's class would connect again. */
  connect(): never {
    throw nodeError(
      'ERR_SOCK_UNSUPPORTED',
      'a DuplexSocket cannot connect again: connect a new Socket and convert it',
    );
  }

  /** Closes the connection by a reset: SO_LINGER of 0. Without that option it closes as `destroy()`. */
  resetAndDestroy(): this {
    if (this._handle === null)
      return this.destroy(nodeError('ERR_SOCKET_CLOSED', 'Socket is closed'));
    if (!this._handle.isTcp) {
      const message = 'This handle type cannot be sent';
      throw Object.assign(new TypeError(message), { code: 'ERR_INVALID_HANDLE_TYPE' });
    }
    if (this.connecting) this.once('connect', () => this._reset());
    else this._reset();
    return this;
  }
}

/** Members of node's class that read its C++ state, and what that state is for. */
const OWN_ONLY = new Set<string | symbol>(['constructor', '_writeGeneric']);

// Node's own code above the handle. A member that a later version of node adds is there too.
const source = HAS_STREAM_HANDLE ? net.Socket.prototype : streamMembers;
for (const name of Reflect.ownKeys(source)) {
  if (OWN_ONLY.has(name) || Object.hasOwn(DuplexSocket.prototype, name)) continue;
  const member = Object.getOwnPropertyDescriptor(source, name);
  if (member !== undefined) Object.defineProperty(DuplexSocket.prototype, name, member);
}
