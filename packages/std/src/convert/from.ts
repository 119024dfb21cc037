/** From node's objects to Sockets: an owned duplicate, or a borrowed view. */
import type { EventEmitter } from 'node:events';
import type { Socket } from '@sock/core';
import { invalidArgument, nodeError } from '../node-errors.js';
import { nativeSocket, type SocketClass } from '../native-backend.js';
import { beforeClose, handleOf, type UvHandle } from '../node-internals.js';
import { runtime } from '../runtime.js';

/** Options of {@link socketFrom} and {@link sockRef}. */
export interface FromOptions {
  /** The class of the Socket that is made. Default: that of @sock/native. */
  readonly Socket?: SocketClass;
}

/** Deno's handles have no `fd`. */
const fdOf = ({ fd }: { readonly fd?: number }): number | undefined => fd;

function openHandle(object: object): UvHandle {
  if (typeof object !== 'object' || object === null) {
    throw invalidArgument(
      'ERR_INVALID_ARG_TYPE',
      'The "object" argument must be a net, dgram, http or tls socket or server',
    );
  }
  const handle = handleOf(object);
  if (handle !== undefined && (fdOf(handle) ?? 0) >= 0) return handle;
  throw notOpen();
}

const notOpen = (): Error =>
  nodeError(
    'ERR_SOCK_NO_HANDLE',
    'The object has no open descriptor: it is not connected, listening or bound yet, or it is closed',
  );

function duplicate(SocketOf: SocketClass, handle: UvHandle): Socket {
  if (fdOf(handle) === undefined) {
    const fd = handle.fdForIpc?.() ?? -1;
    if (fd < 0) throw notOpen();
    return SocketOf.fromRawFd(fd);
  }
  const view = SocketOf.borrowRawFd(handle.fd);
  try {
    return view.tryClone();
  } finally {
    view.close();
  }
}

/**
 * Duplicates the descriptor of one of node's objects and returns the duplicate as a Socket. The caller
 * owns the Socket and closes it. It stays open after the object is closed.
 * fcntl(2), F_DUPFD_CLOEXEC
 * @param object a `net.Socket`, `net.Server`, `dgram.Socket`, or one of http, https, http2 or tls
 * @throws {Error} `ERR_SOCK_NO_HANDLE` before the object is open and after it is closed
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE` if `object` is not an object
 */
export function socketFrom(
  object: object,
  { Socket: SocketOf = nativeSocket() }: FromOptions = {},
): Socket {
  return duplicate(SocketOf, openHandle(object));
}

/** Borrows the descriptor of one of node's objects until the object closes. Nobody else gets this view. */
export function borrow(object: object): Socket {
  const handle = openHandle(object);
  const view = makeView(nativeSocket(), object, handle);
  beforeClose(handle, () => view.close());
  return view;
}

/** The view of each handle. */
const views = new WeakMap<UvHandle, Socket>();

/**
 * Bun and Deno close the descriptor of a connection that has ended without a call that could be watched. So
 * a view has a descriptor of its own there, until the object emits `close`.
 */
function makeView(SocketOf: SocketClass, object: object, handle: UvHandle): Socket {
  if (runtime === 'node') return SocketOf.borrowRawFd(handle.fd);
  const view = duplicate(SocketOf, handle);
  (object as EventEmitter).once?.('close', () => view.close());
  return view;
}

/**
 * Borrows the descriptor of one of node's objects, to read and set its options. Closing the view
 * leaves the object open. When the object closes, its view is closed first. Further calls return the
 * same view while it is open.
 * @param object a `net.Socket`, `net.Server`, `dgram.Socket`, or one of http, https, http2 or tls
 * @throws {Error} `ERR_SOCK_NO_HANDLE` before the object is open and after it is closed
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE` if `object` is not an object
 *
 * @example
 * server.on('connection', (connection) => {
 *   sockRef(connection).setTcpUserTimeout(5000);
 * });
 */
export function sockRef(
  object: object,
  { Socket: SocketOf = nativeSocket() }: FromOptions = {},
): Socket {
  const handle = openHandle(object);
  const known = views.get(handle);
  if (known instanceof SocketOf && !known.closed) return known;
  // The view must be closed before the system gives its descriptor number to another file.
  if (known === undefined) beforeClose(handle, () => views.get(handle)?.close());
  else known.close();
  const view = makeView(SocketOf, object, handle);
  views.set(handle, view);
  return view;
}
