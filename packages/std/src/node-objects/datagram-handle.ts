/**
 * Makes node's handle of a dgram.Socket work on a Socket of any backend. Node's class keeps its own checks,
 * queue, callbacks and events; only the calls below it are replaced.
 */
import {
  type Driver,
  type ReceivedControlMessage,
  SockAddr,
  type SockError,
  type Socket,
} from '@sock/core';
import { driverOf, ipv6Address, toNodeAddress } from '../node-address.js';
import { nodeError, uvError, uvNames, uvNumber } from '../node-errors.js';
import type { UvHandle } from '../node-internals.js';
import { drainErrorQueue } from './error-queue.js';
import { needsControlMessages } from './error-queue-options.js';
import { changeMembership, changeSourceMembership, setMulticastInterface } from './multicast.js';
import type { RinfoColumns } from './rinfo-columns.js';
import { SendQueue } from './send-queue.js';
import { CALLS_PER_TURN, SocketWaits } from './socket-waits.js';
import { DATAGRAM_ROOM, receiveWhole } from './whole-message.js';
import { worksOn } from './socket-of-handle.js';

/** UV_UDP_IPV6ONLY, UV_UDP_REUSEADDR and UV_UDP_REUSEPORT of libuv's uv.h. */
const IPV6_ONLY = 1;
const REUSE_ADDRESS = 4;
const REUSE_PORT = 64;
const CONTROL_ROOM = 128;

/** Node's SendWrap: one send. */
interface SendRequest {
  readonly oncomplete?: (this: SendRequest, error: number, sent: number) => void;
}

/** Node's UDP handle, with the callbacks that node's class puts there. */
type UdpHandle = UvHandle & {
  onmessage?(length: number, handle: UvHandle, bytes: Buffer | undefined, from: object): void;
  onerror?(length: number, handle: UvHandle, error: Error): void;
};

/** What `rinfo` holds for a sender. Of a sender that is not IP, `sockAddr` is the address itself. */
export interface SenderInfo {
  address: string;
  family: string | number;
  port: number;
  size?: number;
  sockAddr?: SockAddr;
}

/** What a {@link DatagramHandle} tells its owner, beside what node's handle reports. */
interface Owner {
  /** The end of a socket of type seqpacket. */
  ended(): void;
  /** An entry of the error queue that is not an error. */
  reported(control: readonly ReceivedControlMessage[]): void;
}

/** The calls of node's UDP handle, on a Socket. Each returns a number of libuv's: negative for an error. */
export class DatagramHandle {
  readonly #handle: UdpHandle;
  readonly #owner: Owner;
  readonly #open: (fd?: number) => Socket;
  #socket: Socket | undefined;
  #waits: SocketWaits | undefined;
  #keepsAlive = true;
  #family: 4 | 6 | undefined;
  #packets = false;
  #control = false;
  #buffer: Uint8Array | undefined;
  readonly #rinfo: RinfoColumns | undefined;
  #receiving = false;
  #queue: SendQueue | undefined;
  /** Addresses that have no text, by the text that stands for each in node's calls. */
  readonly #named = new Map<string, SockAddr | undefined>();
  #lastName = 0;

  /**
   * @param open makes the Socket when the handle first needs it, as node opens its descriptor; or has it adopt
   *   the descriptor that `bind` was given
   * @param rinfo what `rinfo` says beside node's fields; its options are on
   */
  constructor(handle: UvHandle, open: (fd?: number) => Socket, owner: Owner, rinfo?: RinfoColumns) {
    this.#handle = handle;
    this.#open = open;
    this.#owner = owner;
    this.#rinfo = rinfo;
    worksOn(handle, () => this.#socket);
    this.#install();
  }

  #install(): void {
    const { close } = this.#handle;
    const calls: Record<string, unknown> = {
      open: (fd: number) => this.#call(() => undefined, fd),
      bind: (address: string, port: number, flags: number) =>
        this.#call((socket) => this.#bind(socket, address, port, flags)),
      connect: (address: string, port: number) =>
        this.#call((socket) => socket.connect(this.#addressOf(address, port))),
      disconnect: () => this.#call((socket) => socket.connect(SockAddr.raw(0, new Uint8Array(14)))),
      send: (...values: unknown[]) => this.#send(values),
      recvStart: () => this.#start(),
      recvStop: () => this.#stop(),
      getsockname: (out: object) =>
        this.#option((socket) => this.#fill(out, socket.localAddr(), socket)),
      getpeername: (out: object) =>
        this.#option((socket) => this.#fill(out, socket.peerAddr(), socket)),
      bufferSize: (size: number, ofReceive: boolean, context: object) =>
        this.#bufferSize(size, ofReceive, context),
      setBroadcast: (on: number) => this.#option((socket) => socket.setBroadcast(on !== 0)),
      setTTL: (ttl: number) =>
        this.#option((socket) =>
          this.#family === 6
            ? socket.setUnicastHopsV6(oneTo255(ttl))
            : socket.setTtl(oneTo255(ttl)),
        ),
      setMulticastTTL: (ttl: number) =>
        this.#option((socket) =>
          this.#family === 6 ? socket.setMulticastHopsV6(ttl) : socket.setMulticastTtlV4(ttl),
        ),
      setMulticastLoopback: (on: number) =>
        this.#option((socket) =>
          this.#family === 6
            ? socket.setMulticastLoopV6(Boolean(on))
            : socket.setMulticastLoopV4(Boolean(on)),
        ),
      setMulticastInterface: (text: string) =>
        this.#option((socket) => setMulticastInterface(socket, text)),
      addMembership: (group: string, at?: string) =>
        this.#option((socket) => changeMembership('join', socket, group, at), true),
      dropMembership: (group: string, at?: string) =>
        this.#option((socket) => changeMembership('leave', socket, group, at), true),
      addSourceSpecificMembership: (source: string, group: string, at?: string) =>
        this.#option((socket) => changeSourceMembership('join', socket, source, group, at), true),
      dropSourceSpecificMembership: (source: string, group: string, at?: string) =>
        this.#option((socket) => changeSourceMembership('leave', socket, source, group, at), true),
      getSendQueueSize: () => this.#queue?.bytes ?? 0,
      getSendQueueCount: () => this.#queue?.count ?? 0,
      ref: () => this.#setRef(true),
      unref: () => this.#setRef(false),
      hasRef: () => this.#keepsAlive,
      close: (...values: unknown[]) => {
        this.#close();
        return Reflect.apply(close, this.#handle, values) as unknown;
      },
    };
    calls['bind6'] = calls['bind'];
    calls['connect6'] = calls['connect'];
    calls['send6'] = calls['send'];
    for (const [name, value] of Object.entries(calls)) {
      Object.defineProperty(this.#handle, name, { configurable: true, writable: true, value });
    }
    Object.defineProperty(this.#handle, 'fd', { configurable: true, get: () => this.#fd });
  }

  /** The Socket's descriptor, negative before it opens and after it closes, and where the backend has none. */
  get #fd(): number {
    const socket = this.#socket;
    if (socket === undefined || socket.closed) return -1;
    return socket.backend === 'native' && socket.supports('asRawFd').level === 'native'
      ? socket.asRawFd()
      : -1;
  }

  /** The Socket, opened if it is not open yet. */
  get socket(): Socket {
    return this.#opened().socket;
  }

  #opened(fd?: number): { socket: Socket; queue: SendQueue } {
    if (this.#socket === undefined || this.#queue === undefined) {
      const socket = this.#open(fd);
      // As libuv does: another thread or process may receive from the same socket.
      socket.setNonblocking(true);
      const domain = socket.domain();
      this.#family = domain === 'ipv4' ? 4 : domain === 'ipv6' ? 6 : undefined;
      this.#packets = socket.type() === 'seqpacket';
      const waits = new SocketWaits(socket);
      if (!this.#keepsAlive) waits.unref();
      this.#waits = waits;
      // A failed send may report an earlier datagram, whose error the error queue has too.
      this.#queue = new SendQueue(waits, (code) => this.#reportQueue(code));
      this.#socket = socket;
    }
    return { socket: this.#socket, queue: this.#queue };
  }

  /** A text that stands for an address in node's calls, which take only text; `undefined`: no address. */
  nameOf(address: SockAddr | undefined): string {
    this.#lastName += 1;
    const name = `\0\0sock ${this.#lastName}`;
    this.#named.set(name, address);
    return name;
  }

  /** The address of a text and a port that node's class passes on. */
  #destination(text: string, port: number): SockAddr | undefined {
    if (this.#named.has(text)) {
      const named = this.#named.get(text);
      this.#named.delete(text);
      return named;
    }
    // Node passes on what it was given, and libuv takes the lower 16 bits.
    const number = (Number(port) || 0) & 0xffff;
    if (this.#family === 4) return SockAddr.ipv4(text, number);
    if (this.#family === 6) return ipv6Of(text, number, this.#driver);
    return SockAddr.unix(text);
  }

  #addressOf(text: string, port: number): SockAddr {
    return this.#destination(text, port) ?? SockAddr.unix('');
  }

  get #driver(): Driver {
    return driverOf(this.socket);
  }

  /** The result of a call that node turns into an error by its number. */
  #call(run: (socket: Socket) => void, fd?: number): number {
    try {
      run(this.#opened(fd).socket);
      return 0;
    } catch (error) {
      return uvError(error);
    }
  }

  /** The Socket, for calls that open no descriptor in node. @throws {Error} EBADF before it is open */
  #needOpen(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    throw nodeError('EBADF', 'the socket is not open');
  }

  /** {@link #call}, but what the backend does not support is thrown, as its message has the reason. */
  #option(run: (socket: Socket) => void, opens = false): number {
    try {
      run(opens ? this.socket : this.#needOpen());
      return 0;
    } catch (error) {
      if ((error as Partial<SockError>).code === 'ERR_SOCK_UNSUPPORTED') throw error;
      return uvError(error);
    }
  }

  #bind(socket: Socket, text: string, port: number, flags: number): void {
    const address = this.#addressOf(text, port);
    if ((flags & REUSE_ADDRESS) !== 0) socket.setReuseAddress(true);
    if ((flags & REUSE_PORT) !== 0) socket.setReusePort(true);
    if ((flags & IPV6_ONLY) !== 0) socket.setOnlyV6(true);
    socket.bind(address);
  }

  #fill(out: object, address: SockAddr, socket: Socket): void {
    Object.assign(out, senderInfo(address, driverOf(socket)));
  }

  #bufferSize(size: number, ofReceive: boolean, context: object): number | undefined {
    try {
      const socket = this.#needOpen();
      if (size !== 0) {
        if (ofReceive) socket.setRecvBufferSize(size);
        else socket.setSendBufferSize(size);
        return size;
      }
      return ofReceive ? socket.recvBufferSize() : socket.sendBufferSize();
    } catch (error) {
      const errno = uvError(error);
      const [code, message] = uvNames(errno);
      const syscall = ofReceive ? 'uv_recv_buffer_size' : 'uv_send_buffer_size';
      Object.assign(context, { errno, code, message, syscall });
      return undefined;
    }
  }

  // Receiving

  #start(): number {
    this.#receiving = true;
    return this.#call((socket) => {
      this.#control = this.#family !== undefined && needsControlMessages(socket);
      this.#wait();
    });
  }

  #stop(): number {
    this.#receiving = false;
    return 0;
  }

  #wait(): void {
    this.#waits?.whenReadable(
      () => this.#receive(),
      (error) => this.#failed(error),
    );
  }

  get #active(): boolean {
    return this.#receiving && this.#socket !== undefined && !this.#socket.closed;
  }

  #failed(error: unknown): void {
    if (this.#active) this.#handle.onmessage?.(uvError(error), this.#handle, undefined, {});
  }

  #receive(): void {
    try {
      for (let taken = 0; taken < CALLS_PER_TURN && this.#active; taken += 1) {
        if (!this.#take(taken === 0)) break;
      }
    } finally {
      if (this.#active) {
        // The system does not know of datagrams that are received and not emitted.
        if (this.#rinfo?.hasMore === true) setImmediate(() => this.#receive());
        else this.#wait();
      }
    }
  }

  /** Receives one message and emits it. @returns whether there may be more */
  #take(first: boolean): boolean {
    const { socket } = this;
    try {
      if (this.#family === undefined) return this.#takeWhole(socket, first);
      if (this.#rinfo !== undefined) return this.#takeWithRinfo(socket, this.#rinfo, first);
      if (this.#control) return this.#takeMessage(socket, first);
      this.#buffer ??= new Uint8Array(DATAGRAM_ROOM);
      const received = socket.tryRecvFrom(this.#buffer);
      if (received === undefined) return this.#nothing(first);
      const bytes = Buffer.from(this.#buffer.subarray(0, received[0]));
      this.#emit(bytes, senderInfo(received[1], this.#driver));
      return true;
    } catch (error) {
      if (!isOfReceive(error)) throw error;
      this.#receiveFailed(error);
      return false;
    }
  }

  #takeWhole(socket: Socket, first: boolean): boolean {
    const message = receiveWhole(socket, this.#packets);
    if (message === undefined) return this.#nothing(first);
    if (message === null) {
      this.#owner.ended();
      return false;
    }
    if (message.truncated) {
      this.#handle.onmessage?.(uvNumber('EMSGSIZE'), this.#handle, undefined, {});
    }
    this.#emit(message.bytes, senderInfo(message.from, this.#driver));
    return true;
  }

  #takeWithRinfo(socket: Socket, rinfo: RinfoColumns, first: boolean): boolean {
    const received = rinfo.take(socket, first);
    if (received === undefined) return this.#nothing(first);
    const info = senderInfo(received.from, this.#driver);
    rinfo.addTo(info, received.index, this.#driver);
    this.#emit(received.bytes, info);
    return true;
  }

  /** Receives by recvmsg(2). What UDP_GRO has joined becomes an event for each datagram. udp(7) */
  #takeMessage(socket: Socket, first: boolean): boolean {
    this.#buffer ??= new Uint8Array(DATAGRAM_ROOM);
    const message = socket.tryRecvmsg({ buffers: [this.#buffer], control: CONTROL_ROOM });
    if (message === undefined) return this.#nothing(first);
    const { length, address, control } = message;
    const joined = control.find(({ kind }) => kind === 'udpGro');
    const size = joined?.kind === 'udpGro' && joined.size > 0 ? joined.size : length;
    const bytes = Buffer.from(this.#buffer.subarray(0, length));
    let start = 0;
    do {
      const part = bytes.subarray(start, Math.min(length, start + size));
      this.#emit(part, senderInfo(address, this.#driver));
      start += size;
    } while (start < length && this.#active);
    return true;
  }

  #emit(bytes: Buffer, from: SenderInfo): void {
    if (!this.#active) return;
    this.#handle.onmessage?.(bytes.length, this.#handle, bytes, from);
  }

  /** The socket counted as readable and has no message: its error queue may have an entry. */
  #nothing(first: boolean): false {
    if (first) this.#reportQueue();
    return false;
  }

  /** An error of a datagram sent earlier, such as ECONNREFUSED. The socket stays usable. */
  #receiveFailed(error: unknown): void {
    if (!this.#reportQueue(undefined, (error as SockError).code)) this.#failed(error);
  }

  /**
   * Drains the error queue and emits what it says.
   * @param told the code of an error that the caller reports: the first entry with it is not emitted
   * @param same the code of an error that the caller reports unless an entry says the same
   * @returns whether an entry has the code `same`
   */
  #reportQueue(told?: string, same?: string): boolean {
    const { errors, reports } = drainErrorQueue(this.socket);
    const skipped = errors.findIndex(({ code }) => code === told);
    const rest = errors.filter((_, index) => index !== skipped);
    // Later, as this may be inside a call of `send`, which must not throw what a listener throws.
    for (const error of rest) this.#later(() => this.#handle.onerror?.(0, this.#handle, error));
    for (const report of reports) this.#later(() => this.#owner.reported(report));
    return errors.some(({ code }) => code === same);
  }

  #later(emit: () => void): void {
    process.nextTick(() => {
      if (this.#active) emit();
    });
  }

  // Sending

  /** `send(request, list, count, port, address, hasCallback)` or, connected, without port and address. */
  #send(values: unknown[]): number {
    const [request, list, , port, address] = values as [
      SendRequest,
      Uint8Array[],
      number,
      number,
      string | null,
    ];
    const connected = values.length < 6;
    const bytes = list.length === 1 ? (list[0] as Uint8Array) : Buffer.concat(list);
    try {
      const { socket, queue } = this.#opened();
      // `null` is the address of a connected socket.
      const to = connected || address === null ? undefined : this.#destination(address, port);
      const count = queue.send(socket, {
        bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        to,
        done:
          values.at(-1) === true ? (status, sent) => request.oncomplete?.(status, sent) : undefined,
      });
      return count === undefined ? 0 : count + 1;
    } catch (error) {
      return uvError(error);
    }
  }

  // The end

  #setRef(on: boolean): void {
    this.#keepsAlive = on;
    if (on) this.#waits?.ref();
    else this.#waits?.unref();
  }

  #close(): void {
    this.#receiving = false;
    this.#waits?.close();
    try {
      this.#socket?.close();
    } catch {
      // The descriptor is closed nevertheless, and node's handle reports no error of close(2).
    }
    // As libuv does for the sends that are left.
    this.#queue?.cancel();
  }
}

/** An address as `rinfo` and `address()` show it. */
export function senderInfo(from: SockAddr, driver: Driver): SenderInfo {
  const { address, port, family } = toNodeAddress(from, driver);
  if (address !== undefined) return { address, family: family as string, port: port as number };
  const name = from.isUnix() ? (from.asUnix()?.path ?? '') : String(from);
  const text = from.family === 'unspec' ? '' : name;
  const info: SenderInfo = { address: text, family: from.family, port: 0 };
  // Not enumerable: the fields that one lists and compares are node's.
  return Object.defineProperty(info, 'sockAddr', { value: from });
}

/** Whether the error came from a receive, and not from a listener. */
const isOfReceive = (error: unknown): boolean =>
  ['recv', 'recvfrom', 'recvmsg', 'recvmmsg'].includes((error as Partial<SockError>).syscall ?? '');

/** An IPv6 address. Of a zone that does not exist libuv reports EINVAL. */
function ipv6Of(text: string, port: number, driver: Driver): SockAddr {
  try {
    return ipv6Address(text, port, () => driver);
  } catch (error) {
    throw Object.assign(error as Error, { code: 'EINVAL' });
  }
}

/** libuv refuses other values by EINVAL. */
function oneTo255(ttl: number): number {
  const number = Math.trunc(ttl);
  if (number >= 1 && number <= 255) return number;
  throw Object.assign(new RangeError('the TTL must be 1 to 255'), { code: 'EINVAL' });
}
