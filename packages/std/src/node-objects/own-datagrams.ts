/**
 * A `dgram.Socket` above its handle: node's checks, states, queue, callbacks and events, for runtimes whose own
 * class does not work on a handle that @sock/std can replace. In Node it is node's class itself.
 */
import dgram from 'node:dgram';
import { lookup } from 'node:dns';
import { errorMonitor } from 'node:events';
import { isIP } from 'node:net';
import { nodeError, systemError, wrongType } from '../node-errors.js';
import type { DgramHandle, DgramState } from '../node-internals.js';

const UNBOUND = 0;
const BINDING = 1;
const BOUND = 2;
const DISCONNECTED = 0;
const CONNECTING = 1;
const CONNECTED = 2;
/** UV_UDP_IPV6ONLY, UV_UDP_REUSEADDR and UV_UDP_REUSEPORT of libuv's uv.h. */
const IPV6_ONLY = 1;
const REUSE_ADDRESS = 4;
const REUSE_PORT = 64;
/** The buffers of `bufferSize`: whether it is that of receiving. */
const RECEIVE = true;
const SEND = false;

type Callback = (...values: never[]) => void;

/** The calls that {@link DatagramHandle} puts onto a handle. Each returns a negative number for an error. */
type Handle = DgramHandle & {
  bind(address: string, port: number, flags: number): number;
  connect(address: string, port: number): number;
  disconnect(): number;
  send(...values: unknown[]): number;
  recvStart(): number;
  recvStop(): number;
  getsockname(out: object): number;
  getpeername(out: object): number;
  bufferSize(size: number, ofReceive: boolean, context: object): number | undefined;
  getSendQueueSize(): number;
  getSendQueueCount(): number;
  ref(): void;
  unref(): void;
} & Record<OptionCall, (...values: unknown[]) => number>;

type OptionCall =
  | 'setBroadcast'
  | 'setTTL'
  | 'setMulticastTTL'
  | 'setMulticastLoopback'
  | 'setMulticastInterface'
  | 'addMembership'
  | 'dropMembership'
  | 'addSourceSpecificMembership'
  | 'dropSourceSpecificMembership';

interface State extends DgramState {
  handle: Handle | null;
  queue: (() => void)[] | undefined;
  readonly options: dgram.SocketOptions;
}

const states = new WeakMap<object, State>();

/** The state of a socket of this class; `undefined` for any other object. */
export const ownState = (socket: object): DgramState | undefined => states.get(socket);

const stateOf = (socket: object): State => states.get(socket) as State;

/** Resolves names as node does. An address stays as it is; none is the wildcard or the loopback address. */
function newHandle({ type, lookup: custom = lookup }: dgram.SocketOptions): Handle {
  const family = type === 'udp6' ? 6 : 4;
  return {
    fd: -1,
    open: () => -1,
    close(callback?: () => void) {
      if (callback !== undefined) setImmediate(callback);
    },
    lookup(address: string, callback: (error: Error | null, address?: string) => void) {
      const name = address || (family === 6 ? '::1' : '127.0.0.1');
      if (isIP(name) === family && custom === lookup) process.nextTick(callback, null, name);
      else (custom as typeof lookup)(name, { family }, callback as never);
    },
  } as unknown as Handle;
}

const portOf = (port: unknown): number => {
  const number = Number(port);
  const right =
    (typeof port === 'number' || (typeof port === 'string' && port.trim() !== '')) &&
    Number.isInteger(number) &&
    number > 0 &&
    number < 65536;
  if (right) return number;
  throw Object.assign(new RangeError(`Port should be > 0 and < 65536. Received ${String(port)}.`), {
    code: 'ERR_SOCKET_BAD_PORT',
  });
};

function bytesOf(part: unknown, name: string): Uint8Array {
  if (typeof part === 'string') return Buffer.from(part);
  if (!ArrayBuffer.isView(part)) {
    throw wrongType(name, 'of type string or an instance of Buffer, TypedArray, or DataView');
  }
  return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
}

/** A part of a message, as `send` with an offset and a length takes it. */
function partOf(message: unknown, offset: number, length: number): Uint8Array {
  const bytes = bytesOf(message, 'buffer');
  if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
    throw Object.assign(new RangeError('"offset" or "length" is outside of buffer bounds'), {
      code: 'ERR_BUFFER_OUT_OF_BOUNDS',
    });
  }
  return bytes.subarray(offset, offset + length);
}

/** Has the interface of node's class, and is `instanceof dgram.Socket`; nothing of the runtime's class is used. */
export class OwnDatagrams extends dgram.Socket {
  declare readonly type: dgram.SocketType;

  constructor(options: dgram.SocketOptions) {
    // @ts-expect-error: node's constructor takes the options of `createSocket`; @types/node declares none
    super({ type: options.type });
    const handle = newHandle(options);
    states.set(this, {
      handle,
      bindState: UNBOUND,
      connectState: DISCONNECTED,
      queue: undefined,
      options,
    });
    Object.assign(handle, {
      onmessage: (length: number, _: unknown, bytes: Buffer | undefined, from: object) => {
        if (length < 0) this.emit('error', systemError(length, 'recvmsg'));
        else this.emit('message', bytes, Object.assign(from, { size: length }));
      },
      onerror: (_: unknown, __: unknown, error: Error) => this.emit('error', error),
    });
    const { signal } = options;
    const abort = (): void => {
      if (stateOf(this).handle !== null) this.close();
    };
    if (signal?.aborted === true) abort();
    else if (signal !== undefined) {
      signal.addEventListener('abort', abort, { once: true });
      this.once('close', () => signal.removeEventListener('abort', abort));
    }
  }

  get #handle(): Handle {
    const { handle } = stateOf(this);
    if (handle === null) throw nodeError('ERR_SOCKET_DGRAM_NOT_RUNNING', 'Not running');
    return handle;
  }

  override bind(...values: unknown[]): this {
    const handle = this.#handle;
    const state = stateOf(this);
    if (state.bindState !== UNBOUND) {
      throw nodeError('ERR_SOCKET_ALREADY_BOUND', 'Socket is already bound');
    }
    const [first, second] = values;
    const given = (typeof first === 'object' && first !== null ? first : {}) as dgram.BindOptions;
    const port = given === first ? given.port : typeof first === 'function' ? 0 : (first as number);
    const address =
      given === first ? given.address : typeof second === 'function' ? '' : (second as string);
    state.bindState = BINDING;
    const callback = values.at(-1);
    if (typeof callback === 'function') this.#onListening(callback as Callback);
    const any = this.type === 'udp6' ? '::' : '0.0.0.0';
    handle.lookup(address || any, (error, found = '') => {
      if (state.handle === null) return;
      if (error !== null) {
        state.bindState = UNBOUND;
        this.emit('error', error);
        return;
      }
      const { reuseAddr, reusePort, ipv6Only } = state.options as dgram.SocketOptions & {
        reusePort?: boolean;
      };
      const flags =
        (reuseAddr === true ? REUSE_ADDRESS : 0) |
        (reusePort === true ? REUSE_PORT : 0) |
        (ipv6Only === true ? IPV6_ONLY : 0);
      const status = handle.bind(found, Number(port) || 0, flags);
      if (status < 0) {
        state.bindState = UNBOUND;
        this.emit('error', systemError(status, 'bind', found, Number(port) || 0));
        return;
      }
      this.#listen(handle, state);
    });
    return this;
  }

  #onListening(callback: Callback): void {
    const listening = (): void => {
      this.off('error', failed);
      Reflect.apply(callback, this, []);
    };
    const failed = (): void => void this.off('listening', listening);
    this.once('listening', listening);
    this.once('error', failed);
  }

  #listen(handle: Handle, state: State): void {
    const { recvBufferSize, sendBufferSize } = state.options;
    handle.recvStart();
    state.bindState = BOUND;
    if (recvBufferSize) this.setRecvBufferSize(recvBufferSize);
    if (sendBufferSize) this.setSendBufferSize(sendBufferSize);
    this.emit('listening');
  }

  /** Binds if nothing has, and runs the call once the socket is bound. */
  #whenBound(run: () => void): void {
    const state = stateOf(this);
    if (state.bindState === UNBOUND) this.bind({ port: 0, exclusive: true });
    if (state.bindState === BOUND) {
      run();
      return;
    }
    if (state.queue !== undefined) {
      state.queue.push(run);
      return;
    }
    state.queue = [run];
    const settle = (bound: boolean): void => {
      this.off('listening', listening);
      this.off(errorMonitor as never, failed);
      const { queue = [] } = state;
      state.queue = undefined;
      if (bound) for (const each of queue) each();
    };
    const listening = (): void => settle(true);
    const failed = (): void => settle(false);
    this.once('listening', listening);
    this.once(errorMonitor as never, failed);
  }

  override connect(...values: unknown[]): void {
    const port = portOf(values[0]);
    const callback = values.find((value) => typeof value === 'function') as Callback | undefined;
    const address = typeof values[1] === 'string' ? values[1] : '';
    const state = stateOf(this);
    if (state.connectState !== DISCONNECTED) {
      throw nodeError('ERR_SOCKET_DGRAM_IS_CONNECTED', 'Already connected');
    }
    state.connectState = CONNECTING;
    if (callback !== undefined) this.once('connect', callback as () => void);
    const failed = (error: Error): void => {
      state.connectState = DISCONNECTED;
      if (callback === undefined) {
        this.emit('error', error);
        return;
      }
      this.off('connect', callback as () => void);
      Reflect.apply(callback, this, [error]);
    };
    this.#whenBound(() => {
      this.#handle.lookup(address, (error, found = '') => {
        if (state.handle === null) return;
        const status = error === null ? state.handle.connect(found, port) : 0;
        if (error !== null) failed(error);
        else if (status < 0) failed(systemError(status, 'connect', found, port));
        else {
          state.connectState = CONNECTED;
          process.nextTick(() => this.emit('connect'));
        }
      });
    });
  }

  override disconnect(): void {
    const state = stateOf(this);
    this.#needConnected(state);
    const status = this.#handle.disconnect();
    if (status < 0) throw systemError(status, 'connect');
    state.connectState = DISCONNECTED;
  }

  #needConnected({ connectState }: State): void {
    if (connectState !== CONNECTED) {
      throw nodeError('ERR_SOCKET_DGRAM_NOT_CONNECTED', 'Not connected');
    }
  }

  override send(...values: unknown[]): void {
    const connected = stateOf(this).connectState === CONNECTED;
    const callback = values.find((value, at) => at > 0 && typeof value === 'function') as
      | Callback
      | undefined;
    // Node tells the two forms apart in this way: with an offset and a length, the port comes after them.
    const hasPart = connected
      ? typeof values[2] === 'number'
      : Boolean(values[4]) || (Boolean(values[3]) && typeof values[3] !== 'function');
    const message = hasPart
      ? partOf(values[0], values[1] as number, values[2] as number)
      : values[0];
    const [port, address] = values
      .slice(hasPart ? 3 : 1)
      .map((value) => (typeof value === 'function' ? undefined : value));
    if (connected && (port || address)) {
      throw nodeError('ERR_SOCKET_DGRAM_IS_CONNECTED', 'Already connected');
    }
    const list = Array.isArray(message)
      ? message.map((part) => bytesOf(part, 'buffer list arguments'))
      : [bytesOf(message, 'buffer')];
    const to = connected ? 0 : portOf(port);
    if (address != null && typeof address !== 'string')
      throw wrongType('address', 'of type string');
    void this.#handle;
    this.#whenBound(() => {
      if (connected) {
        this.#sendTo(list, undefined, 0, callback);
        return;
      }
      this.#handle.lookup((address as string | undefined) ?? '', (error, found = '') => {
        if (error === null) this.#sendTo(list, found, to, callback);
        else if (callback === undefined) process.nextTick(() => this.emit('error', error));
        else process.nextTick(callback as (reason: Error) => void, error);
      });
    });
  }

  #sendTo(
    list: Uint8Array[],
    address: string | undefined,
    port: number,
    callback: Callback | undefined,
  ): void {
    const { handle } = stateOf(this);
    if (handle === null) return;
    const report = (error: Error | null, ...sent: number[]): void => {
      if (callback !== undefined) Reflect.apply(callback, undefined, [error, ...sent]);
    };
    const failure = (status: number): Error =>
      address === undefined
        ? systemError(status, 'send')
        : systemError(status, 'send', address, port);
    const request =
      callback === undefined
        ? {}
        : {
            oncomplete: (status: number, sent: number) =>
              status < 0 ? report(failure(status)) : report(null, sent),
          };
    const has = callback !== undefined;
    const status =
      address === undefined
        ? handle.send(request, list, list.length, has)
        : handle.send(request, list, list.length, port, address, has);
    // What was sent at once comes back as one more than its length.
    if (status >= 1) process.nextTick(report, null, status - 1);
    else if (status < 0 && has) process.nextTick(report, failure(status));
  }

  sendto(
    message: unknown,
    offset: number,
    length: number,
    port: number,
    address: string,
    callback?: Callback,
  ): void {
    const call = [message, offset, length, port, address, ...(callback ? [callback] : [])];
    Reflect.apply(this.send, this, call);
  }

  override close(callback?: () => void): this {
    if (typeof callback === 'function') this.on('close', callback);
    const state = stateOf(this);
    if (state.queue !== undefined) {
      state.queue.push(() => this.close());
      return this;
    }
    const handle = this.#handle;
    // Without a Socket there is nothing to stop.
    handle.recvStop?.();
    handle.close();
    state.handle = null;
    process.nextTick(() => this.emit('close'));
    return this;
  }

  override address(): ReturnType<dgram.Socket['address']> {
    const out = {};
    const status = this.#handle.getsockname(out);
    if (status < 0) throw systemError(status, 'getsockname');
    return out as ReturnType<dgram.Socket['address']>;
  }

  override remoteAddress(): ReturnType<dgram.Socket['remoteAddress']> {
    this.#needConnected(stateOf(this));
    const out = {};
    const status = this.#handle.getpeername(out);
    if (status < 0) throw systemError(status, 'getpeername');
    return out as ReturnType<dgram.Socket['remoteAddress']>;
  }

  #option(name: OptionCall, ...values: unknown[]): void {
    const status = this.#handle[name](...values);
    if (status < 0) throw systemError(status, name);
  }

  override setBroadcast(on: boolean): void {
    this.#option('setBroadcast', on ? 1 : 0);
  }

  override setTTL(ttl: number): number {
    if (typeof ttl !== 'number') throw wrongType('ttl', 'of type number');
    this.#option('setTTL', ttl);
    return ttl;
  }

  override setMulticastTTL(ttl: number): number {
    if (typeof ttl !== 'number') throw wrongType('ttl', 'of type number');
    this.#option('setMulticastTTL', ttl);
    return ttl;
  }

  override setMulticastLoopback(on: boolean): boolean {
    this.#option('setMulticastLoopback', on ? 1 : 0);
    return on;
  }

  override setMulticastInterface(name: string): void {
    if (typeof name !== 'string') throw wrongType('interfaceAddress', 'of type string');
    this.#option('setMulticastInterface', name);
  }

  #membership(name: OptionCall, ...values: (string | undefined)[]): void {
    const [first] = values;
    if (!first) {
      throw Object.assign(new TypeError('The "multicastAddress" argument must be specified'), {
        code: 'ERR_MISSING_ARGS',
      });
    }
    if (name.startsWith('add') && stateOf(this).bindState === UNBOUND) {
      this.bind({ port: 0, exclusive: true });
    }
    this.#option(name, ...values);
  }

  override addMembership(group: string, at?: string): void {
    this.#membership('addMembership', group, at);
  }

  override dropMembership(group: string, at?: string): void {
    this.#membership('dropMembership', group, at);
  }

  override addSourceSpecificMembership(source: string, group: string, at?: string): void {
    this.#membership('addSourceSpecificMembership', source, group, at);
  }

  override dropSourceSpecificMembership(source: string, group: string, at?: string): void {
    this.#membership('dropSourceSpecificMembership', source, group, at);
  }

  #bufferSize(size: number, ofReceive: boolean): number {
    if (size !== 0 && (!Number.isInteger(size) || size < 0 || size > 0xffffffff)) {
      throw Object.assign(new TypeError('Buffer size must be a positive integer'), {
        code: 'ERR_SOCKET_BAD_BUFFER_SIZE',
      });
    }
    const context: { code?: string; syscall?: string } = {};
    const found = this.#handle.bufferSize(size, ofReceive, context);
    if (found !== undefined) return found;
    const { code = '', syscall = '' } = context;
    throw Object.assign(
      new Error(`Could not get or set buffer size: ${syscall} returned ${code}`),
      { name: 'SystemError', code: 'ERR_SOCKET_BUFFER_SIZE', info: context, syscall },
    );
  }

  override setRecvBufferSize(size: number): void {
    this.#bufferSize(size, RECEIVE);
  }
  override setSendBufferSize(size: number): void {
    this.#bufferSize(size, SEND);
  }
  override getRecvBufferSize(): number {
    return this.#bufferSize(0, RECEIVE);
  }
  override getSendBufferSize(): number {
    return this.#bufferSize(0, SEND);
  }
  override getSendQueueSize(): number {
    return this.#handle.getSendQueueSize();
  }
  override getSendQueueCount(): number {
    return this.#handle.getSendQueueCount();
  }

  override ref(): this {
    stateOf(this).handle?.ref();
    return this;
  }

  override unref(): this {
    stateOf(this).handle?.unref();
    return this;
  }
}
