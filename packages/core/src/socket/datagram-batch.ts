import { SockAddr } from '../address.js';
import { LITTLE_ENDIAN } from '../address/byte-order.js';
import { isInstance, shareInstances } from '../instances.js';
import { checkBytes } from './buffer.js';
import { type BatchArrays, type BatchColumns, Column } from '../driver.js';
import type { DriverContext } from '../driver/context.js';
import { checkBoolean, checkInteger, invalidType, invalidValue, outOfRange } from '../errors.js';
import { Memory } from '../driver/memory.js';
import type { OptionName } from '../options.js';
import { columnBit, ColumnMemory, type ColumnName, enableColumns } from './batch-columns.js';
import type { SocketHandle } from './socket-handle.js';

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
  /**
   * What the system says of each received datagram, and what it does with each that is sent. Only the
   * columns that are named here cost anything. Default: none.
   */
  readonly columns?: readonly ColumnName[];
  /**
   * Whether a datagram with a segment size is sent in pieces, one call for each, where the system refuses to
   * cut it. With `false` the refusal is the error of `sendBatch`. Default `true`.
   */
  readonly fallback?: boolean;
}

/**
 * Room for many datagrams in one arena, made once and used again and again: what
 * {@link Socket.recvBatch} fills and {@link Socket.sendBatch} sends, with no allocation.
 *
 * Datagram `i` is at `data[i * size]`, `lengths[i]` bytes long.
 *
 * A batch may have columns: typed arrays, one element for each datagram, of what the system knows of it. The
 * same call fills them. {@link enable} turns on the options that they need. A column that was not asked for is
 * `undefined`.
 *
 * @see recvmmsg(2), cmsg(3), ip(7), ipv6(7)
 * @example
 * const batch = new DatagramBatch({ count: 64, size: 1500, columns: ['ecn', 'destination', 'timestamp'] });
 * batch.enable(socket);
 * const count = socket.recvBatch(batch);
 * for (let i = 0; i < count; i++) console.log(batch.destination(i), batch.ecn?.[i], batch.timestamps?.[i]);
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
  /** The columns in the driver's form, or `undefined` without them. */
  readonly columns: BatchColumns | undefined;
  /**
   * Column `ecn`: the two bits of explicit congestion notification of each datagram: RFC 3168. To send, they
   * replace those of the socket's own option. Without the column `tos` the other bits are then sent as 0.
   */
  declare readonly ecn: Uint8Array | undefined;
  /** Column `tos`: the whole type of service or traffic class. To send: each datagram's, 0 included. */
  declare readonly tos: Uint8Array | undefined;
  /** Column `ttl`: the time to live or hop limit. To send: 0 means the socket's own. */
  declare readonly ttl: Uint8Array | undefined;
  /** Column `interface`: the index of the interface that received it. To send: the interface, 0 for any. */
  declare readonly interfaces: Uint32Array | undefined;
  /** Column `timestamp`: when the kernel received it, in nanoseconds since 1970. */
  declare readonly timestamps: BigUint64Array | undefined;
  /** Column `hardwareTimestamp`: when the device received it, by the device's clock, in nanoseconds. */
  declare readonly hardwareTimestamps: BigUint64Array | undefined;
  /**
   * Column `drops`: how many datagrams the socket had lost to a full buffer by then: SO_RXQ_OVFL. With UDP_GRO it
   * counts datagrams that the system joined as one.
   */
  declare readonly drops: Uint32Array | undefined;
  /**
   * Column `transmitTime`, to send: when each datagram is to leave, in nanoseconds of the monotonic clock, 0 for
   * at once. It needs a queueing discipline that honours it: tc-etf(8), tc-fq(8). SO_TXTIME
   */
  declare readonly transmitTimes: BigUint64Array | undefined;
  readonly #filled: Uint16Array | undefined;
  readonly #columns: ColumnMemory | undefined;
  /** The memory of the columns, where addresses are. */
  readonly #columnMemory: Memory | undefined;
  /** `timestamps` by halves. */
  readonly #timeWords: Uint32Array | undefined;
  readonly #destinationAt: number | undefined;
  readonly #sourceAt: number | undefined;
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

  /**
   * Throws if the backend does not support a column of a batch.
   * @throws {SockError} `ERR_SOCK_UNSUPPORTED`
   * @internal
   */
  static checkColumns(batch: DatagramBatch, context: DriverContext, syscall: string): void {
    (batch.columns as ColumnMemory | undefined)?.checkSupport(context, syscall);
  }

  /** @throws `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` */
  constructor(init: DatagramBatchInit) {
    if (typeof init !== 'object' || init === null) {
      throw invalidType('init', 'of type object', init);
    }
    const { count, size, addresses = true, columns = [], fallback = true } = init;
    checkBoolean('fallback', fallback);
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
    const memory = new ColumnMemory(columns, this.capacity, !fallback);
    if (memory.names.length > 0 || !fallback) {
      this.columns = memory;
      this.#columns = memory;
      this.#columnMemory = new Memory(memory.memory.buffer as ArrayBuffer);
      const times = memory.view(Column.TIMESTAMP, BigUint64Array);
      if (times !== undefined) {
        this.#timeWords = new Uint32Array(times.buffer, times.byteOffset, 2 * times.length);
      }
      this.#destinationAt = memory.start(Column.DESTINATION);
      this.#sourceAt = memory.start(Column.SOURCE);
      this.#filled = memory.view(Column.FILLED, Uint16Array);
      // Without columns the fields stay undeclared: a batch then has the shape that it always had.
      Object.assign(this, {
        ecn: memory.view(Column.ECN, Uint8Array),
        tos: memory.view(Column.TOS, Uint8Array),
        ttl: memory.view(Column.TTL, Uint8Array),
        interfaces: memory.view(Column.INTERFACE, Uint32Array),
        drops: memory.view(Column.DROPS, Uint32Array),
        timestamps: times,
        hardwareTimestamps: memory.view(Column.HARDWARE_TIMESTAMP, BigUint64Array),
        transmitTimes: memory.view(Column.TRANSMIT_TIME, BigUint64Array),
      });
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

  /**
   * The address that datagram `index` was sent to, from its header. Its port is 0, as the system does not say it:
   * it is the socket's own. An IPv4 datagram that a dual-stack socket received has an IPv4-mapped address
   * (`::ffff:192.0.2.1`), as {@link address} has.
   * @returns `undefined` if the system did not say it
   * @throws `ERR_INVALID_ARG_VALUE` for a batch without the column `destination`
   */
  destination(index: number): SockAddr | undefined {
    return this.#addressOf('destination', this.#destinationAt, index);
  }

  /** Whether the batch has the column `source`. */
  get hasSource(): boolean {
    return this.#sourceAt !== undefined;
  }

  /** The address that datagram `index` is sent from, as {@link setSource} set it. */
  source(index: number): SockAddr | undefined {
    return this.#addressOf('source', this.#sourceAt, index);
  }

  /**
   * Sets the address that datagram `index` is sent from: IP_PKTINFO, IPV6_PKTINFO. It has to be one of the
   * system's own. Its port is ignored.
   * @param address `undefined`: the system chooses, which is the default
   * @throws `ERR_INVALID_ARG_VALUE` for a batch without the column `source`
   * @example
   * // Answers from the address that the question came to.
   * batch.setSource(i, batch.destination(i));
   */
  setSource(index: number, address: SockAddr | undefined): void {
    const place = this.#place('source', this.#sourceAt, index);
    if (address === undefined) (this.#columnMemory as Memory).u16[place >> 1] = 0;
    else SockAddr.write(this.#columnMemory as Memory, address, place);
  }

  /**
   * The element of `timestamps` as a number: when the kernel received datagram `index`, in milliseconds since 1970,
   * to a quarter of a microsecond. Reading it makes no BigInt.
   * @returns 0 if the system did not say it
   * @throws `ERR_INVALID_ARG_VALUE` for a batch without the column `timestamp`
   */
  receivedAt(index: number): number {
    this.#check(index);
    const words = this.#timeWords;
    if (words === undefined) {
      throw invalidValue('columns', "must have 'timestamp' for this", this.#columns?.names ?? []);
    }
    const low = words[2 * index + (LITTLE_ENDIAN ? 0 : 1)] as number;
    const high = words[2 * index + (LITTLE_ENDIAN ? 1 : 0)] as number;
    // 2^32 nanoseconds and the rest, each exact as a number of milliseconds as far as it matters.
    return high * 4294.967296 + low / 1e6;
  }

  /**
   * Whether the system gave a column of received datagram `index`: 0 is also a value.
   * @throws `ERR_INVALID_ARG_VALUE` for a column that the batch does not have
   */
  has(index: number, column: ColumnName): boolean {
    this.#check(index);
    const bit = columnBit('column', column);
    if (this.#columns === undefined || (this.#columns.wanted & bit) === 0) {
      throw invalidValue('column', 'must be a column of this batch', column);
    }
    return (((this.#filled as Uint16Array)[index] as number) & bit) !== 0;
  }

  /**
   * Turns on the socket options without which the system does not fill the columns of this batch: for IPv4, for
   * IPv6, and for both on a dual-stack socket. One system call for each option. `source` needs none.
   * @returns the names of the options that it set
   * @throws {SockError} `ERR_SOCK_UNSUPPORTED` for a column that the backend does not support
   * @see ip(7), ipv6(7), socket(7)
   * @example
   * batch.enable(socket); // ['pktinfoV4', 'recvTosV4']
   */
  enable(socket: SocketHandle): OptionName[] {
    if (!isInstance(socket, 'Socket')) throw invalidType('socket', 'a Socket', socket);
    this.#columns?.checkSupport(socket.context, 'setsockopt');
    return enableColumns(socket as Parameters<typeof enableColumns>[0], this.#columns?.names ?? []);
  }

  /** The place of an address in the memory of the columns. */
  #place(name: ColumnName, start: number | undefined, index: number): number {
    this.#check(index);
    if (start !== undefined) return start + index * ADDRESS_SIZE;
    throw invalidValue('columns', `must have '${name}' for this`, this.#columns?.names ?? []);
  }

  #addressOf(name: ColumnName, start: number | undefined, index: number): SockAddr | undefined {
    const place = this.#place(name, start, index);
    const memory = this.#columnMemory as Memory;
    return memory.u16[place >> 1] === 0 ? undefined : SockAddr.read(memory, place);
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
    // What an earlier round received or sent in this slot must not go with the new datagram.
    if (this.#columns !== undefined) this.#clear(index);
    this.data.set(bytes, index * this.size);
    this.lengths[index] = bytes.length;
    this.#length = index + 1;
  }

  /**
   * Removes the first datagrams and moves the others to the front: what is left after `sendBatch` sent some.
   * @param count 0 to `length`
   * @throws `ERR_OUT_OF_RANGE`
   * @example
   * batch.drop(socket.sendBatch(batch));
   */
  drop(count: number): void {
    checkInteger('count', count, 0, this.#length);
    const end = this.#length;
    this.#length -= count;
    if (count === 0 || count === end) return;
    this.data.copyWithin(0, count * this.size, end * this.size);
    this.lengths.copyWithin(0, count, end);
    this.flags.copyWithin(0, count, end);
    this.segments.copyWithin(0, count, end);
    this.addresses?.copyWithin(0, count * ADDRESS_SIZE, end * ADDRESS_SIZE);
    this.#columns?.moveToFront(count, end);
  }

  #clear(index: number): void {
    if (this.ecn !== undefined) this.ecn[index] = 0;
    if (this.tos !== undefined) this.tos[index] = 0;
    if (this.ttl !== undefined) this.ttl[index] = 0;
    if (this.interfaces !== undefined) this.interfaces[index] = 0;
    if (this.transmitTimes !== undefined) this.transmitTimes[index] = 0n;
    if (this.#sourceAt === undefined) return;
    (this.#columnMemory as Memory).u16[(this.#sourceAt + index * ADDRESS_SIZE) >> 1] = 0;
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
