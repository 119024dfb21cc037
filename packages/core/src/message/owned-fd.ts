import { shareInstances } from '../instances.js';
import { adopt, type SocketClass } from '../socket/socket-handle.js';
import type { Handle } from '../driver.js';
import type { SockError } from '../errors.js';
import { DriverContext } from '../driver/context.js';
import { optionRow } from '../driver/support.js';

/**
 * A file descriptor that arrived in a control message, on a socket or any other file. It is close-on-exec,
 * and closed by `close()`, `using` or garbage collection unless it is released.
 */
export class OwnedFd<T = unknown> {
  readonly #Socket: SocketClass<T>;
  #handle: Handle;

  /** @internal */
  constructor(Socket: SocketClass<T>, handle: Handle) {
    this.#Socket = Socket;
    this.#handle = handle;
    DriverContext.of(Socket.driver).lost.add(this, handle);
  }

  /** Whether it was closed or released. */
  get closed(): boolean {
    return this.#handle < 0;
  }

  /** The descriptor. This object remains its owner. @throws {SockError} EBADF when closed */
  asRawFd(): number {
    if (this.#handle < 0) throw this.#error(DriverContext.of(this.#Socket.driver).EBADF);
    return this.#handle;
  }

  /** Releases the descriptor: the caller becomes its owner and closes it. @throws {SockError} EBADF when closed */
  intoRawFd(): number {
    const handle = this.#release();
    this.#Socket.driver.release(handle);
    return handle;
  }

  /**
   * Makes a Socket of it, of the class that received it.
   * @throws {SockError} ENOTSOCK if it is no socket (the object then stays as it is); EBADF when closed
   */
  intoSocket(): T {
    const type = optionRow('type')?.id ?? 0;
    const result = this.#Socket.driver.getOption(this.asRawFd(), type);
    if (result < 0) throw this.#error(result);
    return adopt(this.#Socket, this.#release());
  }

  /** Closes it: close(2). Closing twice does nothing. */
  close(): void {
    if (this.#handle >= 0) this.#Socket.driver.close(this.#release());
  }

  /** {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Returns what {@link toString} returns. As an own property it also makes structuredClone() refuse the object. */
  readonly toJSON = (): string => this.toString();

  /** The number of the descriptor, as text. */
  toString(): string {
    return this.closed ? 'OwnedFd { closed }' : `OwnedFd { fd: ${this.#handle} }`;
  }

  /** Node's inspection text. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  #release(): Handle {
    const handle = this.asRawFd();
    this.#handle = -1;
    DriverContext.of(this.#Socket.driver).lost.remove(this);
    return handle;
  }

  #error(result: number): SockError {
    return DriverContext.of(this.#Socket.driver).error(result, 'fd');
  }
}

shareInstances(OwnedFd, 'OwnedFd');
