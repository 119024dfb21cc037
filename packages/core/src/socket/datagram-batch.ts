import { SockAddr } from '../address.js';
import { isInstance, shareInstances } from '../instances.js';
import { checkBytes } from './buffer.js';
import type { BatchArrays } from '../driver.js';
import { checkInteger, invalidType, outOfRange } from '../errors.js';
import { Memory } from '../driver/memory.js';

const ADDRESS_SIZE = 128;
const DATAGRAM_MAX = 65536;

/** The arguments of {@link DatagramBatch}. */
export interface DatagramBatchInit {
  /** The number of datagrams that the batch has room for. */
  readonly count: number;
  /** The most bytes of one datagram; 65536 to receive coalesced ones (`setUdpGro`). */
  readonly size: number;
  /** Whether the batch has addresses. Without them, only a connected socket can send it. Default `true`. */
  readonly addresses?: boolean;
}

/**
 * Room for many datagrams in one arena, made once and used again and again: what
 * {@link Socket.recvBatch} fills and {@link Socket.sendBatch} sends, with no allocation.
 *
 * Datagram `i` is at `data[i * size]`, `lengths[i]` bytes long.
 */
export class DatagramBatch implements BatchArrays {
  /** The number of datagrams that the batch has room for. */
  readonly capacity: number;
  /** Bytes of room for each. */
  readonly size: number;
  /** The arena. */
  readonly data: Uint8Array;
  /** Bytes of each datagram. */
  readonly lengths: Uint32Array;
  /** `MSG_...` flags of each received datagram: `MSG.TRUNC` when it was longer than its room. */
  readonly flags: Int32Array;
  /**
   * Received: the size of the datagrams that the system joined into this one (UDP_GRO), 0 for none.
   * To send: the size to cut this one into (UDP_SEGMENT), 0 to send it whole.
   */
  readonly segments: Uint32Array;
  /** The addresses in the driver's form (`struct sock_address`), or `undefined` without them. */
  readonly addresses: Uint8Array | undefined;
  readonly #memory: Memory | undefined;
  #length = 0;

  /**
   * Refuses an object that only looks like a batch.
   * @throws `ERR_INVALID_ARG_TYPE`
   * @internal
   */
  static check(batch: DatagramBatch): void {
    if (typeof batch === 'object' && batch !== null) {
      if (#length in batch) return;
      // A batch of another copy of this module.
      const Other = (batch as { constructor?: typeof DatagramBatch }).constructor;
      if (isInstance(batch, 'DatagramBatch') && Other !== DatagramBatch) {
        if (Other?.prototype !== batch && typeof Other?.check === 'function') {
          Other.check(batch);
          return;
        }
      }
    }
    throw invalidType('batch', 'an instance of DatagramBatch', batch);
  }

  /** @throws `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_TYPE` */
  constructor(init: DatagramBatchInit) {
    if (typeof init !== 'object' || init === null) {
      throw invalidType('init', 'of type object', init);
    }
    const { count, size, addresses = true } = init;
    this.capacity = checkInteger('count', count, 1, 65536);
    this.size = checkInteger('size', size, 1, DATAGRAM_MAX);
    this.data = new Uint8Array(count * size);
    this.lengths = new Uint32Array(count);
    this.flags = new Int32Array(count);
    this.segments = new Uint32Array(count);
    if (addresses) {
      const buffer = new ArrayBuffer(count * ADDRESS_SIZE);
      this.addresses = new Uint8Array(buffer);
      this.#memory = new Memory(buffer);
    }
    // The system writes to the memory that these fields name, so nobody may replace them by getters.
    for (const name of Object.keys(this)) {
      Object.defineProperty(this, name, { writable: false, configurable: false });
    }
  }

  /** The number of datagrams in the batch. */
  get length(): number {
    return this.#length;
  }

  set length(length: number) {
    this.#length = checkInteger('length', length, 0, this.capacity);
  }

  /**
   * The bytes of datagram `index`: a view of its slot of the arena. With `MSG.TRUNC` among the flags of
   * the call, `lengths[index]` may say that the datagram was longer; the view ends with the slot.
   */
  bytes(index: number): Uint8Array {
    const start = this.#check(index) * this.size;
    const length = Math.min(this.lengths[index] as number, this.size);
    return this.data.subarray(start, start + length);
  }

  /** The address of datagram `index`: its sender, or its receiver. */
  address(index: number): SockAddr {
    return SockAddr.read(this.#addresses(), this.#check(index) * ADDRESS_SIZE);
  }

  /** Adds a datagram to be sent, which is copied into the arena. @throws `ERR_OUT_OF_RANGE` when it has no room */
  push(bytes: Uint8Array, address?: SockAddr, segment = 0): void {
    checkBytes('bytes', bytes);
    if (bytes.length > this.size) throw outOfRange('bytes.length', `<= ${this.size}`, bytes.length);
    const index = this.#length;
    if (index === this.capacity) throw outOfRange('length', `< ${this.capacity}`, index);
    if (this.#memory !== undefined || address !== undefined) {
      SockAddr.write(this.#addresses(), address as SockAddr, index * ADDRESS_SIZE);
    }
    this.segments[index] = checkInteger('segment', segment, 0, 65535);
    this.data.set(bytes, index * this.size);
    this.lengths[index] = bytes.length;
    this.#length = index + 1;
  }

  #addresses(): Memory {
    if (this.#memory === undefined) {
      throw invalidType('addresses', 'true for this batch to have addresses', undefined);
    }
    return this.#memory;
  }

  #check(index: number): number {
    return checkInteger('index', index, 0, this.capacity - 1);
  }
}

shareInstances(DatagramBatch, 'DatagramBatch');
