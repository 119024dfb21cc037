/**
 * The errors of every backend: {@link SockError} for what the system (or the backend) refused,
 * `TypeError` and `RangeError` with node's codes for arguments that are wrong before any call.
 */

import { shareInstances } from './instances.js';

/** What a {@link SockError} is made of. */
export interface SockErrorDetails {
  /** Negative, as node's `err.errno`; 0 where no system call was made. */
  readonly errno?: number;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  /** The method of the socket option that failed, such as `'setTtl'`. */
  readonly option?: string;
  /** The value that the option was to be set to. */
  readonly value?: unknown;
  /** The values that the option's documentation allows, such as `'1 to 255'`. */
  readonly allowed?: string;
  /** Replaces the text made from syscall, code and address. */
  readonly message?: string;
  readonly cause?: unknown;
}

/**
 * A failed operation. The message has node's form: `bind EADDRINUSE 127.0.0.1:80`.
 *
 * `code` is the error's name (`'ECONNREFUSED'`, see errno(3)), `'ERR_SOCK_UNSUPPORTED'`, or
 * `'ERR_SOCK_END_OF_STREAM'`.
 */
export class SockError extends Error {
  override readonly name = 'SockError';
  readonly code: string;
  readonly errno: number;
  readonly syscall: string | undefined;
  // Declared only: a field would be there, as undefined, in errors that have no address.
  declare readonly address?: string;
  declare readonly port?: number;
  /** The method of the socket option that failed, such as `'setTtl'`. */
  declare readonly option?: string;
  /** The value that the option was to be set to. */
  declare readonly value?: unknown;
  /** The number of bytes that `recvExactAsync` had received before. */
  declare readonly bytesRead?: number;
  /** Those bytes: a view of the caller's buffer. */
  declare readonly bytes?: Uint8Array;
  /** The number of bytes that `sendAllAsync` had sent before. */
  declare readonly bytesWritten?: number;

  constructor(code: string, details: SockErrorDetails = {}) {
    const { syscall, address, port, option, value } = details;
    const place = address === undefined ? '' : ` ${formatPlace(address, port)}`;
    super(
      details.message ??
        `${syscall === undefined ? '' : `${syscall} `}${code}${place}${describeOption(details)}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.errno = details.errno ?? 0;
    this.syscall = syscall;
    if (address !== undefined) this.address = address;
    if (port !== undefined) this.port = port;
    if (option !== undefined) this.option = option;
    if (value !== undefined) this.value = value;
  }
}

function describeOption({ option, value, allowed }: SockErrorDetails): string {
  if (option === undefined) return '';
  const call = value === undefined ? option : `${option}(${shortText(value)})`;
  return `: ${call}${allowed === undefined ? '' : `, allowed: ${allowed}`}`;
}

function shortText(value: unknown): string {
  return value instanceof Uint8Array ? `${value.length} bytes` : String(value);
}

function formatPlace(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

interface CodedError extends Error {
  code: string;
}

/** A value in an error message: short, and never a call into the value's own code. */
function describe(value: unknown): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return `type string ('${value.length > 25 ? `${value.slice(0, 25)}...` : value}')`;
    case 'number':
    case 'boolean':
    case 'bigint':
      return `type ${typeof value} (${String(value)})`;
    case 'undefined':
      return 'undefined';
    case 'object':
      return `an instance of ${constructorName(value)}`;
    default:
      return `type ${typeof value}`;
  }
}

function constructorName(value: object): string {
  try {
    const { constructor } = value;
    return typeof constructor === 'function' && constructor.name !== ''
      ? constructor.name
      : 'Object';
  } catch {
    return 'Object';
  }
}

/** `TypeError` with code `ERR_INVALID_ARG_TYPE`. */
export function invalidType(argument: string, expected: string, actual: unknown): TypeError {
  const error = new TypeError(
    `The "${argument}" argument must be ${expected}. Received ${describe(actual)}`,
  ) as TypeError & CodedError;
  error.code = 'ERR_INVALID_ARG_TYPE';
  return error;
}

/** `TypeError` with code `ERR_INVALID_ARG_VALUE`. */
export function invalidValue(argument: string, reason: string, actual: unknown): TypeError {
  const error = new TypeError(
    `The argument "${argument}" ${reason}. Received ${describe(actual)}`,
  ) as TypeError & CodedError;
  error.code = 'ERR_INVALID_ARG_VALUE';
  return error;
}

/** `RangeError` with code `ERR_OUT_OF_RANGE`. */
export function outOfRange(argument: string, range: string, actual: unknown): RangeError {
  const error = new RangeError(
    `The value of "${argument}" is out of range. It must be ${range}. Received ${
      typeof actual === 'number' || typeof actual === 'bigint' ? String(actual) : describe(actual)
    }`,
  ) as RangeError & CodedError;
  error.code = 'ERR_OUT_OF_RANGE';
  return error;
}

/** Returns `value` when it is an integer of [min, max]; throws `ERR_INVALID_ARG_TYPE` or `ERR_OUT_OF_RANGE`. */
export function checkInteger(argument: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number') throw invalidType(argument, 'of type number', value);
  if (!Number.isInteger(value)) throw outOfRange(argument, 'an integer', value);
  if (value < min || value > max) throw outOfRange(argument, `>= ${min} and <= ${max}`, value);
  return value;
}

/** Returns `value` when it is a boolean; throws `ERR_INVALID_ARG_TYPE`. */
export function checkBoolean(argument: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalidType(argument, 'of type boolean', value);
  return value;
}

/** Returns `value` when it is a string; throws `ERR_INVALID_ARG_TYPE`. */
export function checkString(argument: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidType(argument, 'of type string', value);
  return value;
}

/** The longest duration that crosses: 2^31 - 1 ms, poll(2)'s limit. */
export const DURATION_MAX = 0x7fffffff;

/** Returns `value` when it is a duration in milliseconds, > 0; throws `ERR_INVALID_ARG_TYPE` or `ERR_OUT_OF_RANGE`. */
export function checkDuration(argument: string, value: unknown): number {
  if (typeof value !== 'number') throw invalidType(argument, 'of type number', value);
  if (!(value > 0 && value <= DURATION_MAX)) {
    throw outOfRange(argument, `> 0 and <= ${DURATION_MAX} milliseconds`, value);
  }
  return value;
}

/**
 * Returns `value` when it is a duration in milliseconds that the system keeps in whole seconds. Less than a
 * second is refused: it is seconds taken for milliseconds more often than not.
 */
export function checkSeconds(argument: string, value: unknown): number {
  const duration = checkDuration(argument, value);
  if (duration < 1000) {
    throw outOfRange(argument, '>= 1000 milliseconds, as the system counts whole seconds', value);
  }
  return duration;
}

shareInstances(SockError, 'SockError');
