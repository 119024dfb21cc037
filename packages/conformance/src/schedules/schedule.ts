/** A random schedule: steps that numbers decode to, on one socket and its peers. */
import { makeBackend, type Socket } from '@sock/core';
import { type Calls, type Own, runCounted, type Running, type ScheduleHost } from './calls.js';

/** What a call of a schedule works on. */
export interface HeldByCall {
  /** The iteration that the call asked for its next item. */
  readonly iteration?: AsyncIterableIterator<unknown>;
}

/** What the models of all kinds of sockets share: the steps that need no model. */
export abstract class Schedule<Held extends HeldByCall> {
  /** The kinds of its steps, by their numbers. One that stands there more often is taken more often. */
  protected abstract readonly steps: readonly string[];
  /** One step `close` of so many closes: it ends what can be learnt. */
  protected readonly closes: number = 8;

  constructor(
    readonly calls: Calls<Held>,
    readonly host: ScheduleHost,
    readonly own: Socket,
  ) {}

  /** Takes a step of a kind that only this schedule has. */
  protected abstract take(kind: string, argument: number): Promise<void> | undefined;

  /** Closes every socket. */
  abstract closeAll(): void;

  async step(number: number): Promise<void> {
    const { calls, host, steps } = this;
    const kind = steps[number % steps.length] as string;
    const argument = Math.floor(number / steps.length);
    switch (kind) {
      case 'return': {
        const call = calls.all[argument % Math.max(1, calls.all.length)];
        if (call?.held.iteration === undefined) break;
        calls.note(`return ${call.number}`);
        void call.held.iteration.return?.();
        break;
      }
      case 'abort':
        calls.abort(argument);
        break;
      case 'turn':
        await host.turn();
        break;
      case 'pause':
        await host.pause(1 + (argument % 3));
        break;
      case 'close':
        if (argument % this.closes !== 0) break;
        calls.note('close');
        this.own.close();
        break;
      default:
        return this.take(kind, argument);
    }
    return undefined;
  }
}

/** A schedule of a socket with one peer. */
export abstract class PeerSchedule<Held extends HeldByCall> extends Schedule<Held> {
  peerClosed = false;

  constructor(
    calls: Calls<Held>,
    host: ScheduleHost,
    own: Socket,
    readonly peer: Socket,
  ) {
    super(calls, host, own);
  }

  protected closePeer(argument: number): void {
    if (argument % this.closes !== 0) return;
    this.calls.note('peer: close');
    this.peerClosed = true;
    this.peer.close();
  }

  closeAll(): void {
    this.own.close();
    this.peer.close();
  }
}

/**
 * Decodes the numbers to a schedule and runs it. Fails with its log if something is not as the model says.
 * @param make makes the schedule and its sockets; the first number chooses their kind
 * @param finish lets the calls end and compares them with the model
 */
export function runSteps<Held extends HeldByCall, S extends Schedule<Held>>(
  host: ScheduleHost,
  numbers: readonly number[],
  calls: Calls<Held>,
  make: (OwnSocket: Own, kind: number) => S | Promise<S>,
  finish: (schedule: S, running: Running) => Promise<void>,
): Promise<void> {
  return runCounted(host, calls.log, async (running) => {
    const [first = 0, ...steps] = numbers;
    const schedule = await make(makeBackend(running.driver).Socket, first);
    try {
      for (const number of steps) await schedule.step(number);
      await finish(schedule, running);
    } finally {
      schedule.closeAll();
    }
  });
}
