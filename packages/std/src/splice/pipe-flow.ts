/** One direction of bytes from a socket to another, which stay in the system: splice(2). */
import {
  type Driver,
  type Handle,
  type Progress,
  Readiness,
  SockError,
  type Socket,
  type WaitOptions,
} from '@sock/core';
import { check, driverOf, isBlocked, isError } from '../driver-results.js';
import { onEnd } from '../transfer/transfer-options.js';
import { beforeRelease } from './before-release.js';
import type { Pipe, Pipes } from './pipes.js';

/** The most bytes that one call is asked for: as much as the largest pipe holds. */
const PIECE = 1_048_576;
/** After so many calls, or so many bytes, that did not wait, others get their turn. */
const FAIR_CALLS = 64;
const FAIR_BYTES = 4 * PIECE;

/**
 * Moves bytes whenever the system says that it can. It is no loop of promises: a wait costs no allocation, and mostly no
 * system call.
 */
export class PipeFlow {
  readonly #driver: Required<Driver>;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #pipes: Pipes;
  readonly #progress: Progress;
  /** Which one holds what was received, or is about to receive. */
  #pipe: Pipe | undefined;
  /** The number of bytes in it. */
  #held = 0;
  /** The handle that is waited for; negative: none. */
  #watched: Handle = -1;
  #isEnded = false;
  #resolve: (moved: boolean) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  readonly #stops: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, pipes: Pipes, progress: Progress) {
    this.#driver = driverOf(from) as Required<Driver>;
    this.#from = from;
    this.#to = to;
    this.#pipes = pipes;
    this.#progress = progress;
  }

  /** Runs until the stream ends. `false` if this kind of socket has no splice(2): nothing has moved then. */
  run({ signal, timeout }: WaitOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      const released = (): void => {
        this.#fail(new SockError('EBADF', { errno: -9, syscall: 'splice' }));
      };
      this.#stops.push(beforeRelease(this.#from, released), beforeRelease(this.#to, released));
      if (signal !== undefined) {
        this.#stops.push(onEnd(signal, undefined, (reason) => this.#fail(reason)));
      }
      if (timeout !== undefined) {
        this.#timer = setTimeout(
          () => this.#fail(new SockError('ETIMEDOUT', { syscall: 'splice' })),
          Math.max(1, timeout),
        );
      }
      this.#move();
    });
  }

  readonly #move = (): void => {
    if (this.#isEnded) return;
    try {
      if (!this.#advance()) return;
      this.#end();
      this.#resolve(true);
    } catch (error) {
      this.#fail(error);
    }
  };

  /** From the event loop. A hang-up and an error show in the next call. */
  readonly #ready = (readiness: number): void => {
    this.#watched = -1;
    if ((readiness & Readiness.CLOSED) === 0) this.#move();
    else this.#fail(new SockError('EBADF', { errno: -9, syscall: 'splice' }));
  };

  /** Moves until a call would block. Returns whether the stream has ended. */
  #advance(): boolean {
    const driver = this.#driver;
    let bytes = 0;
    for (let calls = 0; calls < FAIR_CALLS && bytes < FAIR_BYTES; calls++) {
      if (this.#held === 0) {
        this.#pipe ??= this.#pipes.take();
        const received = driver.splice(this.#from.asRawFd(), this.#pipe.into, PIECE);
        if (received === 0) return true;
        if (isBlocked(driver, received)) {
          this.#pipes.giveBack(this.#pipe);
          this.#pipe = undefined;
          this.#watch(this.#from, Readiness.READABLE);
          return false;
        }
        if (this.#progress.bytes === 0 && isError(driver, received, 'EINVAL')) {
          this.#end();
          this.#resolve(false);
          return false;
        }
        this.#held = check(driver, received, 'splice');
      }
      const sent = driver.splice((this.#pipe as Pipe).out, this.#to.asRawFd(), this.#held);
      if (isBlocked(driver, sent)) {
        this.#watch(this.#to, Readiness.WRITABLE);
        return false;
      }
      this.#held -= check(driver, sent, 'splice');
      bytes += sent;
      this.#progress.bytes += sent;
      this.#timer?.refresh();
    }
    setImmediate(this.#move);
    return false;
  }

  #watch(socket: Socket, interest: number): void {
    const driver = this.#driver;
    const handle = socket.asRawFd();
    this.#watched = handle;
    // A call to receive has just shown that there is nothing: only a change is of interest.
    const isDrained = interest === Readiness.READABLE;
    const result = driver.watch(handle, interest, this.#ready, isDrained);
    if (result >= 0) return;
    this.#watched = -1;
    check(driver, result, 'poll');
  }

  #fail(error: unknown): void {
    if (this.#isEnded) return;
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
    if (this.#watched >= 0) this.#driver.watch(this.#watched, 0, this.#ready);
    this.#watched = -1;
    if (this.#pipe === undefined) return;
    if (this.#held === 0) this.#pipes.giveBack(this.#pipe);
    else this.#pipes.close(this.#pipe);
    this.#pipe = undefined;
  }
}
