/** How many bytes a call has moved. */
import type { Progress } from '@sock/core';
import { wrongType } from './node-errors.js';

/**
 * Counts the bytes of one call, and tells the caller's `progress` object. The call itself goes by its own number: the
 * caller may change the object, or pass it to several calls.
 */
export class ByteCount {
  readonly #progress: Progress | undefined;
  #bytes = 0;

  /** @throws {TypeError} `ERR_INVALID_ARG_TYPE` if `progress` is no object */
  constructor(progress: Progress | undefined) {
    this.#progress = progress;
    if (progress === undefined) return;
    if (typeof progress !== 'object' || progress === null) {
      throw wrongType('options.progress', 'an object');
    }
    progress.bytes = 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#progress !== undefined) this.#progress.bytes = this.#bytes;
  }
}
