/**
 * The whole socket for Node: every method is one system call, made by a Node-API addon.
 *
 * @example
 * import { Domain, SockAddr, Socket, Type } from '@sock/native';
 *
 * const listener = new Socket(Domain.IPV6, Type.STREAM);
 * listener.setOnlyV6(false);
 * listener.bind(SockAddr.parse('[::1]:12345'));
 * listener.listen(128);
 */
import {
  interfaceNames,
  messageFlags,
  Poller as CorePoller,
  shareInstances,
  Socket as CoreSocket,
  socketTypes,
} from '@sock/core';
import { driver } from './driver.js';

export * from '@sock/core';

/** The numbers of this system's `MSG_...` flags, for the methods that take flags: `MSG.PEEK`. */
export const MSG = messageFlags(driver);

/** The numbers of this system's `SOCK_...` types and their flags, for `accept4`: `SOCK.NONBLOCK`. */
export const SOCK = socketTypes(driver);

/** Names and indexes of the network interfaces of this system. */
export const { ifNameToIndex, ifIndexToName, ifNameIndex } = interfaceNames(driver);

/** A system socket of this process. */
export class Socket extends CoreSocket {
  static override readonly driver = driver;
}

/** Waits on many sockets of this thread at once. */
export class Poller extends CorePoller {
  static override readonly driver = driver;
}

shareInstances(Socket, 'native.Socket');
shareInstances(Poller, 'native.Poller');
