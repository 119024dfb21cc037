import { Domain, SockError, type Socket, Type } from '@sock/core';
import type { Backend, Case } from './case.js';

/** Refusals that are about who asks, and about what the kernel was built with. */
const FORBIDDEN = ['EPERM', 'EACCES'];
const UNKNOWN = [
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EPROTONOSUPPORT',
  'ESOCKTNOSUPPORT',
  'ENOPROTOOPT',
  'ENODEV',
  'ENOENT',
  'EADDRNOTAVAIL',
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
      if (privilege !== undefined && FORBIDDEN.includes(code))
        return `the privilege ${privilege} (${code})`;
      if (feature !== undefined && UNKNOWN.includes(code))
        return `${feature} in the kernel (${code})`;
      throw error;
    }
    return undefined;
  };
}

/** Sets a socket up, and closes it when that fails. */
export function attempted(socket: Socket, set: (socket: Socket) => void): Socket {
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
export const lacksAdmin = lackOf({ privilege: 'CAP_NET_ADMIN' }, ({ Socket: Class }) =>
  attempted(new Class(Domain.IPV4, Type.DGRAM), (socket) => socket.setMark(1)),
);
