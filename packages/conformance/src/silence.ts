import { Domain, SockError, type Socket, Type } from '@sock/core';
import { fail } from './assert.js';
import { type Context, pause } from './context.js';
import { attempted, lackOf } from './privilege.js';

/** BPF_RET: its value is how many bytes of the packet the socket gets. */
const RETURN = 0x06;

/** How often {@link eventually} looks before it gives up, and the milliseconds between two looks. */
const ATTEMPTS = 2000;
const INTERVAL = 5;

type TcpInfo = ReturnType<Socket['tcpInfo']>;

/** The operations that {@link silencedPair} uses. */
export const needsSilence = ['attachFilter', 'detachFilter', 'setLinger'] as const;

/** Since Linux 6.18 a filter on a TCP socket needs a privilege. */
export const lacksSilence = lackOf({ privilege: 'CAP_NET_ADMIN' }, ({ Socket: Class }) =>
  attempted(new Class(Domain.IPV4, Type.STREAM), silence),
);

/** Cuts the socket off: the system drops every packet to it, as if the cable were broken. */
export function silence(socket: Socket): void {
  socket.attachFilter([{ code: RETURN, k: 0 }]);
}

/** A connection whose second socket receives nothing. Linger 0 removes both from the system when the case ends. */
export function silencedPair(t: Context): [Socket, Socket] {
  const [one, other] = t.connectedPair();
  for (const socket of [one, other]) socket.setLinger(0);
  silence(other);
  return [one, other];
}

/** Calls `look` repeatedly until it returns a result. The case's time-out bounds it too. */
export async function eventually<T>(what: string, look: () => T | undefined): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const result = look();
    if (result !== undefined) return result;
    await pause(INTERVAL);
  }
  return fail(`did not happen in time: ${what}`);
}

/** Waits for the end of a connection, and returns the code of the error. */
export async function endOf(socket: Socket): Promise<string> {
  await socket.readable();
  try {
    return `received ${socket.recv(new Uint8Array(1))} bytes`;
  } catch (error) {
    return error instanceof SockError ? error.code : String(error);
  }
}

/** Waits until the connection's `tcpInfo` satisfies `fits`, and returns it. */
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
