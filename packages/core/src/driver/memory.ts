import type { SockAddr } from '../address.js';
import { type Driver, EUNSUPPORTED, type Handle, Layout } from '../driver.js';
import { SockError } from '../errors.js';
import { reasonFor } from './support.js';

/** Typed views of {@link Driver.memory}: where addresses, option values and flags cross. */
export class Memory {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;

  constructor(buffer: ArrayBuffer) {
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Copies `length` bytes out. */
  bytes(offset: number, length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.u8.subarray(offset, offset + length));
  }
}

/** Not every engine has it. */
declare const FinalizationRegistry:
  | (new (cleanup: (handle: Handle) => void) => Collected)
  | undefined;

/** Closes the handles of objects that were collected without having been closed. */
interface Collected {
  register(owner: object, handle: Handle, token: object): void;
  unregister(token: object): void;
}

/** A driver with what core derives from it once. */
export class Backend {
  readonly memory: Memory;
  readonly errorNames: ReadonlyMap<number, string>;
  /** Negative results that mean "try again later". */
  readonly EAGAIN: number;
  readonly EWOULDBLOCK: number;
  readonly EINPROGRESS: number;
  readonly EALREADY: number;
  readonly EISCONN: number;
  readonly EBADF: number;
  readonly DONTWAIT: number;
  readonly PEEK: number;
  readonly OOB: number;
  readonly collected: Collected | undefined;

  private constructor(readonly driver: Driver) {
    if (driver.memory.byteLength < Layout.size) {
      throw new RangeError(`the driver's memory must have ${Layout.size} bytes`);
    }
    this.memory = new Memory(driver.memory);
    const names = new Map<number, string>();
    // The first name of a number wins, so that a table may list EAGAIN before EWOULDBLOCK.
    for (const [name, number] of Object.entries(driver.errors)) {
      if (!names.has(number)) names.set(number, name);
    }
    this.errorNames = names;
    const error = (name: string): number => -(driver.errors[name] ?? 0x7fffffff);
    this.EAGAIN = error('EAGAIN');
    this.EWOULDBLOCK = error('EWOULDBLOCK');
    this.EINPROGRESS = error('EINPROGRESS');
    this.EALREADY = error('EALREADY');
    this.EISCONN = error('EISCONN');
    this.EBADF = error('EBADF');
    this.DONTWAIT = driver.constants['MSG_DONTWAIT'] ?? 0;
    this.PEEK = driver.constants['MSG_PEEK'] ?? 0;
    this.OOB = driver.constants['MSG_OOB'] ?? 0;
    if (typeof FinalizationRegistry !== 'function') return;
    this.collected = new FinalizationRegistry((handle) => {
      driver.close(handle);
    });
  }

  /** The error of a negative result. The one place where a failed call becomes an exception. */
  error(result: number, syscall: string, address?: SockAddr, operation = syscall): SockError {
    if (result === -EUNSUPPORTED) {
      const { name, system } = this.driver;
      return new SockError('ERR_SOCK_UNSUPPORTED', {
        syscall,
        message: `${operation}: the ${name} backend (${system}) does not support it: ${reasonFor(this.driver, operation)}`,
      });
    }
    const code = this.errorNames.get(-result) ?? `E${-result}`;
    if (address === undefined) return new SockError(code, { errno: result, syscall });
    return address.isIpv4() || address.isIpv6()
      ? new SockError(code, {
          errno: result,
          syscall,
          address: address.address,
          port: address.port,
        })
      : new SockError(code, { errno: result, syscall, address: address.toString() });
  }

  static readonly #known = new WeakMap<Driver, Backend>();

  static of(driver: Driver): Backend {
    let backend = Backend.#known.get(driver);
    if (backend === undefined) {
      backend = new Backend(driver);
      Backend.#known.set(driver, backend);
    }
    return backend;
  }
}
