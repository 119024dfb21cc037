import type { SockAddr } from '../address.js';
import { type SystemNumbers, systemNumbers } from '../constants.js';
import { type Driver, EUNSUPPORTED, Layout } from '../driver.js';
import { invalidValue, SockError } from '../errors.js';
import { LostHandles } from './lost-handles.js';
import { optionRow, reasonFor } from './support.js';
import type { AcceptRoom } from '../socket/accept-batch.js';
import { Memory } from './memory.js';
import type { OptionRow } from '../options/option-row.js';

/** What an error says beside its code. */
export interface Failure {
  readonly address?: SockAddr | string | undefined;
  /** The method that failed, by which the support table knows the reason. Default: the system call. */
  readonly operation?: string | undefined;
  /** The value that a socket option was to be set to. */
  readonly value?: unknown;
}

/** A driver together with what core derives from it once. Every error of a driver is made here. */
export class DriverContext {
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
  readonly numbers: SystemNumbers;
  /** Made by the first `acceptBatch`. */
  acceptRoom: AcceptRoom | undefined;
  readonly lost: LostHandles;
  /** The same for pollers and wakers. */
  readonly lostPollers: LostHandles;

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
    this.EAGAIN = this.result('EAGAIN');
    this.EWOULDBLOCK = this.result('EWOULDBLOCK');
    this.EINPROGRESS = this.result('EINPROGRESS');
    this.EALREADY = this.result('EALREADY');
    this.EISCONN = this.result('EISCONN');
    this.EBADF = this.result('EBADF');
    this.DONTWAIT = driver.constants['MSG_DONTWAIT'] ?? 0;
    this.PEEK = driver.constants['MSG_PEEK'] ?? 0;
    this.numbers = systemNumbers(driver);
    this.lost = new LostHandles((handle) => {
      driver.close(handle);
    });
    this.lostPollers = new LostHandles((handle) => {
      driver.poller?.close(handle);
    });
  }

  /**
   * Refuses the socket of another backend: its handle is a number that means something else here.
   * @throws `ERR_INVALID_ARG_VALUE`
   */
  checkOwn(argument: string, socket: { readonly driver: Driver }): void {
    // Two loaded copies of one backend share the memory.
    if (socket.driver === this.driver || socket.driver.memory === this.driver.memory) return;
    throw invalidValue(
      argument,
      `must be a socket of the same backend (${this.driver.name}), not of another (${socket.driver.name})`,
      socket,
    );
  }

  /** The negative result by which the driver reports an error; a number that no call returns if it has no such error. */
  result(code: string): number {
    return -(this.driver.errors[code] ?? 0x7fffffff);
  }

  /** The name of a positive error number, `'ECONNREFUSED'`; `'E123'` for a number without a name. */
  code(number: number): string {
    return this.errorNames.get(number) ?? (number === 0 ? 'OK' : `E${number}`);
  }

  /** Whether a result says that the call would have waited. */
  wouldBlock(result: number): boolean {
    return result === this.EAGAIN || result === this.EWOULDBLOCK;
  }

  /**
   * Returns a result, or throws its error. Frequent calls that have a `failure` test the result themselves:
   * passing the object here would allocate it on success too.
   */
  check(result: number, syscall: string, failure?: Failure): number {
    if (result < 0) throw this.error(result, syscall, failure);
    return result;
  }

  /** The error of a negative result. */
  error(result: number, syscall: string, failure: Failure = {}): SockError {
    const { address, operation, value } = failure;
    if (result === -EUNSUPPORTED) return this.unsupported(operation ?? syscall, syscall);
    const row = operation === undefined ? undefined : optionRow(operation);
    return new SockError(this.code(-result), {
      errno: result,
      syscall,
      ...(address === undefined ? {} : placeOf(address)),
      ...(row === undefined ? {} : { option: operation as string, value: shownValue(row, value) }),
      ...(row?.range === undefined || value === undefined
        ? {}
        : { allowed: `${row.range[0]} to ${row.range[1]}` }),
    });
  }

  /**
   * The error of an operation or option that the backend does not support.
   * @param what what exactly is missing, where the operation's name does not say it
   */
  unsupported(operation: string, syscall = operation, what = operation): SockError {
    const { name, system } = this.driver;
    const subject = what === operation ? 'it' : what;
    const reason = reasonFor(this.driver, operation);
    return new SockError('ERR_SOCK_UNSUPPORTED', {
      syscall,
      message: `${what === operation ? operation : syscall}: the ${name} backend (${system}) does not support ${subject}: ${reason}`,
    });
  }

  static readonly #known = new WeakMap<Driver, DriverContext>();

  static of(driver: Driver): DriverContext {
    let context = DriverContext.#known.get(driver);
    if (context === undefined) {
      context = new DriverContext(driver);
      DriverContext.#known.set(driver, context);
    }
    return context;
  }
}

/** The value of an option as its setter took it, as far as that is known here. */
function shownValue(row: OptionRow, value: unknown): unknown {
  return row.codec === 'string' && value instanceof Uint8Array
    ? new TextDecoder().decode(value)
    : value;
}

/** Where a call went, in node's fields. */
function placeOf(address: SockAddr | string): { address: string; port?: number } {
  if (typeof address === 'string') return { address };
  return address.isIpv4() || address.isIpv6()
    ? { address: address.address, port: address.port }
    : { address: address.toString() };
}
