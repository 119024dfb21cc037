/**
 * All of `node:dgram`, whose `createSocket` also takes `sock: {...}`: options of the table, set before
 * the socket binds or connects. Without it every call is node's own.
 *
 * @example
 * import { createSocket } from '@sock/std/dgram';
 * createSocket({ type: 'udp4', sock: { reusePort: true, tosV4: 0x10 } }).bind(5353);
 */
import dgram from 'node:dgram';
import { errorMonitor } from 'node:events';
import { type SockError, Type } from '@sock/core';
import { dropIn } from './module-copy.js';
import { dgramState } from '../node-internals.js';
import { checkOptions, type SockOptions } from './sock-options.js';
import { applyToFd, openBefore } from './handle-options.js';

export * from 'node:dgram';

type Listener = (message: Buffer, from: dgram.RemoteInfo) => void;
type Options = dgram.SocketOptions & { readonly sock?: SockOptions };

/** `dgram.createSocket`, whose options take `sock`. */
export function createSocket(type: dgram.SocketType, callback?: Listener): dgram.Socket;
export function createSocket(options: Options, callback?: Listener): dgram.Socket;
export function createSocket(
  options: Options | dgram.SocketType,
  callback?: Listener,
): dgram.Socket {
  const sock = typeof options === 'object' && options !== null ? options.sock : undefined;
  if (sock !== undefined) checkOptions(sock);
  const socket = dgram.createSocket(options as dgram.SocketOptions, callback);
  if (sock === undefined) return socket;
  const { handle } = dgramState(socket);
  // Its signal was aborted.
  if (handle === null) return socket;
  const ours = openBefore(
    handle,
    { bind: handle.bind === handle.bind6 ? 'ipv6' : 'ipv4' },
    Type.DGRAM,
    sock,
    // Node makes an error of the number that it is told; this is why.
    (cause) => socket.prependOnceListener(errorMonitor as never, explain(cause)),
  );
  // A descriptor that is handed in, or that of a cluster's primary, is bound already.
  socket.prependOnceListener('listening', () => {
    const { handle: taken } = dgramState(socket);
    if (!ours.opened && taken !== null) applyToFd(taken.fd, sock);
  });
  return socket;
}

const explain = (cause: Error) => (error: Error) => {
  const { syscall } = cause as SockError;
  Object.assign(error, { message: cause.message, syscall, cause });
};

const module = dropIn(dgram, { createSocket });
// The types of the module are reached through its default export too, as those of node's are.
declare namespace module {
  type BindOptions = dgram.BindOptions;
  type RemoteInfo = dgram.RemoteInfo;
  type Socket = dgram.Socket;
  type SocketOptions = dgram.SocketOptions;
  type SocketType = dgram.SocketType;
}
export { module as 'module.exports', module as default };
