import { type Handle, Readiness } from '../driver.js';

/** Called once, from the event loop, with the readiness that ended the wait. */
export type Ready = (readiness: number) => void;

/** One caller of `Driver.watch`, known by its callback. */
interface Watcher {
  readonly ready: Ready;
  readonly interest: number;
}

const nobody: Ready = () => {};
const NONE: readonly Watcher[] = [];

/** Handles below are places in an array. Descriptors are small numbers. */
const PLACES = 1 << 16;

/**
 * Who waits for one handle. It stays when nobody waits any more: a socket mostly waits again, and a new object for
 * each wait would be most of what a wait costs.
 */
export class Waited {
  /** Of the only watcher, which most handles have; 0 if nobody waits or if there are several. */
  interest = 0;
  ready = nobody;
  /** The driver's own: what it notes about the handle. 0 at first. */
  note = 0;
  /** The watchers, when there are several. */
  several = NONE;

  get list(): readonly Watcher[] {
    const { interest, ready } = this;
    return interest === 0 ? this.several : [{ interest, ready }];
  }

  set list(watchers: readonly Watcher[]) {
    const [only] = watchers;
    this.several = watchers.length > 1 ? watchers : NONE;
    this.interest = watchers.length === 1 && only !== undefined ? only.interest : 0;
    this.ready = watchers.length === 1 && only !== undefined ? only.ready : nobody;
  }

  /** What the watchers wait for together: 0 for no watcher. */
  get together(): number {
    let { interest } = this;
    for (const watcher of this.several) interest |= watcher.interest;
    return interest;
  }
}

/**
 * Who waits for which handle: what a driver needs to implement `watch`. Several Sockets may share a
 * handle (`borrowRawFd`, `sockRef`), so each handle has a list of watchers, each of which ends by itself.
 */
export class Watchers {
  /** By handle. A map would look in three places of memory for each event. */
  readonly #handles: (Waited | undefined)[] = [];
  /** The handles that are too large for places in an array. */
  readonly #large = new Map<Handle, Waited>();
  #size = 0;

  /** How many handles are waited for. */
  get size(): number {
    return this.#size;
  }

  /** Whether anybody waits for a handle. */
  has(handle: Handle): boolean {
    return this.interest(handle) !== 0;
  }

  /** The handles that are waited for. */
  handles(): Handle[] {
    const handles: Handle[] = [];
    for (const entries of [this.#handles.entries(), this.#large.entries()]) {
      for (const [handle, waited] of entries) {
        if (waited !== undefined && waited.together !== 0) handles.push(handle);
      }
    }
    return handles;
  }

  /** What is known of a handle, until it is closed. */
  of(handle: Handle): Waited | undefined {
    // A driver passes whatever it is called with. A symbol cannot be compared.
    if (typeof handle !== 'number') return undefined;
    return handle < PLACES ? this.#handles[handle] : this.#large.get(handle);
  }

  #forget(handle: Handle): void {
    if (handle < PLACES) this.#handles[handle] = undefined;
    else this.#large.delete(handle);
  }

  /** What the watchers of a handle wait for together: `Readiness` bits, 0 for no watcher. */
  interest(handle: Handle): number {
    return this.of(handle)?.together ?? 0;
  }

  /**
   * Adds a watcher, in place of the one with the same function; interest 0 only removes that.
   * @returns what the handle's watchers wait for together
   */
  set(handle: Handle, interest: number, ready: Ready): number {
    let waited = this.of(handle);
    if (waited === undefined) {
      if (interest === 0) return 0;
      waited = new Waited();
      if (handle < PLACES) this.#handles[handle] = waited;
      else this.#large.set(handle, waited);
    }
    const before = waited.together;
    if (before === 0 && interest !== 0) {
      waited.interest = interest;
      waited.ready = ready;
      this.#size++;
      return interest;
    }
    const watchers = waited.list.filter((other) => other.ready !== ready);
    if (interest !== 0) watchers.push({ interest, ready });
    waited.list = watchers;
    if (before !== 0 && watchers.length === 0) this.#size--;
    return waited.together;
  }

  /**
   * Calls the watchers whose wait `readiness` ends. They are removed before the first is called, as it
   * may wait again or close the socket.
   * @param rearm called in between with what the remaining watchers wait for, when there are any; when
   * it returns an error number (< 0) they are called too
   * @returns whether anybody waited for the handle: an earlier event of the batch may have ended the wait
   */
  notify(
    handle: Handle,
    readiness: number,
    rearm: (interest: number, handle: Handle) => number,
  ): boolean {
    const waited = this.of(handle);
    if (waited === undefined) return false;
    const interest = waited.together;
    if (interest === 0) return false;
    let ready = readiness;
    // A hang-up that nobody asked for by READABLE is one of both directions: a send fails at once.
    if (readiness & Readiness.HANGUP && !(interest & Readiness.READABLE)) {
      ready |= Readiness.WRITABLE;
    }
    if (waited.interest !== 0 && endsWait(ready, interest)) {
      const only = waited.ready;
      waited.interest = 0;
      waited.ready = nobody;
      this.#size--;
      only(ready);
      return true;
    }
    const ended: Watcher[] = [];
    const others: Watcher[] = [];
    for (const watcher of waited.list) {
      (endsWait(ready, watcher.interest) ? ended : others).push(watcher);
    }
    waited.list = others;
    if (others.length > 0 && rearm(waited.together, handle) < 0) {
      waited.list = NONE;
      ended.push(...others);
    }
    if (waited.together === 0) this.#size--;
    for (const watcher of ended) watcher.ready(ready);
    return true;
  }

  /** Ends every wait for a handle that was closed, once the caller has returned. */
  close(handle: Handle): void {
    const waited = this.of(handle);
    if (waited === undefined) return;
    this.#forget(handle);
    if (waited.together !== 0) this.#size--;
    for (const { ready } of waited.list) {
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
