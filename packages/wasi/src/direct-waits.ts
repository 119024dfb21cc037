/**
 * Waiting on the event loop and with pollers, on the descriptors of the host's sockets. It needs no timers and does
 * not poll every socket.
 */
import {
  type Driver,
  EUNSUPPORTED,
  type Handle,
  Interest,
  type PollerDriver,
  Readiness,
} from '@sock/core';

type Ready = (readiness: number) => void;

/** What the waits need to know about a socket of the component. */
export interface DirectSockets {
  /** The host's handle of its socket, or an error number. */
  descriptor(handle: Handle): number;
  /** Whether the component has received something that the program has not. Then the socket is readable now. */
  hasReceived(handle: Handle): boolean;
  /**
   * The readiness of a socket whose attempt to connect the host has finished. `undefined` without such an attempt.
   */
  settle(handle: Handle, interest: number): number | undefined;
}

interface Registration {
  token: number;
  interest: number;
  readonly descriptor: number;
}

interface PollerState {
  readonly native: number;
  readonly sockets: Map<Handle, Registration>;
  readonly events: Uint32Array;
  attachment: { readonly events: Uint32Array; readonly ready: (count: number) => void } | undefined;
  /** Whether another thread could end a wait. */
  hasWaker: boolean;
}

/** The most events of one native wait. */
const EVENTS = 256;
const { READABLE, ERROR, HANGUP } = Readiness;

/** Whether anything could end a wait. */
function isWaiting({ sockets }: PollerState): boolean {
  for (const { interest } of sockets.values())
    if ((interest & ~Interest.ONE_SHOT) !== 0) return true;
  return false;
}

export class DirectWaits {
  readonly #native: Driver;
  readonly #poller: PollerDriver;
  readonly #sockets: DirectSockets;
  readonly #EDEADLK: number;
  readonly #watches = new Map<Handle, Map<Ready, Ready>>();
  readonly #pollers = new Map<number, PollerState>();
  readonly #wakers = new Set<number>();
  /** Handles that may have received something: those that were read with MSG_PEEK. */
  readonly #peeked = new Set<Handle>();

  /** @param EDEADLK what a wait returns that nothing could end */
  constructor(native: Driver, sockets: DirectSockets, EDEADLK: number) {
    const { poller } = native;
    if (poller === undefined) throw new Error(`the ${native.name} backend has no poller`);
    this.#native = native;
    this.#poller = poller;
    this.#sockets = sockets;
    this.#EDEADLK = EDEADLK;
  }

  /** Notes that a receive left something in the component. */
  peeked(handle: Handle): void {
    this.#peeked.add(handle);
    for (const state of this.#pollers.values()) {
      if (state.attachment !== undefined && state.sockets.has(handle)) {
        setImmediate(() => this.#deliver(state, 0));
      }
    }
  }

  /** The host itself sends what a closed socket had queued. There is nothing to do. */
  linger(): void {}

  /** Ends every wait on a handle that is closed. */
  forget(handle: Handle): void {
    this.#peeked.delete(handle);
    for (const [ready, wrapped] of this.#watches.get(handle) ?? []) {
      this.#native.watch(this.#sockets.descriptor(handle), 0, wrapped);
      void Promise.resolve(ERROR | HANGUP).then(ready);
    }
    this.#watches.delete(handle);
    for (const state of this.#pollers.values()) {
      const registration = state.sockets.get(handle);
      if (registration === undefined) continue;
      state.sockets.delete(handle);
      this.#poller.remove(state.native, registration.descriptor);
    }
  }

  watch(handle: Handle, interest: number, ready: Ready): number {
    const descriptor = this.#sockets.descriptor(handle);
    if (descriptor < 0) return descriptor;
    const watches = this.#watches.get(handle) ?? new Map<Ready, Ready>();
    const before = watches.get(ready);
    if (before !== undefined) this.#native.watch(descriptor, 0, before);
    watches.delete(ready);
    if (interest === 0) {
      if (watches.size === 0) this.#watches.delete(handle);
      return 0;
    }
    const wrapped: Ready = (bits) => {
      if (this.#watches.get(handle)?.get(ready) !== wrapped) return;
      const settled = this.#sockets.settle(handle, interest);
      if (settled === 0) {
        this.#native.watch(descriptor, interest, wrapped);
        return;
      }
      watches.delete(ready);
      if (watches.size === 0) this.#watches.delete(handle);
      ready(settled ?? bits);
    };
    watches.set(ready, wrapped);
    this.#watches.set(handle, watches);
    if (interest & READABLE && this.#isHeld(handle)) {
      setImmediate(wrapped, READABLE);
      return 0;
    }
    return this.#native.watch(descriptor, interest, wrapped);
  }

  #isHeld(handle: Handle): boolean {
    if (!this.#peeked.has(handle)) return false;
    if (this.#sockets.hasReceived(handle)) return true;
    this.#peeked.delete(handle);
    return false;
  }

  /** Converts `got` native events into events of a poller. Returns how many. */
  #translate(state: PollerState, got: number, events: Uint32Array): number {
    let count = 0;
    const add = (handle: Handle, registration: Registration, readiness: number): void => {
      if (2 * count + 1 >= events.length) return;
      events[2 * count] = registration.token;
      events[2 * count + 1] = readiness;
      count += 1;
      if (registration.interest & Interest.ONE_SHOT) registration.interest = 0;
    };
    for (let at = 0; at < got; at++) {
      const handle = state.events[2 * at] as number;
      const registration = state.sockets.get(handle);
      if (registration === undefined) continue;
      const bits = state.events[2 * at + 1] as number;
      const settled = this.#sockets.settle(handle, registration.interest);
      if (settled === 0) {
        this.#arm(state, handle, registration);
        continue;
      }
      add(handle, registration, settled ?? bits);
    }
    for (const handle of this.#peeked) {
      const registration = state.sockets.get(handle);
      if (registration === undefined || !(registration.interest & READABLE)) continue;
      if (this.#isHeld(handle)) add(handle, registration, READABLE);
    }
    return count;
  }

  #arm({ native }: PollerState, handle: Handle, { descriptor, interest }: Registration): number {
    return this.#poller.modify(native, descriptor, handle, interest);
  }

  #deliver(state: PollerState, got: number): void {
    const { attachment } = state;
    if (attachment === undefined) return;
    const count = this.#translate(state, got, attachment.events);
    if (count > 0) attachment.ready(count);
  }

  #isAnyHeld({ sockets }: PollerState): boolean {
    for (const handle of this.#peeked) {
      const interest = sockets.get(handle)?.interest ?? 0;
      if (interest & READABLE && this.#isHeld(handle)) return true;
    }
    return false;
  }

  /** The pollers of the backend. */
  pollers(EBADF: number, EEXIST: number, ENOENT: number): PollerDriver {
    const native = this.#poller;
    const on = (poller: number, call: (state: PollerState) => number): number => {
      const state = this.#pollers.get(poller);
      return state === undefined ? EBADF : call(state);
    };
    const isUnable = (interest: number): boolean =>
      (interest & (Interest.EDGE | Interest.PRIORITY)) !== 0;
    return {
      open: () => {
        const opened = native.open();
        if (opened < 0) return opened;
        this.#pollers.set(opened, {
          native: opened,
          sockets: new Map(),
          events: new Uint32Array(2 * EVENTS),
          attachment: undefined,
          hasWaker: false,
        });
        return opened;
      },
      add: (poller, handle, token, interest) =>
        on(poller, (state) => {
          if (isUnable(interest)) return -EUNSUPPORTED;
          if (state.sockets.has(handle)) return EEXIST;
          const descriptor = this.#sockets.descriptor(handle);
          if (descriptor < 0) return descriptor;
          const result = native.add(state.native, descriptor, handle, interest);
          if (result < 0) return result;
          state.sockets.set(handle, { token, interest, descriptor });
          if (this.#peeked.has(handle)) this.peeked(handle);
          return result;
        }),
      modify: (poller, handle, token, interest) =>
        on(poller, (state) => {
          if (isUnable(interest)) return -EUNSUPPORTED;
          const registration = state.sockets.get(handle);
          if (registration === undefined) return ENOENT;
          registration.token = token;
          registration.interest = interest;
          if (this.#peeked.has(handle)) this.peeked(handle);
          return this.#arm(state, handle, registration);
        }),
      remove: (poller, handle) =>
        on(poller, (state) => {
          const registration = state.sockets.get(handle);
          if (registration === undefined) return ENOENT;
          state.sockets.delete(handle);
          return native.remove(state.native, registration.descriptor);
        }),
      wait: (poller, events, milliseconds) =>
        on(poller, (state) => {
          if (milliseconds < 0 && !state.hasWaker && !isWaiting(state)) return this.#EDEADLK;
          const end = milliseconds > 0 ? performance.now() + milliseconds : 0;
          for (;;) {
            const left = milliseconds <= 0 ? milliseconds : Math.max(0, end - performance.now());
            const wait = this.#isAnyHeld(state) ? 0 : left;
            const room =
              events.length < state.events.length
                ? state.events.subarray(0, events.length)
                : state.events;
            const got = native.wait(state.native, room, wait);
            if (got < 0) return got;
            const count = this.#translate(state, got, events);
            // A waker ends the wait without an event. An attempt to connect that is not finished does not end it.
            if (count > 0 || got === 0 || left === 0) return count;
          }
        }),
      waker: (poller) =>
        on(poller, (state) => {
          const waker = native.waker(state.native);
          if (waker >= 0) this.#wakers.add(waker);
          state.hasWaker = true;
          return waker;
        }),
      wake: (waker) => native.wake(waker),
      attach: (poller, events, ready) =>
        on(poller, (state) => {
          if (state.attachment !== undefined) return EEXIST;
          const result = native.attach(state.native, state.events, (count) =>
            this.#deliver(state, count),
          );
          if (result >= 0) state.attachment = { events, ready };
          return result;
        }),
      detach: (poller) =>
        on(poller, (state) => {
          state.attachment = undefined;
          return native.detach(state.native);
        }),
      keepAlive: (poller, isAlive) =>
        on(poller, (state) => native.keepAlive(state.native, isAlive)),
      close: (poller) => {
        if (this.#wakers.delete(poller)) return native.close(poller);
        return on(poller, (state) => {
          state.attachment = undefined;
          this.#pollers.delete(poller);
          return native.close(state.native);
        });
      },
    };
  }
}
