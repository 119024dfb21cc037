/** What the random schedules have in common: the calls of a schedule, and what they leave behind. */
import { type Driver, type makeBackend, type Socket, type SockError } from '@sock/core';
import { fail, ok } from '../assert.js';
import { Signal } from '../signal.js';

/** The class of the sockets of a schedule. */
export type Own = ReturnType<typeof makeBackend>['Socket'];

/** How to run schedules on a backend. */
export interface ScheduleHost {
  /** The driver of the backend. */
  readonly driver: Driver;
  /** Two connected stream sockets of a backend over `driver`; `own` is that backend's class. */
  pair(own: Own, kind: number): Promise<[Socket, Socket]>;
  /** Two connected datagram sockets. */
  datagrams(own: Own, kind: number): Promise<[Socket, Socket]>;
  /** A listener, and a function that makes sockets that can be connected to it. */
  listener(own: Own, kind: number): [listener: Socket, client: (own?: Own) => Socket];
  /** Lets the event loop turn. */
  turn(): Promise<void>;
  /** Lets a few milliseconds pass. */
  pause(milliseconds: number): Promise<void>;
}

/** One asynchronous call of a schedule. */
export interface Call<Held> {
  readonly kind: string;
  readonly number: number;
  readonly signal: Signal | undefined;
  readonly reason: Error;
  readonly timeout: number | undefined;
  /** What the call works on. */
  readonly held: Held;
  settled: boolean;
  fulfilled: boolean;
  value: unknown;
  error: unknown;
}

/** The options of a call. */
export interface CallOptions {
  readonly signal: Signal | undefined;
  readonly timeout: number | undefined;
}

/** A driver that counts the waits that are registered with it. */
function counted(driver: Driver): { readonly driver: Driver; waits(): number } {
  const waiting = new Set<(readiness: number) => void>();
  const wrappers = new Map<(readiness: number) => void, (readiness: number) => void>();
  return {
    waits: () => waiting.size,
    driver: {
      ...driver,
      watch(handle, interest, ready, drained) {
        let wrapped = wrappers.get(ready);
        if (wrapped === undefined) {
          wrapped = (readiness) => {
            waiting.delete(ready);
            ready(readiness);
          };
          wrappers.set(ready, wrapped);
        }
        const result = driver.watch(handle, interest, wrapped, drained);
        if (interest === 0) waiting.delete(ready);
        else if (result >= 0) waiting.add(ready);
        return result;
      },
    },
  };
}

/** Counts the timers of the program that run. */
class Timers {
  readonly #set = globalThis.setTimeout;
  readonly #clear = globalThis.clearTimeout;
  readonly #running = new Set<unknown>();

  constructor() {
    globalThis.setTimeout = ((callback: () => void, milliseconds: number) => {
      const timer: unknown = this.#set(() => {
        this.#running.delete(timer);
        callback();
      }, milliseconds);
      this.#running.add(timer);
      return timer;
    }) as typeof setTimeout;
    globalThis.clearTimeout = ((timer: unknown) => {
      this.#running.delete(timer);
      this.#clear(timer as never);
    }) as typeof clearTimeout;
  }

  get running(): number {
    return this.#running.size;
  }

  restore(): void {
    globalThis.setTimeout = this.#set;
    globalThis.clearTimeout = this.#clear;
  }
}

/** The calls of a schedule, in the order in which they were made. */
export class Calls<Held> {
  readonly all: Call<Held>[] = [];
  /** In the order in which they were settled. */
  readonly order: Call<Held>[] = [];
  readonly log: string[] = [];

  note(text: string): void {
    this.log.push(text);
  }

  /** The calls that are not settled. */
  get waiting(): Call<Held>[] {
    return this.all.filter(({ settled }) => !settled);
  }

  /**
   * Makes a call. Whether it has a time-out and a signal follows from `argument`.
   * @param read what the call gave, in a form that the model compares
   */
  begin(
    kind: string,
    argument: number,
    held: Held,
    start: (options: CallOptions | undefined) => Promise<unknown>,
    read: (value: unknown) => unknown = (value) => value,
  ): Call<Held> {
    const number = this.all.length;
    const timeout = argument % 5 === 0 ? 1 + (argument % 2) : undefined;
    const call: Call<Held> = {
      kind,
      number,
      signal: argument % 3 === 0 ? new Signal() : undefined,
      reason: new Error(`abort of call ${number}`),
      timeout,
      held,
      settled: false,
      fulfilled: false,
      value: undefined,
      error: undefined,
    };
    this.all.push(call);
    const { signal } = call;
    this.note(`${number}: ${kind}, timeout ${timeout}, signal ${signal !== undefined}`);
    const settle = (fulfilled: boolean, value: unknown, error: unknown): void => {
      ok(!call.settled, `call ${number} settles once`);
      call.settled = true;
      call.fulfilled = fulfilled;
      call.value = value;
      call.error = error;
      this.order.push(call);
      this.note(
        `${number}: ${fulfilled ? `fulfilled ${String(value)}` : `rejected ${String(error)}`}`,
      );
    };
    // Half of the calls have no options: those take shorter ways.
    const options = signal === undefined && timeout === undefined ? undefined : { signal, timeout };
    let started: Promise<unknown>;
    try {
      started = start(options);
    } catch (error) {
      // The loops throw at once if the socket is closed.
      started = Promise.reject(error);
    }
    started.then(
      (value) => settle(true, read(value), undefined),
      (error: unknown) => settle(false, undefined, error),
    );
    return call;
  }

  /** Aborts one of the calls, if it can be. */
  abort(argument: number): void {
    const call = this.all[argument % Math.max(1, this.all.length)];
    if (call?.signal === undefined || call.signal.aborted) return;
    this.note(`abort ${call.number}`);
    call.signal.abort(call.reason);
  }

  /** Every call is settled, and if it was rejected there was a reason for that. */
  checkErrors(closed: boolean, allowed: (call: Call<Held>, code: string) => boolean): void {
    for (const call of this.all) {
      const { number, kind, error } = call;
      if (!call.settled) fail(`call ${number} (${kind}) is not settled`);
      if (call.fulfilled) continue;
      if (error === call.reason) {
        ok(call.signal?.aborted === true, `${number}: nobody aborted it`);
        continue;
      }
      const code = (error as SockError).code ?? String(error);
      const known =
        (code === 'ETIMEDOUT' && call.timeout !== undefined) || (code === 'EBADF' && closed);
      ok(known || allowed(call, code), `${number} (${kind}): ${code}`);
    }
  }

  /** Calls of one direction are fulfilled in the order in which they were made. */
  checkOrder(kinds: readonly string[]): void {
    let last = -1;
    for (const { kind, number, fulfilled, value } of this.order) {
      // The end of an iteration is no item, and comes at once.
      if (!fulfilled || value === undefined || !kinds.includes(kind)) continue;
      ok(number > last, `call ${number} was fulfilled after call ${last}`);
      last = number;
    }
  }

  /** What waits can't end by itself. */
  checkWaiting(closed: boolean): void {
    for (const { kind, number, timeout, signal } of this.waiting) {
      ok(!closed, `call ${number} (${kind}) waits on a closed socket`);
      ok(signal?.aborted !== true, `call ${number} (${kind}) waits although it was aborted`);
      ok(timeout === undefined, `call ${number} (${kind}) waits after its time`);
    }
  }
}

/** What a schedule needs while it runs. */
export interface Running {
  readonly driver: Driver;
  /** Fails if there is a timer or a wait with the driver. */
  checkQuiet(when: string): void;
}

/** Runs a schedule. Fails with its log if something is not as the model says. */
export async function runCounted(
  host: ScheduleHost,
  log: readonly string[],
  body: (running: Running) => Promise<void>,
): Promise<void> {
  const { driver, waits } = counted(host.driver);
  const timers = new Timers();
  try {
    await body({
      driver,
      checkQuiet(when) {
        ok(waits() === 0, `${waits()} waits with the driver ${when}`);
        ok(timers.running === 0, `${timers.running} timers ${when}`);
      },
    });
  } catch (error) {
    (error as Error).message += `\n${log.join('\n')}`;
    throw error;
  } finally {
    timers.restore();
  }
}

/** No call left a listener on its signal. */
export function checkListeners(calls: readonly Call<unknown>[]): void {
  const listeners = calls.reduce((sum, { signal }) => sum + (signal?.listeners ?? 0), 0);
  ok(listeners === 0, `${listeners} listeners on signals`);
}

/** The result of a call, `undefined` if it throws: a reset connection is part of the game. */
export function ignoring<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}

/** The methods that not every backend has. */
const OPTIONAL = ['recvmsg', 'sendmsg', 'recvBatch', 'sendBatch'] as const;

/** Whether the backend lacks the method of a step. */
export function isMissing(socket: Socket, kind: string): boolean {
  const name = OPTIONAL.find((optional) => optional === kind);
  return name !== undefined && socket.supports(name).level === 'unsupported';
}

/** The number of bytes or datagrams that a call gave; `undefined` for the end of an iteration. */
export function lengthOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return value as number | undefined;
  if (Array.isArray(value)) return value[0] as number;
  if ('done' in value) return lengthOf((value as { readonly value?: unknown }).value);
  return (value as { readonly length: number }).length;
}

/** How often to look, a millisecond apart, whether the calls ended that can end by themselves. */
const PATIENCE = 1000;

/**
 * Lets calls end that can end by themselves.
 * @param isLeft whether a call that waits will end without anybody doing something
 * @param move makes room or takes what there is; returns how much
 */
export async function settleAll<Held>(
  host: ScheduleHost,
  calls: Calls<Held>,
  isLeft: (call: Call<Held>) => boolean,
  move: () => number,
): Promise<void> {
  let patience = PATIENCE;
  for (let quiet = 0; quiet < 3;) {
    const before = calls.order.length;
    let moved = 0;
    for (let count; (count = move()) > 0;) moved += count;
    await host.turn();
    // TCP delays the acknowledgement that makes room, by up to 40 ms.
    if (patience > 0 && calls.waiting.some((call) => call.timeout !== undefined || isLeft(call))) {
      patience--;
      quiet = 0;
      await host.pause(1);
      continue;
    }
    quiet = moved > 0 || calls.order.length > before ? 0 : quiet + 1;
  }
}
