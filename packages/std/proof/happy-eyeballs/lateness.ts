import { monitorEventLoopDelay } from 'node:perf_hooks';

/** In milliseconds. */
const RESOLUTION = 2;

/** By how much the event loop of this process was late: what other work on the machine adds to any time that is taken. */
export class Lateness {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION });

  constructor() {
    this.#delay.enable();
  }

  /** The longest time by which it was late, in milliseconds. */
  end(): number {
    this.#delay.disable();
    return Math.max(0, this.#delay.max / 1e6 - RESOLUTION);
  }
}
