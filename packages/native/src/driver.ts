import {
  type BatchArrays,
  type Driver,
  type Handle,
  Interest,
  type PollerDriver,
  Readiness,
  type Ready,
  Watchers,
} from '@sock/core';
import { type FrameCalls, type FrequentCalls, frequentCalls } from './frequent-calls.js';
import { loadAddon } from './load-addon.js';
import { lookup } from './name-lookup.js';

/** A call on the arrays of {@link BatchArrays}, each an argument. */
type OnBatch = (
  handle: Handle,
  data: Uint8Array,
  lengths: Uint32Array,
  outFlags: Int32Array,
  addresses: Uint8Array | undefined,
  segments: Uint32Array,
  size: number,
  count: number,
  flags: number,
) => number;

/** The same with the members of {@link BatchColumns}. */
type OnColumns = (
  ...values: [...Parameters<OnBatch>, memory: Uint8Array, wanted: number, capacity: number]
) => number;

/**
 * The addon: a `Driver` without `watch`, which is made from its poller, and without batches and the frequent calls.
 */
interface Addon extends Omit<
  Driver,
  'name' | 'watch' | 'recvBatch' | 'sendBatch' | keyof FrequentCalls
> {
  readonly recvBatch: OnBatch;
  readonly sendBatch: OnBatch;
  readonly recvColumns: OnColumns;
  readonly sendColumns: OnColumns;
  readonly frequent: FrameCalls & { made?: FrequentCalls };
  readonly poller: PollerDriver & {
    /** `attach` with one poll in each turn of the event loop. */
    readonly attachWaits: PollerDriver['attach'];
  };
}

/** The most events of one call. More wait for the next turn of the loop. */
const EVENTS = 256;

/**
 * Refuses sockets where node's permission model denies the network. Versions that have no `--allow-net`
 * do not restrict it.
 */
function deniesNetwork(): boolean {
  const { permission, allowedNodeEnvironmentFlags: flags } = process;
  return permission !== undefined && flags.has('--allow-net') && !permission.has('net');
}

const { frequent, recvColumns, sendColumns, ...addon } = loadAddon() as Addon;
const { poller, errors } = addon;
const watchers = new Watchers();
const events = new Uint32Array(2 * EVENTS);
/** The poller for the waits of this thread. */
let waits = -1;

/** Whether the poller keeps the process alive. */
let alive = false;

function keepAlive(on: boolean): void {
  if (alive === on) return;
  alive = on;
  poller.keepAlive(waits, on);
}

/** What runs after those that the events woke, at a fraction of the price of `queueMicrotask`. */
const settled = Promise.resolve();

/** After those that the events woke have run: they mostly wait again. */
function rest(): void {
  if (watchers.size === 0) keepAlive(false);
}

function dispatch(count: number): void {
  for (let i = 0; i < count; i++) {
    const handle = events[2 * i] as number;
    const readiness = events[2 * i + 1] as number;
    if (!watchers.notify(handle, readiness, rearm)) missed(handle);
  }
  if (watchers.size === 0) void settled.then(rest);
}

/**
 * The `note` of a handle whose changes the poller reports without being asked again (EPOLLET): what it reports, in the
 * low bits. So a wait for a change needs no epoll_ctl(2). Only on Linux: other systems define a change differently.
 */
const EDGES = 0xff;
const HAS_EDGES = addon.system === 'linux';
/** In the `note`: changes that nobody waited for, in a row. */
const ONE_MISSED = 1 << 8;
const MANY_MISSED = 16 * ONE_MISSED;

/** Nobody waits for this event. If that happens again and again, the events are no longer wanted. */
function missed(handle: Handle): void {
  const waited = watchers.of(handle);
  if (waited === undefined || waited.note === 0) return;
  if (waited.note < MANY_MISSED) waited.note += ONE_MISSED;
  else forget(handle);
}

/** Takes a handle off the poller. */
function forget(handle: Handle): void {
  const waited = watchers.of(handle);
  if (waited !== undefined) waited.note = 0;
  poller.remove(waits, handle);
}

/** Whether the poller would report a handle although nobody waits for it. */
function hasEdges(handle: Handle): boolean {
  return (watchers.of(handle)?.note ?? 0) !== 0;
}

/** For the watchers that remain after an event, which has disarmed the handle unless it reports changes. */
function rearm(interest: number, handle: Handle): number {
  return hasEdges(handle) ? 0 : arm(handle, interest, false);
}

/**
 * Has the poller report the next event of a handle.
 * @param drained whether only a change is of interest, as the state is known
 */
function arm(handle: Handle, interest: number, drained: boolean): number {
  const waited = watchers.of(handle);
  if (drained && waited !== undefined && (waited.note & interest) === interest) {
    waited.note &= EDGES;
    return 0;
  }
  // Urgent data is reported with the rest: a receive stops before it, so that the caller must look for more.
  const how =
    interest | (drained && HAS_EDGES ? Interest.EDGE | Interest.PRIORITY : Interest.ONE_SHOT);
  // An earlier wait has mostly registered the handle already: an event only disarms it.
  let result = poller.modify(waits, handle, handle, how);
  if (result === -(errors['ENOENT'] as number)) result = poller.add(waits, handle, handle, how);
  if (waited !== undefined) waited.note = result >= 0 && drained && HAS_EDGES ? interest : 0;
  return result;
}

/** Opens the poller of this thread and puts it on the event loop. */
function start(): number {
  const opened = poller.open();
  if (opened < 0) return opened;
  const result = poller.attachWaits(opened, events, dispatch);
  if (result < 0) {
    poller.close(opened);
    return result;
  }
  waits = opened;
  alive = true;
  return 0;
}

function watch(handle: Handle, interest: number, ready: Ready, drained = false): number {
  if (handle < 0) return -(errors['EBADF'] as number);
  if (waits < 0) {
    const failure = start();
    if (failure < 0) return failure;
  }
  const together = watchers.set(handle, interest, ready);
  let result = 0;
  if (together !== 0) {
    // Of what another one waits for, the state may not be known.
    result = arm(handle, together, drained && together === interest);
    if (result < 0) watchers.set(handle, 0, ready);
  } else if (interest === 0) forget(handle);
  keepAlive(watchers.size > 0);
  return interest === 0 ? 0 : result;
}

// A loader may load this module twice, for `import` and `require`. Both must know what the addon knows of buffers.
frequent.made ??= frequentCalls(frequent, addon.memory, -(errors['EINVAL'] as number));
const calls = frequent.made;

/** Also ends the waits of other Sockets on the same descriptor, because its number is free now. */
function close(handle: Handle): number {
  leave(handle);
  return calls.close(handle);
}

/** The handle is about to go. A duplicate of it would keep the registration, under a number that is free. */
function leave(handle: Handle): void {
  const edges = hasEdges(handle);
  watchers.close(handle);
  if (edges) forget(handle);
}

function release(handle: Handle): number {
  if (hasEdges(handle)) forget(handle);
  // Others may wait on, for as long as the descriptor stays open.
  if (!watchers.has(handle)) watchers.close(handle);
  return addon.release(handle);
}

/** shutdown(2) of the reading half makes a socket readable, except on Windows: this function reports it there. */
function shutdown(handle: Handle, how: number): number {
  const result = addon.shutdown(handle, how);
  if (result >= 0 && how !== 1) {
    setImmediate(() => {
      watchers.notify(handle, Readiness.READABLE, rearm);
    });
  }
  return result;
}

/** Reads the members here: the engine does that in a fraction of the time that the addon needs. */
function withArrays(
  call: OnBatch,
  onColumns: OnColumns,
  handle: Handle,
  batch: BatchArrays,
  count: number,
  flags: number,
): number {
  if (typeof batch !== 'object' || batch === null) return -(errors['EINVAL'] as number);
  const { data, lengths, flags: outFlags, addresses, segments, size, columns } = batch;
  if (columns !== undefined) {
    const { memory, wanted, capacity } = columns;
    // The fixed arguments stand here a second time, because a rest parameter would be an allocation.
    return onColumns(
      handle,
      data,
      lengths,
      outFlags,
      addresses,
      segments,
      size,
      count,
      flags,
      memory,
      wanted,
      capacity,
    );
  }
  return call(handle, data, lengths, outFlags, addresses, segments, size, count, flags);
}

/** Makes a call that opens or adopts sockets throw where node's permission model denies the network. */
function permitted<A extends unknown[]>(call: (...values: A) => number): (...values: A) => number {
  if (!deniesNetwork()) return call;
  return () => {
    throw Object.assign(
      new Error('@sock/native: access to the network is denied: run node with --allow-net'),
      { code: 'ERR_ACCESS_DENIED', permission: 'Net' },
    );
  };
}

/** libsock, through the addon. */
export const driver: Driver = {
  ...addon,
  ...calls,
  open: permitted(calls.open),
  pair: permitted(addon.pair),
  adopt: permitted(addon.adopt),
  name: 'native',
  watch,
  lookup,
  close,
  release,
  ...(addon.system === 'win32' ? { shutdown } : {}),
  recvBatch: (handle, batch, count, flags) =>
    withArrays(addon.recvBatch, recvColumns, handle, batch, count, flags),
  sendBatch: (handle, batch, count, flags) =>
    withArrays(addon.sendBatch, sendColumns, handle, batch, count, flags),
};
