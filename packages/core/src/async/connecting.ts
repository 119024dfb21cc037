import { SockAddr } from '../address.js';
import { Layout } from '../driver.js';
import { optionRow } from '../driver/support.js';
import type { SockError } from '../errors.js';
import { nextPause } from '../socket/waits.js';
import type { AsyncSocket } from './async-socket.js';
import { DONE, type EndedBy, Pending } from './pending.js';

/** Sockets whose connection is still being made after the call that began it was ended. */
const unfinished = new WeakSet<AsyncSocket>();

/** {@link AsyncSocket.connectAsync} */
export class Connect extends Pending<void> {
  #begun = false;
  #pauses = 0;

  constructor(
    readonly socket: AsyncSocket,
    readonly address: SockAddr,
  ) {
    super();
    // Refuses what is no address, also if other calls are to be made first.
    SockAddr.write(socket.context.memory, address);
  }

  override get syscall(): string {
    return 'connect';
  }

  override attempt(): undefined | typeof DONE {
    return this.#begun && this.pause === 0 ? this.#outcome() : this.#connect();
  }

  #connect(): undefined | typeof DONE {
    const { socket, address } = this;
    const { context, driver } = socket;
    this.pause = 0;
    SockAddr.write(context.memory, address);
    const result = driver.tryConnect(socket.handle);
    if (result >= 0) return this.#done();
    if (result === context.EISCONN && (this.#begun || unfinished.has(socket))) return this.#done();
    if (result === context.EINPROGRESS || result === context.EALREADY) {
      this.#begun = true;
      return undefined;
    }
    if (!context.wouldBlock(result)) this.#fail(result);
    // The queue of a unix domain listener is full, and the system has no event for the end of that.
    this.#pauses++;
    this.pause = nextPause(this.#pauses);
    return undefined;
  }

  /**
   * After an event: whether the connection was made, has failed, or is still being made. Where it has failed, a second
   * connect(2) would begin anew on some systems, so SO_ERROR comes first. Where it was made, Linux counts the socket
   * as connecting until a second connect(2).
   */
  #outcome(): undefined | typeof DONE {
    const { context, driver, handle } = this.socket;
    if (driver.getOption(handle, SO_ERROR) >= 0) {
      const error = context.memory.f64[Layout.valueNumber >> 3] as number;
      if (error !== 0) this.#fail(-error);
    }
    return this.#connect();
  }

  #done(): typeof DONE {
    unfinished.delete(this.socket);
    return DONE;
  }

  #fail(result: number): never {
    unfinished.delete(this.socket);
    throw this.socket.context.error(result, 'connect', { address: this.address });
  }

  override ended(by: Exclude<EndedBy, 'signal'>): SockError {
    const { context } = this.socket;
    const result = by === 'timeout' ? context.result('ETIMEDOUT') : context.EBADF;
    return context.error(result, 'connect', { address: this.address });
  }

  override end(error: unknown, by: EndedBy): void {
    if (this.#begun) unfinished.add(this.socket);
    super.end(error, by);
  }
}

const SO_ERROR = optionRow('takeError')?.id ?? -1;
