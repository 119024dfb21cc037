/** The backend with descriptors, @sock/native, loaded when it is first needed. */
import { createRequire } from 'node:module';
import type { Driver, Socket } from '@sock/core';

/** The `Socket` class of a backend whose sockets are file descriptors. */
export interface SocketClass<T extends Socket = Socket> {
  new (...values: never[]): T;
  readonly prototype: T;
  readonly driver: Driver;
  fromRawFd(fd: number): T;
  borrowRawFd(fd: number): T;
}

/** Whether @sock/native is not installed. */
const isMissing = (error: unknown): boolean => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && message.includes("'@sock/native'");
};

let native: SocketClass | undefined;

/**
 * The `Socket` class of @sock/native.
 * @throws {Error} when @sock/native is not installed; its own error when it does not load
 */
export function nativeSocket(): SocketClass {
  if (native === undefined) {
    try {
      const backend = createRequire(import.meta.url)('@sock/native') as { Socket: SocketClass };
      native = backend.Socket;
    } catch (cause) {
      // @sock/native says itself why it does not load.
      if (!isMissing(cause)) throw cause;
      throw new Error('@sock/std needs @sock/native for this, or a `Socket` class in the options', {
        cause,
      });
    }
  }
  return native;
}
