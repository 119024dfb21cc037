/** systemd's socket activation and its notifications about the state of a service. */
import { Domain, SockAddr, type SockError, type Socket, Type } from '@sock/core';
import { nodeError } from './node-errors.js';
import { nativeSocket, type SocketClass } from './native-backend.js';

/** SD_LISTEN_FDS_START: the first descriptor. */
const FIRST = 3;

/** A descriptor that systemd passed to this process, with its name (`FileDescriptorName=`). */
export interface ListenFd {
  readonly name: string;
  /** The number of the descriptor. If there is a `socket`, it owns the descriptor. */
  readonly fd: number;
  /** The socket; `undefined` for a descriptor that is none, such as a FIFO or a memfd: it stays open. */
  readonly socket: Socket | undefined;
}

/** Options of {@link listenFds} and {@link notify}. */
export interface ListenFdsOptions {
  /** The class of the sockets that are made. Default: that of @sock/native. */
  readonly Socket?: SocketClass;
  /** Where the variables are read. `listenFds` deletes its own from it. Default: `process.env`. */
  readonly env?: Record<string, string | undefined>;
}

const VARIABLES = ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_PIDFDID', 'LISTEN_FDNAMES'];

/**
 * What systemd passed to this process in LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES, in its order: sockets,
 * which can be given to `intoNetServer` and `intoDgramSocket`, and other descriptors. All are
 * close-on-exec. The variables are deleted, LISTEN_PIDFDID too, so that no child process takes them for
 * its own. After an error the variables and the descriptors are as they were.
 * @returns an empty array if systemd passed none
 * @throws {Error} `ERR_INVALID_ARG_VALUE` if LISTEN_FDS is not a number of descriptors
 * @throws {SockError} EBADF for a descriptor that is not open
 * @see sd_listen_fds(3)
 *
 * @example
 * for (const { socket, name } of listenFds()) {
 *   if (socket !== undefined && name === 'web') intoNetServer(socket, { server });
 * }
 */
export function listenFds({
  Socket: SocketOf = nativeSocket(),
  env = process.env,
}: ListenFdsOptions = {}): ListenFd[] {
  const passed = isForUs(env) ? adoptAll(SocketOf, countOf(env), namesOf(env)) : [];
  for (const name of VARIABLES) delete env[name];
  return passed;
}

type Env = Readonly<Record<string, string | undefined>>;

const isForUs = ({ LISTEN_FDS: fds, LISTEN_PID: pid }: Env): boolean =>
  fds !== undefined && pid !== undefined && Number(pid) === process.pid;

const namesOf = ({ LISTEN_FDNAMES: names }: Env): string[] => names?.split(':') ?? [];

function countOf({ LISTEN_FDS: fds }: Env): number {
  const count = Number(fds);
  if (Number.isInteger(count) && count >= 0 && count <= 4096) return count;
  throw nodeError(
    'ERR_INVALID_ARG_VALUE',
    `LISTEN_FDS is '${fds}', which is not a number of descriptors`,
  );
}

function adoptAll(SocketOf: SocketClass, count: number, names: readonly string[]): ListenFd[] {
  const passed: ListenFd[] = [];
  try {
    for (let fd = FIRST; fd < FIRST + count; fd += 1) {
      const socket = adoptSocket(SocketOf, fd);
      passed.push({ name: names[fd - FIRST] || 'unknown', fd, socket });
      setCloexec(SocketOf, fd);
    }
    return passed;
  } catch (error) {
    // The caller can try again: nothing is closed.
    for (const { socket } of passed) socket?.intoRawFd();
    throw error;
  }
}

/** The Socket of a descriptor; `undefined` if the descriptor is not a socket. */
function adoptSocket(SocketOf: SocketClass, fd: number): Socket | undefined {
  try {
    return SocketOf.fromRawFd(fd);
  } catch (error) {
    if ((error as SockError).code === 'ENOTSOCK') return undefined;
    throw error;
  }
}

/** fcntl(F_SETFD), which every kind of descriptor has. */
function setCloexec(SocketOf: SocketClass, fd: number): void {
  const view = SocketOf.borrowRawFd(fd);
  try {
    view.setCloexec(true);
  } finally {
    view.close();
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
