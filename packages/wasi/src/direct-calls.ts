/**
 * The calls that a program makes most often, over plain exports of the core module: with one buffer, without lists
 * and objects.
 */
import { type Driver, type Handle, Layout, OpenFlags } from '@sock/core';
import type { CoreInstance } from '@sock/wasi-host/loader';
import type { DirectSocket } from './direct-bindings.js';

/** The size of the component's buffer (native/core/src/wasi_direct.c). */
const BUFFER = 65536;
/** Up to this length a loop over bytes is faster than a copy between buffers. */
const LOOP_MAX = 64;
/** The same for a loop over words. */
const WORDS_MAX = 256;
/** Longer buffers are not remembered: that would keep them alive. */
const KEPT_MAX = 65536;

/**
 * The words of a buffer that is used again. A buffer is remembered when it is seen a second time: making a view takes
 * longer than it saves once.
 */
class Words {
  #seen: Uint8Array | undefined;
  #known: Uint8Array | undefined;
  #words: Int32Array = new Int32Array(0);

  /** The words, or `undefined`. A view of a buffer that was detached or shrunk has another length. */
  of(data: Uint8Array): Int32Array | undefined {
    if (data === this.#known && data.length === 4 * this.#words.length) return this.#words;
    this.#known = undefined;
    const { length } = data;
    if (data !== this.#seen || length === 0) {
      this.#seen = length <= KEPT_MAX ? data : undefined;
      return undefined;
    }
    if (((data.byteOffset | length) & 3) !== 0) return undefined;
    this.#known = data;
    return (this.#words = new Int32Array(data.buffer, data.byteOffset, length >> 2));
  }
}

type Call = (...args: number[]) => number;

/** What the calls need of the driver that they belong to. */
export interface DirectParts {
  readonly sockets: ReadonlyMap<Handle, DirectSocket>;
  /** Gives a socket a handle. @param rep what its resource holds */
  insert(rep: number): Handle;
  /** Takes the handle's socket away. */
  remove(handle: Handle): DirectSocket | undefined;
  readonly memory: ArrayBuffer;
  readonly EBADF: number;
  /** With these flags, one large transfer is not the same as several small ones. */
  readonly whole: number;
  readonly PEEK: number;
  /** Called with a handle after a receive with MSG_PEEK. */
  peeked(handle: Handle): void;
  /** The other calls of the driver, for transfers that are larger than the buffer. */
  readonly other: Pick<
    Driver,
    'recv' | 'recvFrom' | 'send' | 'sendTo' | 'setOption' | 'bind' | 'connect' | 'tryConnect'
  >;
}

/** The calls that are made. */
type DirectCalls = Pick<
  Driver,
  | 'open'
  | 'close'
  | 'bind'
  | 'connect'
  | 'tryConnect'
  | 'listen'
  | 'accept'
  | 'localAddress'
  | 'peerAddress'
  | 'nonblocking'
  | 'setNonblocking'
  | 'recv'
  | 'recvFrom'
  | 'send'
  | 'sendTo'
  | 'getOption'
  | 'setOption'
>;

/** An export of the core module. */
export function direct({ core }: CoreInstance, name: string): Call {
  const call = core[`direct_${name}`];
  if (typeof call !== 'function') throw new Error(`the core module has no direct_${name}`);
  return call as Call;
}

export function directCalls(
  instance: CoreInstance,
  { sockets, insert, remove, memory, EBADF, whole, PEEK, peeked, other }: DirectParts,
): DirectCalls {
  const guest = instance.core['memory'] as WebAssembly.Memory;
  const open = direct(instance, 'open');
  const close = direct(instance, 'close');
  const bind = direct(instance, 'bind');
  const connect = direct(instance, 'connect');
  const tryConnect = direct(instance, 'try_connect');
  const listen = direct(instance, 'listen');
  const accept = direct(instance, 'accept');
  const localAddress = direct(instance, 'local_address');
  const peerAddress = direct(instance, 'peer_address');
  const nonblocking = direct(instance, 'nonblocking');
  const setNonblocking = direct(instance, 'set_nonblocking');
  const send = direct(instance, 'send');
  const recv = direct(instance, 'recv');
  const sendTo = direct(instance, 'send_to');
  const recvFrom = direct(instance, 'recv_from');
  const getOption = direct(instance, 'get_option');
  const setOption = direct(instance, 'set_option');
  const buffer = direct(instance, 'buffer')();
  const address = direct(instance, 'address')() >> 2;
  const value = direct(instance, 'value')();
  const own32 = new Int32Array(memory);
  const own8 = new Uint8Array(memory);
  /** The most 32-bit words of an IPv6 address. */
  const ADDRESS_WORDS = (Layout.addressData + 16) >> 2;
  const VALUE_WORDS = 3;

  const incoming = new Words();
  const outgoing = new Words();
  let bytes = new Uint8Array(0);
  let all8 = bytes;
  let all32 = new Int32Array(0);
  /** Makes the views again after the memory has grown. */
  const refresh = (): void => {
    if (all8.length > 0) return;
    all8 = new Uint8Array(guest.buffer);
    all32 = new Int32Array(guest.buffer);
    bytes = all8.subarray(buffer, buffer + BUFFER);
  };

  const put = (data: Uint8Array): void => {
    refresh();
    const { length } = data;
    const words = length <= WORDS_MAX ? outgoing.of(data) : undefined;
    if (words !== undefined) {
      const to = buffer >> 2;
      const count = words.length;
      for (let i = 0; i < count; i++) all32[to + i] = words[i] as number;
    } else if (length <= LOOP_MAX) for (let i = 0; i < length; i++) bytes[i] = data[i] as number;
    else bytes.set(data);
  };
  const take = (data: Uint8Array, got: number): void => {
    refresh();
    const length = got < data.length ? got : data.length;
    const words = length <= WORDS_MAX && (length & 3) === 0 ? incoming.of(data) : undefined;
    if (words !== undefined) {
      const from = buffer >> 2;
      const count = length >> 2;
      for (let i = 0; i < count; i++) words[i] = all32[from + i] as number;
    } else if (length <= LOOP_MAX) for (let i = 0; i < length; i++) data[i] = bytes[i] as number;
    else data.set(length === BUFFER ? bytes : bytes.subarray(0, length));
  };

  /** Gives the component the address that the driver's memory has. */
  const putAddress = (): void => {
    refresh();
    for (let i = 0; i < ADDRESS_WORDS; i++) all32[address + i] = own32[i] as number;
  };
  const takeAddress = (): void => {
    refresh();
    for (let i = 0; i < ADDRESS_WORDS; i++) own32[i] = all32[address + i] as number;
  };
  /** A longer address is of a family that WASI lacks. The other call refuses it. */
  const fits = (): boolean => (own32[Layout.addressLength >> 2] as number) >>> 0 <= 16;
  const isHandle = (made: number): boolean => made >= 0;

  return {
    open(domain, type, protocol) {
      const made = open(domain, type, protocol);
      return isHandle(made) ? insert(made) : made;
    },
    close(handle) {
      const socket = remove(handle);
      if (socket === undefined) return EBADF;
      close(socket.rep);
      socket.rep = 0;
      return 0;
    },
    bind(handle) {
      const socket = sockets.get(handle);
      if (socket === undefined) return EBADF;
      if (!fits()) return other.bind(handle);
      putAddress();
      return bind(socket.rep);
    },
    connect(handle) {
      const socket = sockets.get(handle);
      if (socket === undefined) return EBADF;
      if (!fits()) return other.connect(handle);
      putAddress();
      return connect(socket.rep);
    },
    tryConnect(handle) {
      const socket = sockets.get(handle);
      if (socket === undefined) return EBADF;
      if (!fits()) return other.tryConnect(handle);
      putAddress();
      return tryConnect(socket.rep);
    },
    listen(handle, backlog) {
      const socket = sockets.get(handle);
      return socket === undefined ? EBADF : listen(socket.rep, backlog);
    },
    accept(handle, flags) {
      const socket = sockets.get(handle);
      if (socket === undefined) return EBADF;
      const made = accept(socket.rep, flags & OpenFlags.DONTWAIT);
      if (!isHandle(made)) return made;
      takeAddress();
      return insert(made);
    },
    localAddress(handle) {
      const socket = sockets.get(handle);
      if (socket === undefined) return EBADF;
      const result = localAddress(socket.rep);
      if (result >= 0) takeAddress();
      return result;
    },
    peerAddress(handle) {
      const socket = sockets.get(handle);
      if (socket === undefined) return EBADF;
      const result = peerAddress(socket.rep);
      if (result >= 0) takeAddress();
      return result;
    },
    nonblocking(handle) {
      const socket = sockets.get(handle);
      return socket === undefined ? EBADF : nonblocking(socket.rep);
    },
    setNonblocking(handle, on) {
      const socket = sockets.get(handle);
      return socket === undefined ? EBADF : setNonblocking(socket.rep, on ? 1 : 0);
    },
    send(handle, data, flags) {
      const socket = sockets.get(handle);
      if (socket === undefined) return EBADF;
      if (data.length > BUFFER) return other.send(handle, data, flags);
      put(data);
      return send(socket.rep, data.length, flags);
    },
    recv(handle, data, flags) {
      const socket = sockets.get(handle);
      if (socket === undefined) return EBADF;
      if (flags & PEEK) peeked(handle);
      const { length } = data;
      if (length > BUFFER && flags & whole) return other.recv(handle, data, flags);
      const got = recv(socket.rep, length < BUFFER ? length : BUFFER, flags);
      if (got > 0) take(data, got);
      return got;
    },
    sendTo(handle, data, flags) {
      const socket = sockets.get(handle);
      if (socket === undefined) return EBADF;
      if (data.length > BUFFER || !fits()) return other.sendTo(handle, data, flags);
      put(data);
      putAddress();
      return sendTo(socket.rep, data.length, flags);
    },
    recvFrom(handle, data, flags) {
      const socket = sockets.get(handle);
      if (socket === undefined) return EBADF;
      if (flags & PEEK) peeked(handle);
      const { length } = data;
      if (length > BUFFER && flags & whole) return other.recvFrom(handle, data, flags);
      const got = recvFrom(socket.rep, length < BUFFER ? length : BUFFER, flags);
      if (got < 0) return got;
      take(data, got);
      takeAddress();
      return got;
    },
    getOption(handle, option) {
      const socket = sockets.get(handle);
      if (socket === undefined) return EBADF;
      const result = getOption(socket.rep, option);
      if (result < 0) return result;
      refresh();
      const at = value >> 2;
      const to = Layout.value >> 2;
      for (let i = 0; i < VALUE_WORDS; i++) own32[to + i] = all32[at + i] as number;
      const length = all32[at + 2] as number;
      if (length > 0) {
        own8.set(all8.subarray(value + 12, value + 12 + length), Layout.valueBytes);
      }
      return result;
    },
    setOption(handle, option) {
      const socket = sockets.get(handle);
      if (socket === undefined) return EBADF;
      const from = Layout.value >> 2;
      // Bytes that are too long, or none: the component's own checks are for the driver's other call.
      if (own32[from + 2] !== 0) return other.setOption(handle, option);
      refresh();
      for (let i = 0; i < VALUE_WORDS; i++) all32[(value >> 2) + i] = own32[from + i] as number;
      return setOption(socket.rep, option);
    },
  };
}
