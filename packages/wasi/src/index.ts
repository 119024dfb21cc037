/**
 * The socket over WASI 0.2, on Node: the component, with @sock/wasi-host for its host where the addon of @sock/native
 * loads, and preview2-shim elsewhere. Calls are synchronous. Inside a component import `@sock/wasi/guest`, or bundle with the condition `wasi`.
 */
import {
  interfaceNames,
  messageFlags,
  Poller as CorePoller,
  Socket as CoreSocket,
  socketTypes,
} from '@sock/core';
import { chooseHost, type HostName } from './choose-host.js';

export * from '@sock/core';

const { driver, name, reason } = chooseHost();

/** The host of the component: `'native'` is @sock/wasi-host over @sock/native, `'shim'` is preview2-shim. */
export const hostName: HostName = name;
/** Why. */
export const hostReason: string = reason;

/** The numbers of the `MSG_...` flags, for the methods that take flags: `MSG.PEEK`. */
export const MSG = messageFlags(driver);

/** The numbers of the `SOCK_...` types and their flags, for `accept4`: `SOCK.NONBLOCK`. */
export const SOCK = socketTypes(driver);

/** Names and indexes of the network interfaces of this system. */
export const { ifNameToIndex, ifIndexToName, ifNameIndex } = interfaceNames(driver);

/** A socket of wasi:sockets. */
export class Socket extends CoreSocket {
  static override readonly driver = driver;
}

/** Waits on many sockets at once. */
export class Poller extends CorePoller {
  static override readonly driver = driver;
}
