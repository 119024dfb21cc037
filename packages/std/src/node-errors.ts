/** Errors as node's own objects report them. */
import type { SockError, Socket } from '@sock/core';

/**
 * The same error, under the name of the call that node reports: `write` for send(2), `read` for recv(2).
 * Errors that did not come from a system call are left as they are.
 */
export function asCall<T extends Error>(error: T, syscall: string): T {
  const { code, syscall: called } = error as Partial<SockError>;
  if (code === undefined || called === undefined) return error;
  return Object.assign(error, { syscall, message: `${syscall} ${code}` });
}

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
