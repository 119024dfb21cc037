/** Turns of the engine's own event loop: what the simulation waits with for the program to react. */

interface Port {
  onmessage: (() => void) | null;
  postMessage(value: null): void;
}

interface Globals {
  readonly setImmediate?: (call: () => void) => unknown;
  readonly MessageChannel?: new () => { readonly port1: Port; readonly port2: Port };
  readonly setTimeout: (call: () => void, milliseconds: number) => unknown;
}

/** Read when this module is loaded: fake timers come later, and must not stop the simulation. */
const macrotask = ((): ((call: () => void) => void) => {
  const { setImmediate, MessageChannel, setTimeout } = globalThis as unknown as Globals;
  if (typeof setImmediate === 'function') return (call) => void setImmediate(call);
  if (typeof MessageChannel !== 'function') return (call) => void setTimeout(call, 0);
  const { port1, port2 } = new MessageChannel();
  const calls: (() => void)[] = [];
  // A listener of `addEventListener` would not start the port.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener
  port1.onmessage = () => calls.shift()?.();
  return (call) => {
    calls.push(call);
    port2.postMessage(null);
  };
})();

const realTimeout = (globalThis as unknown as Globals).setTimeout;

/** Resolves after real milliseconds, whatever timers the program sees. */
export function realPause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    realTimeout(resolve, milliseconds);
  });
}

/** Resolves once everything that could run has run: microtasks, and what the engine had queued. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    macrotask(resolve);
  });
}

/** Calls that the simulation makes from the event loop. */
export class Loop {
  #calls: (() => void)[] = [];
  /** How many calls were ever posted. */
  count = 0;
  /** Takes what a call throws; without it the engine reports it as uncaught. */
  onError: ((error: unknown) => void) | undefined;

  /** Whether calls wait for the next turn. */
  get pending(): boolean {
    return this.#calls.length > 0;
  }

  /** Has the event loop make a call, in the order of posting. */
  post(call: () => void): void {
    this.count += 1;
    this.#calls.push(call);
    if (this.#calls.length === 1) macrotask(this.#run);
  }

  readonly #run = (): void => {
    const calls = this.#calls;
    this.#calls = [];
    let failed: { readonly error: unknown } | undefined;
    for (const call of calls) {
      try {
        call();
      } catch (error) {
        if (this.onError !== undefined) this.onError(error);
        else failed ??= { error };
      }
    }
    // The others were called first: one that throws must not keep them waiting for ever.
    if (failed !== undefined) throw failed.error;
  };
}
