/**
 * Waiting on the event loop. A component can only poll, and that blocks its thread. So the loop polls without
 * waiting, and again after a pause, which doubles as long as nothing happens.
 */
import {
  EUNSUPPORTED,
  type Handle,
  Interest,
  type PollerDriver,
  type Ready,
  Watchers,
} from '@sock/core';

const LONGEST_PAUSE = 16;

/** A socket that somebody waits for. */
export interface Entry {
  readonly handle: Handle;
  readonly interest: number;
}

/** Polls sockets for so many milliseconds at most. Negative: no end. */
export type Poll = (
  entries: readonly Entry[],
  milliseconds: number,
) => readonly (Entry & { readonly ready: number })[];

interface Registration {
  token: number;
  interest: number;
}

interface Attachment {
  readonly events: Uint32Array;
  readonly ready: (count: number) => void;
}

interface PollerState {
  readonly sockets: Map<Handle, Registration>;
  attachment: Attachment | undefined;
  /** Whether the attached poller keeps the process alive. */
  keepsAlive: boolean;
  woken: boolean;
}

/** The methods of Node's timers. The timers of a component's host lack them. */
type Timer = ReturnType<typeof setTimeout> & { ref?(): unknown; unref?(): unknown };

/** The waits of one component instance. */
export class Loop {
  readonly #poll: Poll;
  readonly #watchers = new Watchers();
  readonly #pollers = new Map<number, PollerState>();
  readonly #wakers = new Map<number, PollerState>();
  #timer: Timer | undefined;
  #pause = 0;
  #last = 0;

  readonly #closing: () => number;
  #lingering = false;

  /** @param closing lets go of closed sockets that have sent everything; returns how many have not */
  constructor(closing: () => number, poll: Poll) {
    this.#closing = closing;
    this.#poll = poll;
  }

  /** Keeps closed sockets going until they have sent everything. */
  linger(): void {
    this.#lingering = true;
    this.#schedule(true);
  }

  /** Calls `ready` once when the handle is ready; interest 0 ends that wait. */
  watch(handle: Handle, interest: number, ready: Ready): void {
    this.#watchers.set(handle, interest, ready);
    this.#schedule(true);
  }

  /** Ends every wait on a handle. */
  forget(handle: Handle): void {
    this.#watchers.close(handle);
    for (const { sockets } of this.#pollers.values()) sockets.delete(handle);
  }

  #attached(): PollerState[] {
    return [...this.#pollers.values()].filter(({ attachment }) => attachment !== undefined);
  }

  #schedule(soon: boolean): void {
    if (soon) this.#pause = 0;
    const attached = this.#attached();
    const alive =
      this.#lingering || this.#watchers.size > 0 || attached.some(({ keepsAlive }) => keepsAlive);
    const idle = !alive && attached.length === 0;
    if (this.#timer !== undefined && (soon || idle)) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (idle) return;
    this.#timer ??= setTimeout(() => this.#turn(), this.#pause) as Timer;
    if (alive) this.#timer.ref?.();
    else this.#timer.unref?.();
  }

  #turn(): void {
    this.#timer = undefined;
    let happened = true;
    try {
      happened = this.#look();
    } finally {
      // Runs also if a handler threw: the other sockets still wait.
      this.#pause = happened ? 0 : Math.min(LONGEST_PAUSE, this.#pause * 2 || 1);
      this.#schedule(false);
    }
  }

  #look(): boolean {
    let happened = false;
    if (this.#lingering) this.#lingering = this.#closing() > 0;
    if (this.#watchers.size > 0) {
      const entries = this.#watchers
        .handles()
        .map((handle) => ({ handle, interest: this.#watchers.interest(handle) }));
      for (const { handle, ready } of this.#poll(entries, 0)) {
        if (ready === 0) continue;
        happened = true;
        this.#watchers.notify(handle, ready, () => 0);
      }
    }
    for (const state of this.#attached()) {
      const { attachment } = state;
      // An earlier one's handler may have detached it.
      if (attachment === undefined) continue;
      const count = this.#fill(state, attachment.events, 0);
      if (count === 0) continue;
      happened = true;
      attachment.ready(count);
    }
    return happened;
  }

  #fill(state: PollerState, events: Uint32Array, milliseconds: number): number {
    const { sockets } = state;
    const wait = state.woken ? 0 : milliseconds;
    state.woken = false;
    const entries = [...sockets]
      .filter(([, { interest }]) => (interest & (Interest.READABLE | Interest.WRITABLE)) !== 0)
      .map(([handle, { interest }]) => ({ handle, interest }));
    let count = 0;
    for (const { handle, ready } of this.#poll(entries, wait)) {
      const registration = sockets.get(handle);
      if (ready === 0 || registration === undefined) continue;
      if (2 * count + 1 >= events.length) break;
      events[2 * count] = registration.token;
      events[2 * count + 1] = ready;
      count += 1;
      if (registration.interest & Interest.ONE_SHOT) registration.interest = 0;
      // These come after the sockets that a small batch had no room for.
      sockets.delete(handle);
      sockets.set(handle, registration);
    }
    return count;
  }

  /** Pollers. They are level-triggered or one-shot, because the interface reports states and not changes. */
  pollers(EBADF: number, EEXIST: number, ENOENT: number): PollerDriver {
    const on = (poller: number, call: (state: PollerState) => number): number => {
      const state = this.#pollers.get(poller);
      return state === undefined ? EBADF : call(state);
    };
    const unable = (interest: number): boolean =>
      (interest & (Interest.EDGE | Interest.PRIORITY)) !== 0;
    return {
      open: () => {
        this.#last += 1;
        this.#pollers.set(this.#last, {
          sockets: new Map(),
          attachment: undefined,
          keepsAlive: true,
          woken: false,
        });
        return this.#last;
      },
      add: (poller, handle, token, interest) =>
        on(poller, ({ sockets }) => {
          if (unable(interest)) return -EUNSUPPORTED;
          if (sockets.has(handle)) return EEXIST;
          sockets.set(handle, { token, interest });
          this.#schedule(true);
          return 0;
        }),
      modify: (poller, handle, token, interest) =>
        on(poller, ({ sockets }) => {
          if (unable(interest)) return -EUNSUPPORTED;
          if (!sockets.has(handle)) return ENOENT;
          sockets.set(handle, { token, interest });
          this.#schedule(true);
          return 0;
        }),
      remove: (poller, handle) =>
        on(poller, ({ sockets }) => (sockets.delete(handle) ? 0 : ENOENT)),
      wait: (poller, events, milliseconds) =>
        on(poller, (state) => this.#fill(state, events, milliseconds)),
      waker: (poller) =>
        on(poller, (state) => {
          this.#last += 1;
          this.#wakers.set(this.#last, state);
          return this.#last;
        }),
      wake: (waker) => {
        const state = this.#wakers.get(waker);
        if (state === undefined) return EBADF;
        state.woken = true;
        return 0;
      },
      attach: (poller, events, ready) =>
        on(poller, (state) => {
          if (state.attachment !== undefined) return EEXIST;
          state.attachment = { events, ready };
          this.#schedule(true);
          return 0;
        }),
      detach: (poller) =>
        on(poller, (state) => {
          state.attachment = undefined;
          this.#schedule(false);
          return 0;
        }),
      keepAlive: (poller, keepsAlive) =>
        on(poller, (state) => {
          state.keepsAlive = keepsAlive;
          this.#schedule(false);
          return 0;
        }),
      close: (poller) => {
        if (this.#wakers.delete(poller)) return 0;
        return on(poller, (state) => {
          state.attachment = undefined;
          this.#pollers.delete(poller);
          this.#schedule(false);
          return 0;
        });
      },
    };
  }
}
