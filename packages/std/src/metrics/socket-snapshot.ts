import http from 'node:http';
import { type MemoryInfo, type SockError, Socket, type TcpInfo } from '@sock/core';
import { type FromOptions, sockRef } from '../convert/from.js';
import { handleOf } from '../node-internals.js';
import { socketOfHandle } from '../node-objects/socket-of-handle.js';

/** What the system knows of one socket at one moment. */
export interface SocketSnapshot {
  /** TCP_INFO: the state of the connection, round-trip time, retransmissions, ...; `null` if it is not TCP. */
  readonly tcp: TcpInfo | null;
  /** SO_MEMINFO: the memory of its queues and their limits, in bytes; `null` where the system does not tell. */
  readonly memory: MemoryInfo | null;
}

/**
 * What a snapshot is taken of: a Socket of any backend; a `net`, `dgram`, `http`, `https`, `http2` or `tls` socket or server of
 * node's; or an http request or response, whose connection is read.
 */
export type SnapshotSource = Socket | object;

/** The system has no such numbers for this kind of socket. */
const ABSENT: ReadonlySet<string> = new Set(['ENOPROTOOPT', 'EOPNOTSUPP', 'ENOTSUP', 'EINVAL']);

/**
 * Reads the numbers that the system keeps of a live socket. Two calls of getsockopt(2); the socket stays as it is.
 *
 * @param object the socket
 * @returns the snapshot; times are in milliseconds, memory is in bytes
 * @throws {SockError} EBADF if the Socket is closed
 * @throws {Error} `ERR_SOCK_NO_HANDLE` if node's object has no open descriptor
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`
 * @see tcp(7), `TCP_INFO`; sock_diag(7)
 *
 * @example
 * server.on('connection', (connection) => {
 *   setInterval(() => console.log(socketSnapshot(connection).tcp?.rtt), 1000);
 * });
 */
export function socketSnapshot(object: SnapshotSource, options: FromOptions = {}): SocketSnapshot {
  const socket = object instanceof Socket ? object : socketBelow(connectionOf(object), options);
  socket.asRawFd();
  return {
    tcp: told(socket, 'tcpInfo', () => socket.tcpInfo()),
    memory: told(socket, 'meminfo', () => socket.meminfo()),
  };
}

/** The Socket that one of our stand-ins for node's classes works on; else a view of node's descriptor. */
function socketBelow(object: object, options: FromOptions): Socket {
  const handle = typeof object === 'object' && object !== null ? handleOf(object) : undefined;
  return (handle === undefined ? undefined : socketOfHandle(handle)) ?? sockRef(object, options);
}

/** The connection of an http request or response; another object as it is. */
export function connectionOf(object: object): object {
  if (!(object instanceof http.IncomingMessage || object instanceof http.OutgoingMessage)) {
    return object;
  }
  return object.socket ?? object;
}

function told<T>(socket: Socket, name: string, read: () => T): T | null {
  if (socket.supports(name).level === 'unsupported') return null;
  try {
    return read();
  } catch (error) {
    if (ABSENT.has((error as SockError).code)) return null;
    throw error;
  }
}
