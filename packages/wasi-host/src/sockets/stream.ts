/**
 * `input-stream` and `output-stream` of wasi:io/streams. Calls return numbers: what was read or may be written, or one
 * of these.
 */
import { Pollable, type Target } from './pollable.js';
import { Resource, type ResourceName } from './resource.js';

/** The stream has ended. */
export const CLOSED = -1;
/** The operation failed: {@link InputStream.errno} tells why. */
export const FAILED = -2;

/** What a stream takes at once when nothing is queued. */
export const PERMIT = 1 << 18;

export abstract class InputStream extends Resource implements Target {
  /** The error number of the last operation that failed; 0 when {@link text} tells why. */
  errno = 0;
  text = '';
  /** The error as another host has it. */
  foreign: unknown;
  /** Whether the last read was large: the next one is done right where it is wanted. */
  large = false;

  get kind(): ResourceName {
    return 'input-stream';
  }

  abstract readonly handle: number;
  abstract interest(): number;

  /** Reads into `into`; 0 when there is nothing yet, which `wait` waits for. */
  abstract read(into: Uint8Array, wait: boolean): number;

  subscribe(): Pollable {
    return new Pollable(this.scope, this);
  }
}

export abstract class OutputStream extends Resource implements Target {
  errno = 0;
  text = '';
  /** The error as another host has it. */
  foreign: unknown;

  get kind(): ResourceName {
    return 'output-stream';
  }

  abstract readonly handle: number;
  abstract interest(): number;

  /** How much may be written. */
  abstract permit(): number;
  /** Takes all of it. Returns 0, or why not. */
  abstract write(bytes: Uint8Array): number;
  /** Returns 0, or why not; `wait` waits until everything was sent. */
  abstract flush(wait: boolean): number;

  subscribe(): Pollable {
    return new Pollable(this.scope, this);
  }
}
