import { readAddress, type SockAddr, writeAddress } from './address.js';
import {
  type Domain,
  type Protocol,
  type Shutdown,
  shutdownNumber,
  systemNumber,
  type Type,
} from './constants.js';
import { adopt, Adopted, type SocketClass } from './socket/descriptor.js';
import { type Handle, Layout, OpenFlags, Readiness } from './driver.js';
import { checkBoolean, checkDuration, checkInteger } from './errors.js';
import { Backend } from './driver/memory.js';
import { MessageTransfer } from './message/message.js';
import { optionRow } from './driver/support.js';
import { TcpKeepalive, type TcpKeepaliveInit } from './socket/tcp-keepalive.js';

import { type WaitOptions, waitOptions, Waits } from './socket/waits.js';

/** The part of a {@link Poller} that a socket knows. */
interface Registry {
  deregister(socket: Socket): void;
}

const HANDLE_MAX = 0x7fffffff;

/**
 * An owned system socket. Its methods correspond to one system call each, which their
 * documentation names; nothing is configured behind the caller's back.
 *
 * Sockets are blocking until {@link setNonblocking}, as the system makes them: a call that waits
 * holds up its thread. `await readable()` / `writable()` and the `try...` methods never do.
 *
 * A socket owns its descriptor: `close()`, `using` or garbage collection close it.
 *
 * Import it from a backend: `import { Socket } from '@sock/native'`.
 *
 * @see socket(7), https://docs.rs/socket2
 */
export abstract class Socket extends MessageTransfer {
  /** Made by the first wait: most sockets never wait. */
  #waits: Waits | undefined;
  /** Where it is registered; closing deregisters it. One poller, more often than not. */
  #pollers: Registry[] | undefined;

  /**
   * Creates a socket and sets close-on-exec (on Apple systems also SO_NOSIGPIPE): socket(2).
   * @throws {SockError} EAFNOSUPPORT, EPROTONOSUPPORT, EMFILE, EACCES; `ERR_SOCK_UNSUPPORTED` where the backend has not the domain
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
   */
  constructor(domain: Domain, type: Type, protocol?: Protocol | null) {
    super();
    const adopted: unknown = domain;
    if (adopted instanceof Adopted) this.own(adopted.take(), adopted.owned);
    else this.own(this.#open(domain, type, protocol, 0));
  }

  #open(domain: Domain, type: Type, protocol: Protocol | null | undefined, flags: number): Handle {
    return this.check(
      this.driver.open(
        systemNumber(this.driver, 'domain', domain),
        systemNumber(this.driver, 'type', type),
        protocolNumber(this.context, protocol),
        flags,
      ),
      'socket',
    );
  }

  /** Creates a socket with no flag set: socket(2) alone. It is inherited by programs that are executed. */
  static newRaw<T extends Socket>(
    this: SocketClass<T>,
    domain: Domain,
    type: Type,
    protocol?: Protocol | null,
  ): T {
    const socket = new this(new Adopted(-1, false));
    socket.own(socket.#open(domain, type, protocol, OpenFlags.INHERITABLE));
    return socket;
  }

  /** Creates two connected sockets, close-on-exec: socketpair(2). */
  static pair<T extends Socket>(
    this: SocketClass<T>,
    domain: Domain,
    type: Type,
    protocol?: Protocol | null,
  ): [T, T] {
    return makePair(this, domain, type, protocol, 0);
  }

  /** {@link pair} with no flag set. */
  static pairRaw<T extends Socket>(
    this: SocketClass<T>,
    domain: Domain,
    type: Type,
    protocol?: Protocol | null,
  ): [T, T] {
    return makePair(this, domain, type, protocol, OpenFlags.INHERITABLE);
  }

  /**
   * Takes ownership of a file descriptor that is a socket.
   * @throws {SockError} EBADF, ENOTSOCK; EEXIST when an open Socket of this thread owns it already
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  static fromRawFd<T extends Socket>(this: SocketClass<T>, fd: number): T {
    checkInteger('fd', fd, 0, HANDLE_MAX);
    const socket = new this(new Adopted(-1, false));
    socket.check(socket.driver.adopt(fd), 'fd');
    socket.own(fd);
    return socket;
  }

  /**
   * A view of a file descriptor that somebody else owns and closes. The view must not be used after
   * its owner closed the descriptor, as the number may then belong to another file.
   */
  static borrowRawFd<T extends Socket>(this: SocketClass<T>, fd: number): T {
    return new this(new Adopted(checkInteger('fd', fd, 0, HANDLE_MAX), false));
  }

  /**
   * Binds to an address: bind(2).
   * @throws {SockError} EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL, EBADF
   */
  bind(address: SockAddr): void {
    writeAddress(this.context.memory, address);
    this.check(this.driver.bind(this.handle), 'bind', address);
  }

  /**
   * Initiates a connection: connect(2). On a datagram socket it sets the peer.
   * @throws {SockError} ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EINPROGRESS (non-blocking), EISCONN, EALREADY, EINTR, EBADF
   */
  connect(address: SockAddr): void {
    writeAddress(this.context.memory, address);
    this.check(this.driver.connect(this.handle), 'connect', address);
  }

  /**
   * {@link connect} that never waits, whatever the blocking mode. Call it again, after
   * `await writable()`, to learn how it went.
   * @returns `true` once connected, `undefined` while connecting
   */
  tryConnect(address: SockAddr): true | undefined {
    const { EINPROGRESS, EALREADY, EAGAIN, EISCONN } = this.context;
    writeAddress(this.context.memory, address);
    const result = this.driver.tryConnect(this.handle);
    if (result >= 0 || result === EISCONN) return true;
    if (result === EINPROGRESS || result === EALREADY || result === EAGAIN) return undefined;
    throw this.error(result, 'connect', address);
  }

  /**
   * {@link connect} that waits for a certain time at most: connect(2) in non-blocking mode, then
   * poll(2), again after EINTR with the time that remains. The socket is in blocking mode after
   * success and in either mode after failure.
   * @param timeout in milliseconds, > 0
   * @throws {SockError} ETIMEDOUT when the time is up; the connection may still come about
   */
  connectTimeout(address: SockAddr, timeout: number): void {
    checkDuration('timeout', timeout);
    writeAddress(this.context.memory, address);
    this.check(this.driver.connectTimeout(this.handle, timeout), 'connect', address);
  }

  /**
   * Marks the socket as ready to accept connections: listen(2).
   * @param backlog length of the queue; the system caps it (SOMAXCONN)
   * @throws {SockError} EADDRINUSE, EINVAL when connected, ENOTSUP, EBADF
   */
  listen(backlog: number): void {
    checkInteger('backlog', backlog, -0x80000000, 0x7fffffff);
    this.check(this.driver.listen(this.handle, backlog), 'listen');
  }

  /**
   * Accepts a connection: accept4(2), or accept(2) and fcntl(2) where there is none. Sets the same
   * flags as `new Socket`.
   * @returns the connection and its peer's address
   * @throws {SockError} EAGAIN when non-blocking or past the read time-out, EMFILE, ECONNABORTED, EINVAL when not listening, EINTR, EBADF
   */
  accept(): [this, SockAddr] {
    return this.#accepted(this.driver.accept(this.handle, 0));
  }

  /** {@link accept} with no flag set: accept(2) alone. */
  acceptRaw(): [this, SockAddr] {
    return this.#accepted(this.driver.accept(this.handle, OpenFlags.INHERITABLE));
  }

  /**
   * {@link accept} with flags of your own: accept4(2). No flag is set but those.
   * @param flags `SOCK.NONBLOCK` and `SOCK.CLOEXEC` of the backend
   * @throws {SockError} EINVAL for other flags, and what {@link accept} throws
   */
  accept4(flags: number): [this, SockAddr] {
    checkInteger('flags', flags, -0x80000000, 0x7fffffff);
    if (this.driver.accept4 === undefined) throw this.unsupported('accept4');
    return this.#accepted(this.driver.accept4(this.handle, flags), 'accept4');
  }

  /**
   * {@link accept} that does not wait, whatever the blocking mode: poll(2) before it. Where others accept on
   * the same listener, set it non-blocking: they may take the connection in between.
   */
  tryAccept(): [this, SockAddr] | undefined {
    const result = this.driver.accept(this.handle, OpenFlags.DONTWAIT);
    if (result === this.context.EAGAIN || result === this.context.EWOULDBLOCK) return undefined;
    return this.#accepted(result);
  }

  #accepted(result: number, syscall = 'accept'): [this, SockAddr] {
    const handle = this.check(result, syscall);
    const peer = readAddress(this.context.memory);
    return [this.#sibling(handle), peer];
  }

  #sibling(handle: Handle): this {
    return adopt(this.constructor as SocketClass<this>, handle);
  }

  /**
   * The address of the local half: getsockname(2).
   * @throws {SockError} EBADF; some systems report an error for a socket that is not bound
   */
  localAddr(): SockAddr {
    this.check(this.driver.localAddress(this.handle), 'getsockname');
    return readAddress(this.context.memory);
  }

  /**
   * The address of the remote peer: getpeername(2).
   * @throws {SockError} ENOTCONN, EBADF
   */
  peerAddr(): SockAddr {
    this.check(this.driver.peerAddress(this.handle), 'getpeername');
    return readAddress(this.context.memory);
  }

  /**
   * A new, independently owned handle to the same socket, close-on-exec: fcntl(F_DUPFD_CLOEXEC).
   * Both share options, blocking mode and queues.
   * @throws {SockError} EMFILE, EBADF
   */
  tryClone(): this {
    return this.#sibling(this.check(this.driver.duplicate(this.handle), 'fcntl'));
  }

  /** Whether the socket is in non-blocking mode: fcntl(F_GETFL). */
  nonblocking(): boolean {
    return this.check(this.driver.nonblocking(this.handle), 'fcntl') !== 0;
  }

  /** Moves the socket into or out of non-blocking mode: fcntl(F_SETFL, O_NONBLOCK). */
  setNonblocking(nonblocking: boolean): void {
    checkBoolean('nonblocking', nonblocking);
    this.check(this.driver.setNonblocking(this.handle, nonblocking), 'fcntl');
  }

  /** Sets or clears close-on-exec: fcntl(F_SETFD, FD_CLOEXEC). */
  setCloexec(closeOnExec: boolean): void {
    checkBoolean('closeOnExec', closeOnExec);
    const result = this.driver.setCloexec(this.handle, closeOnExec);
    if (result < 0) throw this.error(result, 'fcntl', undefined, 'setCloexec');
  }

  /** Sets or clears whether programs that are executed inherit the handle: SetHandleInformation of Windows. */
  setNoInherit(noInherit: boolean): void {
    checkBoolean('noInherit', noInherit);
    if (this.driver.system !== 'win32') throw this.unsupported('setNoInherit');
    this.check(this.driver.setCloexec(this.handle, noInherit), 'SetHandleInformation');
  }

  /**
   * Shuts down the reading half, the writing half or both: shutdown(2). Pending and future calls on
   * it return at once.
   * @throws {SockError} ENOTCONN, EBADF
   */
  shutdown(how: Shutdown): void {
    this.check(this.driver.shutdown(this.handle, shutdownNumber(how)), 'shutdown');
  }

  /**
   * Sets how keep-alive probes are sent, and turns SO_KEEPALIVE on. What `params` leaves out stays.
   * Takes a system call for each parameter, so it is not atomic.
   * @throws {SockError} EINVAL, EBADF, ENOPROTOOPT
   * @see tcp(7): TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT
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
    if (row !== undefined) this.setNumber(row.id, name, value);
  }

  /**
   * Waits, without holding up the event loop, until a receive or an accept would not wait. Keeps
   * the process alive only meanwhile. Any number of calls may wait on one socket.
   * @param options.signal aborts the wait: rejects with `signal.reason`
   * @param options.timeout in milliseconds: rejects with ETIMEDOUT
   * @throws {SockError} EBADF when the socket is or gets closed, ETIMEDOUT
   */
  readable(options?: WaitOptions): Promise<void> {
    return this.#wait(Readiness.READABLE, options);
  }

  /** Waits, like {@link readable}, until a send would not wait or a connection is made or has failed. */
  writable(options?: WaitOptions): Promise<void> {
    return this.#wait(Readiness.WRITABLE, options);
  }

  #wait(interest: number, options: WaitOptions | undefined): Promise<void> {
    const { aborted, ...checked } = waitOptions(options);
    if (aborted) return Promise.reject(checked.signal?.reason);
    this.#waits ??= new Waits(this, this.driver, this.context);
    return this.#waits.wait(this.handle, interest, checked);
  }

  protected joinPoller(poller: Registry): void {
    if (this.#pollers === undefined) this.#pollers = [poller];
    else this.#pollers.push(poller);
  }

  protected leavePoller(poller: Registry): void {
    this.#pollers = this.#pollers?.filter((other) => other !== poller);
  }

  protected override endWaits(): void {
    for (const poller of this.#pollers ?? []) poller.deregister(this);
    this.#waits?.end();
  }
}

function protocolNumber(context: Backend, protocol: Protocol | null | undefined): number {
  return protocol == null ? 0 : systemNumber(context.driver, 'protocol', protocol);
}

function makePair<T extends Socket>(
  Class: SocketClass<T>,
  domain: Domain,
  type: Type,
  protocol: Protocol | null | undefined,
  flags: number,
): [T, T] {
  const context = Backend.of(Class.driver);
  const { driver, memory } = context;
  const first = new Class(new Adopted(-1, false));
  const handle = first['check'](
    driver.pair(
      systemNumber(driver, 'domain', domain),
      systemNumber(driver, 'type', type),
      protocolNumber(context, protocol),
      flags,
    ),
    'socketpair',
    undefined,
    'pair',
  );
  const second = memory.i32[Layout.flags >> 2] as number;
  first['own'](handle);
  return [first, adopt(Class, second)];
}
