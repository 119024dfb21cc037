/**
 * The columns of a {@link DatagramBatch}: what the kernel knows of each datagram, or is to do with it. They are
 * views of one piece of memory, which crosses to the driver as a whole.
 */
import { Domain } from '../constants.js';
import { type BatchColumns, Column } from '../driver.js';
import type { DriverContext } from '../driver/context.js';
import { supportOf } from '../driver/support.js';
import { invalidType, invalidValue } from '../errors.js';
import type { SocketOptions } from '../options/options.generated.js';
import type { OptionName } from '../options.js';
import { Timestamping } from '../message/timestamping.js';

const ADDRESS_SIZE = 128;

/** The name of a column. */
export type ColumnName =
  | 'ecn'
  | 'tos'
  | 'destination'
  | 'interface'
  | 'ttl'
  | 'timestamp'
  | 'hardwareTimestamp'
  | 'drops'
  | 'source'
  | 'transmitTime';

/** The bits and the bytes of an element, in the order of the bits. */
const columns: readonly (readonly [name: ColumnName | undefined, bit: number, size: number])[] = [
  ['destination', Column.DESTINATION, ADDRESS_SIZE],
  ['source', Column.SOURCE, ADDRESS_SIZE],
  ['timestamp', Column.TIMESTAMP, 8],
  ['hardwareTimestamp', Column.HARDWARE_TIMESTAMP, 8],
  ['transmitTime', Column.TRANSMIT_TIME, 8],
  ['interface', Column.INTERFACE, 4],
  ['drops', Column.DROPS, 4],
  [undefined, Column.FILLED, 2],
  ['tos', Column.TOS, 1],
  ['ecn', Column.ECN, 1],
  ['ttl', Column.TTL, 1],
];

const bits = new Map(columns.flatMap(([name, bit]) => (name === undefined ? [] : [[name, bit]])));

/** The bit of a column. @throws `ERR_INVALID_ARG_VALUE` */
export function columnBit(argument: string, name: unknown): number {
  const bit = bits.get(name as ColumnName);
  if (bit !== undefined) return bit;
  throw invalidValue(argument, `must be one of ${[...bits.keys()].join(', ')}`, name);
}

/** The memory of some columns. */
export class ColumnMemory implements BatchColumns {
  readonly memory: Uint8Array;
  readonly wanted: number;
  readonly capacity: number;
  readonly names: readonly ColumnName[];
  /** The context whose backend supports all of them. */
  #supported: DriverContext | undefined;

  constructor(names: unknown, capacity: number, whole: boolean) {
    if (!Array.isArray(names)) throw invalidType('columns', 'an array of names', names);
    let wanted: number = Column.FILLED | (whole ? Column.WHOLE : 0);
    names.forEach((name, index) => {
      wanted |= columnBit(`columns[${index}]`, name);
    });
    this.wanted = wanted;
    this.capacity = capacity;
    this.names = [...new Set(names as ColumnName[])];
    let size = 0;
    for (const [, bit, bytes] of columns) if (wanted & bit) size += bytes * capacity;
    // Rounded up, so that views with any size of element fit.
    this.memory = new Uint8Array(new ArrayBuffer(Math.ceil(size / 8) * 8));
    Object.freeze(this.names);
    Object.freeze(this);
  }

  /** The byte at which a column starts; `undefined` if it was not asked for. */
  start(wanted: number): number | undefined {
    if ((this.wanted & wanted) === 0) return undefined;
    let at = 0;
    for (const [, bit, bytes] of columns) {
      if (bit === wanted) break;
      if (this.wanted & bit) at += bytes * this.capacity;
    }
    return at;
  }

  view<T>(
    bit: number,
    View: new (buffer: ArrayBufferLike, offset: number, length: number) => T,
  ): T | undefined {
    const start = this.start(bit);
    return start === undefined ? undefined : new View(this.memory.buffer, start, this.capacity);
  }

  /** Moves the elements from `first` to `end` of every column to the front. */
  moveToFront(first: number, end: number): void {
    let start = 0;
    for (const [, bit, bytes] of columns) {
      if ((this.wanted & bit) === 0) continue;
      this.memory.copyWithin(start, start + first * bytes, start + end * bytes);
      start += bytes * this.capacity;
    }
  }

  /** @throws {SockError} `ERR_SOCK_UNSUPPORTED` for a column that the backend does not support */
  checkSupport(context: DriverContext, syscall: string): void {
    if (this.#supported === context) return;
    for (const name of this.names) {
      const operation = `DatagramBatch.${name}`;
      if (supportOf(context.driver, operation).level === 'unsupported') {
        throw context.unsupported(operation, syscall, `the column '${name}'`);
      }
    }
    this.#supported = context;
  }
}

/** A socket as far as its options go. */
type Configurable = SocketOptions & { readonly context: DriverContext };

/**
 * Turns on the options without which the system does not fill a column.
 * @returns the options that were set
 */
export function enableColumns(socket: Configurable, names: readonly ColumnName[]): OptionName[] {
  const { driver } = socket.context;
  const set: OptionName[] = [];
  const domain = socket.domain();
  const ipv6 = domain === Domain.IPV6;
  // A dual-stack socket also receives IPv4 packets, whose options are those of IPv4.
  const ipv4 = !ipv6 || !socket.onlyV6();
  const wants = (...some: ColumnName[]): boolean => some.some((name) => names.includes(name));
  if (wants('destination', 'interface')) {
    if (ipv6) {
      socket.setRecvPktinfoV6(true);
      set.push('recvPktinfoV6');
    } else {
      socket.setPktinfoV4(true);
      set.push('pktinfoV4');
    }
  }
  if (wants('ecn', 'tos')) {
    if (ipv6) {
      socket.setRecvTclassV6(true);
      set.push('recvTclassV6');
    }
    if (ipv4) {
      socket.setRecvTosV4(true);
      set.push('recvTosV4');
    }
  }
  if (wants('ttl')) {
    if (ipv6) {
      socket.setRecvHoplimitV6(true);
      set.push('recvHoplimitV6');
    }
    if (ipv4) {
      socket.setRecvTtlV4(true);
      set.push('recvTtlV4');
    }
  }
  if (wants('timestamp')) {
    if (driver.system === 'linux') {
      socket.setTimestampns(true);
      set.push('timestampns');
    } else {
      socket.setTimestamp(true);
      set.push('timestamp');
    }
  }
  if (wants('hardwareTimestamp')) {
    const { RX_HARDWARE, RAW_HARDWARE } = Timestamping;
    socket.setTimestamping(socket.timestamping() | RX_HARDWARE | RAW_HARDWARE);
    set.push('timestamping');
  }
  if (wants('drops')) {
    socket.setRxqOvfl(true);
    set.push('rxqOvfl');
  }
  if (wants('transmitTime')) {
    socket.setTxtime({ clock: 'monotonic' });
    set.push('txtime');
  }
  return set;
}
