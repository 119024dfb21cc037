import type { Driver, Handle } from '../driver.js';
import { DriverContext } from '../driver/context.js';

/*
 * Members marked `@internal` are how core's own modules reach what users must not: they are ordinary
 * members in this package's source, and the compiler leaves them out of the declarations that users
 * get (`stripInternal`). There is no second way.
 */

/**
 * A handle that exists already, in place of the constructor's first argument: how `accept`, `tryClone`,
 * `fromRawFd` and the like construct a Socket of the class they are called on, subclasses included.
 * @internal
 */
export class ExistingHandle {
  #handle: Handle;
  /** The socket that has taken it. */
  owner: SocketHandle | undefined;

  constructor(
    handle: Handle,
    /** Whether the socket adopts the handle; it borrows it otherwise. */
    readonly adopts: boolean,
  ) {
    this.#handle = handle;
  }

  /** Passes the handle on to the socket that is being constructed. */
  pass(owner?: SocketHandle): Handle {
    const handle = this.#handle;
    this.#handle = -1;
    this.owner = owner;
    return handle;
  }
}

/** A class of sockets: what `accept`, `tryClone`, `fromRawFd`, ... construct. */
export interface SocketClass<T> {
  readonly driver: Driver;
  // oxlint-disable-next-line no-explicit-any
  new (...args: any[]): T;
}

/**
 * Makes a socket the owner of a handle. The handle is closed if the class's constructor does not take it or throws.
 * @internal
 */
export function adopt<T>(Class: SocketClass<T>, handle: Handle): T {
  const existing = new ExistingHandle(handle, true);
  let made = false;
  try {
    const socket = new Class(existing);
    made = true;
    return socket;
  } finally {
    const { owner } = existing;
    const left = existing.pass();
    if (left >= 0) Class.driver.close(left);
    // A subclass threw after it had called `super`. Nobody has the socket, so that the collector alone would close it.
    else if (!made && owner !== undefined) closeAfterError(owner);
  }
}

/**
 * Closes a socket while an error is on its way, which counts more than one of close(2). It does not call the `close` of
 * a subclass, whose constructor may not have run to its end.
 */
export function closeAfterError(socket: SocketHandle): void {
  try {
    Reflect.apply(SocketHandle.prototype.close, socket, []);
  } catch {
    // The descriptor is closed nevertheless.
  }
}

/** Owns one handle, or borrows it: what {@link Socket} has to do with resources and nothing else. */
export abstract class SocketHandle {
  /** The driver of this class's backend; set by each backend's `Socket`. */
  static readonly driver: Driver;

  /** @internal */
  readonly driver: Driver;
  /** @internal */
  readonly context: DriverContext;
  /** Negative once closed or released. @internal */
  handle: Handle = -1;
  /** Of {@link Owner}. @internal */
  place = 0;
  #owned = true;

  constructor() {
    const { driver } = new.target as unknown as { driver: Driver | undefined };
    if (driver === undefined) {
      throw new TypeError(
        "@sock/core's Socket is abstract: import Socket from @sock/native or @sock/wasi",
      );
    }
    this.driver = driver;
    this.context = DriverContext.of(driver);
  }

  /** Becomes the owner of a handle. @internal */
  adopt(handle: Handle): void {
    this.handle = handle;
    this.#owned = true;
    this.context.lost.addYoung(this);
  }

  /** Uses a handle that somebody else owns. @internal */
  borrow(handle: Handle): void {
    this.handle = handle;
    this.#owned = false;
  }

  /** Lets go of the handle without closing it; the socket reads `closed` afterwards. */
  #release(): Handle {
    this.endWaits();
    const { handle } = this;
    this.handle = -1;
    if (this.#owned && handle >= 0) this.context.lost.removeYoung(this);
    return handle;
  }

  /** Ends everything that waits on the handle: it is about to go. @internal */
  abstract endWaits(): void;

  /** The name of the backend: `'native'`, `'wasi'`, ... */
  get backend(): string {
    return this.driver.name;
  }

  /** Whether the socket was closed or released. Every operation then fails with EBADF. */
  get closed(): boolean {
    return this.handle < 0;
  }

  /**
   * Closes the socket: close(2). A second call does nothing. Closing a borrowed view leaves the
   * descriptor to its owner. `readable()` and `writable()` calls that wait reject with EBADF.
   *
   * With a linger time set, closing a blocking socket holds up the thread for as long; see `setLinger`.
   * @throws {SockError} what close(2) reports, such as EIO; the descriptor is closed nevertheless
   * @example
   * socket.close();
   */
  close(): void {
    if (this.handle < 0) return;
    const owned = this.#owned;
    const handle = this.#release();
    if (owned) this.context.check(this.driver.close(handle), 'close');
  }

  /** {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /**
   * The file descriptor. The socket remains its owner.
   * @throws {SockError} EBADF if the socket is closed
   * @example
   * spawn('program', { stdio: [socket.asRawFd()] });
   */
  asRawFd(): number {
    if (this.handle < 0) throw this.context.error(this.context.EBADF, 'fd');
    return this.handle;
  }

  /**
   * Releases the file descriptor: the caller becomes its owner and closes it. The socket reads `closed`
   * afterwards.
   * @throws {SockError} EBADF if the socket is closed
   */
  intoRawFd(): number {
    this.asRawFd();
    const owned = this.#owned;
    const fd = this.#release();
    if (owned) this.context.check(this.driver.release(fd), 'fd');
    return fd;
  }
}
