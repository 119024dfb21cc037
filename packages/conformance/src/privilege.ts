import { Domain, SockError, type Socket, Type } from '@sock/core';
import type { Backend, Case } from './case.js';

/** Errors for a missing privilege, and for a feature that the kernel was built without. */
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

/** A function for `Case.lacks`: tries `attempt`, and names the privilege or the feature if it is refused. */
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

/** Calls `set` on a socket, and closes the socket if that fails. */
export function attempted(socket: Socket, set: (socket: Socket) => void): Socket {
  try {
    set(socket);
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

/** The privilege to open raw sockets. */
export const lacksRaw = lackOf(
  { privilege: 'CAP_NET_RAW' },
  ({ Socket: Class }) => new Class(Domain.IPV4, Type.RAW, 'icmpv4'),
);

/** The privilege to set marks, priorities above 6 and foreign addresses. */
export const lacksAdmin = lackOf({ privilege: 'CAP_NET_ADMIN' }, ({ Socket: Class }) =>
  attempted(new Class(Domain.IPV4, Type.DGRAM), (socket) => socket.setMark(1)),
);
