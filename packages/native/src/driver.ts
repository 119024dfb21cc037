import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import {
  type BatchArrays,
  type Driver,
  type Handle,
  Interest,
  type PollerDriver,
} from '@sock/core';
import { type FrameCalls, type FrequentCalls, frequentCalls } from './frequent-calls.js';

/** Of {@link BatchArrays} each by itself. */
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

/** The addon: `Driver` but for `watch`, which is made of its poller, batches and the frequent calls. */
interface Addon extends Omit<
  Driver,
  'name' | 'watch' | 'recvBatch' | 'sendBatch' | keyof FrequentCalls
> {
  readonly recvBatch: OnBatch;
  readonly sendBatch: OnBatch;
  readonly frequent: FrameCalls & { made?: FrequentCalls };
  readonly poller: PollerDriver;
}

type Ready = (readiness: number) => void;

/** A socket of its own batch at most: more would wait for the loop's next turn. */
const EVENTS = 256;

function load(): Addon {
  // SOCK_ADDON is for another build of the addon, such as the one under sanitizers.
  const path =
    process.env['SOCK_ADDON'] ?? fileURLToPath(new URL('../build/sock.node', import.meta.url));
  try {
    return createRequire(import.meta.url)(path) as Addon;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem =
      code === 'MODULE_NOT_FOUND'
        ? `the addon is not built: run \`node ${fileURLToPath(new URL('../scripts/build-addon.mjs', import.meta.url))}\`, which needs a C++ compiler`
        : `the addon does not load on ${process.platform} ${process.arch}, Node ${process.version}`;
    throw new Error(`@sock/native: ${problem} (${path})`, { cause });
  }
}

const { frequent, ...addon } = load();
const { poller, errors } = addon;
const waiting = new Map<Handle, Ready>();
const events = new Uint32Array(2 * EVENTS);
/** The poller of this thread's waits. */
let waits = -1;

function dispatch(count: number): void {
  for (let i = 0; i < count; i++) {
    const handle = events[2 * i] as number;
    const ready = waiting.get(handle);
    // An event fetched with others: an earlier one of them may have ended this wait.
    if (ready === undefined) continue;
    waiting.delete(handle);
    ready(events[2 * i + 1] as number);
  }
  if (waiting.size === 0) poller.keepAlive(waits, false);
}

/** Opens the poller of this thread and puts it on the event loop. */
function start(): number {
  const opened = poller.open();
  if (opened < 0) return opened;
  const result = poller.attach(opened, events, dispatch);
  if (result < 0) {
    poller.close(opened);
    return result;
  }
  waits = opened;
  return 0;
}

function watch(handle: Handle, interest: number, ready: Ready): number {
  if (handle < 0) return -(errors['EBADF'] as number);
  if (waits < 0) {
    const failure = start();
    if (failure < 0) return failure;
  }
  let result: number;
  if (interest === 0) {
    result = poller.remove(waits, handle);
    waiting.delete(handle);
  } else {
    // Registered by an earlier wait, more often than not: an event disarms it and leaves it there.
    result = poller.modify(waits, handle, handle, interest | Interest.ONE_SHOT);
    if (result === -(errors['ENOENT'] as number)) {
      result = poller.add(waits, handle, handle, interest | Interest.ONE_SHOT);
    }
    if (result >= 0) waiting.set(handle, ready);
    else waiting.delete(handle);
  }
  poller.keepAlive(waits, waiting.size > 0);
  return interest === 0 ? 0 : result;
}

/** shutdown(2) of the reading half makes a socket readable, but for Windows: there we say so ourselves. */
function shutdown(handle: Handle, how: number): number {
  const result = addon.shutdown(handle, how);
  const ready = waiting.get(handle);
  if (result >= 0 && how !== 1 && ready !== undefined) {
    setImmediate(() => {
      if (waiting.get(handle) !== ready) return;
      watch(handle, 0, ready);
      ready(Interest.READABLE);
    });
  }
  return result;
}

// Loaders may load this module twice, `import` and `require`: what the addon knows of buffers, it knows once.
frequent.made ??= frequentCalls(frequent, addon.memory, -(errors['EINVAL'] as number));

/** The engine reads its members in a fraction of the time that the addon needs for it. */
function withArrays(
  call: OnBatch,
  handle: Handle,
  batch: BatchArrays,
  count: number,
  flags: number,
): number {
  if (typeof batch !== 'object' || batch === null) return -(errors['EINVAL'] as number);
  const { data, lengths, flags: outFlags, addresses, segments, size } = batch;
  return call(handle, data, lengths, outFlags, addresses, segments, size, count, flags);
}

/** libsock, through the addon. */
export const driver: Driver = {
  ...addon,
  ...frequent.made,
  name: 'native',
  watch,
  ...(addon.system === 'win32' ? { shutdown } : {}),
  recvBatch: (handle, batch, count, flags) =>
    withArrays(addon.recvBatch, handle, batch, count, flags),
  sendBatch: (handle, batch, count, flags) =>
    withArrays(addon.sendBatch, handle, batch, count, flags),
};
