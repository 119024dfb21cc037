/**
 * All of `node:dgram`, with one addition: `createSocket` takes `sock: {...}`, socket options that are
 * set before the socket binds or connects. Without it every call is node's own.
 *
 * @example
 * import { createSocket } from '@sock/std/dgram';
 * createSocket({ type: 'udp4', sock: { reusePort: true, tosV4: 0x10 } }).bind(5353);
 */
import dgram from 'node:dgram';
import { errorMonitor } from 'node:events';
import { type SockError, type Socket, Type } from '@sock/core';
import { dgramState, type UvHandle } from '../node-internals.js';
import { DatagramEmitter } from '../node-objects/datagram-emitter.js';
import { DatagramHandle } from '../node-objects/datagram-handle.js';
import { DATAGRAM_OPTIONS } from '../node-objects/error-queue-options.js';
import { HANDLES_TAKE_DESCRIPTORS } from '../runtime.js';
import { adoptBefore, applyToFd, openSocket } from './handle-options.js';
import { copyModule } from './module-copy.js';
import { checkOptions, type SockOptions } from './sock-options.js';

export * from 'node:dgram';

type Listener = (message: Buffer, from: dgram.RemoteInfo) => void;
type Options = dgram.SocketOptions & { readonly sock?: SockOptions };

/**
 * `dgram.createSocket` with `sock` among its options.
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for a wrong `sock` object
 * @throws {Error} `ERR_SOCK_UNSUPPORTED` for an option that the system does not support
 */
export function createSocket(type: dgram.SocketType, callback?: Listener): dgram.Socket;
export function createSocket(options: Options, callback?: Listener): dgram.Socket;
export function createSocket(
  options: Options | dgram.SocketType,
  callback?: Listener,
): dgram.Socket {
  const sock = typeof options === 'object' && options !== null ? options.sock : undefined;
  if (sock !== undefined) checkOptions(sock, 'datagram');
  if (sock !== undefined && !HANDLES_TAKE_DESCRIPTORS) {
    return createEmitter(options as dgram.SocketOptions, sock, callback);
  }
  const socket = dgram.createSocket(options as dgram.SocketOptions, callback);
  if (sock === undefined) return socket;
  const { handle } = dgramState(socket);
  // An aborted signal has closed it.
  if (handle === null) return socket;
  if (DATAGRAM_OPTIONS.some((name) => Boolean(sock[name]))) {
    openByUs(socket, handle, sock);
    return socket;
  }
  const adoption = adoptBefore(
    handle,
    { bind: handle.bind === handle.bind6 ? 'ipv6' : 'ipv4' },
    Type.DGRAM,
    sock,
    // Node makes an error of the number alone: add the reason to it.
    (cause) => socket.prependOnceListener(errorMonitor as never, explain(cause)),
  );
  // A descriptor given to bind, or shared by a cluster's primary, is bound already: set them late.
  socket.prependOnceListener('listening', () => {
    const { handle: bound } = dgramState(socket);
    if (!adoption.opened && bound !== null) applyToFd(bound.fd, sock);
  });
  return socket;
}

/** A socket of ours where the runtime's handles take no descriptor. */
function createEmitter(
  options: dgram.SocketOptions,
  sock: SockOptions,
  callback: Listener | undefined,
): dgram.Socket {
  const family = options.type === 'udp6' ? 'ipv6' : 'ipv4';
  const made = new DatagramEmitter(openSocket(family, Type.DGRAM, sock), options);
  if (callback !== undefined) made.on('message', callback);
  return made;
}

/**
 * Has node's class work on a Socket of ours, which is read by recvmsg(2): node's own handle would join
 * datagrams, or never rest because of the error queue.
 */
function openByUs(socket: dgram.Socket, handle: UvHandle, sock: SockOptions): void {
  const family = handle.bind === handle.bind6 ? 'ipv6' : 'ipv4';
  const open = (): Socket => {
    try {
      return openSocket(family, Type.DGRAM, sock);
    } catch (error) {
      // Node makes an error of the number alone: add the reason to it.
      socket.prependOnceListener(errorMonitor as never, explain(error as Error));
      throw error;
    }
  };
  void new DatagramHandle(handle, open, {
    ended: () => undefined,
    reported: (control) => socket.emit('errorQueue', control),
  });
}

const explain = (cause: Error) => (error: Error) => {
  const { syscall, option, value } = cause as SockError;
  Object.assign(error, { message: cause.message, syscall, cause });
  if (option !== undefined) Object.assign(error, { option, value });
};

const module = copyModule(dgram, { createSocket });
// The module's types are members of its default export too, as in node's own types.
declare namespace module {
  type BindOptions = dgram.BindOptions;
  type RemoteInfo = dgram.RemoteInfo;
  type Socket = dgram.Socket;
  type SocketOptions = dgram.SocketOptions;
  type SocketType = dgram.SocketType;
}
export { module as default };
