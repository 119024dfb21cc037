/** What the host takes of a backend: its driver, the system's numbers, and addresses and options where they cross. */
import { isMainThread } from 'node:worker_threads';
import { type Driver, Layout, options, type OptionName, Readiness } from '@sock/core';
import { Address } from '../address.js';
import { Failure, failuresOf } from '../failure.js';

/** A module of `@sock/native`'s kind. */
export interface BackendModule {
  readonly Socket: { readonly driver: Driver };
}

/** `struct sock_poll_entry` is 4 int32: the handle in two, the interest, what is ready. */
export const ENTRY = 4;
/** How long a system call may wait in a Worker, in milliseconds: one that is terminated ends between calls only. */
const SLICE = 100;
/** Entries of one {@link Driver.poll}. More are waited for with a poller. */
const POLL_MAX = 256;
const { ERROR, HANGUP } = Readiness;

const idOf = (name: OptionName): number => {
  const row = options.find((option) => option.name === name);
  if (row === undefined) throw new Error(`core has no option '${name}'`);
  return row.id;
};

/** Ids of rows of the option table. */
export const Option = {
  TAKE_ERROR: idOf('takeError'),
  KEEPALIVE: idOf('keepalive'),
  RECV_BUFFER: idOf('recvBufferSize'),
  SEND_BUFFER: idOf('sendBufferSize'),
  REUSE_ADDRESS: idOf('reuseAddress'),
  TTL: idOf('ttl'),
  HOPS_V6: idOf('unicastHopsV6'),
  ONLY_V6: idOf('onlyV6'),
  KEEPALIVE_TIME: idOf('tcpKeepaliveTime'),
  KEEPALIVE_INTERVAL: idOf('tcpKeepaliveInterval'),
  KEEPALIVE_RETRIES: idOf('tcpKeepaliveRetries'),
  NODELAY: idOf('nodelay'),
} as const;

export class System {
  static readonly #known = new WeakMap<Driver, System>();

  /** @throws {TypeError} for a backend that has no driver, or whose driver can't wait */
  static of(backend: BackendModule): System {
    const driver = backend?.Socket?.driver;
    if (driver === undefined) {
      throw new TypeError('backend must be a module of sockets, such as @sock/native');
    }
    let system = System.#known.get(driver);
    if (system === undefined) System.#known.set(driver, (system = new System(driver)));
    return system;
  }

  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly i32: Int32Array;
  readonly AF_INET: number;
  readonly AF_INET6: number;
  readonly SOCK_STREAM: number;
  readonly SOCK_DGRAM: number;
  readonly DONTWAIT: number;
  readonly PEEK: number;
  readonly EAGAIN: number;
  readonly EINTR: number;
  readonly EINPROGRESS: number;
  readonly EPIPE: number;
  readonly #failures: ReadonlyMap<number, number>;
  readonly #poll: NonNullable<Driver['poll']>;

  private constructor(readonly driver: Driver) {
    const { constants, errors, memory, poll, poller } = driver;
    if (poll === undefined && poller === undefined) {
      throw new TypeError(
        `the ${driver.name} backend can't wait for many sockets: no component can run on it`,
      );
    }
    this.view = new DataView(memory);
    this.bytes = new Uint8Array(memory);
    this.i32 = new Int32Array(memory);
    const constant = (name: string): number => constants[name] as number;
    this.AF_INET = constant('AF_INET');
    this.AF_INET6 = constant('AF_INET6');
    this.SOCK_STREAM = constant('SOCK_STREAM');
    this.SOCK_DGRAM = constant('SOCK_DGRAM');
    this.DONTWAIT = constants['MSG_DONTWAIT'] ?? 0;
    this.PEEK = constants['MSG_PEEK'] ?? 0;
    const error = (name: string): number => -(errors[name] ?? 0x7fffffff);
    this.EAGAIN = error('EAGAIN');
    this.EINTR = error('EINTR');
    this.EINPROGRESS = error('EINPROGRESS');
    this.EPIPE = error('EPIPE');
    this.#failures = failuresOf(errors);
    this.#poll =
      poll ?? ((entries, count, milliseconds) => this.#pollMany(entries, count, milliseconds));
  }

  /** The failure of a negative error number. */
  failure(errno: number): number {
    return this.#failures.get(errno) ?? Failure.UNKNOWN;
  }

  /** The name of a negative error number. */
  errorName(errno: number): string {
    const found = Object.entries(this.driver.errors).find(([, number]) => number === -errno);
    return found?.[0] ?? `error ${-errno}`;
  }

  putAddress({ family, port, flowinfo, scopeId, bytes }: Address): void {
    const { view } = this;
    view.setUint16(Layout.addressFamily, family === 4 ? 1 : 2, true);
    view.setUint16(Layout.addressPort, port, true);
    view.setUint32(Layout.addressFlowinfo, flowinfo, true);
    view.setUint32(Layout.addressScopeId, scopeId, true);
    view.setUint32(Layout.addressLength, bytes.length, true);
    this.bytes.set(bytes, Layout.addressData);
  }

  /** AF_UNSPEC: where a datagram socket is disconnected to. */
  putNobody(): void {
    this.bytes.fill(0, Layout.address, Layout.addressData);
  }

  takeAddress(): Address {
    const { view, bytes } = this;
    const family = view.getUint16(Layout.addressFamily, true) === 1 ? 4 : 6;
    const start = Layout.addressData;
    return new Address(
      family,
      view.getUint16(Layout.addressPort, true),
      bytes.slice(start, start + (family === 4 ? 4 : 16)),
      view.getUint32(Layout.addressFlowinfo, true),
      view.getUint32(Layout.addressScopeId, true),
    );
  }

  /** The failure, or 0 with the value in {@link number}. */
  getOption(handle: number, option: number): number {
    const result = this.driver.getOption(handle, option);
    return result < 0 ? this.failure(result) : 0;
  }

  /** The value of the last {@link getOption}. */
  get number(): number {
    return this.view.getFloat64(Layout.valueNumber, true);
  }

  setOption(handle: number, option: number, number: number): number {
    this.view.setFloat64(Layout.valueNumber, number, true);
    this.view.setUint32(Layout.valueLength, 0, true);
    const result = this.driver.setOption(handle, option);
    return result < 0 ? this.failure(result) : 0;
  }

  /** Whether a call may wait without end: a thread that waits in the system can't be terminated. */
  readonly mayBlock = isMainThread;

  /** Waits for entries; negative `milliseconds`: without end. Returns how many are ready, or an error number. */
  poll(entries: Int32Array, count: number, milliseconds: number): number {
    if (this.mayBlock || (milliseconds >= 0 && milliseconds <= SLICE)) {
      return this.#pollOnce(entries, count, milliseconds);
    }
    const end = milliseconds < 0 ? Infinity : performance.now() + milliseconds;
    for (;;) {
      const left = end - performance.now();
      const got = this.#pollOnce(entries, count, Math.max(0, Math.min(SLICE, left)));
      if (got !== 0 || left <= SLICE) return got;
    }
  }

  #pollOnce(entries: Int32Array, count: number, milliseconds: number): number {
    if (count > POLL_MAX) return this.#pollMany(entries, count, milliseconds);
    return this.#poll(entries, count, milliseconds);
  }

  readonly #single = new Int32Array(ENTRY);

  /** Waits for one handle. */
  waitOne(handle: number, interest: number, milliseconds: number): boolean {
    const entry = this.#single;
    entry[0] = handle;
    entry[1] = handle < 0 ? -1 : 0;
    entry[2] = interest;
    entry[3] = 0;
    return this.poll(entry, 1, milliseconds) > 0;
  }

  /** Sleeps. */
  pause(milliseconds: number): void {
    this.poll(this.#single, 0, milliseconds);
  }

  /** The same with a poller of its own, for more than the driver looks at, or one that only has pollers. */
  #pollMany(entries: Int32Array, count: number, milliseconds: number): number {
    const { poller } = this.driver;
    if (poller === undefined) return -(this.driver.errors['EINVAL'] as number);
    const opened = poller.open();
    if (opened < 0) return opened;
    try {
      // A handle is registered once with all that is asked of it.
      const asked = new Map<number, number>();
      for (let at = 0; at < count; at++) {
        const handle = entries[ENTRY * at] as number;
        asked.set(handle, (asked.get(handle) ?? 0) | (entries[ENTRY * at + 2] as number));
      }
      for (const [handle, interest] of asked) {
        const result = poller.add(opened, handle, handle, interest);
        if (result < 0) return result;
      }
      const events = new Uint32Array(2 * Math.max(1, asked.size));
      const got = poller.wait(opened, events, milliseconds);
      if (got < 0) return got;
      const ready = new Map<number, number>();
      for (let at = 0; at < got; at++)
        ready.set(events[2 * at] as number, events[2 * at + 1] as number);
      let found = 0;
      for (let at = 0; at < count; at++) {
        const bits = ready.get(entries[ENTRY * at] as number) ?? 0;
        const mine = bits & ((entries[ENTRY * at + 2] as number) | ERROR | HANGUP);
        entries[ENTRY * at + 3] = mine;
        if (mine !== 0) found += 1;
      }
      return found;
    } finally {
      poller.close(opened);
    }
  }
}
