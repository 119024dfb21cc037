/** Virtual time: it stands still until somebody advances it or everybody waits. */
import { Agenda, type AgendaEvent } from './agenda.js';
import { type Loop, turn } from './loop.js';

/** 2020-01-01T00:00:00Z: where virtual wall clocks start unless told otherwise. */
export const DEFAULT_EPOCH = 1_577_836_800_000;

/** Vitest's `vi` with fake timers on. */
interface VitestTimers {
  advanceTimersByTime(milliseconds: number): unknown;
}

/** `mock.timers` of `node:test`, enabled. */
interface NodeTimers {
  tick(milliseconds: number): unknown;
}

/** Fake timers that {@link Clock.drive} takes. */
export type FakeTimers = VitestTimers | NodeTimers;

/** The longest stretch for which fake timers lag behind the network, in milliseconds. */
const STEP = 1;

/** The clock of a {@link Network}, in milliseconds since the network was made. */
export class Clock {
  /** Packets on their way, protocol timers, faults to come. */
  readonly #network = new Agenda();
  /** Timers of the program under test. */
  readonly #program = new Agenda();
  readonly #loop: Loop;
  readonly #settle: () => void;
  #now = 0;
  #fake: ((milliseconds: number) => void) | undefined;

  /** @internal Made by {@link Network}. */
  constructor(
    loop: Loop,
    settle: () => void,
    /** The wall clock at time 0, in milliseconds since 1970. */
    readonly epoch: number,
  ) {
    this.#loop = loop;
    this.#settle = settle;
  }

  /** Virtual time, in milliseconds since the network was made. */
  get now(): number {
    return this.#now;
  }

  /** The wall clock without any host's skew: milliseconds since 1970, as `Date.now()`. */
  get wallTime(): number {
    return this.epoch + this.#now;
  }

  /**
   * Moves time on. Everything that is due meanwhile happens before this returns: packets arrive, protocol
   * timers and timers of the program fire. Promises of the program settle afterwards; the promise that this
   * returns resolves once they have.
   * @param milliseconds >= 0
   * @throws {RangeError} for anything else
   */
  advance(milliseconds: number): Promise<void> {
    this.#advance(milliseconds);
    return turn().then(turn);
  }

  #advance(milliseconds: number): void {
    if (!(typeof milliseconds === 'number' && milliseconds >= 0 && milliseconds < Infinity)) {
      throw new RangeError(`The time to advance must be >= 0 milliseconds: ${milliseconds}`);
    }
    const end = this.#now + milliseconds;
    if (this.#fake !== undefined) {
      while (this.#now < end) this.#runUntil(Math.min(end, this.#now + STEP));
    }
    this.#runUntil(end);
  }

  /**
   * {@link advance} that lets the program react to each event before the next one happens, so that an
   * exchange of several messages comes about in its own time.
   */
  async advanceAsync(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    if (!(milliseconds >= 0)) this.#advance(milliseconds);
    await this.quiet();
    for (;;) {
      const next = this.nextTime();
      if (next === undefined || next > end) break;
      this.#advance(Math.max(0, next - this.#now));
      await this.quiet();
    }
    this.#advance(Math.max(0, end - this.#now));
    await this.quiet();
  }

  /** @internal Resolves when the program has nothing left to do at this time. */
  async quiet(turns = 3): Promise<void> {
    for (let quiet = 0; quiet < turns; quiet++) {
      const { count } = this.#loop;
      await turn();
      if (this.#loop.pending || this.#loop.count !== count) quiet = -1;
    }
  }

  #runUntil(end: number): void {
    this.#settle();
    for (;;) {
      const next = this.nextTime();
      if (next === undefined || next > end) break;
      this.step();
    }
    this.moveTo(end);
  }

  /**
   * Has fake timers follow this clock: vitest's `vi` after `vi.useFakeTimers()`, or `mock.timers` of
   * `node:test` after `mock.timers.enable()`. They are advanced with the network, in steps of a
   * millisecond at most. `null` ends it.
   * @example network.clock.drive(vi)
   */
  drive(timers: FakeTimers | null): void {
    if (timers === null) this.#fake = undefined;
    else if ('tick' in timers) this.#fake = (milliseconds) => void timers.tick(milliseconds);
    else this.#fake = (milliseconds) => void timers.advanceTimersByTime(milliseconds);
  }

  /** @internal The time of the earliest event; one that is late counts as now. */
  nextTime(): number | undefined {
    const network = this.#network.first?.time;
    const program = this.#program.first?.time;
    const next = Math.min(network ?? Infinity, program ?? Infinity);
    return next === Infinity ? undefined : Math.max(next, this.#now);
  }

  /** @internal The time of the earliest event of the network alone. */
  nextNetworkTime(): number | undefined {
    return this.#network.first?.time;
  }

  /** @internal Happens at a time; the network's own. */
  schedule(milliseconds: number, run: () => void): AgendaEvent {
    return this.#network.add(this.#now + milliseconds, run);
  }

  /** @internal */
  cancel(event: AgendaEvent | undefined): void {
    if (event !== undefined) this.#network.remove(event);
  }

  /** @internal A timer of the program. */
  scheduleProgram(milliseconds: number, run: () => void): AgendaEvent {
    return this.#program.add(this.#now + milliseconds, run);
  }

  /** @internal */
  cancelProgram(event: AgendaEvent | undefined): void {
    if (event !== undefined) this.#program.remove(event);
  }

  /** @internal Moves to the earliest event and has it happen. `program`: it was a timer of the program. */
  step(): 'network' | 'program' | undefined {
    const network = this.#network.first;
    const program = this.#program.first;
    if (program !== undefined && (network === undefined || program.time < network.time)) {
      this.#program.remove(program);
      this.moveTo(program.time);
      program.run();
      return 'program';
    }
    return this.stepNetwork() ? 'network' : undefined;
  }

  /** @internal Has the earliest event of the network happen. */
  stepNetwork(): boolean {
    const event = this.#network.shift();
    if (event === undefined) return false;
    this.moveTo(event.time);
    event.run();
    this.#settle();
    return true;
  }

  /** @internal Never backwards. */
  moveTo(time: number): void {
    if (time <= this.#now) return;
    const passed = time - this.#now;
    this.#now = time;
    this.#fake?.(passed);
  }
}
