/** systemd's socket activation and its notifications about the state of a service. */
import { Domain, SockAddr, type Socket, Type } from '@sock/core';
import { nativeSocket, type SocketClass } from './native-backend.js';

/** SD_LISTEN_FDS_START: the first descriptor. */
const FIRST = 3;

/** A socket that systemd passed to this process, with its name (`FileDescriptorName=`). */
export interface ListenFd {
  readonly socket: Socket;
  readonly name: string;
}

/** Options of {@link listenFds} and {@link notify}. */
export interface ListenFdsOptions {
  /** The class of the sockets that are made. Default: that of @sock/native. */
  readonly Socket?: SocketClass;
  /** Where the variables are read. `listenFds` deletes its own from it. Default: `process.env`. */
  readonly env?: Record<string, string | undefined>;
}

/**
 * The sockets that systemd passed to this process in LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES. They are
 * close-on-exec and can be given to `intoNetServer` and `intoDgramSocket`. The variables are deleted, so
 * that no child process takes them for its own.
 * @returns an empty array if systemd passed none
 * @throws {Error} `ERR_INVALID_ARG_VALUE` if LISTEN_FDS is not a number of descriptors
 * @throws {SockError} ENOTSOCK for a descriptor that is not a socket
 * @see sd_listen_fds(3)
 *
 * @example
 * for (const { socket } of listenFds()) intoNetServer(socket, { server: http.createServer(onRequest) });
 */
export function listenFds({
  Socket: SocketOf = nativeSocket(),
  env = process.env,
}: ListenFdsOptions = {}): ListenFd[] {
  const { LISTEN_FDS: fds, LISTEN_PID: pid, LISTEN_FDNAMES: names } = env;
  if (fds === undefined || pid === undefined) return [];
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) delete env[name];
  if (Number(pid) !== process.pid) return [];
  const count = Number(fds);
  if (!Number.isInteger(count) || count < 0 || count > 4096) {
    throw Object.assign(new Error(`LISTEN_FDS is '${fds}', which is not a number of descriptors`), {
      code: 'ERR_INVALID_ARG_VALUE',
    });
  }
  const named = names?.split(':') ?? [];
  const passed: ListenFd[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      const socket = SocketOf.fromRawFd(FIRST + index);
      passed.push({ socket, name: named[index] ?? 'unknown' });
      socket.setCloexec(true);
    }
    return passed;
  } catch (error) {
    // All or nothing: release the descriptors that were adopted before the error.
    for (const { socket } of passed) socket.intoRawFd();
    throw error;
  }
}

/**
 * Reports the state of the service to systemd, by a datagram to the unix socket NOTIFY_SOCKET.
 * @param state lines such as `READY=1` or `STATUS=Loading`
 * @returns `false` if NOTIFY_SOCKET is not set: systemd does not expect a report
 * @throws {SockError} if the datagram cannot be sent
 * @see sd_notify(3)
 *
 * @example
 * server.once('listening', () => notify('READY=1'));
 */
export function notify(
  state: string,
  { Socket: SocketOf = nativeSocket(), env = process.env }: ListenFdsOptions = {},
): boolean {
  const { NOTIFY_SOCKET: path } = env;
  if (path === undefined || path === '') return false;
  const address = path.startsWith('@') ? SockAddr.abstract(path.slice(1)) : SockAddr.unix(path);
  const Datagram = SocketOf as unknown as new (domain: Domain, type: Type) => Socket;
  const socket = new Datagram(Domain.UNIX, Type.DGRAM);
  try {
    socket.sendTo(new TextEncoder().encode(state), address);
  } finally {
    socket.close();
  }
  return true;
}
