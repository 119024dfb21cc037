/** What comes and goes with each datagram of a batch: control messages of ip(7), ipv6(7) and socket(7), by columns. */
import { type BatchColumns, Column } from '@sock/core';
import { ADDRESS_SIZE, AddressMemory, Family } from './address.js';
import type { Ip, IpTable } from './ip.js';
import { errors } from './numbers.js';
import type { PacketHeader } from './packet.js';
import type { ReceivedHeader } from './sim-socket.js';

/** The bytes of an element of each column, in the order of the bits: `sock_columns_layout` of libsock. */
const SIZES: readonly (readonly [bit: number, size: number])[] = [
  [Column.DESTINATION, ADDRESS_SIZE],
  [Column.SOURCE, ADDRESS_SIZE],
  [Column.TIMESTAMP, 8],
  [Column.HARDWARE_TIMESTAMP, 8],
  [Column.TRANSMIT_TIME, 8],
  [Column.INTERFACE, 4],
  [Column.DROPS, 4],
  [Column.FILLED, 2],
  [Column.TOS, 1],
  [Column.ECN, 1],
  [Column.TTL, 1],
];

const ECN_BITS = 3;

/** Whether the memory of the columns has room for so many datagrams; that of a batch that was transferred has none. */
export function fitsColumns({ memory, wanted, capacity }: BatchColumns, count: number): boolean {
  let size = 0;
  for (const [bit, bytes] of SIZES) if ((wanted & bit) !== 0) size += bytes * capacity;
  return (wanted & Column.FILLED) !== 0 && capacity >= count && memory.length >= size;
}

/** The columns of one batch. Those that it was made without are `undefined`. */
export class SimColumns {
  readonly #ips: IpTable;
  readonly #destinations: AddressMemory | undefined;
  readonly #sources: AddressMemory | undefined;
  readonly #timestamps: BigUint64Array | undefined;
  readonly #hardwareTimestamps: BigUint64Array | undefined;
  readonly #interfaces: Uint32Array | undefined;
  readonly #drops: Uint32Array | undefined;
  readonly #filled: Uint16Array;
  readonly #tos: Uint8Array | undefined;
  readonly #ecn: Uint8Array | undefined;
  readonly #ttl: Uint8Array | undefined;

  /** @param columns for which {@link fitsColumns} holds */
  constructor(ips: IpTable, { memory, wanted, capacity }: BatchColumns) {
    this.#ips = ips;
    const { buffer } = memory;
    const starts = new Map<number, number>();
    let at = memory.byteOffset;
    for (const [bit, size] of SIZES) {
      if ((wanted & bit) === 0) continue;
      starts.set(bit, at);
      at += size * capacity;
    }
    const view = <T>(
      bit: number,
      View: new (buffer: ArrayBufferLike, offset: number, length: number) => T,
    ): T | undefined => {
      const start = starts.get(bit);
      return start === undefined ? undefined : new View(buffer, start, capacity);
    };
    const addresses = (bit: number): AddressMemory | undefined => {
      const start = starts.get(bit);
      return start === undefined
        ? undefined
        : new AddressMemory(ips, buffer, start, ADDRESS_SIZE * capacity);
    };
    this.#destinations = addresses(Column.DESTINATION);
    this.#sources = addresses(Column.SOURCE);
    this.#timestamps = view(Column.TIMESTAMP, BigUint64Array);
    this.#hardwareTimestamps = view(Column.HARDWARE_TIMESTAMP, BigUint64Array);
    this.#interfaces = view(Column.INTERFACE, Uint32Array);
    this.#drops = view(Column.DROPS, Uint32Array);
    this.#filled = view(Column.FILLED, Uint16Array) as Uint16Array;
    this.#tos = view(Column.TOS, Uint8Array);
    this.#ecn = view(Column.ECN, Uint8Array);
    this.#ttl = view(Column.TTL, Uint8Array);
  }

  /** Writes what is known of a received datagram. What its socket did not ask for is 0, and is not filled. */
  receive(index: number, { destination, six, ...header }: ReceivedHeader): void {
    let filled = 0;
    this.#destinations?.writeNone(index * ADDRESS_SIZE);
    if (destination !== undefined) {
      this.#destinations?.writeIp(destination, 0, six, index * ADDRESS_SIZE);
      filled |= Column.DESTINATION;
    }
    const { interfaceIndex, timestamp, drops, tos, ttl } = header;
    if (this.#interfaces !== undefined) this.#interfaces[index] = interfaceIndex ?? 0;
    if (interfaceIndex !== undefined) filled |= Column.INTERFACE;
    if (this.#timestamps !== undefined) this.#timestamps[index] = timestamp ?? 0n;
    if (timestamp !== undefined) filled |= Column.TIMESTAMP;
    if (this.#hardwareTimestamps !== undefined) this.#hardwareTimestamps[index] = 0n;
    if (this.#drops !== undefined) this.#drops[index] = drops ?? 0;
    if (drops !== undefined) filled |= Column.DROPS;
    if (this.#tos !== undefined) this.#tos[index] = tos ?? 0;
    if (this.#ecn !== undefined) this.#ecn[index] = (tos ?? 0) & ECN_BITS;
    if (tos !== undefined) filled |= Column.TOS | Column.ECN;
    if (this.#ttl !== undefined) this.#ttl[index] = ttl ?? 0;
    if (ttl !== undefined) filled |= Column.TTL;
    this.#filled[index] = filled;
  }

  /** How a datagram is to be sent, or a negative error number. */
  header(index: number): PacketHeader | number {
    const source = this.#sourceOf(index);
    if (typeof source === 'number') return source;
    const ttl = this.#ttl?.[index];
    return {
      source: source?.ip,
      interfaceIndex: this.#interfaces?.[index] || source?.scopeId || undefined,
      tos: this.#tosOf(index),
      ttl: ttl === 0 ? undefined : ttl,
    };
  }

  #sourceOf(index: number): { ip: Ip; scopeId: number } | undefined | number {
    const address = this.#sources?.read(index * ADDRESS_SIZE);
    if (address === undefined || address.family === Family.UNSPEC) return undefined;
    const { ip, scopeId } = address;
    if (ip === undefined) return -errors.EINVAL;
    return { ip: ip.family === 6 ? (this.#ips.unmapped(ip) ?? ip) : ip, scopeId };
  }

  #tosOf(index: number): number | undefined {
    if (this.#tos === undefined && this.#ecn === undefined) return undefined;
    const tos = this.#tos?.[index] ?? 0;
    const ecn = this.#ecn?.[index];
    return ecn === undefined ? tos : (tos & ~ECN_BITS) | (ecn & ECN_BITS);
  }
}
