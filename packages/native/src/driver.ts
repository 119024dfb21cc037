import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Driver, Handle } from '@sock/core';

/** Events that one call of the addon brings at most: `Loop::EVENTS` of native/addon/loop.h. */
const EVENTS = 256;

/** The addon: `Driver` but for `watch`, whose callbacks stay on this side. */
interface Addon extends Omit<Driver, 'name' | 'watch'> {
  /** Has `callback` told how many pairs of handle and readiness are in `ready`. */
  onReady(callback: (count: number) => void, ready: Int32Array): number;
  watch(handle: Handle, interest: number): number;
  keepAlive(on: boolean): number;
}

type Ready = (readiness: number) => void;

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
        ? 'the addon is not built: run `node scripts/build-addon.mjs` in the package, which needs a C++ compiler'
        : `the addon does not load on ${process.platform} ${process.arch}, Node ${process.version}`;
    throw new Error(`@sock/native: ${problem} (${path})`, { cause });
  }
}

const addon = load();
const waiting = new Map<Handle, Ready>();
const events = new Int32Array(2 * EVENTS);
let started = false;

function dispatch(count: number): void {
  for (let i = 0; i < count; i++) {
    const handle = events[2 * i] as number;
    const ready = waiting.get(handle);
    // An event fetched with others: an earlier one of them may have ended this wait.
    if (ready === undefined) continue;
    waiting.delete(handle);
    ready(events[2 * i + 1] as number);
  }
  if (waiting.size === 0) addon.keepAlive(false);
}

function watch(handle: Handle, interest: number, ready: Ready): number {
  if (!started) {
    const failure = addon.onReady(dispatch, events);
    if (failure < 0) return failure;
    started = true;
  }
  const result = addon.watch(handle, interest);
  if (interest === 0 || result < 0) waiting.delete(handle);
  else waiting.set(handle, ready);
  addon.keepAlive(waiting.size > 0);
  return result;
}

/** libsock, through the addon. */
export const driver: Driver = { ...addon, name: 'native', watch };
