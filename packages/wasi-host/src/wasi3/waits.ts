/** Waits on the event loop: what a `pollable` is in 0.2 is a promise in 0.3. */
import { READY, type Target } from '../sockets/pollable.js';
import type { Scope } from '../sockets/scope.js';
import { invalidState } from './errors.js';

/** How long is waited at a time for what must be asked again and again, in milliseconds. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 20;
/** The longest time of setTimeout. */
const TIMER_MAX = 2 ** 31 - 1;

export class Waits {
  /** What ends each wait: by the target, since its handle may be another's later. */
  readonly #ends = new Map<Target, Set<() => void>>();
  readonly #endAll = (): void => {
    for (const target of this.#ends.keys()) this.endOf(target);
  };

  constructor(private readonly scope: Scope) {}

  /** Ends the waits for a target that is dropped: they go on, and find it dropped. */
  endOf(target: Target): void {
    const ends = this.#ends.get(target);
    if (ends === undefined) return;
    for (const end of ends) end();
  }

  /**
   * Resolves when an operation on the target is worth a try.
   * @throws {SocketError} `invalid-state` when the target was dropped, or the host closed
   */
  async until(target: Target & { readonly rep: number }): Promise<void> {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, 2 * pause)) {
      if (target.rep === 0 || this.scope.closed) throw invalidState();
      const held = target.wait?.() ?? 0;
      if (held > 0) {
        await this.#pause(target, held);
        continue;
      }
      const interest = target.interest();
      if (interest === READY) return;
      if (interest === 0) {
        if (target.ready?.() !== false) return;
        await this.#pause(target, pause);
      } else {
        await this.#watch(target, interest);
        if (target.rep === 0 || this.scope.closed) throw invalidState();
        if (target.settled?.() !== false) return;
      }
    }
  }

  #watch(target: Target, interest: number): Promise<void> {
    const { driver } = this.scope.system;
    return this.#wait(target, (done) => {
      driver.watch(target.handle, interest, done);
      return () => void driver.watch(target.handle, 0, done);
    });
  }

  #pause(target: Target, milliseconds: number): Promise<void> {
    return this.#wait(target, (done) => {
      const timer = setTimeout(done, Math.min(milliseconds, TIMER_MAX));
      return () => clearTimeout(timer);
    });
  }

  /** @param start starts a wait, which calls `done`; what it returns stops it */
  #wait(target: Target, start: (done: () => void) => () => void): Promise<void> {
    return new Promise((resolve) => {
      const ends = this.#ends.get(target) ?? new Set<() => void>();
      const finish = (): void => {
        ends.delete(end);
        if (ends.size === 0) this.#ends.delete(target);
        if (this.#ends.size === 0) this.scope.endings.delete(this.#endAll);
        resolve();
      };
      const stop = start(finish);
      const end = (): void => {
        stop();
        finish();
      };
      ends.add(end);
      this.#ends.set(target, ends);
      this.scope.endings.add(this.#endAll);
    });
  }
}
