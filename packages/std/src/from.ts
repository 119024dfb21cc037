/** From node's objects to Sockets: an owned duplicate, or a borrowed view. */
import { createRequire } from 'node:module';
import type { Socket } from '@sock/core';
import { handleOf } from './internals.js';

/** The class of a backend that has descriptors. */
export interface SocketClass<T extends Socket = Socket> {
  new (...values: never[]): T;
  fromRawFd(fd: number): T;
  borrowRawFd(fd: number): T;
}

/** Which backend's Socket is made; default: that of @sock/native. */
export interface FromOptions {
  readonly Socket?: SocketClass;
}

let native: SocketClass | undefined;

/** The backend with descriptors, loaded when it is first needed. */
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

function fdOf(object: object): number {
  if (typeof object !== 'object' || object === null) {
    throw Object.assign(
      new TypeError('The "object" argument must be a net, dgram, http or tls socket or server'),
      { code: 'ERR_INVALID_ARG_TYPE' },
    );
  }
  const fd = handleOf(object)?.fd;
  if (typeof fd === 'number' && fd >= 0) return fd;
  throw Object.assign(
    new Error(
      'the object has no open descriptor: it is not connected, not listening or not bound yet, or closed already',
    ),
    { code: 'ERR_SOCK_NO_HANDLE' },
  );
}

/**
 * A Socket on a duplicate of a net.Socket's, net.Server's, dgram.Socket's, http's or tls's
 * descriptor: fcntl(F_DUPFD_CLOEXEC). It is the caller's to close, and outlives the object.
 * @throws {Error} `ERR_SOCK_NO_HANDLE` before the object is open and after it is closed
 */
export function socketFrom(
  object: object,
  { Socket: SocketOf = nativeSocket() }: FromOptions = {},
): Socket {
  return SocketOf.borrowRawFd(fdOf(object)).tryClone();
}

/**
 * A view of the socket below a live object, to read and set its options. It owns nothing: closing it
 * leaves the object as it is, and when the object closes it reads `closed`.
 * @throws {Error} `ERR_SOCK_NO_HANDLE` before the object is open and after it is closed
 */
export function sockRef(
  object: object,
  { Socket: SocketOf = nativeSocket() }: FromOptions = {},
): Socket {
  const fd = fdOf(object);
  const view = SocketOf.borrowRawFd(fd);
  const stale = (): void => view.close();
  const { once } = object as { once?: (event: string, listener: () => void) => void };
  // Before the number can be somebody else's: node closes the handle, then emits.
  const { close, destroy } = object as { close?: unknown; destroy?: unknown };
  for (const [name, method] of [
    ['_destroy', (object as { _destroy?: unknown })._destroy],
    ['close', typeof destroy === 'function' ? undefined : close],
  ] as const) {
    if (typeof method !== 'function') continue;
    Object.defineProperty(object, name, {
      configurable: true,
      writable: true,
      value(this: unknown, ...values: unknown[]) {
        stale();
        return Reflect.apply(method, this, values) as unknown;
      },
    });
  }
  once?.call(object, 'close', stale);
  return view;
}
