/** Errors as node's own objects report them. */
import { getSystemErrorMap } from 'node:util';
import type { SockError, Socket } from '@sock/core';

/** libuv's numbers of errors by name. */
const numbers = new Map<string, number>();
for (const [number, [name]] of getSystemErrorMap()) numbers.set(name, number);

/** libuv's number of a name such as `ENOTCONN`: negative. */
export const uvNumber = (code: string): number =>
  numbers.get(code) ?? (numbers.get('EINVAL') as number);

/** libuv's name and words for an error: `EBADF`, `bad file descriptor`. */
export const uvNames = (errno: number): readonly [code: string, message: string] =>
  getSystemErrorMap().get(errno) ?? ['EINVAL', 'invalid argument'];

/**
 * The number by which a handle of node's reports an error. Errors of the arguments are EINVAL, as libuv
 * reports an address that it cannot read.
 */
export function uvError(error: unknown): number {
  const { code = '' } = error as Partial<SockError>;
  return uvNumber(code === 'ERR_SOCK_UNSUPPORTED' ? 'ENOTSUP' : code);
}

/**
 * The same error, under the name of the call that node reports: `write` for send(2), `read` for recv(2).
 * Errors that did not come from a system call are left as they are.
 */
export function asCall<T extends Error>(error: T, syscall: string): T {
  const { code, syscall: called } = error as Partial<SockError>;
  if (code === undefined || called === undefined) return error;
  return Object.assign(error, { syscall, message: `${syscall} ${code}` });
}

/** The error that node makes of a number of libuv's, with the address that the call was given. */
export function systemError(
  errno: number,
  syscall: string,
  address?: string,
  port?: number,
): NodeJS.ErrnoException {
  const code = getSystemErrorMap().get(errno)?.[0] ?? 'EINVAL';
  const place = address === undefined ? '' : ` ${address}${port === undefined ? '' : `:${port}`}`;
  const details = address === undefined ? {} : { address, ...(port === undefined ? {} : { port }) };
  return Object.assign(new Error(`${syscall} ${code}${place}`), {
    errno,
    code,
    syscall,
    ...details,
  });
}

/** An error of node's with a code. */
export const nodeError = (code: string, message: string, options?: ErrorOptions): Error =>
  Object.assign(new Error(message, options), { code });

/** An argument is wrong, as node reports it. */
export const invalidArgument = (
  code: 'ERR_INVALID_ARG_TYPE' | 'ERR_INVALID_ARG_VALUE',
  message: string,
): TypeError => Object.assign(new TypeError(message), { code });

/** `ERR_INVALID_ARG_TYPE` for an argument of another type. */
export const wrongType = (name: string, expected: string): TypeError =>
  invalidArgument('ERR_INVALID_ARG_TYPE', `The "${name}" argument must be ${expected}`);

/** `ERR_OUT_OF_RANGE` */
export const outOfRange = (message: string): RangeError =>
  Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' });

/** Why a connection attempt failed; `null` if it succeeded. */
export function connectionError(socket: Socket): Error | null {
  const error = socket.takeError();
  if (error !== null) return asCall(error, 'connect');
  try {
    socket.peerAddr();
    return null;
  } catch (failure) {
    return failure as Error;
  }
}
