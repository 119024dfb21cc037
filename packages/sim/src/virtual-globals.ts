/** Timers, dates and random numbers of the program under test, driven by a network's clock. */
import type { AgendaEvent } from './agenda.js';
import type { Clock } from './clock.js';
import type { Loop } from './loop.js';
import type { Random } from './random.js';

type Callback = (...values: unknown[]) => void;

/** The longest delay of a timer: what is longer counts as 1 ms, as in every engine. */
const LONGEST = 0x7fffffff;

/** What `setTimeout` and `setInterval` return: node's `Timeout`, of which browsers need nothing. */
class VirtualTimer {
  event: AgendaEvent | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly delay: number,
    private readonly repeats: boolean,
    private readonly call: () => void,
  ) {
    this.refresh();
  }

  refresh(): this {
    this.clock.cancelProgram(this.event);
    this.event = this.clock.scheduleProgram(this.delay, () => {
      this.event = undefined;
      if (this.repeats) this.refresh();
      this.call();
    });
    return this;
  }

  close(): this {
    this.clock.cancelProgram(this.event);
    this.event = undefined;
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return this.event !== undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

class VirtualImmediate {
  cleared = false;

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return !this.cleared;
  }

  [Symbol.dispose](): void {
    this.cleared = true;
  }
}

const delayOf = (delay: unknown): number => {
  const milliseconds = Number(delay);
  return milliseconds >= 1 && milliseconds <= LONGEST ? milliseconds : 1;
};

/** A `Date` whose present is the clock's. */
export function virtualDate(wallTime: () => number): DateConstructor {
  const Real = globalThis.Date;
  const now = (): number => Math.floor(wallTime());
  return new Proxy(Real, {
    apply: () => new Real(now()).toString(),
    construct: (target, values: unknown[], newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget) as object,
    get: (target, property, receiver) =>
      property === 'now' ? now : (Reflect.get(target, property, receiver) as unknown),
  });
}

interface SignalClass {
  timeout?: (milliseconds: number) => unknown;
}

/** Not every engine has them. */
interface Host {
  AbortController?: new () => { readonly signal: unknown; abort(reason: unknown): void };
  AbortSignal?: SignalClass;
  DOMException?: new (message: string, name: string) => Error;
  performance?: object;
}

/**
 * Replaces the global timers, `Date`, `performance.now`, `AbortSignal.timeout` and `Math.random`.
 * @returns restores them
 */
export function installVirtualGlobals(
  clock: Clock,
  loop: Loop,
  random: Random,
  onError: (error: unknown) => void,
): () => void {
  const restore: (() => void)[] = [];
  const replace = (target: object, name: string, value: unknown): void => {
    const before = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    restore.push(() => {
      if (before === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, before);
    });
  };
  const caught =
    (callback: Callback, values: unknown[]): (() => void) =>
    () => {
      try {
        callback(...values);
      } catch (error) {
        onError(error);
      }
    };
  const timer =
    (repeats: boolean) =>
    (callback: Callback, delay?: unknown, ...values: unknown[]): VirtualTimer => {
      if (typeof callback !== 'function') {
        throw new TypeError('The "callback" argument must be of type function');
      }
      return new VirtualTimer(clock, delayOf(delay), repeats, caught(callback, values));
    };
  const global = globalThis as unknown as Record<string, (value: unknown) => unknown>;
  const clear =
    (name: string) =>
    (value: unknown): void => {
      // A real timer, made before.
      if (!(value instanceof VirtualTimer)) realClear[name]?.(value);
      else value.close();
    };
  const realClear = {
    clearTimeout: global['clearTimeout'],
    clearInterval: global['clearInterval'],
    clearImmediate: global['clearImmediate'],
  } as Record<string, ((value: unknown) => unknown) | undefined>;

  replace(globalThis, 'setTimeout', timer(false));
  replace(globalThis, 'setInterval', timer(true));
  replace(globalThis, 'clearTimeout', clear('clearTimeout'));
  replace(globalThis, 'clearInterval', clear('clearInterval'));
  if (typeof global['setImmediate'] === 'function') {
    replace(globalThis, 'setImmediate', (callback: Callback, ...values: unknown[]) => {
      const immediate = new VirtualImmediate();
      const call = caught(callback, values);
      loop.post(() => {
        if (!immediate.cleared) call();
      });
      return immediate;
    });
    replace(globalThis, 'clearImmediate', (value: unknown) => {
      if (value instanceof VirtualImmediate) value.cleared = true;
      else realClear['clearImmediate']?.(value);
    });
  }
  replace(
    globalThis,
    'Date',
    virtualDate(() => clock.wallTime),
  );
  replace(Math, 'random', () => random.next());
  const { performance, AbortSignal, AbortController, DOMException } = globalThis as Host;
  if (performance !== undefined) replace(performance, 'now', () => clock.now);
  if (AbortSignal?.timeout !== undefined && AbortController !== undefined) {
    replace(AbortSignal, 'timeout', (milliseconds: number) => {
      const controller = new AbortController();
      const text = 'The operation was aborted due to timeout';
      const reason = DOMException ? new DOMException(text, 'TimeoutError') : new Error(text);
      clock.scheduleProgram(milliseconds, () => controller.abort(reason));
      return controller.signal;
    });
  }
  return () => {
    for (const undo of restore.reverse()) undo();
  };
}
