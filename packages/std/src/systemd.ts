/** What systemd gives a service: sockets it listens on for it, and a place to report to. */
import { Domain, SockAddr, type Socket, Type } from '@sock/core';
import { nativeSocket, type SocketClass } from './convert/from.js';

/** SD_LISTEN_FDS_START: the first descriptor. */
const FIRST = 3;

/** A socket that was passed on, with its name (`FileDescriptorName=`). */
export interface ListenFd {
  readonly socket: Socket;
  readonly name: string;
}

/** What {@link listenFds} takes. */
export interface ListenFdsOptions {
  readonly Socket?: SocketClass;
  /** Default: `process.env`; the variables are deleted, so that no child takes them for its own. */
  readonly env?: Record<string, string | undefined>;
}

/**
 * The sockets that systemd passed on: LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES. Close-on-exec, and ready
 * for `intoNetServer` and `intoDgramSocket`. Empty where there are none.
 * @throws {Error} when the variables make no sense; {@link SockError} for a descriptor that is no socket
 * @see sd_listen_fds(3)
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
    throw Object.assign(new Error(`LISTEN_FDS is '${fds}', which is no number of descriptors`), {
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
    // Nothing was taken.
    for (const { socket } of passed) socket.intoRawFd();
    throw error;
  }
}

/**
 * Reports the state of the service: `notify('READY=1')`, `notify('STATUS=...')`, over the unix datagram
 * socket NOTIFY_SOCKET.
 * @returns `false` where nobody listens: the service was not started so
 * @see sd_notify(3)
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
