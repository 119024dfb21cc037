import { SockError } from '../errors.js';
import type { SocketHandle } from '../socket/socket-handle.js';
import type { WaitSignal } from '../socket/waits.js';

/** What an attempt returns that got something done and has more to do, as a long send. */
export const MORE = Symbol('more');

/** What an attempt returns whose call has no result. `undefined` says that the call would block. */
export const DONE = Symbol('done');

/** Who ended an operation before it was done. */
export type EndedBy = 'close' | 'signal' | 'timeout';

/**
 * One asynchronous operation: a call that is tried until it no longer would block. It is made for every call,
 * and becomes a member of a queue only if it has to wait.
 */
export abstract class Pending<T> {
  /** The neighbours in the queue. */
  previous: Pending<unknown> | undefined = undefined;
  next: Pending<unknown> | undefined = undefined;
  queued = false;
  /** Set when the operation begins to wait. */
  resolve: (value: T) => void = nobody;
  reject: (error: unknown) => void = nobody;
  timer: ReturnType<typeof setTimeout> | undefined;
  signal: WaitSignal | undefined = undefined;
  aborted: (() => void) | undefined = undefined;
  /** Milliseconds until the next attempt, if the system has no event for when to try again; otherwise 0. */
  pause = 0;

  abstract readonly socket: SocketHandle;
  /** The system call, for errors. */
  abstract readonly syscall: string;

  /** Tries once. Returns `undefined` if the call would block, and {@link MORE} to be called again at once. */
  abstract attempt(): T | undefined | typeof MORE | typeof DONE;

  /**
   * Whether a result shows that the next call would block, on a TCP socket: it received less than there was room for
   * (epoll(7), "Q9").
   */
  leftNothing(_value: T): boolean {
    return false;
  }

  /** The operation has succeeded, and nobody has it any more. */
  done(): void {}

  /** Refuses wrong arguments that otherwise an attempt would refuse: others are to be tried before. */
  check(): void {}

  /** Adds to an error what was done until then. */
  describe(error: unknown): unknown {
    return error;
  }

  /** The error if somebody ended the operation. */
  ended(by: Exclude<EndedBy, 'signal'>): SockError {
    const { context } = this.socket;
    return context.error(
      by === 'timeout' ? context.result('ETIMEDOUT') : context.EBADF,
      this.syscall,
    );
  }

  /** Settles the promise because somebody ended the operation. */
  end(error: unknown, _by: EndedBy): void {
    this.reject(this.describe(error));
  }

  /** Removes what would otherwise keep the operation alive after its end. */
  release(): void {
    if (this.timer !== undefined) {
      clearTimeout(this.timer);
      this.timer = undefined;
    }
    const { signal, aborted } = this;
    if (signal === undefined || aborted === undefined) return;
    this.signal = undefined;
    this.aborted = undefined;
    try {
      signal.removeEventListener('abort', aborted);
    } catch {
      // A signal that throws must not stop the other operations from ending.
    }
  }
}

export function nobody(): void {}

/** Notes on an error how many bytes crossed before it, if it is an error of ours. */
export function withBytes(
  error: unknown,
  name: 'bytesRead' | 'bytesWritten',
  bytes: number,
): unknown {
  if (error instanceof SockError) {
    Object.defineProperty(error, name, {
      value: bytes,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return error;
}
