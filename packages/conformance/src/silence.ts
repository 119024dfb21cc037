import { Domain, SockError, type Socket, Type } from '@sock/core';
import { fail } from './assert.js';
import { type Context, pause } from './context.js';
import { attempted, lackOf } from './privilege.js';

/** BPF_RET: what it returns is how much of the packet the socket gets, in bytes. */
const RETURN = 0x06;

/** How often {@link eventually} looks before it gives up, and how long it waits between, in milliseconds. */
const ATTEMPTS = 2000;
const INTERVAL = 5;

type TcpInfo = ReturnType<Socket['tcpInfo']>;

/** What {@link silencedPair} uses. */
export const needsSilence = ['attachFilter', 'detachFilter', 'setLinger'] as const;

/** Linux 6.18 lets only the privileged filter what comes to a TCP socket. */
export const lacksSilence = lackOf({ privilege: 'CAP_NET_ADMIN' }, ({ Socket: Class }) =>
  attempted(new Class(Domain.IPV4, Type.STREAM), silence),
);

/** Has the socket hear nothing: its system drops every packet to it, as a broken cable would. */
export function silence(socket: Socket): void {
  socket.attachFilter([{ code: RETURN, k: 0 }]);
}

/** A connection whose second socket hears nothing. Neither outlives its case in the system. */
export function silencedPair(t: Context): [Socket, Socket] {
  const [one, other] = t.connectedPair();
  for (const socket of [one, other]) socket.setLinger(0);
  silence(other);
  return [one, other];
}

/** Looks again and again until there is a result; the case's own time-out bounds it too. */
export async function eventually<T>(what: string, look: () => T | undefined): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const result = look();
    if (result !== undefined) return result;
    await pause(INTERVAL);
  }
  return fail(`it never came about: ${what}`);
}

/** The code of the error that ends a connection. */
export async function endOf(socket: Socket): Promise<string> {
  await socket.readable();
  try {
    return `received ${socket.recv(new Uint8Array(1))} bytes`;
  } catch (error) {
    return error instanceof SockError ? error.code : String(error);
  }
}

/** The counts of a connection, once `fits` holds of them. */
export function infoOf(
  socket: Socket,
  what: string,
  fits: (info: TcpInfo) => boolean,
): Promise<TcpInfo> {
  return eventually(what, () => {
    const info = socket.tcpInfo();
    return fits(info) ? info : undefined;
  });
}
