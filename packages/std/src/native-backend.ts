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

let native: SocketClass | undefined;

/**
 * The `Socket` class of @sock/native.
 * @throws {Error} when @sock/native cannot be loaded; `cause` is the reason
 */
export function nativeSocket(): SocketClass {
  if (native === undefined) {
    try {
      const backend = createRequire(import.meta.url)('@sock/native') as { Socket: SocketClass };
      native = backend.Socket;
    } catch (cause) {
      throw new Error('@sock/std needs @sock/native for this, or a `Socket` class in the options', {
        cause,
      });
    }
  }
  return native;
}
