/** How node's stand-ins wait for a Socket: by callbacks, with `ref()` and `unref()` as node's handles. */
import {
  type Driver,
  type Events,
  Interest,
  Poller,
  type Socket,
  type WaitSignal,
} from '@sock/core';
import { driverOf } from '../node-address.js';

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

/**
 * The waits of one Socket: at most one for data and one for room. `unref()` is about the wait for data: a
 * send that waits keeps the process alive, as libuv's requests do.
 */
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
    this.#startReading(this.#readable);
  }

  #startReading(wait: Wait): void {
    if (!this.#keepsAlive) {
      try {
        UnreferencedWaits.of(this.#socket)?.add(this.#socket, () => this.#read(wait)?.ready());
      } catch (error) {
        process.nextTick(() => this.#read(wait)?.failed(error as Error));
      }
      return;
    }
    this.#socket.readable({ signal: this.#interruption }).then(
      () => process.nextTick(() => this.#read(wait)?.ready()),
      (error: Error) => {
        if (error === INTERRUPTED) return;
        process.nextTick(() => this.#read(wait)?.failed(error));
      },
    );
  }

  /** Ends a wait for data; `undefined` if it has ended already. */
  #read(wait: Wait): Wait | undefined {
    if (this.#readable !== wait) return undefined;
    this.#readable = undefined;
    return wait;
  }

  /** Calls back once, when the socket is writable; with a delay, after so many milliseconds instead. */
  whenWritable(ready: () => void, failed: (error: Error) => void, delay = 0): void {
    const wait = { ready, failed };
    this.#writable = wait;
    if (delay > 0) {
      this.#timer = setTimeout(() => this.#written(wait)?.ready(), delay);
      return;
    }
    this.#socket.writable().then(
      () => process.nextTick(() => this.#written(wait)?.ready()),
      (error: Error) => process.nextTick(() => this.#written(wait)?.failed(error)),
    );
  }

  /** Ends a wait for room; `undefined` if it has ended already. */
  #written(wait: Wait): Wait | undefined {
    if (this.#writable !== wait) return undefined;
    this.#writable = undefined;
    return wait;
  }

  /** Whether the wait for data keeps the process alive. */
  hasRef(): boolean {
    return this.#keepsAlive;
  }

  /** Has the wait for data keep the process alive, as it does from the start. */
  ref(): void {
    if (this.#keepsAlive) return;
    this.#keepsAlive = true;
    UnreferencedWaits.of(this.#socket)?.remove(this.#socket);
    if (this.#readable !== undefined) this.#startReading(this.#readable);
  }

  /** Lets the process end while the socket waits for data. A backend without a Poller cannot do it. */
  unref(): void {
    if (!this.#keepsAlive || UnreferencedWaits.of(this.#socket) === undefined) return;
    this.#keepsAlive = false;
    this.#interruption.interrupt();
    if (this.#readable !== undefined) this.#startReading(this.#readable);
  }

  /** Ends the waits without calling back. Called before the Socket is closed. */
  close(): void {
    clearTimeout(this.#timer);
    this.#readable = undefined;
    this.#writable = undefined;
    if (!this.#keepsAlive) UnreferencedWaits.of(this.#socket)?.remove(this.#socket);
  }
}

/** The waits for data that must not keep the process alive, of all Sockets of a driver: one Poller, unreferenced. */
class UnreferencedWaits {
  static readonly #known = new WeakMap<Driver, UnreferencedWaits>();

  /** `undefined` if the backend has no Poller. */
  static of(socket: Socket): UnreferencedWaits | undefined {
    const driver = driverOf(socket);
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
  readonly #waits = new Map<number, () => void>();
  #last = 0;

  private constructor(driver: Driver) {
    class DriverPoller extends Poller {
      static override readonly driver = driver;
    }
    this.#poller = new DriverPoller();
    this.#poller.attach((events) => this.#told(events));
    this.#poller.unref();
  }

  /** Calls back once, when the socket is readable. It stays registered, so that the next wait is one call. */
  add(socket: Socket, ready: () => void): void {
    const interest = Interest.READABLE | Interest.ONE_SHOT;
    const known = this.#tokens.get(socket);
    if (known === undefined) {
      this.#last = (this.#last + 1) % 0xffffffff;
      this.#poller.register(socket, this.#last, interest);
      this.#tokens.set(socket, this.#last);
      this.#waits.set(this.#last, ready);
      return;
    }
    this.#waits.set(known, ready);
    this.#poller.reregister(socket, known, interest);
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
      const ready = this.#waits.get(events.token(index));
      if (ready !== undefined) process.nextTick(ready);
    }
  }
}
