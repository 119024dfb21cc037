/** From node's objects to Sockets: an owned duplicate, or a borrowed view. */
import { createRequire } from 'node:module';
import type { Driver, Socket } from '@sock/core';
import { beforeClose, handleOf, type UvHandle } from '../node-internals.js';

/** The class of a backend that has descriptors. */
export interface SocketClass<T extends Socket = Socket> {
  new (...values: never[]): T;
  readonly prototype: T;
  readonly driver: Driver;
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

function openHandle(object: object): UvHandle {
  if (typeof object !== 'object' || object === null) {
    throw Object.assign(
      new TypeError('The "object" argument must be a net, dgram, http or tls socket or server'),
      { code: 'ERR_INVALID_ARG_TYPE' },
    );
  }
  const handle = handleOf(object);
  if (handle !== undefined && handle.fd >= 0) return handle;
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
  return SocketOf.borrowRawFd(openHandle(object).fd).tryClone();
}

/** The view of each handle that has one. */
const views = new WeakMap<UvHandle, Socket>();

/**
 * A view of the socket below a live object, to read and set its options. It owns nothing: closing it
 * leaves the object as it is, and just before the object closes it is closed. As long as it is open the
 * same object has the same view.
 * @throws {Error} `ERR_SOCK_NO_HANDLE` before the object is open and after it is closed
 */
export function sockRef(
  object: object,
  { Socket: SocketOf = nativeSocket() }: FromOptions = {},
): Socket {
  const handle = openHandle(object);
  const known = views.get(handle);
  if (known instanceof SocketOf && !known.closed) return known;
  // Before the number can be somebody else's.
  if (known === undefined) beforeClose(handle, () => views.get(handle)?.close());
  else known.close();
  const view = SocketOf.borrowRawFd(handle.fd);
  views.set(handle, view);
  return view;
}
