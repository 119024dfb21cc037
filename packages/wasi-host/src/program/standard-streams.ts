/** Standard input, output and error of a component: descriptors of this process, bytes, or functions. */
import { readSync, writeSync } from 'node:fs';
import { Readiness } from '@sock/core';
import { READY } from '../sockets/pollable.js';
import type { Scope } from '../sockets/scope.js';
import { CLOSED, FAILED, InputStream, OutputStream, PERMIT } from '../sockets/stream.js';

/** What a component reads: a descriptor, or all of the bytes. Left out: this process's. */
export type Input = number | string | Uint8Array;

/** Where a component writes: a descriptor, a function, or what has a `write`. Left out: this process's. */
export type Output = number | ((bytes: Uint8Array) => void) | { write(bytes: Uint8Array): unknown };

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code ?? error);

/** A descriptor that is read, which is not closed. */
class DescriptorInput extends InputStream {
  #ended = false;

  constructor(
    scope: Scope,
    readonly handle: number,
  ) {
    super(scope);
  }

  interest(): number {
    return this.#ended ? READY : Readiness.READABLE;
  }

  read(into: Uint8Array, wait: boolean): number {
    if (this.#ended) return CLOSED;
    if (into.length === 0) return 0;
    const { system } = this.scope;
    if (!wait && !system.waitOne(this.handle, Readiness.READABLE, 0)) return 0;
    for (;;) {
      try {
        const got = readSync(this.handle, into);
        this.#ended = got === 0;
        return got === 0 ? CLOSED : got;
      } catch (error) {
        const code = codeOf(error);
        if (code === 'EAGAIN') {
          if (!wait) return 0;
          system.waitOne(this.handle, Readiness.READABLE, -1);
        } else if (code === 'EOF') {
          this.#ended = true;
          return CLOSED;
        } else if (code !== 'EINTR') {
          this.text = code;
          return FAILED;
        }
      }
    }
  }
}

/** Bytes that are there. */
class BytesInput extends InputStream {
  readonly handle = -1;
  #rest: Uint8Array;

  constructor(scope: Scope, bytes: Uint8Array) {
    super(scope);
    this.#rest = bytes;
  }

  interest(): number {
    return READY;
  }

  read(into: Uint8Array): number {
    if (this.#rest.length === 0) return CLOSED;
    const part = this.#rest.subarray(0, into.length);
    into.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return part.length;
  }
}

class SinkOutput extends OutputStream {
  readonly handle = -1;

  constructor(
    scope: Scope,
    private readonly sink: (bytes: Uint8Array) => void,
  ) {
    super(scope);
  }

  interest(): number {
    return READY;
  }

  permit(): number {
    return PERMIT;
  }

  write(bytes: Uint8Array): number {
    try {
      if (bytes.length > 0) this.sink(bytes);
      return 0;
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EPIPE') return CLOSED;
      this.text = code;
      return FAILED;
    }
  }

  flush(): number {
    return 0;
  }
}

function writeTo(scope: Scope, descriptor: number): (bytes: Uint8Array) => void {
  return (bytes) => {
    for (let done = 0; done < bytes.length;) {
      try {
        done += writeSync(descriptor, bytes, done);
      } catch (error) {
        if (codeOf(error) !== 'EAGAIN') throw error;
        scope.system.waitOne(descriptor, Readiness.WRITABLE, -1);
      }
    }
  };
}

export function inputOf(scope: Scope, input: Input): InputStream {
  if (typeof input === 'number') return new DescriptorInput(scope, input);
  return new BytesInput(scope, typeof input === 'string' ? new TextEncoder().encode(input) : input);
}

export function outputOf(scope: Scope, output: Output): OutputStream {
  if (typeof output === 'number') return new SinkOutput(scope, writeTo(scope, output));
  if (typeof output === 'function') return new SinkOutput(scope, (bytes) => output(bytes.slice()));
  return new SinkOutput(scope, (bytes) => void output.write(bytes.slice()));
}
