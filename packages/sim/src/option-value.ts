/** Option values as they cross in a driver's memory: `struct sock_value`. */
import { Layout } from '@sock/core';
import type { Ip, IpTable } from './ip.js';

/** A number, bytes, or both. */
export interface Value {
  number: number;
  bytes: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

/** The value in a driver's memory. */
export class ValueMemory {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(memory: ArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
  }

  read(): Value {
    const length = Math.min(this.#view.getUint32(Layout.valueLength, true), Layout.valueBytesSize);
    return {
      number: this.#view.getFloat64(Layout.valueNumber, true),
      bytes: this.#bytes.slice(Layout.valueBytes, Layout.valueBytes + length),
    };
  }

  write({ number, bytes }: Value): void {
    this.#view.setFloat64(Layout.valueNumber, number, true);
    this.#view.setUint32(Layout.valueLength, bytes.length, true);
    this.#bytes.set(bytes, Layout.valueBytes);
  }
}

/** A value to be filled. */
export function emptyValue(): Value {
  return { number: 0, bytes: NO_BYTES };
}

/** The address of so many bytes at an offset of a value; `undefined` when they are not there. */
export function addressIn(ips: IpTable, value: Value, at: number, size: number): Ip | undefined {
  const bytes = value.bytes.subarray(at, at + size);
  if (bytes.length < size) return undefined;
  if (size === 16) return ips.v6(bytes);
  return ips.v4At(bytes, 0);
}
