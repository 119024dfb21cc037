/** The arguments of `send` of a datagram socket without ports, in all their forms. */
import { SockAddr } from '@sock/core';
import { invalidArgument, nodeError } from '../node-errors.js';

type SendCallback = (error: Error | null, bytes?: number) => void;

interface SendArguments {
  readonly bytes: Uint8Array;
  /** A path, or a host of a raw socket. `undefined` if it was left out. */
  readonly address: string | SockAddr | undefined;
  readonly callback: SendCallback | undefined;
}

const wrongArgument = (message: string): TypeError =>
  invalidArgument('ERR_INVALID_ARG_TYPE', message);

/**
 * The bytes of a message.
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE` unless it is a string, a view of bytes or an array of them
 */
function bytesOf(message: unknown): Uint8Array {
  if (typeof message === 'string') return Buffer.from(message);
  if (Array.isArray(message)) return Buffer.concat(message.map(bytesOf));
  if (ArrayBuffer.isView(message)) {
    return new Uint8Array(message.buffer as ArrayBuffer, message.byteOffset, message.byteLength);
  }
  throw wrongArgument(
    'The "msg" argument must be a string, an ArrayBufferView or an array of them',
  );
}

const isPart = (values: unknown[]): values is [number, number, ...unknown[]] =>
  typeof values[0] === 'number' && typeof values[1] === 'number';

const isAddress = (value: unknown): value is string | SockAddr =>
  typeof value === 'string' || value instanceof SockAddr;

/**
 * Reads `msg[, offset, length][, port][, address][, callback]`. A port is ignored.
 * @param wanted whether there must be an address: a connected socket takes none
 * @throws {RangeError} `ERR_BUFFER_OUT_OF_BOUNDS`
 * @throws {Error} `ERR_SOCKET_DGRAM_IS_CONNECTED` for an address on a connected socket
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`
 */
export function sendArguments(
  values: unknown[],
  wanted: 'none' | 'optional' | 'required',
): SendArguments {
  const rest = values.slice(1).filter((value) => value !== undefined && value !== null);
  const callback = typeof rest.at(-1) === 'function' ? (rest.pop() as SendCallback) : undefined;
  let bytes = bytesOf(values[0]);
  if (isPart(rest)) {
    const [offset, length] = rest.splice(0, 2) as [number, number];
    if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
      throw Object.assign(new RangeError('"offset" or "length" is outside of buffer bounds'), {
        code: 'ERR_BUFFER_OUT_OF_BOUNDS',
      });
    }
    bytes = bytes.subarray(offset, offset + length);
  }
  if (typeof rest[0] === 'number') rest.shift();
  const [address] = rest;
  if (address === undefined && wanted !== 'required') return { bytes, address, callback };
  if (wanted === 'none') {
    throw nodeError('ERR_SOCKET_DGRAM_IS_CONNECTED', 'Already connected');
  }
  if (!isAddress(address)) {
    throw wrongArgument('The "address" argument must be a path, a host or a SockAddr');
  }
  return { bytes, address, callback };
}
