/** The wall clock of one host. */
import type { Clock } from './clock.js';
import { virtualDate } from './virtual-globals.js';

/** A wall clock that may be off, and go too fast or too slow. */
export class HostClock {
  readonly #clock: Clock;
  /** Milliseconds that it is ahead of the network's at {@link #since}. */
  #ahead = 0;
  #since = 0;
  #drift = 0;
  #date: DateConstructor | undefined;

  /** @internal */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How far the clock is ahead of the network's, in milliseconds; negative: behind. */
  get skew(): number {
    return this.#ahead + (this.#clock.now - this.#since) * this.#drift;
  }

  set skew(milliseconds: number) {
    this.#ahead = milliseconds;
    this.#since = this.#clock.now;
  }

  /** @internal Adds to what it is off by, and to how much too fast it goes. */
  shift(by: number, drift: number): void {
    this.skew += by;
    this.#drift += drift;
  }

  /** Milliseconds since 1970, as this host's `Date.now()` would be. */
  now(): number {
    return this.#clock.wallTime + this.skew;
  }

  /** @internal {@link now} since the start of the network, in milliseconds: more exact, as it is less. */
  get sinceStart(): number {
    return this.#clock.now + this.skew;
  }

  /** @internal A {@link sinceStart} as nanoseconds since 1970. */
  nanosecondsOf(sinceStart: number): bigint {
    const { epoch } = this.#clock;
    const whole = Math.floor(epoch);
    return BigInt(whole) * 1_000_000n + BigInt(Math.round((epoch - whole + sinceStart) * 1e6));
  }

  /** A `Date` of this host, for programs that take one. */
  get Date(): DateConstructor {
    this.#date ??= virtualDate(() => this.now());
    return this.#date;
  }
}
