/**
 * All of `node:dgram`, whose `createSocket` also takes `sock: {...}`: options of the table, set before
 * the socket binds or connects. Without it every call is node's own.
 *
 * @example
 * import { createSocket } from '@sock/std/dgram';
 * createSocket({ type: 'udp4', sock: { reusePort: true, tosV4: 0x10 } }).bind(5353);
 */
import dgram from 'node:dgram';
import { dgramState } from './internals.js';
import type { SockOptions } from './sock-options.js';
import { checkOptions, openWith } from './with-options.js';

export * from 'node:dgram';

type Listener = (message: Buffer, from: dgram.RemoteInfo) => void;

/** `dgram.createSocket`, whose options take `sock`. */
export function createSocket(type: dgram.SocketType, callback?: Listener): dgram.Socket;
export function createSocket(
  options: dgram.SocketOptions & { readonly sock?: SockOptions },
  callback?: Listener,
): dgram.Socket;
export function createSocket(...values: unknown[]): dgram.Socket {
  const [first] = values;
  if (
    typeof first !== 'object' ||
    first === null ||
    !('sock' in first) ||
    first.sock === undefined
  ) {
    return Reflect.apply(dgram.createSocket, dgram, values) as dgram.Socket;
  }
  const { sock, ...options } = first as dgram.SocketOptions & { sock: SockOptions };
  checkOptions(sock);
  const socket = dgram.createSocket(options, values[1] as Listener);
  try {
    const { handle } = dgramState(socket);
    const family = options.type === 'udp6' ? 'ipv6' : 'ipv4';
    const result = openWith(family, 'dgram', sock, (fd) => handle.open(fd));
    if (result < 0) throw new Error(`node did not take the descriptor: ${result}`);
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

export default { ...dgram, createSocket };
