import { shareInstances } from './instances.js';
import { SockAddr } from './address.js';
import { AsyncSocket } from './async/async-socket.js';
import {
  type Domain,
  type Protocol,
  readableName,
  type Shutdown,
  shutdownNumber,
  systemNumber,
  type Type,
} from './constants.js';
import { type Driver, type Handle, Layout, OpenFlags, Readiness, type Support } from './driver.js';
import { DriverContext } from './driver/context.js';
import type { OperationName } from './driver/operations.js';
import { optionRow, supportOf } from './driver/support.js';
import { checkBoolean, checkDuration, checkInteger, invalidType } from './errors.js';
import { fdOf, type FdSource } from './message/control-message.js';
import { encodeFilter, type SockFilterInit } from './message/filter.js';
import type {
  MessageRoom,
  MessageToSend,
  MsgHdrMut,
  ReceivedMessage,
} from './message/message-header.js';
import { controlRoomOf, receivedMessage, recvMessage, sendMessage } from './message/message.js';
import type { OptionMethodName } from './options.js';
import { setNumber } from './options/option-access.js';
import { acceptBatch, checkLimit } from './socket/accept-batch.js';
import { type BufferSource, bytesOf, bytesOfAll, checkBytes } from './socket/buffer.js';
import { DatagramBatch } from './socket/datagram-batch.js';
import { RecvFlags } from './socket/recv-flags.js';
import {
  adopt,
  closeAfterError,
  ExistingHandle,
  type SocketClass,
} from './socket/socket-handle.js';
import { TcpKeepalive, type TcpKeepaliveInit } from './socket/tcp-keepalive.js';
import { type WaitOptions, waitOptions, Waits } from './socket/waits.js';

/** The part of a {@link Poller} that a socket knows. */
interface Registry {
  deregister(socket: Socket): void;
}

const HANDLE_MAX = 0x7fffffff;
const NO_BYTES = new Uint8Array(0);
/** The most bytes that one sendfile(2) of Linux sends. */
const SENDFILE_MAX = 0x7ffff000;

/**
 * An owned system socket. Each method makes one system call, which its documentation names; nothing is
 * configured behind the caller's back.
 *
 * A socket blocks until {@link setNonblocking}, as the system makes it: a call that waits holds up its
 * thread. The `...Async` methods, `await readable()`, `await writable()` and the `try...` methods never do.
 *
 * A socket owns its descriptor: `close()`, `using` or garbage collection close it.
 *
 * Import it from a backend: `import { Socket } from '@sock/native'`.
 *
 * The class has three layers below it: `SocketHandle` owns the handle, `SocketOptions` has the methods
 * that are generated from the option table, and `AsyncSocket` has the asynchronous forms.
 *
 * @see socket(7), https://docs.rs/socket2
 */
export abstract class Socket extends AsyncSocket {
  /** Made by the first wait: most sockets never wait. */
  #waits: Waits | undefined;
  /** The pollers that have this socket, most often one. Closing deregisters it. */
  #pollers: Registry[] | undefined;

  // Creation

  /**
   * Creates a socket and sets close-on-exec, on Apple systems also SO_NOSIGPIPE: socket(2).
   * @param domain a `Domain`, or the system's number
   * @param type a `Type`, or the system's number
   * @param protocol a `Protocol`, or the system's number; left out, the domain's usual one for the type
   * @throws {SockError} EAFNOSUPPORT, EPROTONOSUPPORT, EMFILE, EACCES; `ERR_SOCK_UNSUPPORTED` if the backend does not support the domain
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
   * @example
   * const socket = new Socket(Domain.IPV4, Type.STREAM);
   */
  constructor(domain: Domain, type: Type, protocol?: Protocol | null) {
    super();
    const existing: unknown = domain;
    if (!(existing instanceof ExistingHandle)) this.adopt(this.#open(domain, type, protocol, 0));
    else if (existing.adopts) this.adopt(existing.pass(this));
    else this.borrow(existing.pass());
  }

  #open(domain: Domain, type: Type, protocol: Protocol | null | undefined, flags: number): Handle {
    const result = this.driver.open(
      systemNumber(this.context, 'domain', domain),
      systemNumber(this.context, 'type', type),
      protocolNumber(this.context, protocol),
      flags,
    );
    return this.context.check(result, 'socket');
  }

  /** Creates a socket and sets no flag: socket(2) alone. Programs that are executed inherit it. */
  static newRaw<T extends Socket>(
    this: SocketClass<T>,
    domain: Domain,
    type: Type,
    protocol?: Protocol | null,
  ): T {
    const socket = new this(new ExistingHandle(-1, false));
    socket.adopt(socket.#open(domain, type, protocol, OpenFlags.INHERITABLE));
    return socket;
  }

  /**
   * Creates two sockets that are connected with each other, close-on-exec: socketpair(2).
   * @throws {SockError} EOPNOTSUPP, EAFNOSUPPORT, EMFILE
   * @example
   * const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
   */
  static pair<T extends Socket>(
    this: SocketClass<T>,
    domain: Domain,
    type: Type,
    protocol?: Protocol | null,
  ): [T, T] {
    return makePair(this, domain, type, protocol, 0);
  }

  /** {@link pair} without close-on-exec. */
  static pairRaw<T extends Socket>(
    this: SocketClass<T>,
    domain: Domain,
    type: Type,
    protocol?: Protocol | null,
  ): [T, T] {
    return makePair(this, domain, type, protocol, OpenFlags.INHERITABLE);
  }

  /**
   * Adopts a file descriptor that is a socket: the Socket is its owner from now on.
   * @throws {SockError} EBADF, ENOTSOCK; EEXIST if an open Socket of this thread owns it already
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   * @example
   * // A socket that systemd passed: sd_listen_fds(3).
   * const listener = Socket.fromRawFd(3);
   */
  static fromRawFd<T extends Socket>(this: SocketClass<T>, fd: number): T {
    checkInteger('fd', fd, 0, HANDLE_MAX);
    const socket = new this(new ExistingHandle(-1, false));
    socket.context.check(socket.driver.adopt(fd), 'fd');
    socket.adopt(fd);
    return socket;
  }

  /**
   * Borrows a file descriptor that somebody else owns and closes. The view must not be used after its
   * owner closed the descriptor: the number may belong to another file by then.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  static borrowRawFd<T extends Socket>(this: SocketClass<T>, fd: number): T {
    return new this(new ExistingHandle(checkInteger('fd', fd, 0, HANDLE_MAX), false));
  }

  // Binding, connecting, accepting

  /**
   * Binds the socket to an address: bind(2).
   * @throws {SockError} EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL, EBADF
   * @example
   * socket.bind(SockAddr.ipv4('127.0.0.1', 0)); // port 0: the system chooses
   */
  bind(address: SockAddr): void {
    SockAddr.write(this.context.memory, address);
    const result = this.driver.bind(this.handle);
    if (result < 0) throw this.context.error(result, 'bind', { address });
  }

  /**
   * Initiates a connection: connect(2). On a datagram socket it sets the peer.
   * @throws {SockError} ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EINPROGRESS (non-blocking), EISCONN, EALREADY, EINTR, EBADF
   * @example
   * socket.connect(SockAddr.parse('127.0.0.1:5432'));
   */
  connect(address: SockAddr): void {
    SockAddr.write(this.context.memory, address);
    const result = this.driver.connect(this.handle);
    if (result < 0) throw this.context.error(result, 'connect', { address });
  }

  /**
   * {@link connect} that never waits, whatever the blocking mode. Call it again after
   * `await writable()` to learn the outcome.
   *
   * A unix domain listener whose queue is full gives EAGAIN, and the system has no event for the end of
   * that. `writable()` then waits for a time that doubles up to 50 ms, so the loop below rests.
   * @returns `true` once connected, `undefined` while connecting
   * @throws {SockError} what {@link connect} throws, but for EINPROGRESS, EALREADY and EAGAIN
   * @example
   * while (socket.tryConnect(address) === undefined) await socket.writable({ timeout: 5000 });
   */
  tryConnect(address: SockAddr): true | undefined {
    const { context } = this;
    SockAddr.write(context.memory, address);
    const result = this.driver.tryConnect(this.handle);
    if (result >= 0 || result === context.EISCONN) return true;
    if (result === context.EINPROGRESS || result === context.EALREADY) return undefined;
    if (!context.wouldBlock(result)) throw context.error(result, 'connect', { address });
    this.#waits ??= new Waits(this);
    this.#waits.retryLater();
    return undefined;
  }

  /**
   * {@link connect} that waits for a limited time: connect(2) in non-blocking mode, then poll(2), again
   * after EINTR with the time that remains. The socket is in blocking mode after success and in either
   * mode after failure.
   * @param timeout in milliseconds, > 0
   * @throws {SockError} ETIMEDOUT when the time is up; the connection may still be made in the background
   * @example
   * socket.connectTimeout(SockAddr.ipv4('192.0.2.1', 80), 2000);
   */
  connectTimeout(address: SockAddr, timeout: number): void {
    checkDuration('timeout', timeout);
    SockAddr.write(this.context.memory, address);
    const result = this.driver.connectTimeout(this.handle, timeout);
    if (result < 0) throw this.context.error(result, 'connect', { address });
  }

  /**
   * Marks the socket as ready to accept connections: listen(2).
   * @param backlog length of the queue; the system caps it (SOMAXCONN)
   * @throws {SockError} EADDRINUSE, EINVAL when connected, ENOTSUP, EBADF
   * @example
   * socket.bind(SockAddr.parse('[::1]:8080'));
   * socket.listen(128);
   */
  listen(backlog: number): void {
    checkInteger('backlog', backlog, -0x80000000, 0x7fffffff);
    this.context.check(this.driver.listen(this.handle, backlog), 'listen');
  }

  /**
   * Accepts a connection: accept4(2), or accept(2) and fcntl(2) on systems without it. Sets the same
   * flags as `new Socket`.
   * @returns the connection and its peer's address
   * @throws {SockError} EAGAIN when non-blocking or past the read time-out, EMFILE, ECONNABORTED, EINVAL when not listening, EINTR, EBADF
   * @example
   * const [connection, peer] = listener.accept();
   */
  accept(): [this, SockAddr] {
    return this.#accepted(this.driver.accept(this.handle, 0));
  }

  /** {@link accept} that sets no flag: accept(2) alone. */
  acceptRaw(): [this, SockAddr] {
    return this.#accepted(this.driver.accept(this.handle, OpenFlags.INHERITABLE));
  }

  /**
   * {@link accept} with flags of the caller's choice: accept4(2). No other flag is set.
   * @param flags `SOCK.NONBLOCK` and `SOCK.CLOEXEC` of the backend
   * @throws {SockError} EINVAL for other flags, and what {@link accept} throws
   */
  accept4(flags: number): [this, SockAddr] {
    checkInteger('flags', flags, -0x80000000, 0x7fffffff);
    if (this.driver.accept4 === undefined) throw this.context.unsupported('accept4');
    return this.#accepted(this.driver.accept4(this.handle, flags), 'accept4');
  }

  /**
   * {@link accept} that does not wait, whatever the blocking mode: poll(2) before it. If other processes
   * accept on the same listener, set it non-blocking: they may take the connection in between.
   * @returns `undefined` when no connection is there yet
   * @example
   * for (let next = listener.tryAccept(); next; next = listener.tryAccept()) serve(next[0]);
   */
  tryAccept(): [this, SockAddr] | undefined {
    const result = this.driver.accept(this.handle, OpenFlags.DONTWAIT);
    if (this.context.wouldBlock(result)) return undefined;
    return this.#accepted(result);
  }

  /**
   * Accepts the connections that are there, at least one: {@link accept} for each, all in one call of the backend.
   * Waits for the first as the blocking mode says, and for no other. If one fails after the first, the call returns
   * those before it.
   * @param limit the most connections, 1 to 1024. Default 64
   * @returns the connections, each with its peer's address, in the order in which they came
   * @throws {SockError} what {@link accept} throws, for the first connection
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   * @example
   * for (const [connection, peer] of listener.acceptBatch()) serve(connection, peer);
   */
  acceptBatch(limit = 64): [this, SockAddr][] {
    const result = this.#acceptBatch(0, checkLimit(limit));
    return typeof result === 'number' ? this.#acceptFailed(result) : result;
  }

  /**
   * {@link acceptBatch} that does not wait, whatever the blocking mode.
   * @returns `undefined` when no connection is there yet
   * @example
   * await listener.readable();
   * for (const [connection] of listener.tryAcceptBatch() ?? []) serve(connection);
   */
  tryAcceptBatch(limit = 64): [this, SockAddr][] | undefined {
    const result = this.#acceptBatch(OpenFlags.DONTWAIT, checkLimit(limit));
    if (typeof result !== 'number') return result;
    return this.context.wouldBlock(result) ? undefined : this.#acceptFailed(result);
  }

  #acceptBatch(flags: number, limit: number): [this, SockAddr][] | number {
    const Class = this.constructor as SocketClass<this>;
    return acceptBatch(this.context, Class, this.handle, flags, limit);
  }

  #acceptFailed(result: number): never {
    throw this.context.error(result, 'accept');
  }

  #accepted(result: number, syscall = 'accept'): [this, SockAddr] {
    const handle = this.context.check(result, syscall);
    const peer = SockAddr.read(this.context.memory);
    return [this.#sibling(handle), peer];
  }

  #sibling(handle: Handle): this {
    return adopt(this.constructor as SocketClass<this>, handle);
  }

  // Addresses, blocking mode, handles

  /**
   * The address of the local half: getsockname(2).
   * @throws {SockError} EBADF; some systems report an error for a socket that is not bound
   * @example
   * const { port } = listener.localAddr();
   */
  localAddr(): SockAddr {
    this.context.check(this.driver.localAddress(this.handle), 'getsockname');
    return SockAddr.read(this.context.memory);
  }

  /**
   * The address of the remote peer: getpeername(2).
   * @throws {SockError} ENOTCONN, EBADF
   * @example
   * console.log(`connected to ${socket.peerAddr()}`);
   */
  peerAddr(): SockAddr {
    this.context.check(this.driver.peerAddress(this.handle), 'getpeername');
    return SockAddr.read(this.context.memory);
  }

  /**
   * A new, independently owned handle to the same socket, close-on-exec: fcntl(F_DUPFD_CLOEXEC).
   * Both share options, blocking mode and queues.
   * @throws {SockError} EMFILE, EBADF
   * @example
   * using writer = socket.tryClone();
   */
  tryClone(): this {
    return this.#sibling(this.context.check(this.driver.duplicate(this.handle), 'fcntl'));
  }

  /** Whether the socket is in non-blocking mode: fcntl(F_GETFL). */
  nonblocking(): boolean {
    return this.context.check(this.driver.nonblocking(this.handle), 'fcntl') !== 0;
  }

  /**
   * Moves the socket into or out of non-blocking mode: fcntl(F_SETFL, O_NONBLOCK).
   * @throws {SockError} EBADF
   * @example
   * socket.setNonblocking(true); // recv() now throws EAGAIN when nothing is there
   */
  setNonblocking(nonblocking: boolean): void {
    checkBoolean('nonblocking', nonblocking);
    this.context.check(this.driver.setNonblocking(this.handle, nonblocking), 'fcntl');
  }

  /** Sets or clears close-on-exec: fcntl(F_SETFD, FD_CLOEXEC). */
  setCloexec(closeOnExec: boolean): void {
    checkBoolean('closeOnExec', closeOnExec);
    const result = this.driver.setCloexec(this.handle, closeOnExec);
    if (result < 0) throw this.context.error(result, 'fcntl', { operation: 'setCloexec' });
  }

  /**
   * Sets or clears whether programs that are executed inherit the handle: SetHandleInformation of
   * Windows, HANDLE_FLAG_INHERIT. Other systems have {@link setCloexec}.
   */
  setNoInherit(noInherit: boolean): void {
    checkBoolean('noInherit', noInherit);
    if (this.driver.system !== 'win32') throw this.context.unsupported('setNoInherit');
    const result = this.driver.setCloexec(this.handle, noInherit);
    if (result < 0)
      throw this.context.error(result, 'SetHandleInformation', { operation: 'setNoInherit' });
  }

  /**
   * Shuts down the reading half, the writing half or both: shutdown(2). Pending and future calls on
   * that half return at once; so this also frees a thread that is blocked in `recv`.
   * @throws {SockError} ENOTCONN, EBADF
   * @example
   * socket.shutdown('write'); // the peer reads to the end of the stream
   */
  shutdown(how: Shutdown): void {
    this.context.check(this.driver.shutdown(this.handle, shutdownNumber(how)), 'shutdown');
  }

  // Receiving

  /**
   * Receives data from the address the socket is connected to: recv(2).
   * @returns the number of bytes; 0 when a stream's peer has shut down its sending
   * @throws {SockError} EAGAIN when non-blocking or past the read time-out, ENOTCONN, ECONNRESET, EINTR, EBADF
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for a buffer that is detached or out of bounds
   * @example
   * const buffer = Buffer.alloc(65536);
   * const length = socket.recv(buffer);
   * console.log(buffer.toString('utf8', 0, length));
   */
  recv(buffer: BufferSource): number {
    const bytes = bytesOf('buffer', buffer);
    const result = this.driver.recv(this.handle, bytes, 0);
    if (result < 0) throw this.context.error(result, 'recv');
    return result;
  }

  /**
   * {@link recv} that never waits, whatever the blocking mode: `MSG_DONTWAIT`.
   * @param flags further `MSG_...` flags
   * @returns `undefined` when nothing is there yet
   * @example
   * await socket.readable();
   * const length = socket.tryRecv(buffer) ?? 0;
   */
  tryRecv(buffer: BufferSource, flags = 0): number | undefined {
    const bytes = bytesOf('buffer', buffer);
    const all = flagsOf(flags) | this.context.DONTWAIT;
    const result = this.driver.recv(this.handle, bytes, all);
    if (result >= 0) return result;
    if (this.context.wouldBlock(result)) return undefined;
    throw this.context.error(result, 'recv');
  }

  /**
   * Receives out-of-band data: recv(2) with `MSG_OOB`.
   * @throws {SockError} EINVAL when there is none or when it is received in line
   */
  recvOutOfBand(buffer: BufferSource): number {
    const bytes = bytesOf('buffer', buffer);
    const flag = this.#flag('MSG_OOB', 'recvOutOfBand');
    return this.context.check(this.driver.recv(this.handle, bytes, flag), 'recv');
  }

  /** {@link recv} with flags: any of the backend's `MSG` numbers, passed to recv(2) as they are. */
  recvWithFlags(buffer: BufferSource, flags: number): number {
    const bytes = bytesOf('buffer', buffer);
    return this.context.check(this.driver.recv(this.handle, bytes, flagsOf(flags)), 'recv');
  }

  /**
   * Receives into several buffers, one after the other: recvmsg(2).
   * @param buffers at most 1024
   * @returns the number of bytes and the flags of the message
   */
  recvVectored(buffers: readonly BufferSource[]): [number, RecvFlags] {
    return this.recvVectoredWithFlags(buffers, 0);
  }

  /** {@link recvVectored} with flags for recvmsg(2). */
  recvVectoredWithFlags(buffers: readonly BufferSource[], flags: number): [number, RecvFlags] {
    const list = bytesOfAll('buffers', buffers);
    const result = this.driver.recvVectored(this.handle, list, flagsOf(flags), false);
    const length = this.context.check(result, 'recvmsg');
    return [length, this.#recvFlags()];
  }

  /**
   * {@link recv} that leaves the data in place: recv(2) with `MSG_PEEK`. Further calls return the same data.
   * @example
   * const isTls = socket.peek(head) > 0 && head[0] === 0x16;
   */
  peek(buffer: BufferSource): number {
    const bytes = bytesOf('buffer', buffer);
    return this.context.check(this.driver.recv(this.handle, bytes, this.context.PEEK), 'recv');
  }

  /**
   * Receives data and the address it came from: recvfrom(2).
   * @returns the number of bytes and the sender; on a connected stream the sender's family is `'unspec'`
   * @throws {SockError} EAGAIN, ENOTCONN, ECONNREFUSED, EINTR, EBADF
   * @example
   * const [length, sender] = socket.recvFrom(buffer);
   * socket.sendTo(buffer.subarray(0, length), sender);
   */
  recvFrom(buffer: BufferSource): [number, SockAddr] {
    const bytes = bytesOf('buffer', buffer);
    const result = this.driver.recvFrom(this.handle, bytes, 0);
    if (result < 0) throw this.context.error(result, 'recvfrom');
    return [result, SockAddr.read(this.context.memory)];
  }

  /**
   * {@link recvFrom} that never waits, whatever the blocking mode.
   * @returns `undefined` when nothing is there yet
   * @example
   * const datagram = socket.tryRecvFrom(buffer);
   * if (datagram !== undefined) console.log(`${datagram[0]} bytes from ${datagram[1]}`);
   */
  tryRecvFrom(buffer: BufferSource, flags = 0): [number, SockAddr] | undefined {
    const bytes = bytesOf('buffer', buffer);
    const all = flagsOf(flags) | this.context.DONTWAIT;
    const result = this.driver.recvFrom(this.handle, bytes, all);
    if (result >= 0) return [result, SockAddr.read(this.context.memory)];
    if (this.context.wouldBlock(result)) return undefined;
    throw this.context.error(result, 'recvfrom');
  }

  /** {@link recvFrom} with flags for recvfrom(2). */
  recvFromWithFlags(buffer: BufferSource, flags: number): [number, SockAddr] {
    const bytes = bytesOf('buffer', buffer);
    const result = this.driver.recvFrom(this.handle, bytes, flagsOf(flags));
    return [this.context.check(result, 'recvfrom'), SockAddr.read(this.context.memory)];
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
    const result = this.driver.recvVectored(this.handle, list, flagsOf(flags), true);
    const length = this.context.check(result, 'recvmsg');
    return [length, this.#recvFlags(), SockAddr.read(this.context.memory)];
  }

  /** {@link recvFrom} that leaves the datagram in place: recvfrom(2) with `MSG_PEEK`. */
  peekFrom(buffer: BufferSource): [number, SockAddr] {
    return this.recvFromWithFlags(buffer, this.context.PEEK);
  }

  /**
   * The sender of the next datagram, which stays in place: recvfrom(2) with `MSG_PEEK` and no room.
   * @throws {SockError} EAGAIN, EBADF
   */
  peekSender(): SockAddr {
    return this.peekFrom(NO_BYTES)[1];
  }

  /** {@link recv}, under the name that streams give it. */
  read(buffer: BufferSource): number {
    return this.recv(buffer);
  }

  // Sending

  /**
   * Sends data to the connected peer: send(2). Never raises SIGPIPE.
   * @returns the number of bytes sent, which may be fewer than the buffer has
   * @throws {SockError} EAGAIN, EPIPE, ECONNRESET, EMSGSIZE, ENOTCONN, EDESTADDRREQ, EINTR, EBADF
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for a buffer that is detached or out of bounds
   * @example
   * socket.send(new TextEncoder().encode('hello'));
   */
  send(buffer: BufferSource): number {
    const bytes = bytesOf('buffer', buffer);
    const result = this.driver.send(this.handle, bytes, 0);
    if (result < 0) throw this.context.error(result, 'send');
    return result;
  }

  /**
   * {@link send} that never waits, whatever the blocking mode.
   * @param flags further `MSG_...` flags
   * @returns `undefined` when there is no room
   * @example
   * const sent = socket.trySend(bytes);
   * if (sent === undefined) await socket.writable();
   */
  trySend(buffer: BufferSource, flags = 0): number | undefined {
    const bytes = bytesOf('buffer', buffer);
    const all = flagsOf(flags) | this.context.DONTWAIT;
    const result = this.driver.send(this.handle, bytes, all);
    if (result >= 0) return result;
    if (this.context.wouldBlock(result)) return undefined;
    throw this.context.error(result, 'send');
  }

  /** {@link send} with flags for send(2). */
  sendWithFlags(buffer: BufferSource, flags: number): number {
    const bytes = bytesOf('buffer', buffer);
    return this.context.check(this.driver.send(this.handle, bytes, flagsOf(flags)), 'send');
  }

  /** Sends several buffers as one message, or one after the other into the stream: sendmsg(2). */
  sendVectored(buffers: readonly BufferSource[]): number {
    return this.sendVectoredWithFlags(buffers, 0);
  }

  /** {@link sendVectored} with flags for sendmsg(2). */
  sendVectoredWithFlags(buffers: readonly BufferSource[], flags: number): number {
    const list = bytesOfAll('buffers', buffers);
    const result = this.driver.sendVectored(this.handle, list, flagsOf(flags), false);
    return this.context.check(result, 'sendmsg');
  }

  /** Sends out-of-band data: send(2) with `MSG_OOB`. TCP carries its last byte as the urgent one. */
  sendOutOfBand(buffer: BufferSource): number {
    const bytes = bytesOf('buffer', buffer);
    const flag = this.#flag('MSG_OOB', 'sendOutOfBand');
    return this.context.check(this.driver.send(this.handle, bytes, flag), 'send');
  }

  /**
   * Sends data to an address: sendto(2).
   * @returns the number of bytes sent
   * @throws {SockError} EAGAIN, EMSGSIZE, ENETUNREACH, EACCES (broadcast), EISCONN, EINTR, EBADF
   * @example
   * socket.sendTo(query, SockAddr.ipv4('127.0.0.53', 53));
   */
  sendTo(buffer: BufferSource, address: SockAddr): number {
    const bytes = bytesOf('buffer', buffer);
    SockAddr.write(this.context.memory, address);
    const result = this.driver.sendTo(this.handle, bytes, 0);
    if (result < 0) throw this.context.error(result, 'sendto', { address });
    return result;
  }

  /**
   * {@link sendTo} that never waits, whatever the blocking mode.
   * @returns `undefined` when there is no room
   * @example
   * if (socket.trySendTo(bytes, peer) === undefined) await socket.writable();
   */
  trySendTo(buffer: BufferSource, address: SockAddr, flags = 0): number | undefined {
    const bytes = bytesOf('buffer', buffer);
    flagsOf(flags);
    SockAddr.write(this.context.memory, address);
    const result = this.driver.sendTo(this.handle, bytes, flags | this.context.DONTWAIT);
    if (result >= 0) return result;
    if (this.context.wouldBlock(result)) return undefined;
    throw this.context.error(result, 'sendto', { address });
  }

  /** {@link sendTo} with flags for sendto(2). */
  sendToWithFlags(buffer: BufferSource, address: SockAddr, flags: number): number {
    const bytes = bytesOf('buffer', buffer);
    flagsOf(flags);
    SockAddr.write(this.context.memory, address);
    const result = this.driver.sendTo(this.handle, bytes, flags);
    if (result < 0) throw this.context.error(result, 'sendto', { address });
    return result;
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
    SockAddr.write(this.context.memory, address);
    const result = this.driver.sendVectored(this.handle, list, flags, true);
    if (result < 0) throw this.context.error(result, 'sendmsg', { address });
    return result;
  }

  /** {@link send}, under the name that streams give it. */
  write(buffer: BufferSource): number {
    return this.send(buffer);
  }

  // Batches of datagrams

  /**
   * Receives many datagrams: recvmmsg(2), as often as the batch has room for. Waits for the first
   * datagram as the blocking mode says, and for no other.
   * @param batch filled; its `length` becomes the result
   * @returns the number of datagrams
   * @throws {SockError} EAGAIN, ENOTCONN, ECONNREFUSED, EINTR, EBADF
   * @example
   * const batch = new DatagramBatch({ count: 64, size: 2048 });
   * for (let i = 0, count = socket.recvBatch(batch); i < count; i++) handle(batch.bytes(i));
   */
  recvBatch(batch: DatagramBatch, flags = 0): number {
    const count = this.context.check(this.#recvBatch(batch, flagsOf(flags)), 'recvmmsg');
    batch.length = count;
    return count;
  }

  /** {@link recvBatch} that never waits, whatever the blocking mode. */
  tryRecvBatch(batch: DatagramBatch, flags = 0): number | undefined {
    const count = this.#recvBatch(batch, flagsOf(flags) | this.context.DONTWAIT);
    if (this.context.wouldBlock(count)) {
      batch.length = 0;
      return undefined;
    }
    batch.length = this.context.check(count, 'recvmmsg');
    return count;
  }

  #recvBatch(batch: DatagramBatch, flags: number): number {
    DatagramBatch.check(batch);
    if (this.driver.recvBatch === undefined) throw this.context.unsupported('recvBatch');
    if (batch.columns !== undefined) DatagramBatch.checkColumns(batch, this.context, 'recvmmsg');
    return this.driver.recvBatch(this.handle, batch, batch.capacity, flags);
  }

  /**
   * Sends the datagrams of a batch: sendmmsg(2), as often as it takes. Never raises SIGPIPE.
   * @returns the number of datagrams sent; fewer than the batch holds if the next one fails or would wait
   * @throws {SockError} the error of the first datagram: EAGAIN, EMSGSIZE, ENETUNREACH, EBADF, ...
   * @example
   * const batch = new DatagramBatch({ count: 2, size: 1500 });
   * batch.push(one, peer);
   * batch.push(other, peer);
   * socket.sendBatch(batch);
   */
  sendBatch(batch: DatagramBatch, flags = 0): number {
    return this.context.check(this.#sendBatch(batch, flagsOf(flags)), 'sendmmsg');
  }

  /** {@link sendBatch} that never waits, whatever the blocking mode. */
  trySendBatch(batch: DatagramBatch, flags = 0): number | undefined {
    const count = this.#sendBatch(batch, flagsOf(flags) | this.context.DONTWAIT);
    return this.context.wouldBlock(count) ? undefined : this.context.check(count, 'sendmmsg');
  }

  #sendBatch(batch: DatagramBatch, flags: number): number {
    DatagramBatch.check(batch);
    if (this.driver.sendBatch === undefined) throw this.context.unsupported('sendBatch');
    if (batch.columns !== undefined) DatagramBatch.checkColumns(batch, this.context, 'sendmmsg');
    return this.driver.sendBatch(this.handle, batch, batch.length, flags);
  }

  // Messages with control messages

  /**
   * Sends a message with control messages: sendmsg(2). Never raises SIGPIPE.
   * @param message an object, or what {@link MsgHdr} builds
   * @param flags `MSG_...` flags
   * @returns the number of bytes sent
   * @throws {SockError} EAGAIN, EMSGSIZE, EINVAL, EPERM (credentials), ETOOMANYREFS, EBADF, ...
   * @see cmsg(3), unix(7), ip(7)
   * @example
   * // Passes a connection to the process at the other end of a unix socket.
   * channel.sendmsg({ buffers: [bytes], control: [{ kind: 'rights', fds: [connection] }] });
   */
  sendmsg(message: MessageToSend, flags = 0): number {
    const result = sendMessage(this, message, flagsOf(flags));
    if (result < 0) throw this.context.error(result, 'sendmsg', { address: message.address });
    return result;
  }

  /** {@link sendmsg} that never waits, whatever the blocking mode. */
  trySendmsg(message: MessageToSend, flags = 0): number | undefined {
    const result = sendMessage(this, message, flagsOf(flags) | this.context.DONTWAIT);
    if (this.context.wouldBlock(result)) return undefined;
    if (result < 0) throw this.context.error(result, 'sendmsg', { address: message.address });
    return result;
  }

  /**
   * Receives a message with its control messages: recvmsg(2). Descriptors that arrive are
   * close-on-exec, and closed when the message is collected unless they were taken.
   * @param room an object, or a {@link MsgHdrMut}, which is filled in
   * @param flags `MSG_...` flags, such as `MSG.ERRQUEUE`
   * @returns the message; for a `MsgHdrMut` the number of bytes
   * @throws {SockError} EAGAIN, ENOTCONN, ECONNREFUSED, EINTR, EBADF
   * @see cmsg(3), unix(7), ip(7)
   * @example
   * const { length, control } = channel.recvmsg({ buffers: [buffer], control: 256 });
   */
  recvmsg(room: MsgHdrMut, flags?: number): number;
  recvmsg(room: MessageRoom, flags?: number): ReceivedMessage<this>;
  recvmsg(room: MessageRoom | MsgHdrMut, flags = 0): ReceivedMessage<this> | number {
    const control = controlRoomOf(room);
    const result = recvMessage(this, room, control, flagsOf(flags));
    return receivedMessage(this, room, control, this.context.check(result, 'recvmsg'));
  }

  /** {@link recvmsg} that never waits, whatever the blocking mode. */
  tryRecvmsg(room: MsgHdrMut, flags?: number): number | undefined;
  tryRecvmsg(room: MessageRoom, flags?: number): ReceivedMessage<this> | undefined;
  tryRecvmsg(room: MessageRoom | MsgHdrMut, flags = 0): ReceivedMessage<this> | number | undefined {
    const control = controlRoomOf(room);
    const result = recvMessage(this, room, control, flagsOf(flags) | this.context.DONTWAIT);
    if (this.context.wouldBlock(result)) return undefined;
    return receivedMessage(this, room, control, this.context.check(result, 'recvmsg'));
  }

  // Files and packet filters

  /**
   * Sends a file without copying it through the program: sendfile(2).
   * @param file a descriptor, or an object that has one
   * @param offset where to begin in the file, in bytes
   * @param length the most to send, in bytes; `null`: to the end of the file
   * @returns the number of bytes; 0 at the end of the file
   * @throws {SockError} EAGAIN, EBADF, EINVAL, EIO, EPIPE
   * @example
   * const file = openSync('index.html', 'r');
   * socket.sendfile(file, 0, 4096);
   */
  sendfile(file: FdSource, offset = 0, length: number | null = null): number {
    const fd = fdOf(this.context, 'file', file);
    checkInteger('offset', offset, 0, Number.MAX_SAFE_INTEGER);
    const most = length === null ? SENDFILE_MAX : checkInteger('length', length, 1, SENDFILE_MAX);
    if (this.driver.sendFile === undefined) throw this.context.unsupported('sendfile');
    return this.context.check(this.driver.sendFile(this.handle, fd, offset, most), 'sendfile');
  }

  /**
   * Keeps the packets that a classic BPF program refuses from the socket: SO_ATTACH_FILTER.
   * @param program instructions, such as {@link assembleFilter} makes
   * @throws {SockError} EINVAL, EPERM when the filter is locked, or for a TCP socket without CAP_NET_ADMIN (Linux 6.18), EBADF
   * @see socket(7)
   * @example
   * // Only UDP, on a packet socket of IPv4.
   * socket.attachFilter(assembleFilter([{ at: 9, size: 1, equals: 17 }]));
   */
  attachFilter(program: readonly SockFilterInit[]): void {
    this.#attach(program, false, 'attachFilter');
  }

  /**
   * Has a classic BPF program choose, by its result, which socket of a `reusePort` group gets a packet:
   * SO_ATTACH_REUSEPORT_CBPF.
   * @throws {SockError} EINVAL when the socket is in no group, EBADF
   * @see socket(7)
   */
  attachReusePortFilter(program: readonly SockFilterInit[]): void {
    this.#attach(program, true, 'attachReusePortFilter');
  }

  /** Another spelling of {@link attachReusePortFilter}. */
  attachReuseportFilter(program: readonly SockFilterInit[]): void {
    this.attachReusePortFilter(program);
  }

  #attach(program: readonly SockFilterInit[], reusePort: boolean, operation: string): void {
    const bytes = encodeFilter(program);
    if (this.driver.attachFilter === undefined) throw this.context.unsupported(operation);
    const result = this.driver.attachFilter(this.handle, bytes, reusePort);
    if (result < 0) throw this.context.error(result, 'setsockopt', { operation });
  }

  // Options that take more than one row of the table, or none

  /**
   * Sets how keep-alive probes are sent, and turns SO_KEEPALIVE on. A parameter that is left out stays
   * as it is. Each parameter takes a system call, so the change is not atomic.
   * @throws {SockError} EINVAL, EBADF, ENOPROTOOPT
   * @see tcp(7): TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT
   * @example
   * socket.setTcpKeepalive({ time: 30_000, interval: 5_000, retries: 3 }); // milliseconds
   */
  setTcpKeepalive(params: TcpKeepalive | TcpKeepaliveInit): void {
    const { time, interval, retries } = new TcpKeepalive(params);
    this.setKeepalive(true);
    this.#setTcp('tcpKeepaliveTime', time);
    this.#setTcp('tcpKeepaliveInterval', interval);
    this.#setTcp('tcpKeepaliveRetries', retries);
  }

  #setTcp(name: string, value: number | undefined): void {
    if (value === undefined) return;
    const row = optionRow(name);
    if (row !== undefined) setNumber(this, row.id, name, value);
  }

  /**
   * Reads any option, as the system has it: getsockopt(2).
   * @param level such as `SOL_SOCKET`, a number
   * @param name such as `SO_KEEPALIVE`, a number
   * @param length room for the value, in bytes (0 to 65536)
   * @returns the bytes that the system wrote
   * @throws {SockError} ENOPROTOOPT, EINVAL, EBADF, ...
   * @example
   * const bytes = socket.getsockoptRaw(1, 3, 4); // SOL_SOCKET, SO_TYPE of Linux
   */
  getsockoptRaw(level: number, name: number, length: number): Uint8Array {
    checkInteger('level', level, -0x80000000, 0x7fffffff);
    checkInteger('name', name, -0x80000000, 0x7fffffff);
    const data = new Uint8Array(checkInteger('length', length, 0, 65536));
    const result = this.driver.getOptionRaw(this.handle, level, name, data);
    if (result < 0) throw this.context.error(result, 'getsockopt', { operation: 'getsockoptRaw' });
    return data.subarray(0, result);
  }

  /**
   * Sets any option, as the system has it: setsockopt(2).
   * @throws {SockError} ENOPROTOOPT, EINVAL, EBADF, ...
   * @example
   * socket.setsockoptRaw(1, 9, new Uint8Array(Int32Array.of(1).buffer)); // SO_KEEPALIVE of Linux
   */
  setsockoptRaw(level: number, name: number, bytes: Uint8Array): void {
    checkInteger('level', level, -0x80000000, 0x7fffffff);
    checkInteger('name', name, -0x80000000, 0x7fffffff);
    checkBytes('bytes', bytes);
    const result = this.driver.setOptionRaw(this.handle, level, name, bytes);
    if (result < 0) throw this.context.error(result, 'setsockopt', { operation: 'setsockoptRaw' });
    this.forgetKind();
  }

  // Waiting without holding up the event loop

  /**
   * Waits, without holding up the event loop, until a receive or an accept would not wait. Keeps
   * the process alive meanwhile. Any number of calls may wait on one socket.
   * @param options.signal aborts the wait: rejects with `signal.reason`
   * @param options.timeout in milliseconds: rejects with ETIMEDOUT
   * @throws {SockError} EBADF when the socket is or gets closed, ETIMEDOUT
   * @example
   * await socket.readable({ timeout: 5000, signal });
   * const length = socket.tryRecv(buffer);
   */
  readable(options?: WaitOptions): Promise<void> {
    return this.#wait(Readiness.READABLE, options);
  }

  /**
   * Waits, like {@link readable}, until a send would not wait, or until a connection is made or has failed.
   * A half-close of the peer does not end it, as the peer may still receive.
   * @example
   * while (socket.tryConnect(address) === undefined) await socket.writable();
   */
  writable(options?: WaitOptions): Promise<void> {
    return this.#wait(Readiness.WRITABLE, options);
  }

  #wait(interest: number, options: WaitOptions | undefined): Promise<void> {
    try {
      const checked = waitOptions(options);
      if (checked.aborted) return Promise.reject(checked.signal?.reason);
      this.#waits ??= new Waits(this);
      return this.#waits.wait(interest, checked);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Remembers a poller that this socket was registered with. @internal */
  joinPoller(poller: Registry): void {
    if (this.#pollers === undefined) this.#pollers = [poller];
    else this.#pollers.push(poller);
  }

  /** Forgets a poller. @internal */
  leavePoller(poller: Registry): void {
    this.#pollers = this.#pollers?.filter((other) => other !== poller);
  }

  /** @internal */
  override endWaits(): void {
    for (const poller of this.#pollers ?? []) {
      try {
        poller.deregister(this);
      } catch {
        // The descriptor of a view may be gone already, and its registration with it. Closed is closed.
      }
    }
    this.#waits?.end();
    super.endWaits();
  }

  // What the backend supports, and inspection

  /**
   * How well this backend does an operation or an option, by its method's name.
   * @throws {TypeError} `ERR_INVALID_ARG_VALUE` for a name that no table has
   * @example
   * if (socket.supports('reusePort').level !== 'unsupported') socket.setReusePort(true);
   */
  supports(name: OperationName | OptionMethodName | (string & {})): Support {
    return supportOf(this.driver, name);
  }

  /** The number of a flag that not every system has. */
  #flag(name: string, operation: string): number {
    const flag = this.driver.constants[name];
    if (flag === undefined) throw this.context.unsupported(operation);
    return flag;
  }

  /** `msg_flags` of the last call. */
  #recvFlags(): RecvFlags {
    const { driver, memory } = this.context;
    return new RecvFlags(driver.constants, memory.i32[Layout.flags >> 2] as number);
  }

  /** Descriptor, domain and type, and the local and the peer address if there are any. */
  override toString(): string {
    const name = `Socket(${this.driver.name})`;
    if (this.closed) return `${name} { closed }`;
    const parts = [`fd: ${this.handle}`];
    const { memory } = this.context;
    for (const kind of ['domain', 'type'] as const) {
      if (this.driver.getOption(this.handle, optionRow(kind)?.id ?? -1) < 0) continue;
      const number = memory.f64[Layout.valueNumber >> 3] as number;
      parts.push(`${kind}: ${readableName(this.driver, kind, number)}`);
    }
    if (this.driver.localAddress(this.handle) >= 0) parts.push(`local: ${SockAddr.read(memory)}`);
    if (this.driver.peerAddress(this.handle) >= 0) parts.push(`peer: ${SockAddr.read(memory)}`);
    return `${name} { ${parts.join(', ')} }`;
  }

  /** What {@link toString} gives: `JSON.stringify` shows a socket as text. */
  toJSON(): string {
    return this.toString();
  }

  /** Node's inspection text. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Checks the `MSG_...` flags of a call. */
function flagsOf(flags: number): number {
  if (typeof flags !== 'number') throw invalidType('flags', 'of type number', flags);
  return (flags | 0) === flags ? flags : checkInteger('flags', flags, -0x80000000, 0x7fffffff);
}

function protocolNumber(context: DriverContext, protocol: Protocol | null | undefined): number {
  return protocol == null ? 0 : systemNumber(context, 'protocol', protocol);
}

function makePair<T extends Socket>(
  Class: SocketClass<T> & { readonly driver: Driver },
  domain: Domain,
  type: Type,
  protocol: Protocol | null | undefined,
  flags: number,
): [T, T] {
  const context = DriverContext.of(Class.driver);
  const first = new Class(new ExistingHandle(-1, false));
  const result = context.driver.pair(
    systemNumber(context, 'domain', domain),
    systemNumber(context, 'type', type),
    protocolNumber(context, protocol),
    flags,
  );
  const handle = context.check(result, 'socketpair', { operation: 'pair' });
  const second = context.memory.i32[Layout.flags >> 2] as number;
  first.adopt(handle);
  try {
    return [first, adopt(Class, second)];
  } catch (error) {
    closeAfterError(first);
    throw error;
  }
}

shareInstances(Socket, 'Socket');
