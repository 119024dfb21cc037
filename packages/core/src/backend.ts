/** A backend out of a driver: what a package exports that implements {@link Driver} and nothing else. */
import { messageFlags, socketTypes } from './constants.js';
import type { Domain, Protocol, Type } from './constants.js';
import type { Driver } from './driver.js';
import { type InterfaceNames, interfaceNames } from './driver/interfaces.js';
import { Poller } from './poller.js';
import { Socket } from './socket.js';

/** A class of sockets that is complete: it has a driver. */
export type SocketOfDriver = (new (
  domain: Domain,
  type: Type,
  protocol?: Protocol | null,
) => Socket) &
  Pick<
    typeof Socket,
    'driver' | 'newRaw' | 'pair' | 'pairRaw' | 'fromRawFd' | 'borrowRawFd' | 'prototype'
  >;

/** A class of pollers that is complete. */
export type PollerOfDriver = (new () => Poller) &
  Pick<typeof Poller, 'driver' | 'wakeFd' | 'prototype'>;

/** What every backend exports besides what core exports. */
export interface BackendOfDriver extends InterfaceNames {
  readonly Socket: SocketOfDriver;
  readonly Poller: PollerOfDriver;
  /** The numbers of the `MSG_...` flags, for the methods that take flags: `MSG.PEEK`. */
  readonly MSG: Readonly<Record<string, number>>;
  /** The numbers of the `SOCK_...` types and their flags, for `accept4`: `SOCK.NONBLOCK`. */
  readonly SOCK: Readonly<Record<string, number>>;
}

/**
 * Makes a backend out of a driver: `Socket`, `Poller`, `MSG`, `SOCK` and the names of interfaces.
 * @param driver must have `Layout.size` bytes of memory
 * @example
 * export const { Socket, Poller, MSG, SOCK } = makeBackend(myDriver);
 */
export function makeBackend(driver: Driver): BackendOfDriver {
  class SocketOfThis extends Socket {
    static override readonly driver = driver;
  }
  class PollerOfThis extends Poller {
    static override readonly driver = driver;
  }
  return {
    Socket: SocketOfThis,
    Poller: PollerOfThis,
    MSG: messageFlags(driver),
    SOCK: socketTypes(driver),
    ...interfaceNames(driver),
  };
}
