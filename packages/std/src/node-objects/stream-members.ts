/**
 * The members of a `net.Socket` above its handle, for runtimes whose own class works on handles of another
 * kind than node's: Bun. Elsewhere {@link DuplexSocket} has these members from node's class.
 */
import { Duplex } from 'node:stream';
import { invalidArgument, outOfRange, systemError } from '../node-errors.js';
import type { DuplexSocket } from './duplex-socket.js';
import type { StreamHandle } from './stream-handle.js';

/** What the members keep on the stream, as node's class does. */
type Stream = DuplexSocket & {
  _handle: StreamHandle | null;
  timeout?: number;
  _onTimeout(): void;
  _getsockname(): object;
  resetAndClosing?: boolean;
  writableBuffer?: readonly { readonly chunk: unknown; readonly encoding: BufferEncoding }[];
};

interface Kept {
  timer?: NodeJS.Timeout | undefined;
  bytesRead: number;
  bytesWritten: number;
}

const kept = new WeakMap<object, Kept>();

function keptOf(stream: object): Kept {
  let found = kept.get(stream);
  if (found === undefined) kept.set(stream, (found = { bytesRead: 0, bytesWritten: 0 }));
  return found;
}

const lengthOf = (chunk: unknown, encoding: string): number =>
  typeof chunk === 'string'
    ? Buffer.byteLength(chunk, encoding as BufferEncoding)
    : (chunk as Uint8Array).length;

/** An address of the connection; an empty object where there is none. */
function addressOf(stream: Stream, which: 'getsockname' | 'getpeername'): Record<string, unknown> {
  const out = {};
  if (stream.connecting) return out;
  const status = stream._handle?.[which]?.(out);
  return status === 0 ? out : {};
}

/** Throws the error of a call of the handle. */
function check(status: number | undefined, syscall: string): void {
  if (status !== undefined && status < 0) throw systemError(status, syscall);
}

/** The members, to be put onto a prototype. */
export const streamMembers = {
  _read(this: Stream): void {
    const { _handle: handle } = this;
    if (this.connecting || handle === null) this.once('connect', () => this._read(0));
    else if (!handle.reading) handle.readStart();
  },

  _destroy(this: Stream, error: Error | null, callback: (error?: Error | null) => void): void {
    this.connecting = false;
    const own = keptOf(this);
    clearTimeout(own.timer);
    const { _handle: handle } = this;
    const closed = (): boolean => this.emit('close', error !== null);
    if (handle === null) {
      callback(error);
      process.nextTick(closed);
    } else {
      own.bytesRead = handle.bytesRead;
      own.bytesWritten = handle.bytesWritten;
      const status = this.resetAndClosing === true ? handle.reset(closed) : 0;
      if (this.resetAndClosing !== true) handle.close(closed);
      this._handle = null;
      if (status < 0) this.emit('error', systemError(status, 'reset'));
      callback(error);
    }
    if (this._server === null) return;
    this._server._connections -= 1;
    this._server._emitCloseIfDrained();
    this._server = null;
  },

  destroySoon(this: Stream): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  },

  _reset(this: Stream): Stream {
    this.resetAndClosing = true;
    return this.destroy() as Stream;
  },

  // Node's class reads at once; Bun's asks its handle.
  pause: Duplex.prototype.pause,
  resume: Duplex.prototype.resume,
  read: Duplex.prototype.read,
  end: Duplex.prototype.end,

  ref(this: Stream): Stream {
    if (this._handle === null) this.once('connect', () => this.ref());
    else this._handle.ref();
    return this;
  },

  unref(this: Stream): Stream {
    if (this._handle === null) this.once('connect', () => this.unref());
    else this._handle.unref();
    return this;
  },

  setNoDelay(this: Stream, on = true): Stream {
    if (this._handle === null) this.once('connect', () => this.setNoDelay(on));
    else this._handle.setNoDelay?.(Boolean(on));
    return this;
  },

  setKeepAlive(this: Stream, on = false, milliseconds = 0): Stream {
    if (this._handle === null) this.once('connect', () => this.setKeepAlive(on, milliseconds));
    else this._handle.setKeepAlive?.(Boolean(on), Math.trunc(milliseconds / 1000));
    return this;
  },

  setTypeOfService(this: Stream, tos: number): Stream {
    if (typeof tos !== 'number') {
      throw invalidArgument('ERR_INVALID_ARG_TYPE', 'The "tos" argument must be of type number');
    }
    if (!Number.isInteger(tos) || tos < 0 || tos > 255) {
      throw outOfRange('The value of "tos" must be an integer of 0 to 255');
    }
    check(this._handle?.setTypeOfService?.(tos), 'setTypeOfService');
    return this;
  },

  getTypeOfService(this: Stream): number {
    const found = this._handle?.getTypeOfService?.() ?? 0;
    check(found, 'getTypeOfService');
    return found;
  },

  setTimeout(this: Stream, milliseconds: number, callback?: () => void): Stream {
    if (this.destroyed) return this;
    if (typeof milliseconds !== 'number' || !(milliseconds >= 0) || milliseconds === Infinity) {
      throw outOfRange('The value of "msecs" must be a number >= 0');
    }
    if (callback !== undefined && typeof callback !== 'function') {
      throw invalidArgument('ERR_INVALID_ARG_TYPE', 'The "callback" argument must be a function');
    }
    this.timeout = milliseconds;
    const own = keptOf(this);
    clearTimeout(own.timer);
    own.timer = undefined;
    if (milliseconds === 0) {
      if (callback !== undefined) this.removeListener('timeout', callback);
      return this;
    }
    own.timer = setTimeout(() => this._onTimeout(), milliseconds).unref();
    if (callback !== undefined) this.once('timeout', callback);
    return this;
  },

  _onTimeout(this: Stream): void {
    this.emit('timeout');
  },

  _unrefTimer(this: Stream): void {
    keptOf(this).timer?.refresh();
  },

  address(this: Stream): object {
    return this._getsockname();
  },

  _getsockname(this: Stream): object {
    return addressOf(this, 'getsockname');
  },

  _getpeername(this: Stream): object {
    return addressOf(this, 'getpeername');
  },

  get localAddress(): unknown {
    return addressOf(this as unknown as Stream, 'getsockname')['address'];
  },
  get localPort(): unknown {
    return addressOf(this as unknown as Stream, 'getsockname')['port'];
  },
  get localFamily(): unknown {
    return addressOf(this as unknown as Stream, 'getsockname')['family'];
  },
  get remoteAddress(): unknown {
    return addressOf(this as unknown as Stream, 'getpeername')['address'];
  },
  get remotePort(): unknown {
    return addressOf(this as unknown as Stream, 'getpeername')['port'];
  },
  get remoteFamily(): unknown {
    return addressOf(this as unknown as Stream, 'getpeername')['family'];
  },

  get bytesRead(): number {
    const stream = this as unknown as Stream;
    return stream._handle?.bytesRead ?? keptOf(stream).bytesRead;
  },
  get _bytesDispatched(): number {
    const stream = this as unknown as Stream;
    return stream._handle?.bytesWritten ?? keptOf(stream).bytesWritten;
  },
  /** What was given to the handle, and what waits for it. */
  get bytesWritten(): number {
    const stream = this as unknown as Stream & { readonly _bytesDispatched: number };
    let bytes = stream._bytesDispatched;
    for (const { chunk, encoding } of stream.writableBuffer ?? []) {
      bytes += lengthOf(chunk, encoding);
    }
    const { _pendingData: pending } = stream;
    if (Array.isArray(pending)) {
      for (const { chunk, encoding } of pending) bytes += lengthOf(chunk, encoding);
    } else if (pending !== null) bytes += lengthOf(pending, stream._pendingEncoding);
    return bytes;
  },
  get bufferSize(): number | undefined {
    const stream = this as unknown as Stream;
    return stream._handle === null ? undefined : stream.writableLength;
  },
  get pending(): boolean {
    const stream = this as unknown as Stream;
    return stream._handle === null || stream.connecting;
  },
  get _connecting(): boolean {
    return (this as unknown as Stream).connecting;
  },
  get readyState(): string {
    const { connecting, readable, writable } = this as unknown as Stream;
    if (connecting) return 'opening';
    if (readable && writable) return 'open';
    if (readable) return 'readOnly';
    return writable ? 'writeOnly' : 'closed';
  },
};
