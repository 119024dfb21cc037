import { readAddress, type SockAddr, writeAddress } from '../address.js';
import { type BufferSource, bytesOf, bytesOfAll } from './buffer.js';
import { type DatagramBatch, isDatagramBatch } from './datagram-batch.js';
import { Layout } from '../driver.js';
import { invalidType, outOfRange } from '../errors.js';
import { SocketOptions } from '../options/options.generated.js';
import { RecvFlags } from './recv-flags.js';

/** Checks the `MSG_...` flags of a call. */
export function flagsOf(flags: number): number {
  if (typeof flags !== 'number') throw invalidType('flags', 'of type number', flags);
  if ((flags | 0) !== flags) throw outOfRange('flags', 'a 32-bit integer', flags);
  return flags;
}

function checkBatch(batch: DatagramBatch): void {
  if (!isDatagramBatch(batch)) {
    throw invalidType('batch', 'an instance of DatagramBatch', batch);
  }
}

/** Sending and receiving: one system call a method. */
export abstract class Transfer extends SocketOptions {
  /**
   * Receives data from the address the socket is connected to: recv(2).
   * @returns the number of bytes; 0 when a stream's peer has shut down its sending
   * @throws {SockError} EAGAIN when non-blocking or past the read time-out, ENOTCONN, ECONNRESET, EINTR, EBADF
   */
  recv(buffer: BufferSource): number {
    const bytes = bytesOf('buffer', buffer);
    const result = this.driver.recv(this.handle, bytes, 0);
    if (result < 0) throw this.error(result, 'recv');
    return result;
  }

  /**
   * Receives out-of-band data: recv(2) with `MSG_OOB`.
   * @throws {SockError} EINVAL when there is none or when it is received in line
   */
  recvOutOfBand(buffer: BufferSource): number {
    const bytes = bytesOf('buffer', buffer);
    const flag = this.#flag('MSG_OOB', 'recvOutOfBand');
    return this.check(this.driver.recv(this.handle, bytes, flag), 'recv');
  }

  /** {@link recv} with flags: any of the backend's `MSG` numbers, passed to recv(2) as they are. */
  recvWithFlags(buffer: BufferSource, flags: number): number {
    const bytes = bytesOf('buffer', buffer);
    return this.check(this.driver.recv(this.handle, bytes, flagsOf(flags)), 'recv');
  }

  /**
   * Receives into several buffers, one after the other: recvmsg(2).
   * @returns the number of bytes and the flags of the message
   */
  recvVectored(buffers: readonly BufferSource[]): [number, RecvFlags] {
    return this.recvVectoredWithFlags(buffers, 0);
  }

  /** {@link recvVectored} with flags for recvmsg(2). */
  recvVectoredWithFlags(buffers: readonly BufferSource[], flags: number): [number, RecvFlags] {
    const list = bytesOfAll('buffers', buffers);
    const length = this.check(
      this.driver.recvVectored(this.handle, list, flagsOf(flags), false),
      'recvmsg',
    );
    return [length, this.recvFlags()];
  }

  /** {@link recv} without removing the data: recv(2) with `MSG_PEEK`. Successive calls return the same data. */
  peek(buffer: BufferSource): number {
    const bytes = bytesOf('buffer', buffer);
    return this.check(this.driver.recv(this.handle, bytes, this.context.PEEK), 'recv');
  }

  /**
   * Receives data and the address it came from: recvfrom(2).
   * @returns the number of bytes and the sender; on a connected stream the sender's family is `'unspec'`
   * @throws {SockError} EAGAIN, ENOTCONN, ECONNREFUSED, EINTR, EBADF
   */
  recvFrom(buffer: BufferSource): [number, SockAddr] {
    const bytes = bytesOf('buffer', buffer);
    const result = this.driver.recvFrom(this.handle, bytes, 0);
    if (result < 0) throw this.error(result, 'recvfrom');
    return [result, readAddress(this.context.memory)];
  }

  /** {@link recvFrom} with flags for recvfrom(2). */
  recvFromWithFlags(buffer: BufferSource, flags: number): [number, SockAddr] {
    const bytes = bytesOf('buffer', buffer);
    const length = this.check(this.driver.recvFrom(this.handle, bytes, flagsOf(flags)), 'recvfrom');
    return [length, readAddress(this.context.memory)];
  }

  /** {@link recvVectored} with the sender's address: recvmsg(2). */
  recvFromVectored(buffers: readonly BufferSource[]): [number, RecvFlags, SockAddr] {
    return this.recvFromVectoredWithFlags(buffers, 0);
  }

  /** {@link recvFromVectored} with flags for recvmsg(2). */
  recvFromVectoredWithFlags(
    buffers: readonly BufferSource[],
    flags: number,
  ): [number, RecvFlags, SockAddr] {
    const list = bytesOfAll('buffers', buffers);
    const length = this.check(
      this.driver.recvVectored(this.handle, list, flagsOf(flags), true),
      'recvmsg',
    );
    return [length, this.recvFlags(), readAddress(this.context.memory)];
  }

  /** {@link recvFrom} without removing the data: recvfrom(2) with `MSG_PEEK`. */
  peekFrom(buffer: BufferSource): [number, SockAddr] {
    return this.recvFromWithFlags(buffer, this.context.PEEK);
  }

  /**
   * Sends data to the connected peer: send(2). Never raises SIGPIPE.
   * @returns the number of bytes sent
   * @throws {SockError} EAGAIN, EPIPE, ECONNRESET, EMSGSIZE, ENOTCONN, EDESTADDRREQ, EINTR, EBADF
   */
  send(buffer: BufferSource): number {
    const bytes = bytesOf('buffer', buffer);
    const result = this.driver.send(this.handle, bytes, 0);
    if (result < 0) throw this.error(result, 'send');
    return result;
  }

  /** {@link send} with flags for send(2). */
  sendWithFlags(buffer: BufferSource, flags: number): number {
    const bytes = bytesOf('buffer', buffer);
    return this.check(this.driver.send(this.handle, bytes, flagsOf(flags)), 'send');
  }

  /** Sends several buffers as one message or stretch of the stream: sendmsg(2). */
  sendVectored(buffers: readonly BufferSource[]): number {
    return this.sendVectoredWithFlags(buffers, 0);
  }

  /** {@link sendVectored} with flags for sendmsg(2). */
  sendVectoredWithFlags(buffers: readonly BufferSource[], flags: number): number {
    const list = bytesOfAll('buffers', buffers);
    return this.check(
      this.driver.sendVectored(this.handle, list, flagsOf(flags), false),
      'sendmsg',
    );
  }

  /** Sends out-of-band data: send(2) with `MSG_OOB`. TCP carries its last byte as the urgent one. */
  sendOutOfBand(buffer: BufferSource): number {
    const bytes = bytesOf('buffer', buffer);
    const flag = this.#flag('MSG_OOB', 'sendOutOfBand');
    return this.check(this.driver.send(this.handle, bytes, flag), 'send');
  }

  /**
   * Sends data to an address: sendto(2).
   * @returns the number of bytes sent
   * @throws {SockError} EAGAIN, EMSGSIZE, ENETUNREACH, EACCES (broadcast), EISCONN, EINTR, EBADF
   */
  sendTo(buffer: BufferSource, address: SockAddr): number {
    const bytes = bytesOf('buffer', buffer);
    writeAddress(this.context.memory, address);
    const result = this.driver.sendTo(this.handle, bytes, 0);
    if (result < 0) throw this.error(result, 'sendto', address);
    return result;
  }

  /** {@link sendTo} with flags for sendto(2). */
  sendToWithFlags(buffer: BufferSource, address: SockAddr, flags: number): number {
    const bytes = bytesOf('buffer', buffer);
    flagsOf(flags);
    writeAddress(this.context.memory, address);
    return this.check(this.driver.sendTo(this.handle, bytes, flags), 'sendto', address);
  }

  /** {@link sendVectored} to an address: sendmsg(2). */
  sendToVectored(buffers: readonly BufferSource[], address: SockAddr): number {
    return this.sendToVectoredWithFlags(buffers, address, 0);
  }

  /** {@link sendToVectored} with flags for sendmsg(2). */
  sendToVectoredWithFlags(
    buffers: readonly BufferSource[],
    address: SockAddr,
    flags: number,
  ): number {
    const list = bytesOfAll('buffers', buffers);
    flagsOf(flags);
    writeAddress(this.context.memory, address);
    return this.check(this.driver.sendVectored(this.handle, list, flags, true), 'sendmsg', address);
  }

  /**
   * {@link recv} that never waits, whatever the blocking mode: `MSG_DONTWAIT`.
   * @returns `undefined` where nothing is there yet
   */
  tryRecv(buffer: BufferSource, flags = 0): number | undefined {
    const bytes = bytesOf('buffer', buffer);
    const all = flagsOf(flags) | this.context.DONTWAIT;
    const result = this.driver.recv(this.handle, bytes, all);
    if (result >= 0) return result;
    if (this.wouldBlock(result)) return undefined;
    throw this.error(result, 'recv');
  }

  /** {@link recvFrom} that never waits, whatever the blocking mode. */
  tryRecvFrom(buffer: BufferSource, flags = 0): [number, SockAddr] | undefined {
    const bytes = bytesOf('buffer', buffer);
    const all = flagsOf(flags) | this.context.DONTWAIT;
    const result = this.driver.recvFrom(this.handle, bytes, all);
    if (result >= 0) return [result, readAddress(this.context.memory)];
    if (this.wouldBlock(result)) return undefined;
    throw this.error(result, 'recvfrom');
  }

  /** {@link send} that never waits, whatever the blocking mode. */
  trySend(buffer: BufferSource, flags = 0): number | undefined {
    const bytes = bytesOf('buffer', buffer);
    const all = flagsOf(flags) | this.context.DONTWAIT;
    const result = this.driver.send(this.handle, bytes, all);
    if (result >= 0) return result;
    if (this.wouldBlock(result)) return undefined;
    throw this.error(result, 'send');
  }

  /** {@link sendTo} that never waits, whatever the blocking mode. */
  trySendTo(buffer: BufferSource, address: SockAddr, flags = 0): number | undefined {
    const bytes = bytesOf('buffer', buffer);
    flagsOf(flags);
    writeAddress(this.context.memory, address);
    const result = this.driver.sendTo(this.handle, bytes, flags | this.context.DONTWAIT);
    if (result >= 0) return result;
    if (this.wouldBlock(result)) return undefined;
    throw this.error(result, 'sendto', address);
  }

  /**
   * Receives many datagrams: recvmmsg(2), as often as the batch has room for. Waits for the first,
   * as the blocking mode says, and for no other.
   * @param batch filled; its `length` becomes the result
   * @returns how many came
   * @throws {SockError} EAGAIN, ENOTCONN, ECONNREFUSED, EINTR, EBADF
   */
  recvBatch(batch: DatagramBatch, flags = 0): number {
    const count = this.check(this.#recvBatch(batch, flagsOf(flags)), 'recvmmsg');
    batch.length = count;
    return count;
  }

  /** {@link recvBatch} that never waits, whatever the blocking mode. */
  tryRecvBatch(batch: DatagramBatch, flags = 0): number | undefined {
    const count = this.#recvBatch(batch, flagsOf(flags) | this.context.DONTWAIT);
    if (this.wouldBlock(count)) {
      batch.length = 0;
      return undefined;
    }
    batch.length = this.check(count, 'recvmmsg');
    return count;
  }

  #recvBatch(batch: DatagramBatch, flags: number): number {
    checkBatch(batch);
    if (this.driver.recvBatch === undefined) throw this.unsupported('recvBatch');
    return this.driver.recvBatch(this.handle, batch, batch.capacity, flags);
  }

  /**
   * Sends the datagrams of a batch: sendmmsg(2), as often as it takes. Never raises SIGPIPE.
   * @returns how many went; fewer than the batch holds where the next would fail or wait
   * @throws {SockError} the error of the first: EAGAIN, EMSGSIZE, ENETUNREACH, EBADF, ...
   */
  sendBatch(batch: DatagramBatch, flags = 0): number {
    return this.check(this.#sendBatch(batch, flagsOf(flags)), 'sendmmsg');
  }

  /** {@link sendBatch} that never waits, whatever the blocking mode. */
  trySendBatch(batch: DatagramBatch, flags = 0): number | undefined {
    const count = this.#sendBatch(batch, flagsOf(flags) | this.context.DONTWAIT);
    return this.wouldBlock(count) ? undefined : this.check(count, 'sendmmsg');
  }

  #sendBatch(batch: DatagramBatch, flags: number): number {
    checkBatch(batch);
    if (this.driver.sendBatch === undefined) throw this.unsupported('sendBatch');
    return this.driver.sendBatch(this.handle, batch, batch.length, flags);
  }

  /** {@link recv}, by the name that streams give it. */
  read(buffer: BufferSource): number {
    return this.recv(buffer);
  }

  /** {@link send}, by the name that streams give it. */
  write(buffer: BufferSource): number {
    return this.send(buffer);
  }

  protected wouldBlock(result: number): boolean {
    return result === this.context.EAGAIN || result === this.context.EWOULDBLOCK;
  }

  /** The number of a flag that not every system has. */
  #flag(name: string, operation: string): number {
    const flag = this.driver.constants[name];
    if (flag === undefined) throw this.unsupported(operation);
    return flag;
  }

  /** `msg_flags` of the last call. */
  protected recvFlags(): RecvFlags {
    const { driver, memory } = this.context;
    return new RecvFlags(driver.constants, memory.i32[Layout.flags >> 2] as number);
  }
}
