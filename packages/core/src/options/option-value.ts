/** Conversions for codecs whose value is more than a number. */
import { type Protocol, readableName } from '../constants.js';
import type { Driver } from '../driver.js';
import { DURATION_MAX, invalidType, outOfRange } from '../errors.js';

/** A duration, which the driver reports as -1 for none. */
export function orNull(milliseconds: number): number | null {
  return milliseconds < 0 ? null : milliseconds;
}

/** Checks milliseconds, 0 included. The system rounds down to whole seconds. */
export function checkLinger(argument: string, value: unknown): number {
  if (typeof value !== 'number') throw invalidType(argument, 'of type number or null', value);
  if (!(value >= 0 && value <= DURATION_MAX)) {
    throw outOfRange(argument, `>= 0 and <= ${DURATION_MAX} milliseconds`, value);
  }
  return value;
}

/** Text that the system reports as bytes; `null` for no bytes. */
export function textOf(bytes: Uint8Array): string | null {
  return bytes.length === 0 ? null : new TextDecoder().decode(bytes);
}

export function bytesOfText(argument: string, text: unknown): Uint8Array {
  if (text === null) return new Uint8Array(0);
  if (typeof text !== 'string') throw invalidType(argument, 'of type string or null', text);
  return new TextEncoder().encode(text);
}

export function u64Of(bytes: Uint8Array): bigint {
  return new BigUint64Array(bytes.buffer, bytes.byteOffset, 1)[0] as bigint;
}

const U64_MAX = 0xffff_ffff_ffff_ffffn;

export function bytesOfU64(argument: string, value: unknown): Uint8Array {
  if (typeof value !== 'bigint') throw invalidType(argument, 'of type bigint', value);
  if (value < 0n || value > U64_MAX) throw outOfRange(argument, `>= 0 and <= ${U64_MAX}`, value);
  return new Uint8Array(BigUint64Array.of(value).buffer);
}

/** The index of an interface; 0 means none. */
export function deviceOf(index: number): number | null {
  return index === 0 ? null : index;
}

/** The name of a protocol; 0 means none. */
export function protocolOf(driver: Driver, number: number): Protocol | null {
  return number === 0 ? null : (readableName(driver, 'protocol', number) as Protocol);
}
