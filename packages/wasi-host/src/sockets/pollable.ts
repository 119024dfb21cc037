/** `pollable` of wasi:io/poll, and waiting for many. */
import { Readiness } from '@sock/core';
import { Resource, type ResourceName, trap } from './resource.js';
import type { Scope, Sending } from './scope.js';
import { ENTRY } from './system.js';

/** {@link Target.interest}: ready without asking the system. */
export const READY = -1;

/** What a pollable asks about. */
export interface Target {
  /** Another's, maybe, once the target was dropped: {@link interest} is {@link READY} then. */
  readonly handle: number;
  /** {@link READY}, or bits of {@link Readiness} to wait for on the handle; 0: see {@link wait} or {@link ready}. */
  interest(): number;
  /** Whether the system's readiness is its own: false while something is queued before it. */
  settled?(): boolean;
  /** Milliseconds before it can be ready at all: a limit holds it back. */
  readonly wait?: (() => number) | undefined;
  /** Asks what the system can't be asked about, such as a stream of another host. */
  ready?(): boolean;
}

/** How long is waited at a time while something must be asked again and again. */
const FIRST_PAUSE = 0.2;
const LONGEST_PAUSE = 10;

export class Pollable extends Resource {
  /**
   * @param target `undefined` for a timer
   * @param deadline of a timer, in milliseconds of `performance.now()`
   */
  constructor(
    scope: Scope,
    readonly target: Target | undefined,
    readonly deadline = 0,
  ) {
    super(scope);
  }

  get kind(): ResourceName {
    return 'pollable';
  }

  isReady(): boolean {
    const { target, deadline, scope } = this;
    if (target === undefined) return deadline <= performance.now();
    if (target.wait !== undefined && target.wait() > 0) return false;
    const interest = target.interest();
    if (interest === 0) return target.ready?.() ?? false;
    if (interest === READY) return true;
    return scope.system.waitOne(target.handle, interest, 0) && target.settled?.() !== false;
  }

  block(): void {
    const { target, deadline, scope } = this;
    if (scope.sending.size === 0 && target?.wait === undefined) {
      if (target === undefined) {
        const left = deadline - performance.now();
        if (left <= 0) return;
        if (left === Infinity) trap('poll: nothing can become ready');
        scope.system.pause(left);
        return;
      }
      const interest = target.interest();
      if (interest === READY) return;
      if (interest > 0 && target.settled === undefined) {
        scope.system.waitOne(target.handle, interest, -1);
        return;
      }
    }
    single[0] = this;
    pollMany(scope, single as Pollable[], 1, found);
    single[0] = undefined;
  }
}

const single: (Pollable | undefined)[] = [undefined];
const found = new Uint32Array(1);

let entries = new Int32Array(ENTRY * 64);
const asked: number[] = [];
const senders: Sending[] = [];

function put(at: number, handle: number, interest: number): void {
  const base = ENTRY * at;
  entries[base] = handle;
  entries[base + 1] = handle < 0 ? -1 : 0;
  entries[base + 2] = interest;
  entries[base + 3] = 0;
}

/** Fills `out` with the positions of those that are ready, in order, after waiting for the first. Returns how many. */
export function pollMany(
  scope: Scope,
  list: readonly Pollable[],
  length: number,
  out: Uint32Array,
): number {
  const { system, sending } = scope;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
    let count = 0;
    let ready = 0;
    let first = Infinity;
    let time = -1;
    let again = false;
    const room = ENTRY * (length + sending.size);
    if (entries.length < room) entries = new Int32Array(2 * room);
    for (let at = 0; at < length; at++) {
      const { target, deadline } = list[at] as Pollable;
      if (target === undefined) {
        if (time < 0) time = performance.now();
        if (deadline <= time) out[ready++] = at;
        else if (deadline < first) first = deadline;
        continue;
      }
      const held = target.wait?.() ?? 0;
      if (held > 0) {
        if (time < 0) time = performance.now();
        first = Math.min(first, time + held);
        continue;
      }
      const interest = target.interest();
      if (interest === READY) out[ready++] = at;
      else if (interest > 0) {
        put(count, target.handle, interest);
        asked[count++] = at;
      } else if (target.ready?.() === true) out[ready++] = at;
      else again ||= target.ready !== undefined;
    }
    const waiting = count;
    senders.length = 0;
    for (const sender of sending) {
      put(count++, sender.handle, Readiness.WRITABLE);
      senders.push(sender);
    }
    if (count === 0 && ready > 0) return ready;
    let wait = ready > 0 ? 0 : first === Infinity ? -1 : Math.max(0, first - performance.now());
    if (again && (wait < 0 || wait > pause)) wait = pause;
    if (waiting === 0 && wait < 0) trap('poll: nothing can become ready');
    const got = system.poll(entries, count, wait);
    if (got < 0) trap(`poll: ${system.errorName(got)}`);
    if (got > 0) {
      let sorted = true;
      for (let at = 0; at < waiting; at++) {
        if (entries[ENTRY * at + 3] === 0) continue;
        const index = asked[at] as number;
        if ((list[index] as Pollable).target?.settled?.() === false) continue;
        if (ready > 0 && (out[ready - 1] as number) > index) sorted = false;
        out[ready++] = index;
      }
      for (let at = waiting; at < count; at++) {
        if (entries[ENTRY * at + 3] !== 0) senders[at - waiting]?.drain();
      }
      if (!sorted) out.subarray(0, ready).sort();
    }
    if (ready > 0) return ready;
  }
}
