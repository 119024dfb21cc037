import { checkInteger, invalidType } from '../errors.js';
import type { WaitOptions } from '../socket/waits.js';

/** The options of an asynchronous call that moves data. */
export interface TransferOptions extends WaitOptions {
  /** `MSG_...` flags of the backend, in addition to `MSG_DONTWAIT`. Default 0. */
  readonly flags?: number | undefined;
}

/** How far a call has got that takes several system calls. */
export interface Progress {
  /** The number of bytes that have crossed. */
  bytes: number;
}

/** The options of an asynchronous call that takes several system calls. */
export interface WholeTransferOptions extends TransferOptions {
  /**
   * An object of the caller's whose `bytes` the call sets as bytes cross. It is right also if the call was aborted,
   * when the error is the signal's reason and can't tell.
   */
  readonly progress?: Progress | undefined;
}

/** Reads the flags of a call's options. */
export function flagsIn(options: TransferOptions | undefined): number {
  if (options === undefined) return 0;
  checkOptions(options);
  const { flags } = options;
  return flags === undefined ? 0 : checkInteger('options.flags', flags, -0x80000000, 0x7fffffff);
}

/** Reads where a call's options want the progress, and sets it to 0. */
export function progressIn(options: WholeTransferOptions | undefined): Progress | undefined {
  if (options === undefined) return undefined;
  checkOptions(options);
  const { progress } = options;
  if (progress === undefined) return undefined;
  if (typeof progress !== 'object' || progress === null) {
    throw invalidType('options.progress', 'of type object', progress);
  }
  progress.bytes = 0;
  return progress;
}

export function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidType('options', 'of type object', options);
  }
}
