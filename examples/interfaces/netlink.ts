/** Messages of netlink(7): a header, then a structure that depends on the type, then attributes. */
import { endianness } from 'node:os';

const LITTLE = endianness() === 'LE';
const HEADER = 16;

// linux/netlink.h
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST = 0x1;
const NLM_F_DUMP = 0x300;

export interface Message {
  readonly type: number;
  readonly sequence: number;
  /** The bytes after the header. */
  readonly payload: Payload;
}

/** A request for all entries of a type, of every address family: `struct rtgenmsg`. */
export function dumpRequest(type: number, sequence: number): Uint8Array {
  const bytes = new Uint8Array(HEADER + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, LITTLE);
  view.setUint16(4, type, LITTLE);
  view.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, LITTLE);
  view.setUint32(8, sequence, LITTLE);
  return bytes;
}

/** The messages of one datagram. A length that does not fit ends the iteration. */
export function* messages(datagram: Uint8Array): Generator<Message> {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  for (let at = 0; at + HEADER <= datagram.length;) {
    const length = view.getUint32(at, LITTLE);
    if (length < HEADER || length > datagram.length - at) return;
    yield {
      type: view.getUint16(at + 4, LITTLE),
      sequence: view.getUint32(at + 8, LITTLE),
      payload: new Payload(datagram.subarray(at + HEADER, at + length)),
    };
    at += align(length);
  }
}

/** Whether a message is the last of a dump. Throws if the message reports that the dump failed. */
export function isLast({ type, payload }: Message): boolean {
  // `struct nlmsgerr` and NLMSG_DONE both begin with a negative errno, or with 0.
  const failed = type === NLMSG_ERROR || (type === NLMSG_DONE && payload.length >= 4);
  const errno = failed ? payload.i32(0) : 0;
  if (errno < 0) throw new Error(`the kernel refused the request: errno ${-errno}`);
  return type === NLMSG_ERROR || type === NLMSG_DONE;
}

/** Bytes in the processor's byte order. */
export class Payload {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.#bytes.length;
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  i32(at: number): number {
    return this.#view.getInt32(at, LITTLE);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, LITTLE);
  }

  /** The `struct rtattr`s that start at an offset, by type. */
  attributes(offset: number): ReadonlyMap<number, Uint8Array> {
    const found = new Map<number, Uint8Array>();
    for (let at = offset; at + 4 <= this.length;) {
      const length = this.#view.getUint16(at, LITTLE);
      if (length < 4 || length > this.length - at) break;
      // Two bits of the type are flags.
      found.set(
        this.#view.getUint16(at + 2, LITTLE) & 0x3fff,
        this.#bytes.slice(at + 4, at + length),
      );
      at += align(length);
    }
    return found;
  }
}

function align(length: number): number {
  return (length + 3) & ~3;
}
