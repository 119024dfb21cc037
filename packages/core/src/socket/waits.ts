import { type Driver, EUNSUPPORTED, type Handle } from '../driver.js';
import { endsWait } from '../driver/watchers.js';
import { checkDuration, invalidType, SockError } from '../errors.js';
import type { Backend } from '../driver/memory.js';

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
  readonly interest: number;
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

/** A signal that throws must not keep others from being told. */
function removeListener(signal: WaitSignal | undefined, listener: () => void): void {
  try {
    signal?.removeEventListener('abort', listener);
  } catch {
    // The wait is over, and nobody is left who could be told.
  }
}

/** Those who wait on one handle, over one registration with the driver. */
export class Waits {
  readonly #waiters = new Set<Waiter>();
  #handle: Handle = -1;

  constructor(
    /** Held, so that a socket on which somebody waits is not collected, and with it closed. */
    readonly owner: object,
    private readonly driver: Driver,
    private readonly context: Backend,
  ) {}

  /** @param options read by {@link waitOptions} */
  wait(handle: Handle, interest: number, { signal, timeout }: WaitOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      if (handle < 0) {
        reject(this.#error(this.context.EBADF));
        return;
      }
      let timer: ReturnType<typeof setTimeout> | undefined;
      const waiter: Waiter = {
        interest,
        settle: (error) => {
          this.#waiters.delete(waiter);
          if (timer !== undefined) clearTimeout(timer);
          if (error === undefined) resolve();
          else reject(error);
          removeListener(signal, aborted);
        },
      };
      const leave = (error: unknown): void => {
        waiter.settle(error);
        this.#watch();
      };
      const aborted = (): void => leave(signal?.reason);
      this.#waiters.add(waiter);
      this.#handle = handle;
      const failure = this.#watch();
      if (failure < 0) {
        leave(this.#error(failure));
        return;
      }
      if (timeout !== undefined) {
        timer = setTimeout(() => {
          leave(
            new SockError('ETIMEDOUT', {
              syscall: 'poll',
              errno: -(this.driver.errors['ETIMEDOUT'] ?? 0),
            }),
          );
        }, timeout);
      }
      try {
        signal?.addEventListener('abort', aborted);
      } catch (error) {
        leave(error);
      }
    });
  }

  /** Rejects all: the handle is going away. */
  end(): void {
    if (this.#waiters.size === 0) return;
    this.driver.watch(this.#handle, 0, this.#ready);
    for (const waiter of [...this.#waiters]) waiter.settle(this.#error(this.context.EBADF));
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
    return this.driver.watch(this.#handle, interest, this.#ready);
  }

  #error(result: number): SockError {
    if (result === -EUNSUPPORTED) {
      return new SockError('ERR_SOCK_UNSUPPORTED', {
        syscall: 'poll',
        message: `poll: the ${this.driver.name} backend can't wait on the event loop`,
      });
    }
    return new SockError(this.context.errorNames.get(-result) ?? `E${-result}`, {
      errno: result,
      syscall: 'poll',
    });
  }
}
