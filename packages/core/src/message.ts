import { readAddress, type SockAddr, writeAddress } from './address.js';
import { type BufferSource, bytesOfAll } from './buffer.js';
import {
  type ControlMessage,
  decodeControl,
  encodeControl,
  fdOf,
  type FdSource,
  type ReceivedControlMessage,
} from './control-message.js';
import type { SocketClass } from './descriptor.js';
import { Layout } from './driver.js';
import { checkInteger, invalidType } from './errors.js';
import { encodeFilter, type SockFilter } from './filter.js';
import { RecvFlags } from './recv-flags.js';
import { flagsOf, Transfer } from './transfer.js';

/** SOCK_CONTROL_MAX of libsock. */
const CONTROL_MAX = 16384;
const NO_CONTROL = new Uint8Array(0);

/** What {@link MessageTransfer.sendmsg} sends: `struct msghdr`. */
export interface MessageToSend {
  readonly buffers: readonly BufferSource[];
  /** Where to; left out on a connected socket. */
  readonly address?: SockAddr | undefined;
  readonly control?: readonly ControlMessage[] | undefined;
}

/** Where {@link MessageTransfer.recvmsg} puts what it receives. */
export interface MessageRoom {
  readonly buffers: readonly BufferSource[];
  /** Room for control messages, in bytes as the system counts them (0 to 16384); default 0. */
  readonly control?: number | undefined;
}

/** A received message. */
export interface ReceivedMessage<T = unknown> {
  /** Bytes put into the buffers. */
  readonly length: number;
  /** `isTruncated`: of the data; `isControlTruncated`: of the control messages. */
  readonly flags: RecvFlags;
  /** The sender; on a connected stream its family is `'unspec'`. */
  readonly address: SockAddr;
  readonly control: ReceivedControlMessage<T>[];
}

/** Messages with control messages: sendmsg(2) and recvmsg(2), in full. */
export abstract class MessageTransfer extends Transfer {
  /**
   * Sends a message: sendmsg(2). Never raises SIGPIPE.
   * @param flags `MSG_...` flags
   * @returns the number of bytes sent
   * @throws {SockError} EAGAIN, EMSGSIZE, EINVAL, EPERM (credentials), ETOOMANYREFS, EBADF, ...
   * @see cmsg(3), unix(7), ip(7)
   */
  sendmsg(message: MessageToSend, flags = 0): number {
    return this.check(this.#send(message, flagsOf(flags)), 'sendmsg', message.address);
  }

  /** {@link sendmsg} that never waits, whatever the blocking mode. */
  trySendmsg(message: MessageToSend, flags = 0): number | undefined {
    const result = this.#send(message, flagsOf(flags) | this.context.DONTWAIT);
    return this.wouldBlock(result) ? undefined : this.check(result, 'sendmsg', message.address);
  }

  #send(message: MessageToSend, flags: number): number {
    if (typeof message !== 'object' || message === null) {
      throw invalidType('message', 'of type object', message);
    }
    const { driver, context } = this;
    const { buffers, address, control } = message;
    const list = bytesOfAll('message.buffers', buffers);
    const ancillary = control === undefined ? NO_CONTROL : encodeControl(driver, control);
    if (address !== undefined) writeAddress(context.memory, address);
    if (driver.sendMessage === undefined) throw this.unsupported('sendmsg');
    return driver.sendMessage(this.handle, list, flags, address !== undefined, ancillary);
  }

  /**
   * Receives a message with its control messages: recvmsg(2). Descriptors that arrive are
   * close-on-exec, and closed when the message is collected unless they were taken.
   * @param flags `MSG_...` flags, such as `MSG.ERRQUEUE`
   * @throws {SockError} EAGAIN, ENOTCONN, ECONNREFUSED, EINTR, EBADF
   * @see cmsg(3), unix(7), ip(7)
   */
  recvmsg(room: MessageRoom, flags = 0): ReceivedMessage<this> {
    const control = this.#controlRoom(room);
    const length = this.check(this.#receive(room, control, flagsOf(flags)), 'recvmsg');
    return this.#message(length, control);
  }

  /** {@link recvmsg} that never waits, whatever the blocking mode. */
  tryRecvmsg(room: MessageRoom, flags = 0): ReceivedMessage<this> | undefined {
    const control = this.#controlRoom(room);
    const result = this.#receive(room, control, flagsOf(flags) | this.context.DONTWAIT);
    if (this.wouldBlock(result)) return undefined;
    return this.#message(this.check(result, 'recvmsg'), control);
  }

  #controlRoom(room: MessageRoom): Uint8Array {
    if (typeof room !== 'object' || room === null)
      throw invalidType('room', 'of type object', room);
    const { control = 0 } = room;
    return new Uint8Array(checkInteger('room.control', control, 0, CONTROL_MAX));
  }

  #receive(room: MessageRoom, control: Uint8Array, flags: number): number {
    const list = bytesOfAll('room.buffers', room.buffers);
    if (this.driver.recvMessage === undefined) throw this.unsupported('recvmsg');
    return this.driver.recvMessage(this.handle, list, flags, control);
  }

  #message(length: number, control: Uint8Array): ReceivedMessage<this> {
    const { driver, context } = this;
    const filled = context.memory.i32[Layout.controlLength >> 2] as number;
    return {
      length,
      flags: new RecvFlags(driver, context.memory.i32[Layout.flags >> 2] as number),
      address: readAddress(context.memory),
      control: decodeControl(
        driver,
        context.errorNames,
        this.constructor as SocketClass<this>,
        control.subarray(0, filled),
      ),
    };
  }

  /**
   * The sender of the datagram that is next, which stays: recvfrom(2) with `MSG_PEEK` and no room.
   * @throws {SockError} EAGAIN, EBADF
   */
  peekSender(): SockAddr {
    return this.peekFrom(NO_CONTROL)[1];
  }

  /**
   * Sends a file, without a copy through the program: sendfile(2).
   * @param file a descriptor, or what has one
   * @param offset where to begin in the file, in bytes
   * @param length the most to send, in bytes; `null`: to the end of the file
   * @returns the number of bytes; 0 at the end of the file
   * @throws {SockError} EAGAIN, EBADF, EINVAL, EIO, EPIPE
   */
  sendfile(file: FdSource, offset = 0, length: number | null = null): number {
    const fd = fdOf('file', file);
    checkInteger('offset', offset, 0, Number.MAX_SAFE_INTEGER);
    // What Linux sends in one call at most.
    const most = length === null ? 0x7ffff000 : checkInteger('length', length, 1, 0x7ffff000);
    if (this.driver.sendFile === undefined) throw this.unsupported('sendfile');
    const result = this.driver.sendFile(this.handle, fd, offset, most);
    if (result < 0) throw this.error(result, 'sendfile', undefined, 'sendfile');
    return result;
  }

  /**
   * Keeps the packets that a classic BPF program refuses from the socket: SO_ATTACH_FILTER.
   * @param program instructions, such as {@link assembleFilter} makes
   * @throws {SockError} EINVAL, EPERM when the filter is locked, EBADF
   * @see socket(7)
   */
  attachFilter(program: readonly SockFilter[]): void {
    this.#attach(program, false, 'attachFilter');
  }

  /**
   * Has a classic BPF program choose, by its result, the socket of a `reusePort` group that gets a packet:
   * SO_ATTACH_REUSEPORT_CBPF.
   * @throws {SockError} EINVAL when the socket is in no group, EBADF
   * @see socket(7)
   */
  attachReuseportFilter(program: readonly SockFilter[]): void {
    this.#attach(program, true, 'attachReuseportFilter');
  }

  #attach(program: readonly SockFilter[], reusePort: boolean, operation: string): void {
    const bytes = encodeFilter(program);
    if (this.driver.attachFilter === undefined) throw this.unsupported(operation);
    const result = this.driver.attachFilter(this.handle, bytes, reusePort);
    if (result < 0) throw this.error(result, 'setsockopt', undefined, operation);
  }
}
