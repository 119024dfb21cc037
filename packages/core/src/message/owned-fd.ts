import { adopt, type SocketClass } from '../socket/descriptor.js';
import type { Handle } from '../driver.js';
import type { SockError } from '../errors.js';
import { Backend } from '../driver/memory.js';
import { optionRow } from '../driver/support.js';

/**
 * A file descriptor that arrived in a control message, whatever it is open on. It is close-on-exec,
 * and closed by `close()`, `using` or garbage collection unless it is given away.
 */
export class OwnedFd<T = unknown> {
  readonly #Socket: SocketClass<T>;
  #handle: Handle;

  /** @internal */
  constructor(Socket: SocketClass<T>, handle: Handle) {
    this.#Socket = Socket;
    this.#handle = handle;
    Backend.of(Socket.driver).collected?.register(this, handle, this);
  }

  /** Whether it was closed or given away. */
  get closed(): boolean {
    return this.#handle < 0;
  }

  /** The descriptor, which goes on being owned. @throws {SockError} EBADF when closed */
  asRawFd(): number {
    if (this.#handle < 0) throw this.#error(Backend.of(this.#Socket.driver).EBADF);
    return this.#handle;
  }

  /** Gives the descriptor away: the caller closes it. @throws {SockError} EBADF when closed */
  intoRawFd(): number {
    const handle = this.#giveAway();
    this.#Socket.driver.release(handle);
    return handle;
  }

  /**
   * Turns it into a Socket of the class that received it.
   * @throws {SockError} ENOTSOCK when it is something else, and stays as it is; EBADF when closed
   */
  intoSocket(): T {
    const type = optionRow('type')?.id ?? 0;
    const result = this.#Socket.driver.getOption(this.asRawFd(), type);
    if (result < 0) throw this.#error(result);
    return adopt(this.#Socket, this.#giveAway());
  }

  /** Closes it: close(2). Closing twice does nothing. */
  close(): void {
    if (this.#handle >= 0) this.#Socket.driver.close(this.#giveAway());
  }

  /** {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Its number. */
  toString(): string {
    return this.closed ? 'OwnedFd { closed }' : `OwnedFd { fd: ${this.#handle} }`;
  }

  /** Node's inspection text. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  #giveAway(): Handle {
    const handle = this.asRawFd();
    this.#handle = -1;
    Backend.of(this.#Socket.driver).collected?.unregister(this);
    return handle;
  }

  #error(result: number): SockError {
    return Backend.of(this.#Socket.driver).error(result, 'fd');
  }
}
