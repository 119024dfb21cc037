import { type Handle, Layout, Readiness } from '../driver.js';
import { optionRow } from '../driver/support.js';
import type { SocketHandle } from '../socket/socket-handle.js';
import { nextPause, type WaitOptions, waitOptions } from '../socket/waits.js';
import type { Recv } from './transfers.js';
import { DONE, type EndedBy, MORE, type Pending } from './pending.js';

/**
 * The most attempts that succeed between two turns of the event loop. After them an operation waits for the
 * driver's event even though it might succeed at once: a socket that always has data would otherwise keep timers
 * and other sockets from running, as resolved promises run before the loop turns. One epoll_ctl(2) and one
 * epoll_wait(2) for so many calls do not show in a measurement.
 */
const ATTEMPTS = 128;

/** The functions of the promise that was made last: an executor of each call's own would be an allocation more. */
const taken: { resolve: (value: unknown) => void; reject: (error: unknown) => void } = {
  resolve: () => {},
  reject: () => {},
};

function take(resolve: (value: never) => void, reject: (error: unknown) => void): void {
  taken.resolve = resolve as (value: unknown) => void;
  taken.reject = reject;
}

const PROTOCOL = optionRow('protocol')?.id ?? -1;
const TCP_ULP = optionRow('tcpUlp')?.id ?? -1;

/** What runs after the code that waits for promises which are settled now. One promise serves all. */
const settled = Promise.resolve();
/** Grows when the code has run that waited for what the events of a turn brought. */
let moment = 0;
let isPassing = false;
let isProlonged = false;

/** Has the moment pass once the code has run that waits for the promises settled until now. */
function letPass(): void {
  if (isPassing) isProlonged = true;
  else {
    isPassing = true;
    void settled.then(pass);
  }
}

/** Several sockets are ready in one turn. Code that waited for the last of them must have run too. */
function pass(): void {
  isPassing = false;
  if (!isProlonged) moment++;
  else {
    isProlonged = false;
    letPass();
  }
}

/**
 * The asynchronous operations of one direction of a socket, in the order in which they were called. The first is
 * tried whenever the socket is ready; the others wait behind it. So bytes of two `sendAllAsync` never mix.
 */
export class Lane {
  #first: Pending<unknown> | undefined;
  #last: Pending<unknown> | undefined;
  /** The handle that the driver watches; negative: none. */
  #watched: Handle = -1;
  /** The handle that the driver has watched last, if an event ended that. Others may have it changed since. */
  #seen: Handle = -1;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #attempts = ATTEMPTS;
  /** The object of a call that is done, for the next one: one less to make for each message. */
  readonly spare: { recv: Recv | undefined } = { recv: undefined };
  /**
   * The {@link moment} in which a receive has shown that there is nothing more, so that the next call need not be
   * tried. It lasts until the code has run that waited for that receive.
   */
  #emptyAt = -1;
  /** Whether less than asked for means that there is no more. */
  #isPlainTcp: boolean | undefined;
  /** How often in a row the driver said that the socket is ready when it was not. */
  #disappointed = 0;

  constructor(
    readonly socket: SocketHandle,
    /** `Readiness.READABLE` or `WRITABLE`. */
    readonly interest: number,
  ) {}

  /**
   * Tries an operation, and has it wait if it would block or if others wait.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` for wrong options
   */
  start<T>(operation: Pending<T>, options: WaitOptions | undefined): Promise<T> {
    const wait = options === undefined ? undefined : waitOptions(options);
    if (wait?.aborted) return Promise.reject(wait.signal?.reason);
    if (this.#first !== undefined) operation.check();
    else if (this.#emptyAt !== moment) {
      try {
        while (this.#attempts > 0) {
          const value = operation.attempt();
          if (value === undefined) break;
          this.#attempts--;
          if (value === MORE) continue;
          operation.done();
          return Promise.resolve((value === DONE ? undefined : value) as T);
        }
      } catch (error) {
        return Promise.reject(operation.describe(error));
      }
    }
    return this.#wait(operation, wait);
  }

  #wait<T>(operation: Pending<T>, options: WaitOptions | undefined): Promise<T> {
    const { handle, context } = this.socket;
    const promise = new Promise<T>(take);
    operation.resolve = taken.resolve;
    operation.reject = taken.reject;
    if (handle < 0) {
      operation.end(operation.ended('close'), 'close');
      return promise;
    }
    this.#append(operation as Pending<unknown>);
    if (this.#first === operation) {
      const failure = this.#await();
      if (failure < 0) {
        this.#remove(operation as Pending<unknown>);
        operation.reject(context.error(failure, 'poll'));
        return promise;
      }
    }
    if (options !== undefined) this.#limit(operation as Pending<unknown>, options);
    return promise;
  }

  #limit(operation: Pending<unknown>, { signal, timeout }: WaitOptions): void {
    if (timeout !== undefined) {
      operation.timer = setTimeout(() => {
        operation.timer = undefined;
        this.end(operation, operation.ended('timeout'), 'timeout');
      }, timeout);
    }
    if (signal === undefined) return;
    const aborted = (): void => this.end(operation, signal.reason, 'signal');
    operation.signal = signal;
    operation.aborted = aborted;
    try {
      signal.addEventListener('abort', aborted);
      // What ran since the options were read may have aborted it.
      if (signal.aborted) aborted();
    } catch (error) {
      this.end(operation, error, 'signal');
    }
  }

  /** Ends one operation that waits. */
  end<T>(waiting: Pending<T>, error: unknown, by: EndedBy): void {
    if (!waiting.queued) return;
    const operation = waiting as Pending<unknown>;
    const wasFirst = operation === this.#first;
    this.#remove(operation);
    if (this.#first === undefined) this.#unwatch();
    else if (wasFirst && this.#retry !== undefined) {
      // The next one waits for readiness: it was the other's call that had to pause.
      this.#unwatch();
      this.#awaitOrFail();
    }
    operation.end(error, by);
  }

  /** Ends the operations that satisfy a condition, the oldest first. */
  endThose(condition: (operation: Pending<unknown>) => boolean, by: EndedBy): void {
    for (let operation = this.#first; operation !== undefined;) {
      const { next } = operation;
      if (condition(operation)) this.end(operation, undefined, by);
      operation = next;
    }
  }

  /** Ends every operation with EBADF, the oldest first: the handle is about to go. */
  close(): void {
    this.#unwatch();
    for (let operation = this.#first; operation !== undefined; operation = this.#first) {
      this.#remove(operation);
      operation.end(operation.ended('close'), 'close');
    }
  }

  readonly #ready = (readiness: number): void => {
    this.#seen = this.#watched;
    this.#watched = -1;
    if ((readiness & Readiness.CLOSED) !== 0) {
      // Another Socket closed the handle. Its number may belong to another socket by now.
      this.close();
      return;
    }
    // After the end of the stream, and around urgent data, a receive may return less than there is.
    this.#run((readiness & ~Readiness.READABLE) === 0);
  };

  /** In a turn of its own: tries the operations, one after the other. */
  #run(onlyData: boolean): void {
    this.#attempts = ATTEMPTS;
    let worked = false;
    for (let first = this.#first; first !== undefined; first = this.#first) {
      if (this.#attempts <= 0) break;
      let value: unknown;
      try {
        value = first.attempt();
      } catch (error) {
        worked = true;
        if (!first.queued) continue;
        this.#remove(first);
        first.reject(first.describe(error));
        continue;
      }
      // An attempt may run code of the caller's, which may end the operation.
      if (!first.queued) continue;
      if (value === undefined) break;
      worked = true;
      this.#attempts--;
      if (value === MORE) continue;
      this.#remove(first);
      first.resolve(value === DONE ? undefined : value);
      if (onlyData && this.#first === undefined && first.leftNothing(value)) {
        if ((this.#isPlainTcp ??= this.#findPlainTcp())) {
          this.#emptyAt = moment;
          letPass();
        }
      }
      first.done();
    }
    if (this.#first === undefined) {
      this.#disappointed = 0;
      this.#unwatch();
      return;
    }
    this.#disappointed = worked ? 0 : this.#disappointed + 1;
    this.#awaitOrFail();
  }

  /** An option was set that may change what a short receive means. */
  forgetKind(): void {
    this.#isPlainTcp = undefined;
    this.#emptyAt = -1;
  }

  /**
   * Of TCP alone a receive of less than there is room for has taken everything. With an upper layer protocol in the
   * kernel it has not: kTLS ends a receive before a record of another type, of which no further event tells.
   */
  #findPlainTcp(): boolean {
    const { driver, context, handle } = this.socket;
    const { IPPROTO_TCP } = driver.constants;
    if (
      IPPROTO_TCP === undefined ||
      driver.getOption(handle, PROTOCOL) < 0 ||
      context.memory.f64[Layout.valueNumber >> 3] !== IPPROTO_TCP
    ) {
      return false;
    }
    // A system without the option has no such protocol.
    return (
      driver.getOption(handle, TCP_ULP) < 0 || context.memory.u32[Layout.valueLength >> 2] === 0
    );
  }

  #awaitOrFail(): void {
    const failure = this.#await();
    if (failure >= 0) return;
    const { context } = this.socket;
    for (let first = this.#first; first !== undefined; first = this.#first) {
      this.#remove(first);
      first.reject(first.describe(context.error(failure, 'poll')));
    }
  }

  /** Sees to it that the first operation is tried again. */
  #await(): number {
    const first = this.#first as Pending<unknown>;
    let { pause } = first;
    // Once is a race with another reader. Twice is a state that the driver reports and that the call does not
    // end, such as a message in the error queue: waiting for it would be a busy loop.
    if (pause === 0 && this.#disappointed > 1) pause = nextPause(this.#disappointed - 1);
    if (pause > 0) {
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.#run(false);
      }, pause);
      return 0;
    }
    const { handle, driver } = this.socket;
    // The call was tried just now, unless the attempts of this turn are used up. A send may have to wait although the
    // system has no event for when not: to a unix socket whose queue is full.
    const drained =
      handle === this.#seen && this.#attempts > 0 && this.interest === Readiness.READABLE;
    this.#watched = handle;
    const result = driver.watch(handle, this.interest, this.#ready, drained);
    if (result < 0) this.#watched = -1;
    return result;
  }

  #unwatch(): void {
    if (this.#retry !== undefined) {
      clearTimeout(this.#retry);
      this.#retry = undefined;
    }
    if (this.#watched < 0) return;
    this.socket.driver.watch(this.#watched, 0, this.#ready);
    this.#watched = -1;
    this.#seen = -1;
  }

  #append(operation: Pending<unknown>): void {
    operation.queued = true;
    operation.previous = this.#last;
    if (this.#last === undefined) this.#first = operation;
    else this.#last.next = operation;
    this.#last = operation;
  }

  #remove(operation: Pending<unknown>): void {
    const { previous, next } = operation;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    operation.previous = undefined;
    operation.next = undefined;
    operation.queued = false;
    operation.release();
  }
}
