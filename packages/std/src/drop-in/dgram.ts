/**
 * All of `node:dgram`, with three additions: `createSocket` takes `sock: {...}`, socket options that are
 * set before the socket binds or connects, and `rinfo: [...]`, what the `rinfo` of each message says beside its
 * sender. Without them every call is node's own. Its sockets have `joinAll(group)`, which joins a multicast group on
 * every network interface.
 *
 * @example
 * import { createSocket } from '@sock/std/dgram';
 * createSocket({ type: 'udp4', sock: { reusePort: true, tosV4: 0x10 } }).bind(5353);
 * createSocket({ type: 'udp6', rinfo: ['localAddress'] }, (message, { localAddress }) => {}).bind(53);
 * createSocket({ type: 'udp4', reuseAddr: true }).bind(5353).joinAll('224.0.0.251');
 */
import dgram from 'node:dgram';
import { errorMonitor } from 'node:events';
import {
  applySockOptions,
  type ReceivedControlMessage,
  type SockError,
  type Socket,
  Type,
} from '@sock/core';
import { socketFrom } from '../convert/from.js';
import { type DatagramSocket, withJoinAll } from '../multicast/join-all.js';
import { nativeSocket } from '../native-backend.js';
import { dgramState, type UvHandle } from '../node-internals.js';
import { DatagramEmitter } from '../node-objects/datagram-emitter.js';
import { DatagramHandle } from '../node-objects/datagram-handle.js';
import { DATAGRAM_OPTIONS } from '../node-objects/error-queue-options.js';
import {
  checkRinfoSupport,
  RinfoColumns,
  type RinfoField,
  rinfoFields,
  type RinfoOption,
  type RinfoWith,
  type SocketWithRinfo,
} from '../node-objects/rinfo-columns.js';
import { HANDLES_TAKE_DESCRIPTORS } from '../runtime.js';
import { adoptBefore, applyToFd, openSocket } from './handle-options.js';
import { copyModule } from './module-copy.js';
import { checkOptions, type SockOptions } from './sock-options.js';

export * from 'node:dgram';

type Listener = (message: Buffer, from: dgram.RemoteInfo) => void;
type Options = dgram.SocketOptions & RinfoOption & { readonly sock?: SockOptions };

/**
 * `dgram.createSocket` with `sock` and `rinfo` among its options.
 * @param options.rinfo what the `rinfo` of each message says beside its sender: `localAddress`, `interface`,
 *   `ecn`, `tos`, `ttl`, `timestamp`, `hardwareTimestamp`, `drops`
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for a wrong `sock` object or `rinfo`
 * @throws {Error} `ERR_SOCK_UNSUPPORTED` for an option or a field that the system does not support
 */
export function createSocket(type: dgram.SocketType, callback?: Listener): DatagramSocket;
export function createSocket<Field extends RinfoField>(
  options: Options & { readonly rinfo: readonly Field[] },
  callback?: (message: Buffer, rinfo: RinfoWith<Field>) => void,
): SocketWithRinfo<Field>;
export function createSocket(options: Options, callback?: Listener): DatagramSocket;
export function createSocket(
  options: Options | dgram.SocketType,
  // oxlint-disable-next-line no-explicit-any
  callback?: (message: Buffer, from: any) => void,
): DatagramSocket {
  const given = typeof options === 'object' && options !== null ? options : undefined;
  const sock = given?.sock;
  if (sock !== undefined) checkOptions(sock, 'datagram');
  const fields = rinfoFields(given?.rinfo);
  if (fields !== undefined) checkRinfoSupport(fields, nativeSocket().driver);
  const ours = sock !== undefined || fields !== undefined;
  if (ours && !HANDLES_TAKE_DESCRIPTORS) {
    return createEmitter(options as dgram.SocketOptions, sock ?? {}, fields, callback);
  }
  const socket = withJoinAll(dgram.createSocket(options as dgram.SocketOptions, callback));
  if (!ours) return socket;
  const { handle } = dgramState(socket);
  // An aborted signal has closed it.
  if (handle === null) return socket;
  if (fields !== undefined || DATAGRAM_OPTIONS.some((name) => Boolean(sock?.[name]))) {
    openByUs(socket, handle, sock ?? {}, fields && new RinfoColumns(fields));
    return socket;
  }
  const settings = sock as SockOptions;
  const adoption = adoptBefore(
    handle,
    { bind: handle.bind === handle.bind6 ? 'ipv6' : 'ipv4' },
    Type.DGRAM,
    settings,
    // Node makes an error of the number alone: add the reason to it.
    (cause) => socket.prependOnceListener(errorMonitor as never, explain(cause)),
  );
  // A descriptor given to bind, or shared by a cluster's primary, is bound already: set them late.
  socket.prependOnceListener('listening', () => {
    const { handle: bound } = dgramState(socket);
    if (!adoption.opened && bound !== null) applyToFd(bound.fd, settings);
  });
  return socket;
}

/** A socket of ours where the runtime's handles take no descriptor. */
function createEmitter(
  options: dgram.SocketOptions,
  sock: SockOptions,
  fields: readonly RinfoField[] | undefined,
  callback: Listener | undefined,
): DatagramSocket {
  const family = options.type === 'udp6' ? 'ipv6' : 'ipv4';
  const rinfo = fields && new RinfoColumns(fields);
  const made = new DatagramEmitter(openWith(family, sock, rinfo), options, rinfo);
  if (callback !== undefined) made.on('message', callback);
  return made;
}

function setOptions(socket: Socket, sock: SockOptions, rinfo: RinfoColumns | undefined): void {
  applySockOptions(socket, sock);
  rinfo?.enable(socket);
}

/** Adopts a descriptor, unless an option cannot be set: the caller then keeps it. */
function adoptWith(fd: number, sock: SockOptions, rinfo: RinfoColumns | undefined): Socket {
  const socket = nativeSocket().fromRawFd(fd);
  try {
    setOptions(socket, sock, rinfo);
    return socket;
  } catch (error) {
    socket.intoRawFd();
    throw error;
  }
}

/** Opens a socket with its options, and with those that the fields of `rinfo` need. */
function openWith(
  family: 'ipv4' | 'ipv6',
  sock: SockOptions,
  rinfo: RinfoColumns | undefined,
): Socket {
  const socket = openSocket(family, Type.DGRAM, sock);
  try {
    rinfo?.enable(socket);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * Has node's class work on a Socket of ours, which is read by recvmsg(2) or recvmmsg(2): node's own handle would
 * join datagrams, never rest because of the error queue, or lose what the system says of a datagram.
 */
function openByUs(
  socket: dgram.Socket,
  handle: UvHandle,
  sock: SockOptions,
  rinfo: RinfoColumns | undefined,
): void {
  const family = handle.bind === handle.bind6 ? 'ipv6' : 'ipv4';
  const open = (fd?: number): Socket => {
    try {
      return fd === undefined ? openWith(family, sock, rinfo) : adoptWith(fd, sock, rinfo);
    } catch (error) {
      // Node makes an error of the number alone: add the reason to it.
      socket.prependOnceListener(errorMonitor as never, explain(error as Error));
      throw error;
    }
  };
  const owner = {
    ended: () => undefined,
    reported: (control: readonly ReceivedControlMessage[]) => socket.emit('errorQueue', control),
  };
  void new DatagramHandle(handle, open, owner, rinfo);
  // A descriptor that a cluster's primary shares comes with a handle of its own.
  socket.prependOnceListener('listening', () => {
    const { handle: bound } = dgramState(socket);
    if (bound === null || bound === handle) return;
    const duplicate = socketFrom(socket);
    try {
      setOptions(duplicate, sock, rinfo);
    } catch (error) {
      duplicate.close();
      throw error;
    }
    bound.recvStop?.();
    void new DatagramHandle(bound, () => duplicate, owner, rinfo);
    bound.recvStart?.();
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
