/** The arguments of `dgram.Socket.send`, in all their forms. */
import { SockAddr } from '@sock/core';

type SendCallback = (error: Error | null, bytes?: number) => void;

interface SendArguments {
  readonly bytes: Uint8Array;
  readonly port: number | undefined;
  /** A host, or the path of a unix socket. */
  readonly address: string | SockAddr | undefined;
  readonly callback: SendCallback | undefined;
}

const wrongArgument = (message: string): TypeError =>
  Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });

/**
 * The bytes of a message.
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE` unless it is a string, a view of bytes or an array of them
 */
export function bytesOf(message: unknown): Uint8Array {
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
 * Reads `[offset, length][, port][, address][, callback]`, the arguments after the message. Two
 * numbers alone are offset and length only if the socket is connected, as it then needs no port.
 * @throws {RangeError} `ERR_BUFFER_OUT_OF_BOUNDS`, `ERR_SOCKET_BAD_PORT`
 * @throws {Error} `ERR_SOCKET_DGRAM_IS_CONNECTED`
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`
 */
export function sendArguments(
  message: Uint8Array,
  values: unknown[],
  connected: boolean,
): SendArguments {
  const rest = values.filter((value) => value !== undefined && value !== null);
  const callback = typeof rest.at(-1) === 'function' ? (rest.pop() as SendCallback) : undefined;
  let bytes = message;
  if (isPart(rest) && (connected || rest.length > 2)) {
    const [offset, length] = rest.splice(0, 2) as [number, number];
    if (offset < 0 || length < 0 || offset + length > message.length) {
      throw Object.assign(new RangeError('"offset" or "length" is outside of buffer bounds'), {
        code: 'ERR_BUFFER_OUT_OF_BOUNDS',
      });
    }
    bytes = message.subarray(offset, offset + length);
    if (connected && rest.length > 0) {
      throw Object.assign(new Error('Already connected'), {
        code: 'ERR_SOCKET_DGRAM_IS_CONNECTED',
      });
    }
  }
  // A connected socket ignores the destination, as in node.
  if (connected) return { bytes, port: undefined, address: undefined, callback };
  const port = isAddress(rest[0]) ? undefined : (rest.shift() as number | undefined);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
    throw Object.assign(new RangeError(`Port should be > 0 and < 65536. Received ${port}`), {
      code: 'ERR_SOCKET_BAD_PORT',
    });
  }
  const [address] = rest;
  if (address !== undefined && !isAddress(address)) {
    throw wrongArgument('The "address" argument must be a string or a SockAddr');
  }
  return { bytes, port, address, callback };
}
