import { type Handle, Readiness } from '../driver.js';

/** Called once, from the event loop, with the readiness that ended the wait. */
export type Ready = (readiness: number) => void;

/** One caller of `Driver.watch`, known by its callback. */
interface Watcher {
  readonly ready: Ready;
  readonly interest: number;
}

/**
 * Who waits for which handle: what a driver needs to implement `watch`. Several Sockets may share a
 * handle (`borrowRawFd`, `sockRef`), so each handle has a list of watchers, each of which ends by itself.
 */
export class Watchers {
  readonly #watchers = new Map<Handle, Watcher[]>();

  /** How many handles are waited for. */
  get size(): number {
    return this.#watchers.size;
  }

  /** Whether anybody waits for a handle. */
  has(handle: Handle): boolean {
    return this.#watchers.has(handle);
  }

  /** The handles that are waited for. */
  handles(): Handle[] {
    return [...this.#watchers.keys()];
  }

  /** What the watchers of a handle wait for together: `Readiness` bits, 0 for no watcher. */
  interest(handle: Handle): number {
    let interest = 0;
    for (const watcher of this.#watchers.get(handle) ?? []) interest |= watcher.interest;
    return interest;
  }

  /**
   * Adds a watcher, in place of the one with the same function; interest 0 only removes that.
   * @returns what the handle's watchers wait for together
   */
  set(handle: Handle, interest: number, ready: Ready): number {
    const before = this.#watchers.get(handle);
    // A socket mostly has one watcher, and waits often.
    if (before === undefined) {
      if (interest !== 0) this.#watchers.set(handle, [{ interest, ready }]);
      return interest;
    }
    const watchers = before.filter((other) => other.ready !== ready);
    if (interest !== 0) watchers.push({ interest, ready });
    if (watchers.length === 0) this.#watchers.delete(handle);
    else this.#watchers.set(handle, watchers);
    return this.interest(handle);
  }

  /**
   * Calls the watchers whose wait `readiness` ends. They are removed before the first is called, as it
   * may wait again or close the socket.
   * @param rearm called in between with what the remaining watchers wait for, when there are any; when
   * it returns an error number (< 0) they are called too
   */
  notify(
    handle: Handle,
    readiness: number,
    rearm: (interest: number, handle: Handle) => number,
  ): void {
    const watchers = this.#watchers.get(handle);
    // An earlier event of the batch may have ended this wait.
    if (watchers === undefined) return;
    let ready = readiness;
    // A hang-up that nobody asked for by READABLE is one of both directions: a send fails at once.
    if (readiness & Readiness.HANGUP && !(this.interest(handle) & Readiness.READABLE)) {
      ready |= Readiness.WRITABLE;
    }
    const [only] = watchers;
    if (watchers.length === 1 && only !== undefined) {
      if (endsWait(ready, only.interest)) {
        this.#watchers.delete(handle);
        only.ready(ready);
        return;
      }
    }
    const ended: Watcher[] = [];
    const others: Watcher[] = [];
    for (const watcher of watchers) {
      (endsWait(ready, watcher.interest) ? ended : others).push(watcher);
    }
    if (others.length === 0) this.#watchers.delete(handle);
    else {
      this.#watchers.set(handle, others);
      if (rearm(this.interest(handle), handle) < 0) {
        this.#watchers.delete(handle);
        ended.push(...others);
      }
    }
    for (const watcher of ended) watcher.ready(ready);
  }

  /** Ends every wait for a handle that was closed, once the caller has returned. */
  close(handle: Handle): void {
    const watchers = this.#watchers.get(handle);
    if (watchers === undefined) return;
    this.#watchers.delete(handle);
    for (const { ready } of watchers) {
      void Promise.resolve(Readiness.ERROR | Readiness.HANGUP | Readiness.CLOSED).then(ready);
    }
  }
}

/**
 * Whether `readiness` ends a wait for `interest`. After an error neither direction waits. A hang-up is
 * the end of what can be read; a send may still have to wait for the peer to receive.
 */
export function endsWait(readiness: number, interest: number): boolean {
  if (interest === 0) return false;
  const ends = interest & Readiness.READABLE ? Readiness.HANGUP | Readiness.ERROR : Readiness.ERROR;
  return (readiness & (interest | ends)) !== 0;
}
