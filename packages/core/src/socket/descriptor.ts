import { readAddress, type SockAddr } from '../address.js';
import { readableName } from '../constants.js';
import { type Driver, EUNSUPPORTED, type Handle, Layout, type Support } from '../driver.js';
import { checkInteger, invalidType, invalidValue, type SockError } from '../errors.js';
import { Backend } from '../driver/memory.js';
import { supportOf } from '../driver/support.js';

/** Constructs around a handle that is there already. */
export class Adopted {
  constructor(
    public handle: Handle,
    readonly owned: boolean,
  ) {}

  /** The handle, for its new owner. */
  take(): Handle {
    const { handle } = this;
    this.handle = -1;
    return handle;
  }
}

/** Makes a socket the owner of a handle, which is closed when the class's constructor does not take it. */
export function adopt<T>(Class: SocketClass<T>, handle: Handle): T {
  const adopted = new Adopted(handle, true);
  try {
    return new Class(adopted);
  } finally {
    if (adopted.handle >= 0) Class.driver.close(adopted.take());
  }
}

/** A class of sockets: what `accept`, `tryClone`, `fromRawFd`, ... construct. */
export interface SocketClass<T> {
  readonly driver: Driver;
  // oxlint-disable-next-line no-explicit-any
  new (...args: any[]): T;
}

/**
 * Ownership of one handle, and how results become values or errors. The methods of {@link Socket}
 * are built on this.
 */
export abstract class Descriptor {
  /** The driver of this class's backend; set by each backend's `Socket`. */
  static readonly driver: Driver;

  protected readonly driver: Driver;
  protected readonly context: Backend;
  protected handle: Handle = -1;
  #owned = true;

  constructor() {
    const { driver } = new.target as unknown as { driver: Driver | undefined };
    if (driver === undefined) {
      throw new TypeError(
        "@sock/core's Socket is abstract: import Socket from @sock/native or @sock/wasi",
      );
    }
    this.driver = driver;
    this.context = Backend.of(driver);
  }

  /** Takes a handle over; the socket closes it when `owned`. */
  protected own(handle: Handle, owned = true): void {
    this.handle = handle;
    this.#owned = owned;
    if (owned) this.context.collected?.register(this, handle, this);
  }

  /** Gives the handle up and returns it; the socket reads `closed` afterwards. */
  protected disown(): Handle {
    const { handle } = this;
    this.handle = -1;
    if (this.#owned && handle >= 0) this.context.collected?.unregister(this);
    return handle;
  }

  /** The name of the backend: `'native'`, `'wasi'`, ... */
  get backend(): string {
    return this.driver.name;
  }

  /** Whether the socket was closed or gave its descriptor away. Every operation then fails with EBADF. */
  get closed(): boolean {
    return this.handle < 0;
  }

  /**
   * Closes the socket: close(2). Closing twice is allowed and does nothing; so is closing a borrowed
   * view, which leaves the descriptor to its owner. Waiting `readable()`/`writable()` calls reject with EBADF.
   * @throws {SockError} what close(2) reports, such as EIO; the descriptor is gone nevertheless
   */
  close(): void {
    const owned = this.#owned;
    if (this.handle < 0) return;
    this.endWaits();
    const handle = this.disown();
    if (owned) this.check(this.driver.close(handle), 'close');
  }

  /** Rejects everybody who waits on the handle. */
  protected abstract endWaits(): void;

  /** {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /**
   * The file descriptor, which the socket goes on owning.
   * @throws {SockError} EBADF when closed
   */
  asRawFd(): number {
    if (this.handle < 0) throw this.error(this.context.EBADF, 'fd');
    return this.handle;
  }

  /**
   * Gives the file descriptor away: the caller closes it. The socket reads `closed` afterwards.
   * @throws {SockError} EBADF when closed
   */
  intoRawFd(): number {
    const fd = this.asRawFd();
    const owned = this.#owned;
    this.endWaits();
    this.disown();
    if (owned) this.check(this.driver.release(fd), 'fd');
    return fd;
  }

  /**
   * How well this backend does an operation or an option, by its method's name.
   * @throws {TypeError} `ERR_INVALID_ARG_VALUE` for a name that no table has
   */
  supports(name: string): Support {
    return supportOf(this.driver, name);
  }

  /** Returns a result, or throws its error. */
  protected check(result: number, syscall: string, address?: SockAddr, operation?: string): number {
    if (result < 0) throw this.error(result, syscall, address, operation);
    return result;
  }

  /** The error of a negative result. */
  protected error(
    result: number,
    syscall: string,
    address?: SockAddr,
    operation?: string,
  ): SockError {
    return this.context.error(result, syscall, address, operation);
  }

  /** The error of an operation that this backend has not. */
  protected unsupported(operation: string): SockError {
    return this.error(-EUNSUPPORTED, operation);
  }

  /** A pending error number as an error; `null` for 0. */
  protected errorOf(number: number): SockError | null {
    return number === 0 ? null : this.error(-number, 'getsockopt');
  }

  /** Reads the numeric value of an option row. */
  protected getNumber(id: number, name: string): number {
    const result = this.driver.getOption(this.handle, id);
    if (result < 0) throw this.error(result, 'getsockopt', undefined, name);
    return this.context.memory.f64[Layout.valueNumber >> 3] as number;
  }

  protected setNumber(id: number, name: string, value: number): void {
    this.context.memory.f64[Layout.valueNumber >> 3] = value;
    const result = this.driver.setOption(this.handle, id);
    if (result < 0) throw this.error(result, 'setsockopt', undefined, name);
  }

  /** Reads the bytes of an option row. */
  protected getBytes(id: number, name: string): Uint8Array<ArrayBuffer> {
    this.getNumber(id, name);
    const { memory } = this.context;
    return memory.bytes(Layout.valueBytes, memory.u32[Layout.valueLength >> 2] as number);
  }

  /** Reads the address of an option row. */
  protected getAddress(id: number, name: string): SockAddr {
    this.getNumber(id, name);
    return readAddress(this.context.memory, Layout.valueBytes);
  }

  protected setBytes(id: number, name: string, number: number, ...parts: Uint8Array[]): void {
    const { memory } = this.context;
    let length = 0;
    for (const part of parts) {
      if (length + part.length > Layout.valueBytesSize) {
        throw invalidValue(name, `must have at most ${Layout.valueBytesSize} bytes`, part);
      }
      memory.u8.set(part, Layout.valueBytes + length);
      length += part.length;
    }
    memory.u32[Layout.valueLength >> 2] = length;
    this.setNumber(id, name, number);
  }

  /**
   * Reads any option, as the system has it: getsockopt(2).
   * @param level such as `SOL_SOCKET`, a number
   * @param name such as `SO_KEEPALIVE`, a number
   * @param length room for the value, in bytes (0 to 65536)
   * @returns the bytes that the system wrote
   * @throws {SockError} ENOPROTOOPT, EINVAL, EBADF, ...
   */
  getsockoptRaw(level: number, name: number, length: number): Uint8Array {
    checkInteger('level', level, -0x80000000, 0x7fffffff);
    checkInteger('name', name, -0x80000000, 0x7fffffff);
    const data = new Uint8Array(checkInteger('length', length, 0, 65536));
    const filled = this.check(
      this.driver.getOptionRaw(this.handle, level, name, data),
      'getsockopt',
      undefined,
      'getsockoptRaw',
    );
    return data.subarray(0, filled);
  }

  /**
   * Sets any option, as the system has it: setsockopt(2).
   * @throws {SockError} ENOPROTOOPT, EINVAL, EBADF, ...
   */
  setsockoptRaw(level: number, name: number, bytes: Uint8Array): void {
    checkInteger('level', level, -0x80000000, 0x7fffffff);
    checkInteger('name', name, -0x80000000, 0x7fffffff);
    if (!(bytes instanceof Uint8Array))
      throw invalidType('bytes', 'an instance of Uint8Array', bytes);
    this.check(
      this.driver.setOptionRaw(this.handle, level, name, bytes),
      'setsockopt',
      undefined,
      'setsockoptRaw',
    );
  }

  /** The address that a call left in memory. */
  protected addressOf(call: 'localAddress' | 'peerAddress'): SockAddr | undefined {
    return this.driver[call](this.handle) < 0 ? undefined : readAddress(this.context.memory);
  }

  /** Descriptor, domain, type, and the local and peer address where there are any. */
  toString(): string {
    const name = `Socket(${this.driver.name})`;
    if (this.closed) return `${name} { closed }`;
    const parts = [`fd: ${this.handle}`];
    for (const [kind, id] of [
      ['domain', 13],
      ['type', 12],
    ] as const) {
      if (this.driver.getOption(this.handle, id) < 0) continue;
      const number = this.context.memory.f64[Layout.valueNumber >> 3] as number;
      parts.push(`${kind}: ${readableName(this.driver, kind, number)}`);
    }
    const local = this.addressOf('localAddress');
    if (local !== undefined) parts.push(`local: ${local.toString()}`);
    const peer = this.addressOf('peerAddress');
    if (peer !== undefined) parts.push(`peer: ${peer.toString()}`);
    return `${name} { ${parts.join(', ')} }`;
  }

  /** Node's inspection text. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
