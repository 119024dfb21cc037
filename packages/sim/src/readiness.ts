/** Who waits for a socket: single waits ({@link Driver.watch}) and pollers. */
import {
  type Handle,
  Interest,
  type PollerDriver,
  Readiness,
  type Ready,
  Watchers,
} from '@sock/core';
import type { Network } from './network.js';
import { errors } from './numbers.js';
import { ENDED, type SimSocket } from './sim-socket.js';

/** Something that is told of the changes of a socket. */
export interface Registration {
  changed(): void;
}

const ALWAYS = Readiness.ERROR | Readiness.HANGUP;

/** The readiness of a socket as those who wait see it: a dead one is ready for everything. */
function readinessOf(socket: SimSocket, interest: number): number {
  let all = socket.dead ? ALWAYS | 3 : socket.readiness();
  if ((all & ENDED) !== 0 && (interest & Readiness.READABLE) !== 0) all |= Readiness.HANGUP;
  return all & (interest | ALWAYS) & 31;
}

/** Notices the changes of a socket for those who wait on one handle. */
class Watched implements Registration {
  queued = false;

  constructor(
    readonly waits: Waits,
    readonly handle: Handle,
    readonly socket: SimSocket,
  ) {}

  changed(): void {
    if (!this.queued && this.waits.isReady(this)) this.waits.queue(this);
  }
}

/** The single waits of one host: {@link Driver.watch}. */
export class Waits {
  readonly #watchers = new Watchers();
  readonly #watched = new Map<Handle, Watched>();
  #ready: Watched[] = [];
  readonly #turn = (): void => this.#dispatch();

  constructor(private readonly network: Network) {}

  /** What is waited for, for error messages. */
  *describe(): Generator<string> {
    for (const { handle, socket } of this.#watched.values()) {
      const interest = this.#watchers.interest(handle);
      yield `${socket.describe()} waits to be ${(interest & 1) !== 0 ? 'readable' : 'writable'}`;
    }
  }

  watch(handle: Handle, socket: SimSocket, interest: number, ready: Ready): void {
    if (this.#watchers.set(handle, interest, ready) === 0) {
      this.#forget(handle);
      return;
    }
    let watched = this.#watched.get(handle);
    if (watched === undefined) {
      watched = new Watched(this, handle, socket);
      this.#watched.set(handle, watched);
      socket.registrations.add(watched);
    }
    watched.changed();
  }

  #forget(handle: Handle): void {
    const watched = this.#watched.get(handle);
    if (watched === undefined) return;
    this.#watched.delete(handle);
    watched.socket.registrations.delete(watched);
  }

  /** The handle is about to be closed or released. */
  close(handle: Handle): void {
    this.#watchers.close(handle);
    this.#forget(handle);
  }

  isReady({ handle, socket }: Watched): boolean {
    return readinessOf(socket, this.#watchers.interest(handle)) !== 0;
  }

  queue(watched: Watched): void {
    watched.queued = true;
    if (this.#ready.length === 0) this.network.loop.post(this.#turn);
    this.#ready.push(watched);
  }

  #dispatch(): void {
    const ready = this.#ready;
    this.#ready = [];
    for (const watched of ready) {
      const { handle, socket } = watched;
      watched.queued = false;
      // An earlier one of the turn may have ended this wait, or read what was there.
      if (this.#watched.get(handle) !== watched) continue;
      const readiness = readinessOf(socket, this.#watchers.interest(handle));
      if (readiness === 0) continue;
      this.#watchers.notify(handle, readiness, () => 0);
      if (this.#watchers.interest(handle) === 0) this.#forget(handle);
      else watched.changed();
    }
  }
}

class Entry implements Registration {
  interest = 0;
  token = 0;

  constructor(
    readonly poller: PollerState,
    readonly handle: Handle,
    readonly socket: SimSocket,
  ) {}

  changed(): void {
    if (this.interest === 0) return;
    this.poller.ready.add(this);
    this.poller.wakeLoop();
  }
}

class PollerState {
  readonly entries = new Map<Handle, Entry>();
  /** Those that may be ready, longest ago first: epoll's ready list. */
  readonly ready = new Set<Entry>();
  woken = false;
  attachment: { readonly events: Uint32Array; readonly ready: (count: number) => void } | undefined;
  keepsAlive = true;
  #posted = false;

  constructor(private readonly network: Network) {}

  wakeLoop(): void {
    if (this.attachment === undefined || this.#posted) return;
    this.#posted = true;
    this.network.loop.post(() => {
      this.#posted = false;
      const { attachment } = this;
      if (attachment === undefined) return;
      const count = this.fill(attachment.events);
      if (count > 0) attachment.ready(count);
      // Level-triggered ones that are still ready are told again.
      if (this.ready.size > 0) this.wakeLoop();
    });
  }

  get anyReady(): boolean {
    for (const entry of this.ready) {
      if (entry.interest !== 0 && readinessOf(entry.socket, entry.interest) !== 0) return true;
      this.ready.delete(entry);
    }
    return false;
  }

  fill(events: Uint32Array): number {
    let count = 0;
    const again: Entry[] = [];
    for (const entry of this.ready) {
      if (2 * count + 1 >= events.length) break;
      this.ready.delete(entry);
      const readiness = entry.interest === 0 ? 0 : readinessOf(entry.socket, entry.interest);
      if (readiness === 0) continue;
      events[2 * count] = entry.token;
      events[2 * count + 1] = readiness;
      count += 1;
      if ((entry.interest & Interest.ONE_SHOT) !== 0) entry.interest = 0;
      else if ((entry.interest & Interest.EDGE) === 0) again.push(entry);
    }
    for (const entry of again) this.ready.add(entry);
    return count;
  }

  drop(handle: Handle): boolean {
    const entry = this.entries.get(handle);
    if (entry === undefined) return false;
    this.entries.delete(handle);
    this.ready.delete(entry);
    entry.socket.registrations.delete(entry);
    return true;
  }
}

/** The pollers of one host. */
export class Pollers {
  readonly #pollers = new Map<number, PollerState>();
  readonly #wakers = new Map<number, PollerState>();

  constructor(
    private readonly network: Network,
    private readonly socketOf: (handle: Handle) => SimSocket | undefined,
  ) {}

  /** Ends every registration of a handle. */
  forget(handle: Handle): void {
    for (const state of this.#pollers.values()) state.drop(handle);
  }

  #on(poller: number, call: (state: PollerState) => number): number {
    const state = this.#pollers.get(poller);
    return state === undefined ? -errors.EBADF : call(state);
  }

  #set(state: PollerState, entry: Entry, token: number, interest: number): number {
    entry.token = token;
    entry.interest = interest;
    if (readinessOf(entry.socket, interest) !== 0) {
      state.ready.add(entry);
      state.wakeLoop();
    }
    return 0;
  }

  driver(): PollerDriver {
    return {
      open: () => {
        const handle = this.network.nextHandle();
        this.#pollers.set(handle, new PollerState(this.network));
        return handle;
      },
      add: (poller, handle, token, interest) =>
        this.#on(poller, (state) => {
          const socket = this.socketOf(handle);
          if (socket === undefined) return -errors.EBADF;
          if (state.entries.has(handle)) return -errors.EEXIST;
          const entry = new Entry(state, handle, socket);
          state.entries.set(handle, entry);
          socket.registrations.add(entry);
          return this.#set(state, entry, token, interest);
        }),
      modify: (poller, handle, token, interest) =>
        this.#on(poller, (state) => {
          const entry = state.entries.get(handle);
          return entry === undefined ? -errors.ENOENT : this.#set(state, entry, token, interest);
        }),
      remove: (poller, handle) =>
        this.#on(poller, (state) => (state.drop(handle) ? 0 : -errors.ENOENT)),
      wait: (poller, events, milliseconds) =>
        this.#on(poller, (state) => {
          if (milliseconds !== 0 && !state.woken && !state.anyReady) {
            const result = this.network.block(
              () => state.woken || state.anyReady,
              milliseconds < 0 ? Infinity : milliseconds,
              undefined,
            );
            if (result < 0 && result !== -errors.EAGAIN) return result;
          }
          state.woken = false;
          return state.fill(events);
        }),
      waker: (poller) =>
        this.#on(poller, (state) => {
          const handle = this.network.nextHandle();
          this.#wakers.set(handle, state);
          return handle;
        }),
      wake: (waker) => {
        const state = this.#wakers.get(waker);
        if (state === undefined) return -errors.EBADF;
        state.woken = true;
        return 0;
      },
      attach: (poller, events, ready) =>
        this.#on(poller, (state) => {
          if (state.attachment !== undefined) return -errors.EEXIST;
          state.attachment = { events, ready };
          state.wakeLoop();
          return 0;
        }),
      detach: (poller) =>
        this.#on(poller, (state) => {
          state.attachment = undefined;
          return 0;
        }),
      keepAlive: (poller, on) =>
        this.#on(poller, (state) => {
          state.keepsAlive = on;
          return 0;
        }),
      close: (poller) => {
        if (this.#wakers.delete(poller)) return 0;
        return this.#on(poller, (state) => {
          state.attachment = undefined;
          for (const handle of [...state.entries.keys()]) state.drop(handle);
          this.#pollers.delete(poller);
          return 0;
        });
      },
    };
  }
}
