import { type MemoryInfo, type SockError, Socket, type TcpInfo } from '@sock/core';
import { type FromOptions, sockRef } from '../convert/from.js';

/** What the system knows of one socket at one moment. */
export interface SocketSnapshot {
  /** TCP_INFO: the state of the connection, round-trip time, retransmissions, ...; `null` if it is not TCP. */
  readonly tcp: TcpInfo | null;
  /** SO_MEMINFO: the memory of its queues and their limits, in bytes; `null` where the system does not tell. */
  readonly memory: MemoryInfo | null;
}

/** The system has no such numbers for this kind of socket. */
const ABSENT: ReadonlySet<string> = new Set(['ENOPROTOOPT', 'EOPNOTSUPP', 'ENOTSUP', 'EINVAL']);

/**
 * Reads the numbers that the system keeps of a live socket: of a Socket, or of a `net`, `dgram`, `http` or `tls` object of
 * node's. Two calls of getsockopt(2); the socket stays as it is.
 *
 * @param object a Socket of any backend, or what {@link sockRef} takes
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
export function socketSnapshot(
  object: Socket | Parameters<typeof sockRef>[0],
  options: FromOptions = {},
): SocketSnapshot {
  const socket = object instanceof Socket ? object : sockRef(object, options);
  socket.asRawFd();
  return {
    tcp: told(socket, 'tcpInfo', () => socket.tcpInfo()),
    memory: told(socket, 'meminfo', () => socket.meminfo()),
  };
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
