/** How node's stand-ins wait for a Socket: by callbacks, with `ref()` and `unref()` as node's handles. */
import { type Driver, Events, Interest, Poller, type Socket, type WaitSignal } from '@sock/core';

/** Calls in a row before the event loop gets its next turn, as in libuv. */
export const CALLS_PER_TURN = 32;

/**
 * What is called when a wait ends. Both run outside of any promise: an exception of a listener is then an
 * uncaught exception, as with node's own objects, and not an unhandled rejection.
 */
interface Wait {
  readonly ready: () => void;
  readonly failed: (error: Error) => void;
}

type Direction = 'readable' | 'writable';

const INTERRUPTED = new Error('the wait was interrupted');

/** A signal that many waits share. It costs nothing per wait, as an AbortController would. */
class Interruption implements WaitSignal {
  readonly aborted = false;
  readonly reason = INTERRUPTED;
  readonly #listeners = new Set<() => void>();

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  interrupt(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** The waits of one Socket: at most one for data and one for room. */
export class SocketWaits {
  readonly #socket: Socket;
  readonly #interruption = new Interruption();
  #readable: Wait | undefined;
  #writable: Wait | undefined;
  #timer: NodeJS.Timeout | undefined;
  #keepsAlive = true;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Calls back once, when the socket is readable. */
  whenReadable(ready: () => void, failed: (error: Error) => void): void {
    this.#readable = { ready, failed };
    this.#start('readable', this.#readable);
  }

  /** Calls back once, when the socket is writable; with a delay, after so many milliseconds instead. */
  whenWritable(ready: () => void, failed: (error: Error) => void, delay = 0): void {
    const wait = { ready, failed };
    this.#writable = wait;
    if (delay === 0) {
      this.#start('writable', wait);
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#end('writable', wait)?.ready();
    }, delay);
    if (!this.#keepsAlive) this.#timer.unref();
  }

  /** Whether the waits keep the process alive. */
  hasRef(): boolean {
    return this.#keepsAlive;
  }

  /** Has the waits keep the process alive, as they do from the start. */
  ref(): void {
    if (this.#keepsAlive) return;
    this.#keepsAlive = true;
    this.#timer?.ref();
    UnreferencedWaits.of(this.#socket)?.remove(this.#socket);
    this.#restart();
  }

  /** Lets the process end while the socket waits. A backend without a Poller cannot do it. */
  unref(): void {
    if (!this.#keepsAlive || UnreferencedWaits.of(this.#socket) === undefined) return;
    this.#keepsAlive = false;
    this.#timer?.unref();
    this.#interruption.interrupt();
    this.#restart();
  }

  /** Ends the waits without calling back. Called before the Socket is closed. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#readable = undefined;
    this.#writable = undefined;
    if (this.#keepsAlive) return;
    UnreferencedWaits.of(this.#socket)?.remove(this.#socket);
  }

  /** Ends the waits that this readiness ends. */
  notify(readable: boolean, writable: boolean): void {
    const reader = readable ? this.#end('readable', this.#readable) : undefined;
    const writer = writable ? this.#end('writable', this.#writable) : undefined;
    if (!this.#keepsAlive) this.#watchUnreferenced();
    if (reader !== undefined) process.nextTick(reader.ready);
    if (writer !== undefined) process.nextTick(writer.ready);
  }

  #restart(): void {
    if (this.#readable !== undefined) this.#start('readable', this.#readable);
    if (this.#writable !== undefined && this.#timer === undefined)
      this.#start('writable', this.#writable);
  }

  #start(direction: Direction, wait: Wait): void {
    if (!this.#keepsAlive) {
      const failure = this.#watchUnreferenced();
      if (failure !== undefined) process.nextTick(() => this.#end(direction, wait)?.failed(failure));
      return;
    }
    this.#socket[direction]({ signal: this.#interruption }).then(
      () => process.nextTick(() => this.#end(direction, wait)?.ready()),
      (error: Error) => {
        if (error === INTERRUPTED) return;
        process.nextTick(() => this.#end(direction, wait)?.failed(error));
      },
    );
  }

  /** Takes a wait out; `undefined` if it has ended already. */
  #end(direction: Direction, wait: Wait | undefined): Wait | undefined {
    if (wait === undefined) return undefined;
    if (direction === 'readable') {
      if (this.#readable !== wait) return undefined;
      this.#readable = undefined;
    } else {
      if (this.#writable !== wait) return undefined;
      this.#writable = undefined;
    }
    return wait;
  }

  #watchUnreferenced(): Error | undefined {
    const read = this.#readable === undefined ? 0 : Interest.READABLE;
    const write =
      this.#writable === undefined || this.#timer !== undefined ? 0 : Interest.WRITABLE;
    try {
      UnreferencedWaits.of(this.#socket)?.set(this.#socket, this, read | write);
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }
}

/** The waits that must not keep the process alive, of all Sockets of a driver: one Poller, unreferenced. */
class UnreferencedWaits {
  static readonly #known = new WeakMap<Driver, UnreferencedWaits>();

  /** `undefined` if the backend has no Poller. */
  static of(socket: Socket): UnreferencedWaits | undefined {
    const { driver } = socket.constructor as typeof Socket;
    if (driver.poller === undefined) return undefined;
    let found = UnreferencedWaits.#known.get(driver);
    if (found === undefined) {
      found = new UnreferencedWaits(driver);
      UnreferencedWaits.#known.set(driver, found);
    }
    return found;
  }

  readonly #poller: Poller;
  readonly #tokens = new Map<Socket, number>();
  readonly #waits = new Map<number, SocketWaits>();
  #last = 0;

  private constructor(driver: Driver) {
    class DriverPoller extends Poller {
      static override readonly driver = driver;
    }
    this.#poller = new DriverPoller();
    this.#poller.attach((events) => this.#told(events));
    this.#poller.unref();
  }

  set(socket: Socket, waits: SocketWaits, interest: number): void {
    if (interest === 0) {
      this.remove(socket);
      return;
    }
    const known = this.#tokens.get(socket);
    if (known !== undefined) {
      this.#poller.reregister(socket, known, interest);
      return;
    }
    this.#last = (this.#last + 1) % 0xffffffff;
    this.#poller.register(socket, this.#last, interest);
    this.#tokens.set(socket, this.#last);
    this.#waits.set(this.#last, waits);
  }

  remove(socket: Socket): void {
    const token = this.#tokens.get(socket);
    if (token === undefined) return;
    this.#tokens.delete(socket);
    this.#waits.delete(token);
    if (!socket.closed) this.#poller.deregister(socket);
  }

  #told(events: Events): void {
    for (let index = 0; index < events.length; index += 1) {
      const failed = events.isError(index);
      const closed = events.isReadClosed(index);
      this.#waits
        .get(events.token(index))
        ?.notify(
          events.isReadable(index) || closed || failed,
          events.isWritable(index) || failed,
        );
    }
  }
}
