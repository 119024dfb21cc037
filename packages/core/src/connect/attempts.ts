/**
 * Which address is tried when: RFC 8305, sections 3 and 5. It knows nothing of sockets, names and real time, so that a
 * test can run it on a clock of its own.
 */
import type { WaitSignal } from '../socket/waits.js';
import { interleave, sortDestinations, type Destination } from './destination-order.js';
import { Stop } from './stop.js';

/** A source of time. */
export interface Clock {
  /** In milliseconds, since any point in time. */
  now(): number;
  setTimeout(call: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The clock of the program, read when it is used: a simulated network replaces the globals. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (call, milliseconds) => setTimeout(call, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** RFC 8305, section 8: how long to wait for AAAA records once A records are there, in milliseconds. */
const RESOLUTION_DELAY = 50;

/** A look-up that is under way. */
export interface Answer<A extends Destination> {
  readonly family: 4 | 6;
  readonly addresses: Promise<readonly A[]>;
}

/** What {@link race} works with. */
export interface Race<A extends Destination, T> {
  readonly answers: readonly Answer<A>[];
  /** Tells whether two destinations are the same. */
  key(address: A): string;
  /** Connects to one address. Once the signal is aborted it closes what it has opened, and rejects. */
  connect(address: A, signal: WaitSignal): Promise<T>;
  /** Closes a connection that came too late. */
  discard(connection: T): void;
  /** Connection Attempt Delay, in milliseconds. */
  readonly attemptDelay: number;
  /** Ends the race: all attempts are aborted, and it rejects with the reason. */
  readonly signal: WaitSignal;
  readonly clock: Clock;
}

/** No address led to a connection: what each attempt and each look-up said, in order of time. */
export class RaceLost extends Error {
  constructor(
    readonly failures: readonly Error[],
    readonly lookups: readonly Error[],
  ) {
    super('no address led to a connection');
  }
}

/**
 * Tries the addresses in parallel, one more after each delay or failure.
 * @returns the first connection; every other attempt has been aborted then
 * @throws {RaceLost} when all have failed; the signal's reason
 */
export function race<A extends Destination, T>(options: Race<A, T>): Promise<T> {
  return new Promise((resolve, reject) => {
    new Attempts(options, resolve, reject).begin();
  });
}

class Attempts<A extends Destination, T> {
  readonly #known = new Set<string>();
  /** Not tried yet, in the order in which they are to be tried. */
  #untried: A[] = [];
  /** Each attempt that is under way. */
  readonly #running = new Set<Stop>();
  readonly #failures: Error[] = [];
  readonly #lookupFailures: Error[] = [];
  /** The families whose look-ups are under way. */
  readonly #pending: Set<4 | 6>;
  /** Whether attempts may begin: RFC 8305, section 3. */
  #open = false;
  #last: number | undefined;
  #nextAt = 0;
  #resolutionTimer: unknown;
  #attemptTimer: unknown;
  #settled = false;

  constructor(
    private readonly options: Race<A, T>,
    private readonly resolve: (connection: T) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    this.#pending = new Set(options.answers.map(({ family }) => family));
  }

  begin(): void {
    const { answers, signal } = this.options;
    // A look-up may have aborted it. Its own failure concerns nobody then, but is a rejection all the same.
    if (signal.aborted) this.#abort();
    else signal.addEventListener('abort', this.#abort);
    for (const { family, addresses } of answers) {
      addresses.then(
        (list) => this.#answered(family, list),
        (error: unknown) => {
          this.#lookupFailures.push(error as Error);
          this.#answered(family, []);
        },
      );
    }
  }

  readonly #abort = (): void => {
    if (this.#end()) this.reject(this.options.signal.reason);
  };

  #answered(family: 4 | 6, addresses: readonly A[]): void {
    if (this.#settled) return;
    this.#pending.delete(family);
    const fresh = addresses.filter((address) => {
      const key = this.options.key(address);
      return !this.#known.has(key) && this.#known.add(key);
    });
    if (fresh.length > 0) {
      const sorted = sortDestinations([...this.#untried, ...fresh]);
      this.#untried = interleave(sorted, this.#last);
    }
    this.#admit();
    this.#proceed();
  }

  /** Decides whether the attempts begin. IPv6 addresses do not wait for IPv4; IPv4 waits a little for IPv6. */
  #admit(): void {
    if (this.#open) return;
    const { clock } = this.options;
    if (!this.#pending.has(6) || this.#untried.some(({ bytes }) => bytes.length === 16)) {
      this.#open = this.#untried.length > 0 || this.#pending.size === 0;
    } else if (this.#untried.length > 0) {
      this.#resolutionTimer ??= clock.setTimeout(() => {
        this.#open = true;
        this.#proceed();
      }, RESOLUTION_DELAY);
    }
    if (this.#open) clock.clearTimeout(this.#resolutionTimer);
  }

  /** Starts the attempts that are due, and sets the timer for the next. */
  #proceed(): void {
    const { clock } = this.options;
    clock.clearTimeout(this.#attemptTimer);
    this.#attemptTimer = undefined;
    if (this.#settled || !this.#open) return;
    if (this.#untried.length === 0) {
      if (this.#running.size === 0 && this.#pending.size === 0 && this.#end()) {
        this.reject(new RaceLost(this.#failures, this.#lookupFailures));
      }
      return;
    }
    const delay = this.#running.size === 0 ? 0 : this.#nextAt - clock.now();
    if (delay <= 0) this.#start();
    else {
      this.#attemptTimer = clock.setTimeout(() => {
        // A timer may fire a little early by the clock's count.
        this.#nextAt = -Infinity;
        this.#proceed();
      }, delay);
    }
  }

  #start(): void {
    const { connect, discard, attemptDelay, clock } = this.options;
    const address = this.#untried.shift() as A;
    const attempt = new Stop();
    this.#running.add(attempt);
    this.#last = address.bytes.length;
    this.#nextAt = clock.now() + attemptDelay;
    connect(address, attempt).then(
      (connection) => {
        this.#running.delete(attempt);
        if (this.#end()) this.resolve(connection);
        else discard(connection);
      },
      (error: unknown) => {
        this.#running.delete(attempt);
        if (this.#settled) return;
        this.#failures.push(error as Error);
        // A failure starts the next attempt at once.
        this.#nextAt = -Infinity;
        this.#proceed();
      },
    );
    this.#proceed();
  }

  /** @returns whether it was not over already */
  #end(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    const { clock, signal } = this.options;
    signal.removeEventListener('abort', this.#abort);
    clock.clearTimeout(this.#resolutionTimer);
    clock.clearTimeout(this.#attemptTimer);
    for (const attempt of this.#running) attempt.stop();
    return true;
  }
}
