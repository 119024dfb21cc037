import type { SockAddr } from '../address.js';
import { Readiness } from '../driver.js';
import type {
  MessageRoom,
  MessageToSend,
  MsgHdrMut,
  ReceivedMessage,
} from '../message/message-header.js';
import { SocketOptions } from '../options/options.generated.js';
import { checkLimit } from '../socket/accept-batch.js';
import type { BufferSource } from '../socket/buffer.js';
import type { DatagramBatch } from '../socket/datagram-batch.js';
import type { WaitOptions } from '../socket/waits.js';
import {
  flagsIn,
  progressIn,
  type TransferOptions,
  type WholeTransferOptions,
} from './async-options.js';
import { Connect } from './connecting.js';
import { Accept, AcceptBatch, Connections, Datagrams } from './iteration.js';
import { Lane } from './lane.js';
import { type SocketStreams, type StreamOptions, streamsOf } from './streams.js';
import {
  Recv,
  RecvBatch,
  RecvExact,
  RecvFrom,
  RecvMessage,
  Send,
  SendAll,
  SendBatch,
  SendMessage,
  SendTo,
} from './transfers.js';

/**
 * The asynchronous forms of the calls of a socket, over its `try...` methods and `Driver.watch` alone.
 *
 * Each form tries first, and returns a resolved promise if the call did not have to wait. Otherwise it waits on the
 * event loop and tries again when the socket is ready. It uses the caller's buffer, and neither needs nor changes
 * the blocking mode of the socket. While it waits it keeps the process alive.
 *
 * Calls of one direction are done in the order in which they were made: those that receive or accept in one order,
 * those that send or connect in another. After 128 calls that did not wait, one waits for the next turn of the event
 * loop, so that a socket that is always ready does not keep timers from running.
 *
 * Each form takes a `signal` that aborts it: the promise rejects with `signal.reason`. And a `timeout` in
 * milliseconds: the promise rejects with ETIMEDOUT. Closing the socket rejects those that wait with EBADF. Wrong
 * arguments reject too, before any system call: no form throws.
 */
export abstract class AsyncSocket extends SocketOptions {
  /** Made by the first call: most sockets of a program that blocks need none. */
  #incoming: Lane | undefined;
  #outgoing: Lane | undefined;

  /** @internal */
  abstract tryAccept(): [this, SockAddr] | undefined;
  /** @internal */
  abstract tryAcceptBatch(limit?: number): [this, SockAddr][] | undefined;
  /** @internal */
  abstract tryRecv(buffer: BufferSource, flags?: number): number | undefined;
  /** @internal */
  abstract tryRecvFrom(buffer: BufferSource, flags?: number): [number, SockAddr] | undefined;
  /** @internal */
  abstract tryRecvmsg(room: MsgHdrMut, flags?: number): number | undefined;
  /** @internal */
  abstract tryRecvmsg(room: MessageRoom, flags?: number): ReceivedMessage<this> | undefined;
  /** @internal */
  abstract tryRecvBatch(batch: DatagramBatch, flags?: number): number | undefined;
  /** @internal */
  abstract trySend(buffer: BufferSource, flags?: number): number | undefined;
  /** @internal */
  abstract trySendTo(buffer: BufferSource, address: SockAddr, flags?: number): number | undefined;
  /** @internal */
  abstract trySendmsg(message: MessageToSend, flags?: number): number | undefined;
  /** @internal */
  abstract trySendBatch(batch: DatagramBatch, flags?: number): number | undefined;

  /** @internal */
  get incoming(): Lane {
    this.#incoming ??= new Lane(this, Readiness.READABLE);
    return this.#incoming;
  }

  /** @internal */
  get outgoing(): Lane {
    this.#outgoing ??= new Lane(this, Readiness.WRITABLE);
    return this.#outgoing;
  }

  /** @internal */
  override endWaits(): void {
    this.#incoming?.close();
    this.#outgoing?.close();
  }

  /**
   * An option was set that core does not know. It may be the key of an upper layer protocol such as kTLS.
   * @internal
   */
  forgetKind(): void {
    this.#incoming?.forgetKind();
  }

  // Asynchronous forms: accepting and connecting

  /**
   * Accepts a connection, once there is one: accept4(2), or accept(2) and fcntl(2) on systems without it.
   * @returns the connection and its peer's address
   * @throws {SockError} what `accept` throws, but for EAGAIN; ETIMEDOUT; EBADF when the socket is or gets closed
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`; the signal's reason
   * @example
   * const [connection, peer] = await listener.acceptAsync({ signal });
   */
  acceptAsync(options?: WaitOptions): Promise<[this, SockAddr]> {
    try {
      return this.incoming.start(new Accept(this), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Accepts the connections that are there, once there is one: {@link acceptAsync} for each, all in one call of the
   * backend.
   * @param limit the most connections, 1 to 1024. Default 64
   * @returns the connections, each with its peer's address, in the order in which they came
   * @throws what {@link acceptAsync} rejects with
   * @example
   * for (const [connection, peer] of await listener.acceptBatchAsync()) void serve(connection, peer);
   */
  acceptBatchAsync(limit = 64, options?: WaitOptions): Promise<[this, SockAddr][]> {
    try {
      return this.incoming.start(new AcceptBatch(this, checkLimit(limit)), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * The connections of a listener, one after the other: {@link acceptAsync} for each. Connections that are gone
   * before they are accepted are skipped, as accept(2) advises.
   *
   * The iteration ends when the socket is closed or the signal is aborted. `break` ends it too, and leaves the
   * listener open: iterate again to go on. An error such as EMFILE rejects `next()` and does not end the iteration.
   * Connections that nobody asked for stay in the listener's queue.
   * @returns what `for await` takes: `[connection, peer]` each time
   * @param options.signal ends the iteration; the loop ends as if there were no more connections
   * @param options.timeout the most milliseconds between two connections; then the loop throws ETIMEDOUT
   * @throws {SockError} EBADF if the socket is closed already; in the loop EMFILE, EINVAL when not listening, ETIMEDOUT
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   * @example
   * for await (const [connection, peer] of listener.connections({ signal })) void serve(connection, peer);
   */
  connections(options?: WaitOptions): AsyncIterableIterator<[this, SockAddr]> {
    this.asRawFd();
    return new Connections(this, options);
  }

  /**
   * Connects, and waits until the connection is made or has failed: connect(2) in non-blocking mode, then SO_ERROR
   * and connect(2) again. On a datagram socket it sets the peer. Sends that were called meanwhile follow it.
   *
   * A unix domain listener whose queue is full is tried again after 1 ms, and after up to 50 ms from then on.
   *
   * If the call is aborted or late, the system goes on connecting: close the socket, or call again with the same
   * address to wait for the rest. After another error the socket is as connect(2) leaves it; make a new one.
   * @throws {SockError} what `connect` throws, but for EINPROGRESS, EALREADY and EAGAIN; ETIMEDOUT; EBADF
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`; the signal's reason
   * @example
   * await socket.connectAsync(SockAddr.parse('127.0.0.1:5432'), { timeout: 2000 });
   */
  connectAsync(address: SockAddr, options?: WaitOptions): Promise<void> {
    try {
      return this.outgoing.start(new Connect(this, address), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  // Asynchronous forms: receiving

  /**
   * Receives data from the address the socket is connected to, once there is some: recv(2) with `MSG_DONTWAIT`.
   * One system call if data is there. The buffer must not be detached or resized before the promise settles.
   * @param options.flags further `MSG_...` flags, such as `MSG.PEEK`
   * @returns the number of bytes; 0 when a stream's peer has shut down its sending
   * @throws {SockError} what `recv` throws, but for EAGAIN; ETIMEDOUT; EBADF when the socket is or gets closed
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for a buffer that is or gets detached or resized; the
   * signal's reason
   * @example
   * const buffer = new Uint8Array(65536);
   * for (let length; (length = await socket.recvAsync(buffer)) > 0; ) use(buffer.subarray(0, length));
   */
  recvAsync(buffer: BufferSource, options?: TransferOptions): Promise<number> {
    try {
      if (options !== undefined) {
        return this.incoming.start(new Recv(this).with(buffer, flagsIn(options)), options);
      }
      const { incoming } = this;
      const { spare } = incoming;
      const call = spare.recv ?? new Recv(this, spare);
      spare.recv = undefined;
      return incoming.start(call.with(buffer, 0), undefined);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Fills a buffer from a stream: recv(2) as often as it takes.
   *
   * The bytes that arrived before an error are in the buffer and count as received. The error's `bytesRead` is their
   * number and its `bytes` a view of them. An aborted call rejects with the signal's reason, which has neither:
   * pass `progress` to know.
   * @param options.progress an object whose `bytes` is the number of bytes received so far
   * @returns the length of the buffer
   * @throws {SockError} `ERR_SOCK_END_OF_STREAM` if the stream ends before; what {@link recvAsync} throws
   * @example
   * const header = new Uint8Array(4);
   * await socket.recvExactAsync(header);
   */
  recvExactAsync(buffer: BufferSource, options?: WholeTransferOptions): Promise<number> {
    try {
      const call = new RecvExact(this, buffer, flagsIn(options), progressIn(options));
      return this.incoming.start(call, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Receives data and the address it came from, once there is some: recvfrom(2) with `MSG_DONTWAIT`.
   * @returns the number of bytes and the sender; on a connected stream the sender's family is `'unspec'`
   * @throws what {@link recvAsync} throws
   * @example
   * const [length, sender] = await socket.recvFromAsync(buffer);
   */
  recvFromAsync(buffer: BufferSource, options?: TransferOptions): Promise<[number, SockAddr]> {
    try {
      return this.incoming.start(new RecvFrom(this, buffer, flagsIn(options)), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * The datagrams that arrive, one after the other, all into the same buffer: {@link recvFromAsync} for each.
   * Use or copy the bytes before the next turn of the loop. A datagram that is longer than the buffer is cut off.
   * @returns what `for await` takes: `[bytes, sender]` each time
   *
   * The iteration ends when the socket is closed or the signal is aborted. `break` ends it too, and leaves the socket
   * open. An error rejects `next()` and does not end the iteration.
   * @param options.signal ends the iteration; the loop ends as if there were no more datagrams
   * @param options.timeout the most milliseconds between two datagrams; then the loop throws ETIMEDOUT
   * @throws {SockError} EBADF if the socket is closed already; in the loop what {@link recvFromAsync} throws
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @example
   * for await (const [length, sender] of socket.datagrams(buffer)) {
   *   socket.sendTo(buffer.subarray(0, length), sender);
   * }
   */
  datagrams(
    buffer: BufferSource,
    options?: TransferOptions,
  ): AsyncIterableIterator<[number, SockAddr]> {
    this.asRawFd();
    return new Datagrams(this, buffer, options);
  }

  /**
   * Receives a message with its control messages, once there is one: recvmsg(2) with `MSG_DONTWAIT`.
   * @param room an object, or a {@link MsgHdrMut}, which is filled in; its buffers and its room for control messages
   * are read when this is called
   * @returns the message; for a `MsgHdrMut` the number of bytes
   * @throws what `recvmsg` throws, but for EAGAIN, and what {@link recvAsync} throws
   * @example
   * const { length, control } = await channel.recvmsgAsync({ buffers: [buffer], control: 256 });
   */
  recvmsgAsync(room: MsgHdrMut, options?: TransferOptions): Promise<number>;
  recvmsgAsync(room: MessageRoom, options?: TransferOptions): Promise<ReceivedMessage<this>>;
  recvmsgAsync(
    room: MessageRoom | MsgHdrMut,
    options?: TransferOptions,
  ): Promise<ReceivedMessage<this> | number> {
    try {
      return this.incoming.start(new RecvMessage(this, room, flagsIn(options)), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Receives the datagrams that are there, at least one: recvmmsg(2) with `MSG_DONTWAIT`.
   * @param batch filled; its `length` becomes the result
   * @returns the number of datagrams
   * @throws what `recvBatch` throws, but for EAGAIN, and what {@link recvAsync} throws
   * @example
   * const batch = new DatagramBatch({ count: 64, size: 2048 });
   * const count = await socket.recvBatchAsync(batch);
   */
  recvBatchAsync(batch: DatagramBatch, options?: TransferOptions): Promise<number> {
    try {
      return this.incoming.start(new RecvBatch(this, batch, flagsIn(options)), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  // Asynchronous forms: sending

  /**
   * Sends data to the connected peer, once there is room: send(2) with `MSG_DONTWAIT`. Never raises SIGPIPE.
   * @param options.flags further `MSG_...` flags
   * @returns the number of bytes sent, which may be fewer than the buffer has; see {@link sendAllAsync}
   * @throws {SockError} what `send` throws, but for EAGAIN; ETIMEDOUT; EBADF when the socket is or gets closed
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for a buffer that is or gets detached or resized; the
   * signal's reason
   * @example
   * const sent = await socket.sendAsync(bytes, { timeout: 5000 });
   */
  sendAsync(buffer: BufferSource, options?: TransferOptions): Promise<number> {
    try {
      return this.outgoing.start(new Send(this, buffer, flagsIn(options)), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends all of a buffer: send(2) as often as it takes. The bytes of two calls never mix.
   *
   * The `bytesWritten` of an error is the number of bytes sent before it. An aborted call rejects with the signal's
   * reason, which does not have it: pass `progress` to know.
   * @param options.progress an object whose `bytes` is the number of bytes sent so far
   * @returns the length of the buffer
   * @throws what {@link sendAsync} throws
   * @example
   * await socket.sendAllAsync(new TextEncoder().encode('hello'));
   */
  sendAllAsync(buffer: BufferSource, options?: WholeTransferOptions): Promise<number> {
    try {
      const call = new SendAll(this, buffer, flagsIn(options), progressIn(options));
      return this.outgoing.start(call, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends data to an address, once there is room: sendto(2) with `MSG_DONTWAIT`.
   * @returns the number of bytes sent
   * @throws what `sendTo` throws, but for EAGAIN, and what {@link sendAsync} throws
   * @example
   * await socket.sendToAsync(query, SockAddr.ipv4('127.0.0.53', 53));
   */
  sendToAsync(buffer: BufferSource, address: SockAddr, options?: TransferOptions): Promise<number> {
    try {
      return this.outgoing.start(new SendTo(this, buffer, address, flagsIn(options)), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends a message with control messages, once there is room: sendmsg(2) with `MSG_DONTWAIT`.
   * @param message an object, or what {@link MsgHdr} builds; its members are read when this is called
   * @returns the number of bytes sent
   * @throws what `sendmsg` throws, but for EAGAIN, and what {@link sendAsync} throws
   * @example
   * await channel.sendmsgAsync({ buffers: [bytes], control: [{ kind: 'rights', fds: [connection] }] });
   */
  sendmsgAsync(message: MessageToSend, options?: TransferOptions): Promise<number> {
    try {
      return this.outgoing.start(new SendMessage(this, message, flagsIn(options)), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends the datagrams of a batch, once there is room for one: sendmmsg(2) with `MSG_DONTWAIT`.
   * @returns the number of datagrams sent; fewer than the batch holds if the next one fails or would wait
   * @throws what `sendBatch` throws, but for EAGAIN, and what {@link sendAsync} throws
   * @example
   * const sent = await socket.sendBatchAsync(batch);
   */
  sendBatchAsync(batch: DatagramBatch, options?: TransferOptions): Promise<number> {
    try {
      return this.outgoing.start(new SendBatch(this, batch, flagsIn(options)), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  // Streams

  /**
   * The two directions of a connection as Web streams: a `ReadableStream` of bytes (`type: 'bytes'`, so with BYOB
   * readers) and a `WritableStream`. They use {@link recvAsync} and {@link sendAllAsync}.
   *
   * The readable receives only when somebody reads, into the reader's buffer if it is a BYOB reader. It closes at the
   * end of the peer's stream. Cancelling it shuts down the reading half. The writable takes any buffer, and holds
   * back its writers while the system has no room. Closing it shuts down the writing half, after everything was
   * sent. Aborting it gives up the connection: the peer gets a reset where the system has one. An error of the
   * socket errors both. When both are done the socket is closed, unless `keepOpen`.
   * @param options.signal aborts both, with its reason
   * @param options.timeout the most milliseconds that one read or one write may wait: ETIMEDOUT then errors both
   * @param options.keepOpen leaves the socket open. Default `false`
   * @param options.chunkSize bytes of room for a read without a buffer of its own. Default 65536
   * @param options.highWaterMark bytes that the writable queues before `ready` waits. Default 65536
   * @returns both streams, at once; the socket belongs to them: do not call its own receiving and sending methods
   * @throws {SockError} EPROTOTYPE if the socket is not of type STREAM, EBADF; `ERR_SOCK_UNSUPPORTED` if the engine
   * has no Web streams
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   * @see https://streams.spec.whatwg.org
   * @example
   * const { readable, writable } = socket.streams();
   * await readable.pipeTo(writable); // an echo server
   */
  streams(options?: StreamOptions): SocketStreams {
    return streamsOf(this, options);
  }
}
