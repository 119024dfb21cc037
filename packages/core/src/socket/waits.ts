import { type Handle, Readiness } from '../driver.js';
import { endsWait } from '../driver/watchers.js';
import { checkDuration, invalidType } from '../errors.js';
import type { SocketHandle } from './socket-handle.js';

/** The part of an `AbortSignal` that waiting uses. */
export interface WaitSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** How long to wait, and who may end it. */
export interface WaitOptions {
  readonly signal?: WaitSignal | undefined;
  /** In milliseconds, > 0; without it the wait has no end. */
  readonly timeout?: number | undefined;
}

interface Waiter {
  interest: number;
  settle(error?: unknown): void;
}

/**
 * Reads the options of a wait, once: what is read may run code of the caller's, which may close the
 * socket, so that its handle must be read afterwards.
 */
export function waitOptions(
  options: WaitOptions = {},
): WaitOptions & { readonly aborted: boolean } {
  if (typeof options !== 'object' || options === null) {
    throw invalidType('options', 'of type object', options);
  }
  const { signal, timeout } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw invalidType('options.signal', 'an instance of AbortSignal', signal);
  }
  if (timeout !== undefined) checkDuration('options.timeout', timeout);
  return { signal, timeout, aborted: signal?.aborted === true };
}

/** A signal that throws must not stop the other waits from ending. */
function removeListener(signal: WaitSignal | undefined, listener: () => void): void {
  try {
    signal?.removeEventListener('abort', listener);
  } catch {
    // The wait has ended already, so there is no caller to report this to.
  }
}

/** The longest pause between two tries, in milliseconds. */
const LONGEST_PAUSE = 50;

/** How long to pause before try number `count`, in milliseconds: from 1 on it doubles up to 50. */
export function nextPause(count: number): number {
  return Math.min(LONGEST_PAUSE, 2 ** Math.min(count - 1, 16));
}

/** What waits on one socket, over one registration with the driver. */
export class Waits {
  readonly #waiters = new Set<Waiter>();
  #handle: Handle = -1;
  #retries = 0;
  #retrying = false;

  /** @param socket held, so that a socket on which somebody waits is not collected, and with it closed */
  constructor(readonly socket: SocketHandle) {}

  /**
   * Has the next wait to write take a while: the system says "try again" and has no event for when.
   * The time doubles with each call.
   */
  retryLater(): void {
    this.#retries++;
    this.#retrying = true;
  }

  /** @param options read by {@link waitOptions} */
  wait(interest: number, { signal, timeout }: WaitOptions): Promise<void> {
    const { context, handle } = this.socket;
    return new Promise((resolve, reject) => {
      if (handle < 0) {
        reject(context.error(context.EBADF, 'poll'));
        return;
      }
      let timer: ReturnType<typeof setTimeout> | undefined;
      let retry: ReturnType<typeof setTimeout> | undefined;
      const waiter: Waiter = {
        interest,
        settle: (error) => {
          this.#waiters.delete(waiter);
          if (timer !== undefined) clearTimeout(timer);
          if (retry !== undefined) clearTimeout(retry);
          if (error === undefined) resolve();
          else reject(error);
          removeListener(signal, aborted);
        },
      };
      const leave = (error?: unknown): void => {
        waiter.settle(error);
        this.#watch();
      };
      const aborted = (): void => leave(signal?.reason);
      this.#waiters.add(waiter);
      this.#handle = handle;
      if (this.#retrying && interest === Readiness.WRITABLE) {
        this.#retrying = false;
        waiter.interest = 0;
        retry = setTimeout(() => leave(), nextPause(this.#retries));
      } else {
        const failure = this.#watch();
        if (failure < 0) {
          leave(context.error(failure, 'poll', { operation: nameOf(interest) }));
          return;
        }
      }
      if (timeout !== undefined) {
        timer = setTimeout(
          () => leave(context.error(context.result('ETIMEDOUT'), 'poll')),
          timeout,
        );
      }
      try {
        signal?.addEventListener('abort', aborted);
      } catch (error) {
        leave(error);
      }
    });
  }

  /** Rejects every wait: the handle is about to go. */
  end(): void {
    if (this.#waiters.size === 0) return;
    const { context, driver } = this.socket;
    driver.watch(this.#handle, 0, this.#ready);
    for (const waiter of [...this.#waiters]) waiter.settle(context.error(context.EBADF, 'poll'));
  }

  readonly #ready = (readiness: number): void => {
    for (const waiter of [...this.#waiters]) {
      if (endsWait(readiness, waiter.interest)) waiter.settle();
    }
    if (this.#waiters.size > 0) this.#watch();
  };

  #watch(): number {
    let interest = 0;
    for (const waiter of this.#waiters) interest |= waiter.interest;
    return this.socket.driver.watch(this.#handle, interest, this.#ready);
  }
}

const nameOf = (interest: number): string =>
  interest === Readiness.READABLE ? 'readable' : 'writable';
