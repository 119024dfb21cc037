/** The options of everything that waits: a signal and a time-out. */
import type { WaitOptions, WaitSignal } from '@sock/core';
import { outOfRange, wrongType } from './node-errors.js';

/** The longest time that a timer of node's takes, in milliseconds. */
export const LONGEST_TIME = 0x7fffffff;

/** @throws {TypeError | RangeError} `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` */
export function checkWaitOptions(options: WaitOptions): void {
  if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object');
  const { signal, timeout } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw wrongType('options.signal', 'an AbortSignal');
  }
  if (timeout === undefined) return;
  if (typeof timeout !== 'number') throw wrongType('options.timeout', 'a number');
  if (timeout > 0 && timeout <= LONGEST_TIME) return;
  throw outOfRange(`The value of "options.timeout" is out of range: > 0 and <= ${LONGEST_TIME}`);
}

/**
 * Calls `ended` once when the signal aborts or the time is up.
 * @returns ends the watch
 */
export function onEnd(
  signal: WaitSignal | undefined,
  timeout: number | undefined,
  ended: (reason: unknown, timedOut: boolean) => void,
): () => void {
  const aborted = (): void => ended(signal?.reason, false);
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => ended(undefined, true), Math.max(1, timeout));
  signal?.addEventListener('abort', aborted);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
  };
}
