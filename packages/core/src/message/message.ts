import { readAddress, type SockAddr, writeAddress } from '../address.js';
import { bytesOfAll } from '../socket/buffer.js';
import { decodeControl, encodeControl, fdOf, type FdSource } from './control-message.js';
import type { SocketClass } from '../socket/descriptor.js';
import { Layout } from '../driver.js';
import { checkInteger, invalidType } from '../errors.js';
import { encodeFilter, type SockFilterInit } from './filter.js';
import {
  controlOf,
  controlRoom,
  fillMessage,
  type MessageRoom,
  type MessageToSend,
  MsgHdrMut,
  type ReceivedMessage,
} from './message-header.js';
import { flagsOf, Transfer } from '../socket/transfer.js';

const NO_BYTES = new Uint8Array(0);

/** Messages with control messages: sendmsg(2) and recvmsg(2), in full. */
export abstract class MessageTransfer extends Transfer {
  /**
   * Sends a message: sendmsg(2). Never raises SIGPIPE.
   * @param message an object, or what {@link MsgHdr} builds
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
    const { buffers, address, control, flags: more = 0 } = message;
    const ancillary = control === undefined ? NO_BYTES : encodeControl(driver, control);
    const all = flags | checkInteger('message.flags', more, -0x80000000, 0x7fffffff);
    // After what may run code of the caller's, which may detach one.
    const list = bytesOfAll('message.buffers', buffers);
    if (address !== undefined) writeAddress(context.memory, address);
    if (driver.sendMessage === undefined) throw this.unsupported('sendmsg');
    return driver.sendMessage(this.handle, list, all, address !== undefined, ancillary);
  }

  /**
   * Receives a message with its control messages: recvmsg(2). Descriptors that arrive are
   * close-on-exec, and closed when the message is collected unless they were taken.
   * @param room an object, or a {@link MsgHdrMut}, which is filled in
   * @param flags `MSG_...` flags, such as `MSG.ERRQUEUE`
   * @returns the message; of a `MsgHdrMut` the number of bytes
   * @throws {SockError} EAGAIN, ENOTCONN, ECONNREFUSED, EINTR, EBADF
   * @see cmsg(3), unix(7), ip(7)
   */
  recvmsg(room: MsgHdrMut, flags?: number): number;
  recvmsg(room: MessageRoom, flags?: number): ReceivedMessage<this>;
  recvmsg(room: MessageRoom | MsgHdrMut, flags = 0): ReceivedMessage<this> | number {
    const control = roomOf(room);
    const length = this.check(this.#receive(room, control, flagsOf(flags)), 'recvmsg');
    return this.#received(room, control, length);
  }

  /** {@link recvmsg} that never waits, whatever the blocking mode. */
  tryRecvmsg(room: MsgHdrMut, flags?: number): number | undefined;
  tryRecvmsg(room: MessageRoom, flags?: number): ReceivedMessage<this> | undefined;
  tryRecvmsg(room: MessageRoom | MsgHdrMut, flags = 0): ReceivedMessage<this> | number | undefined {
    const control = roomOf(room);
    const result = this.#receive(room, control, flagsOf(flags) | this.context.DONTWAIT);
    if (this.wouldBlock(result)) return undefined;
    return this.#received(room, control, this.check(result, 'recvmsg'));
  }

  #receive(room: MessageRoom | MsgHdrMut, control: Uint8Array, flags: number): number {
    const list = bytesOfAll('room.buffers', room.buffers);
    if (this.driver.recvMessage === undefined) throw this.unsupported('recvmsg');
    return this.driver.recvMessage(this.handle, list, flags, control);
  }

  #received(
    room: MessageRoom | MsgHdrMut,
    control: Uint8Array,
    length: number,
  ): ReceivedMessage<this> | number {
    const { driver, context } = this;
    const filled = context.memory.i32[Layout.controlLength >> 2] as number;
    const message = {
      length,
      flags: this.recvFlags(),
      address: readAddress(context.memory),
      control: decodeControl(
        driver,
        context.errorNames,
        this.constructor as SocketClass<this>,
        control.subarray(0, filled),
      ),
    };
    if (!(room instanceof MsgHdrMut)) return message;
    fillMessage(room, message, filled);
    return length;
  }

  /**
   * The sender of the datagram that is next, which stays: recvfrom(2) with `MSG_PEEK` and no room.
   * @throws {SockError} EAGAIN, EBADF
   */
  peekSender(): SockAddr {
    return this.peekFrom(NO_BYTES)[1];
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
   * @throws {SockError} EINVAL, EPERM when the filter is locked, or for a TCP socket without CAP_NET_ADMIN (Linux 6.18), EBADF
   * @see socket(7)
   */
  attachFilter(program: readonly SockFilterInit[]): void {
    this.#attach(program, false, 'attachFilter');
  }

  /**
   * Has a classic BPF program choose, by its result, the socket of a `reusePort` group that gets a packet:
   * SO_ATTACH_REUSEPORT_CBPF.
   * @throws {SockError} EINVAL when the socket is in no group, EBADF
   * @see socket(7)
   */
  attachReuseportFilter(program: readonly SockFilterInit[]): void {
    this.#attach(program, true, 'attachReuseportFilter');
  }

  #attach(program: readonly SockFilterInit[], reusePort: boolean, operation: string): void {
    const bytes = encodeFilter(program);
    if (this.driver.attachFilter === undefined) throw this.unsupported(operation);
    const result = this.driver.attachFilter(this.handle, bytes, reusePort);
    if (result < 0) throw this.error(result, 'setsockopt', undefined, operation);
  }
}

function roomOf(room: MessageRoom | MsgHdrMut): Uint8Array {
  if (typeof room !== 'object' || room === null) throw invalidType('room', 'of type object', room);
  return room instanceof MsgHdrMut
    ? controlOf(room)
    : controlRoom('room.control', room.control ?? 0);
}
