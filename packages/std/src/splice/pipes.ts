/** The pipes that splice(2) moves bytes through. */
import { type Driver, EUNSUPPORTED, type Handle, Layout } from '@sock/core';
import { check } from '../driver-results.js';

/** A pipe of the system. */
export interface Pipe {
  /** The end to read from. */
  readonly out: Handle;
  /** The end to write to. */
  readonly into: Handle;
}

/**
 * The empty pipes of a driver. A flow has one only while it moves bytes or cannot send what it has received. So
 * thousands of idle connections share one, which may be large: a user may have only so many pages in pipes.
 */
export class Pipes {
  static readonly #known = new WeakMap<Driver, Pipes>();

  /** The pipes of a driver; `undefined` if it has no splice(2). Call {@link leave} at the end. */
  static enter(driver: Driver): Pipes | undefined {
    if (driver.splice === undefined || driver.pipe === undefined) return undefined;
    let pipes = Pipes.#known.get(driver);
    if (pipes === undefined) {
      pipes = new Pipes(driver);
      Pipes.#known.set(driver, pipes);
    }
    if (pipes.#free.length === 0) {
      const made = pipes.#make();
      if (made === undefined) return undefined;
      pipes.#free.push(made);
    }
    pipes.#flows++;
    return pipes;
  }

  /** The driver's memory. */
  readonly memory: Uint32Array;
  readonly #driver: Driver;
  readonly #free: Pipe[] = [];
  #flows = 0;

  private constructor(driver: Driver) {
    this.#driver = driver;
    this.memory = new Uint32Array(driver.memory);
  }

  /** @returns `undefined` if the system has no splice(2) @throws {SockError} EMFILE */
  #make(): Pipe | undefined {
    const driver = this.#driver as Required<Driver>;
    const out = driver.pipe();
    if (out === -EUNSUPPORTED) return undefined;
    check(driver, out, 'pipe');
    return { out, into: this.memory[Layout.flags >> 2] as number };
  }

  /** An empty pipe. @throws {SockError} EMFILE */
  take(): Pipe {
    return this.#free.pop() ?? (this.#make() as Pipe);
  }

  /** Takes back a pipe that is empty. */
  giveBack(pipe: Pipe): void {
    if (this.#free.length < 2) this.#free.push(pipe);
    else this.close(pipe);
  }

  /** Closes a pipe, and with it what it holds. */
  close({ out, into }: Pipe): void {
    this.#driver.close(out);
    this.#driver.close(into);
  }

  /** The last flow that leaves closes the pipes. */
  leave(): void {
    this.#flows--;
    if (this.#flows > 0) return;
    for (const pipe of this.#free.splice(0)) this.close(pipe);
  }
}
