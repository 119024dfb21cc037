/** What `rinfo` says of a datagram beside its sender, where a program asks for it: the columns of a DatagramBatch. */
import type dgram from 'node:dgram';
import {
  type ColumnName,
  DatagramBatch,
  type Driver,
  type SockAddr,
  type Socket,
  supportOf,
} from '@sock/core';
import { invalidArgument, nodeError } from '../node-errors.js';
import type { DatagramSocket } from '../multicast/join-all.js';
import { driverOf, interfaceName, toNodeAddress } from '../node-address.js';
import { DATAGRAM_ROOM } from './whole-message.js';

/** The fields that `rinfo` may have, each with the column of a DatagramBatch that it comes from. */
const COLUMNS = {
  localAddress: 'destination',
  interface: 'interface',
  ecn: 'ecn',
  tos: 'tos',
  ttl: 'ttl',
  timestamp: 'timestamp',
  hardwareTimestamp: 'hardwareTimestamp',
  drops: 'drops',
} as const satisfies Record<RinfoField, ColumnName>;

/** A field that `rinfo` has where `options.rinfo` names it. */
export type RinfoField = keyof RinfoFields;

/** The fields of {@link RinfoField}. One that the system did not give for a datagram is `undefined`. */
export interface RinfoFields {
  /**
   * The address that the datagram was sent to, from its header; of a datagram to a group or a broadcast address,
   * that one. In the form of `rinfo.address`: IPv4-mapped on a dual-stack socket, with a zone if it is link-local.
   * IP_PKTINFO, IPV6_PKTINFO
   */
  readonly localAddress: string | undefined;
  /** The network interface that received it. */
  readonly interface: RinfoInterface | undefined;
  /** The two bits of explicit congestion notification: RFC 3168. IP_TOS, IPV6_TCLASS */
  readonly ecn: number | undefined;
  /** The whole type of service or traffic class. IP_TOS, IPV6_TCLASS */
  readonly tos: number | undefined;
  /** The time to live or hop limit that was left. IP_TTL, IPV6_HOPLIMIT */
  readonly ttl: number | undefined;
  /** When the kernel received it, in nanoseconds since 1970. SO_TIMESTAMPNS */
  readonly timestamp: bigint | undefined;
  /** When the device received it, in nanoseconds of the device's clock. SO_TIMESTAMPING */
  readonly hardwareTimestamp: bigint | undefined;
  /** How many datagrams the socket had lost to a full buffer by then. Linux gives it after the first loss. SO_RXQ_OVFL */
  readonly drops: number | undefined;
}

/** The network interface of a datagram. */
export interface RinfoInterface {
  readonly index: number;
  /** As it was at most a second ago; `''` if the interface is gone. */
  readonly name: string;
}

/** Node's `rinfo` with the fields that `options.rinfo` names. */
export type RinfoWith<Field extends RinfoField> = dgram.RemoteInfo & Pick<RinfoFields, Field>;

type Listener<Field extends RinfoField> = (message: Buffer, rinfo: RinfoWith<Field>) => void;

/** The calls of a `dgram.Socket` that take a listener of `message`, whose `rinfo` has more fields. */
interface MessageListeners<Field extends RinfoField> {
  on(event: 'message', listener: Listener<Field>): this;
  once(event: 'message', listener: Listener<Field>): this;
  off(event: 'message', listener: Listener<Field>): this;
  addListener(event: 'message', listener: Listener<Field>): this;
  removeListener(event: 'message', listener: Listener<Field>): this;
  prependListener(event: 'message', listener: Listener<Field>): this;
  prependOnceListener(event: 'message', listener: Listener<Field>): this;
}

/** A `dgram.Socket` whose `rinfo` has the fields that `options.rinfo` names. */
export type SocketWithRinfo<Field extends RinfoField> = MessageListeners<Field> & DatagramSocket;

/** The option of the calls that make a `dgram.Socket`. */
export interface RinfoOption<Field extends RinfoField = RinfoField> {
  /**
   * What the `rinfo` of the event `message` says beside node's fields. Each field costs the system a control
   * message for every datagram. Default: none, which costs nothing.
   */
  readonly rinfo?: readonly Field[] | undefined;
}

/** Checks `options.rinfo`. @returns `undefined` if it asks for nothing */
export function rinfoFields(names: unknown): readonly RinfoField[] | undefined {
  if (names === undefined) return undefined;
  if (!Array.isArray(names)) {
    throw invalidArgument(
      'ERR_INVALID_ARG_TYPE',
      `The "options.rinfo" property must be an array of names. Received ${typeof names}`,
    );
  }
  // Not `forEach`, which skips holes.
  for (let index = 0; index < names.length; index += 1) {
    const name: unknown = names[index];
    if (typeof name === 'string' && Object.hasOwn(COLUMNS, name)) continue;
    const known = Object.keys(COLUMNS).join(', ');
    throw invalidArgument(
      'ERR_INVALID_ARG_VALUE',
      `The property 'options.rinfo[${index}]' must be one of ${known}. Received ${String(name)}`,
    );
  }
  return names.length === 0 ? undefined : [...new Set(names as RinfoField[])];
}

/** Throws if a backend lacks a field. @throws {Error} `ERR_SOCK_UNSUPPORTED` */
export function checkRinfoSupport(fields: readonly RinfoField[], driver: Driver): void {
  for (const field of fields) {
    const { level, reason } = supportOf(driver, `DatagramBatch.${COLUMNS[field]}`);
    if (level !== 'unsupported') continue;
    throw nodeError(
      'ERR_SOCK_UNSUPPORTED',
      `options.rinfo: '${field}' is not supported by @sock/${driver.name}: ${reason}`,
    );
  }
}

/** Datagrams of one system call. */
const COUNT = 16;
/** How long the name of an interface is good for, in milliseconds. */
const NAME_LASTS = 1000;

/** A datagram that {@link RinfoColumns} has received. */
interface ReceivedDatagram {
  readonly bytes: Buffer;
  readonly from: SockAddr;
  /** Its place in the batch. */
  readonly index: number;
}

/** Receives datagrams with the columns that the fields of `rinfo` need, many in one call. */
export class RinfoColumns {
  readonly #fields: readonly RinfoField[];
  readonly #batch: DatagramBatch;
  readonly #names = new Map<number, { readonly name: string; readonly until: number }>();
  /** The next datagram of the batch, and where its next part begins: UDP_GRO joins datagrams. */
  #next = 0;
  #start = 0;

  constructor(fields: readonly RinfoField[]) {
    this.#fields = fields;
    this.#batch = new DatagramBatch({
      count: COUNT,
      size: DATAGRAM_ROOM,
      columns: fields.map((field) => COLUMNS[field]),
    });
  }

  /** Turns on the socket options without which the system does not give the fields. */
  enable(socket: Socket): void {
    checkRinfoSupport(this.#fields, driverOf(socket));
    this.#batch.enable(socket);
  }

  /** Whether it has received datagrams that were not taken yet. */
  get hasMore(): boolean {
    return this.#next < this.#batch.length;
  }

  /**
   * The next datagram, in a buffer of its own.
   * @param first whether nobody has looked since the socket was readable
   * @returns `undefined` if none is there
   * @throws {SockError} as `tryRecvBatch`
   */
  take(socket: Socket, first: boolean): ReceivedDatagram | undefined {
    const batch = this.#batch;
    if (!this.hasMore) {
      // A batch that was not full was all that the system had.
      if (!first && batch.length < batch.capacity) return undefined;
      this.#next = 0;
      this.#start = 0;
      batch.length = 0;
      if (socket.tryRecvBatch(batch) === undefined) return undefined;
    }
    const index = this.#next;
    const bytes = batch.bytes(index);
    const end = this.#start + (batch.segments[index] || bytes.length);
    const part = Buffer.from(bytes.subarray(this.#start, end));
    this.#start = end;
    if (end >= bytes.length) {
      this.#next += 1;
      this.#start = 0;
    }
    return { bytes: part, from: batch.address(index), index };
  }

  /** Adds the fields of a datagram of the batch to its `rinfo`. */
  addTo(rinfo: object, index: number, driver: Driver): void {
    for (const field of this.#fields) {
      const value = this.#batch.has(index, COLUMNS[field])
        ? this.#valueOf(field, index, driver)
        : undefined;
      (rinfo as Record<RinfoField, unknown>)[field] = value;
    }
  }

  #valueOf(field: RinfoField, index: number, driver: Driver): RinfoFields[RinfoField] {
    const batch = this.#batch;
    switch (field) {
      case 'localAddress': {
        const address = batch.destination(index);
        return address && toNodeAddress(address, driver).address;
      }
      case 'interface': {
        const number = batch.interfaces?.[index] ?? 0;
        // 0 is no interface: the socket received the datagram before the option was on.
        return number === 0 ? undefined : { index: number, name: this.#nameOf(number, driver) };
      }
      case 'timestamp':
        return batch.timestamps?.[index];
      case 'hardwareTimestamp':
        return batch.hardwareTimestamps?.[index];
      default:
        return batch[field]?.[index];
    }
  }

  #nameOf(index: number, driver: Driver): string {
    const now = performance.now();
    const known = this.#names.get(index);
    if (known !== undefined && known.until > now) return known.name;
    let name = '';
    try {
      name = interfaceName(index, driver);
    } catch {
      // The interface has gone since, or the backend has no names.
    }
    this.#names.set(index, { name, until: now + NAME_LASTS });
    return name;
  }
}
