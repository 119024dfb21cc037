import type { WaitSignal } from '@sock/core';
import { fail } from './assert.js';

/** An abort signal for engines that do not have AbortController. It counts its listeners. */
export class Signal implements WaitSignal {
  readonly #listeners = new Set<() => void>();
  aborted = false;
  reason: unknown;

  get listeners(): number {
    return this.#listeners.size;
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What a promise is rejected with. Fails if it is fulfilled. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return fail('expected a rejection');
}
