import { Domain, SockError, type Socket, Type } from '@sock/core';
import type { Backend, Case } from './case.js';

/** Refusals that are about who asks, and about what the kernel was built with. */
const FORBIDDEN = ['EPERM', 'EACCES'];
const UNKNOWN = [
  'EAFNOSUPPORT',
  'EPROTONOSUPPORT',
  'ESOCKTNOSUPPORT',
  'ENOPROTOOPT',
  'ENODEV',
  'ENOENT',
];

/** What the machine lacks when the system refuses `attempt`: the privilege, or the feature. */
export function lackOf(
  { privilege, feature }: { privilege?: string; feature?: string },
  attempt: (backend: Backend) => Socket,
): NonNullable<Case['lacks']> {
  return (backend) => {
    try {
      attempt(backend).close();
    } catch (error) {
      const code = error instanceof SockError ? error.code : '';
      if (privilege !== undefined && FORBIDDEN.includes(code)) return `the privilege ${privilege}`;
      if (feature !== undefined && UNKNOWN.includes(code)) return `${feature} in the kernel`;
      throw error;
    }
    return undefined;
  };
}

/** Opens an IPv4 datagram socket, and closes it when setting it up fails. */
export function attempted({ Socket: Class }: Backend, set: (socket: Socket) => void): Socket {
  const socket = new Class(Domain.IPV4, Type.DGRAM);
  try {
    set(socket);
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

/** Sockets of packets as they are. */
export const lacksRaw = lackOf(
  { privilege: 'CAP_NET_RAW' },
  ({ Socket: Class }) => new Class(Domain.IPV4, Type.RAW, 'icmpv4'),
);

/** Marks, priorities above 6, foreign addresses. */
export const lacksAdmin = lackOf({ privilege: 'CAP_NET_ADMIN' }, (backend) =>
  attempted(backend, (socket) => socket.setMark(1)),
);
