/** Accepting, and `for await` over what a socket receives. */
import type { SockAddr } from '../address.js';
import { SockError } from '../errors.js';
import type { BufferSource } from '../socket/buffer.js';
import { type WaitOptions, waitOptions } from '../socket/waits.js';
import { flagsIn, type TransferOptions } from './async-options.js';
import type { AsyncSocket } from './async-socket.js';
import { type EndedBy, MORE, Pending } from './pending.js';
import { RecvFrom } from './transfers.js';

type Item<T> = IteratorResult<T, undefined>;

const end = (): IteratorReturnResult<undefined> => ({ done: true, value: undefined });

/** The next item of an iteration. Closing the socket and aborting the signal end the iteration without an error. */
abstract class Next<T> extends Pending<Item<T>> {
  constructor(readonly iteration: Iteration<T>) {
    super();
  }

  override end(error: unknown, by: EndedBy): void {
    if (by === 'timeout') {
      this.reject(error);
      return;
    }
    this.iteration.over = true;
    this.resolve(end());
  }
}

/** What a `for await` loop takes items from. Each `next()` is one call that waits its turn. */
abstract class Iteration<T> implements AsyncIterableIterator<T, undefined> {
  over = false;
  readonly #options: WaitOptions;

  constructor(
    readonly socket: AsyncSocket,
    options: WaitOptions | undefined,
  ) {
    const { signal, timeout } = waitOptions(options);
    this.#options = { signal, timeout };
  }

  abstract item(): Next<T>;

  next(): Promise<Item<T>> {
    if (this.over || this.socket.closed || this.#options.signal?.aborted === true) {
      return this.return();
    }
    try {
      return this.socket.incoming.start(this.item(), this.#options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Ends the iteration, also the calls of `next()` that wait. The socket stays open. */
  return(): Promise<Item<T>> {
    if (!this.over) {
      this.over = true;
      this.socket.incoming.endThose(
        (one) => one instanceof Next && one.iteration === this,
        'close',
      );
    }
    return Promise.resolve(end());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** {@link return}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/**
 * Errors of accept(2) that are about a connection which is gone already, and not about the listener. "For reliable
 * operation the application should detect the network errors ... and treat them like EAGAIN" (accept(2)).
 */
const ABOUT_THE_CONNECTION = new Set([
  'ECONNABORTED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EINTR',
  'ENETDOWN',
  'ENETUNREACH',
  'ENONET',
  'ENOPROTOOPT',
  'EPROTO',
]);

/** {@link AsyncSocket.acceptAsync} */
export class Accept<S extends AsyncSocket> extends Pending<[S, SockAddr]> {
  constructor(readonly socket: S) {
    super();
  }

  override get syscall(): string {
    return 'accept';
  }

  override attempt(): [S, SockAddr] | undefined {
    return this.socket.tryAccept();
  }
}

/** {@link AsyncSocket.acceptBatchAsync} */
export class AcceptBatch<S extends AsyncSocket> extends Pending<[S, SockAddr][]> {
  constructor(
    readonly socket: S,
    readonly limit: number,
  ) {
    super();
  }

  override get syscall(): string {
    return 'accept';
  }

  override attempt(): [S, SockAddr][] | undefined {
    return this.socket.tryAcceptBatch(this.limit);
  }
}

class NextConnection<S extends AsyncSocket> extends Next<[S, SockAddr]> {
  constructor(
    override readonly iteration: Connections<S>,
    readonly socket: S,
  ) {
    super(iteration);
  }

  override get syscall(): string {
    return 'accept';
  }

  override attempt(): Item<[S, SockAddr]> | undefined | typeof MORE {
    try {
      const value = this.socket.tryAccept();
      return value === undefined ? undefined : { done: false, value };
    } catch (error) {
      if (error instanceof SockError && ABOUT_THE_CONNECTION.has(error.code)) return MORE;
      throw error;
    }
  }
}

/** {@link AsyncSocket.connections} */
export class Connections<S extends AsyncSocket> extends Iteration<[S, SockAddr]> {
  constructor(
    override readonly socket: S,
    options: WaitOptions | undefined,
  ) {
    super(socket, options);
  }

  override item(): Next<[S, SockAddr]> {
    return new NextConnection(this, this.socket);
  }
}

class NextDatagram extends Next<[number, SockAddr]> {
  readonly #call: RecvFrom;

  constructor(
    iteration: Datagrams,
    readonly socket: AsyncSocket,
    buffer: BufferSource,
    flags: number,
  ) {
    super(iteration);
    this.#call = new RecvFrom(socket, buffer, flags);
  }

  override get syscall(): string {
    return 'recvfrom';
  }

  override attempt(): Item<[number, SockAddr]> | undefined {
    const value = this.#call.attempt();
    return value === undefined ? undefined : { done: false, value };
  }
}

/** {@link AsyncSocket.datagrams} */
export class Datagrams extends Iteration<[number, SockAddr]> {
  readonly #flags: number;

  constructor(
    socket: AsyncSocket,
    readonly buffer: BufferSource,
    options: TransferOptions | undefined,
  ) {
    super(socket, options);
    this.#flags = flagsIn(options);
    // Refuses a wrong buffer now, rather than in the loop.
    this.item();
  }

  override item(): Next<[number, SockAddr]> {
    return new NextDatagram(this, this.socket, this.buffer, this.#flags);
  }
}
