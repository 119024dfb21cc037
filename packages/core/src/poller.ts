import type { Driver, Handle, PollerDriver } from './driver.js';
import { checkInteger, invalidType, type SockError } from './errors.js';
import { DriverContext } from './driver/context.js';
import { shareInstances } from './instances.js';
import { Socket } from './socket.js';

/** The events to report, and how. Joined by `|`: `Interest.READABLE | Interest.EDGE`. */
export const Interest = {
  /** A receive or an accept would not wait. */
  READABLE: 1,
  /** A send would not wait, or a connection is made or has failed. */
  WRITABLE: 2,
  /** Out-of-band data. */
  PRIORITY: 16,
  /** Reports each change once (EPOLLET). Without it, each poll reports the state. */
  EDGE: 32,
  /** Reports one event, then none until `reregister` (EPOLLONESHOT). */
  ONE_SHOT: 64,
} as const;

const ALL = 1 | 2 | 16 | 32 | 64;
const TOKEN_MAX = 0xffffffff;

/** The events of a batch. Made once and filled by each {@link Poller.poll}: no object per event. */
export class Events {
  /** Pairs of token and readiness. */
  readonly data: Uint32Array;
  /** How many there are. */
  length = 0;

  /** @param capacity the most events of one batch; a system call brings 256 at most */
  constructor(capacity = 256) {
    this.data = new Uint32Array(2 * checkInteger('capacity', capacity, 1, 65536));
  }

  /** The token that the socket of event `index` was registered with. */
  token(index: number): number {
    return this.data[2 * index] as number;
  }

  /** A receive or an accept would not wait. */
  isReadable(index: number): boolean {
    return ((this.data[2 * index + 1] as number) & 1) !== 0;
  }

  /** A send would not wait, or a connection is made or has failed. */
  isWritable(index: number): boolean {
    return ((this.data[2 * index + 1] as number) & 2) !== 0;
  }

  /** An error is pending: `takeError()` has it. */
  isError(index: number): boolean {
    return ((this.data[2 * index + 1] as number) & 4) !== 0;
  }

  /** The peer will send no more. */
  isReadClosed(index: number): boolean {
    return ((this.data[2 * index + 1] as number) & 8) !== 0;
  }

  /** There is out-of-band data. */
  isPriority(index: number): boolean {
    return ((this.data[2 * index + 1] as number) & 16) !== 0;
  }
}

/**
 * Waits on many sockets at once: epoll(7), kqueue(2). Either by {@link poll}, which holds up its
 * thread, or by {@link attach}, on Node's event loop with one call for each batch.
 *
 * Import it from a backend: `import { Poller } from '@sock/native'`.
 *
 * @example
 * const poller = new Poller();
 * poller.register(listener, 0, Interest.READABLE);
 * poller.attach((events) => {
 *   for (let i = 0; i < events.length; i++) serve(events.token(i));
 * });
 */
export abstract class Poller {
  /** The driver of this class's backend; set by each backend's `Poller`. */
  static readonly driver: Driver;

  readonly #driver: Driver;
  readonly #poller: PollerDriver;
  readonly #context: DriverContext;
  readonly #registered = new Map<Socket, Handle>();
  #handle = -1;
  #waker = -1;
  #attached = false;
  #keepsAlive = true;

  /** @throws {SockError} EMFILE, ENOMEM; `ERR_SOCK_UNSUPPORTED` if the backend has no poller */
  constructor() {
    this.#driver = new.target.driver;
    if (this.#driver === undefined) {
      throw new TypeError("@sock/core's Poller is abstract: import Poller from @sock/native");
    }
    this.#context = DriverContext.of(this.#driver);
    const { poller } = this.#driver;
    if (poller === undefined) throw this.#context.unsupported('poller', 'poll');
    this.#poller = poller;
    this.#handle = this.#check(poller.open(), 'epoll_create');
    this.#context.lostPollers.add(this, this.#handle);
  }

  /** Whether the poller was closed. */
  get closed(): boolean {
    return this.#handle < 0;
  }

  /** How many sockets are registered. */
  get size(): number {
    return this.#registered.size;
  }

  /**
   * Registers a socket: its events are reported from now on. epoll_ctl(EPOLL_CTL_ADD). Closing the
   * socket deregisters it.
   * @param token the caller's name for the socket, 0 to 2^32 - 1; events carry it
   * @param interest {@link Interest} bits
   * @throws {SockError} EEXIST if the socket is registered already, EBADF, EPERM; `ERR_SOCK_UNSUPPORTED` if the
   * backend does not support {@link Interest.EDGE} or {@link Interest.PRIORITY}
   * @example
   * sockets.set(7, connection);
   * poller.register(connection, 7, Interest.READABLE | Interest.EDGE);
   */
  register(socket: Socket, token: number, interest: number): void {
    const handle = this.#handleOf(socket);
    checkInteger('token', token, 0, TOKEN_MAX);
    this.#checkInterest(interest);
    if (this.#registered.has(socket)) throw this.#failed('EEXIST');
    this.#check(
      this.#poller.add(this.#handle, handle, token, interest),
      'epoll_ctl',
      operationOf(interest),
    );
    this.#registered.set(socket, handle);
    socket.joinPoller(this);
  }

  /**
   * Changes token and interest of a registered socket: epoll_ctl(EPOLL_CTL_MOD).
   * @throws {SockError} ENOENT when it is not registered
   */
  reregister(socket: Socket, token: number, interest: number): void {
    checkInteger('token', token, 0, TOKEN_MAX);
    this.#checkInterest(interest);
    const handle = this.#registration(socket);
    this.#check(
      this.#poller.modify(this.#handle, handle, token, interest),
      'epoll_ctl',
      operationOf(interest),
    );
  }

  /**
   * Deregisters a socket: its events are no longer reported. epoll_ctl(EPOLL_CTL_DEL).
   * @throws {SockError} ENOENT when it is not registered
   */
  deregister(socket: Socket): void {
    const handle = this.#registration(socket);
    this.#registered.delete(socket);
    socket.leavePoller(this);
    this.#check(this.#poller.remove(this.#handle, handle), 'epoll_ctl');
  }

  /**
   * Waits for events, holding up the thread: epoll_wait(2), again after EINTR.
   * @param events the batch to fill; its earlier events are overwritten
   * @param timeout in milliseconds; 0 looks without waiting, `null` waits for ever
   * @returns the number of events; 0 if the time is up or {@link wake} was called
   * @example
   * const events = new Events();
   * const count = poller.poll(events, 1000);
   * for (let i = 0; i < count; i++) {
   *   if (events.isReadable(i)) serve(events.token(i));
   * }
   */
  poll(events: Events, timeout: number | null = null): number {
    if (!(events instanceof Events)) throw invalidType('events', 'an instance of Events', events);
    let milliseconds = -1;
    if (timeout !== null) {
      if (typeof timeout !== 'number' || !(timeout >= 0)) {
        throw invalidType('timeout', 'a number of milliseconds >= 0, or null', timeout);
      }
      milliseconds = timeout;
    }
    events.length = 0;
    const count = this.#poller.wait(this.#handle, events.data, milliseconds);
    events.length = this.#check(count, 'epoll_wait');
    return count;
  }

  /** Ends a {@link poll} that waits, or the next one: eventfd(2). */
  wake(): void {
    this.#check(this.#poller.wake(this.wakerFd()), 'write');
  }

  /**
   * The number by which another thread wakes this poller: `Poller.wakeFd(number)` there. The poller
   * owns it and closes it; tell other threads before that.
   */
  wakerFd(): number {
    if (this.#waker < 0) {
      this.#waker = this.#check(this.#poller.waker(this.#handle), 'eventfd');
      // Added under the same object: closing the poller ends both registrations.
      this.#context.lostPollers.add(this, this.#waker);
    }
    return this.#waker;
  }

  /**
   * Wakes the poller of another thread, by its {@link wakerFd}.
   * @throws {SockError} EBADF for a number that is no waker: a closed one, a file, a socket, ...
   */
  static wakeFd(fd: number): void {
    const { poller } = this.driver;
    checkInteger('fd', fd, 0, 0x7fffffff);
    const result = poller?.wake(fd) ?? -1;
    if (result < 0) throw DriverContext.of(this.driver).error(result, 'write');
  }

  /**
   * Has Node's event loop call `handler` with each batch of events. The poller keeps the process
   * alive until {@link detach}, {@link close} or {@link unref}.
   *
   * One turn of the loop calls `handler` at most 16 times, and begins no call after a millisecond (in Node, on unix). So
   * sockets that are always ready do not keep timers from running. In between, promises and ticks run. The handler
   * itself has to end: it should take a limited amount from each socket, such as 16 batches, and leave the rest to the
   * next event. A level-triggered socket that still has data is reported again.
   * @param handler called with `events`; an exception that it throws is an uncaught exception
   * @param events the batch that is filled and passed to `handler` each time
   * @throws {SockError} EEXIST if the poller is attached already
   * @example
   * poller.attach((events) => {
   *   for (let i = 0; i < events.length; i++) {
   *     if (events.isReadable(i)) serve(events.token(i));
   *   }
   * });
   */
  attach(handler: (events: Events) => void, events: Events = new Events()): void {
    if (typeof handler !== 'function') throw invalidType('handler', 'of type function', handler);
    if (!(events instanceof Events)) throw invalidType('events', 'an instance of Events', events);
    // The driver holds this function, and with it the poller: attached, it is not collected.
    const ready = (count: number): void => {
      if (!this.#attached) return;
      events.length = count;
      handler(events);
    };
    this.#check(this.#poller.attach(this.#handle, events.data, ready), 'epoll_ctl');
    this.#attached = true;
    if (!this.#keepsAlive) this.unref();
  }

  /** Takes the poller off the event loop; its sockets stay registered. */
  detach(): void {
    if (!this.#attached) return;
    this.#attached = false;
    this.#check(this.#poller.detach(this.#handle), 'epoll_ctl');
  }

  /** Keeps the process alive while attached, as it does from the start. May be called before {@link attach}. */
  ref(): this {
    this.#keepsAlive = true;
    this.#check(this.#poller.keepAlive(this.#handle, true), 'poll');
    return this;
  }

  /** Lets the process end although the poller is attached. May be called before {@link attach}. */
  unref(): this {
    this.#keepsAlive = false;
    this.#check(this.#poller.keepAlive(this.#handle, false), 'poll');
    return this;
  }

  /** Closes the poller, not its sockets: close(2). Closing twice does nothing. */
  close(): void {
    if (this.#handle < 0) return;
    for (const socket of this.#registered.keys()) socket.leavePoller(this);
    this.#registered.clear();
    this.#context.lostPollers.remove(this);
    const handle = this.#handle;
    this.#handle = -1;
    this.#attached = false;
    if (this.#waker >= 0) this.#poller.close(this.#waker);
    this.#waker = -1;
    this.#check(this.#poller.close(handle), 'close');
  }

  /** {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #handleOf(socket: Socket): number {
    if (!(socket instanceof Socket)) throw invalidType('socket', 'an instance of Socket', socket);
    this.#context.checkOwn('socket', socket);
    return socket.asRawFd();
  }

  #registration(socket: Socket): Handle {
    if (!(socket instanceof Socket)) throw invalidType('socket', 'an instance of Socket', socket);
    const handle = this.#registered.get(socket);
    if (handle === undefined) throw this.#failed('ENOENT');
    return handle;
  }

  #checkInterest(interest: number): void {
    if (typeof interest !== 'number') throw invalidType('interest', 'of type number', interest);
    checkInteger('interest', interest & ~ALL ? -1 : interest, 1, ALL);
  }

  #failed(code: string): SockError {
    return this.#context.error(this.#context.result(code), 'epoll_ctl');
  }

  #check(result: number, syscall: string, operation = 'poller'): number {
    if (result < 0) throw this.#context.error(result, syscall, { operation });
    return result;
  }
}

/** The operation that a backend without support for an interest lacks. */
function operationOf(interest: number): string {
  if (interest & Interest.EDGE) return 'edgeTriggered';
  return interest & Interest.PRIORITY ? 'recvOutOfBand' : 'poller';
}

shareInstances(Events, 'Events');
shareInstances(Poller, 'Poller');
