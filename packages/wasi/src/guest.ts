/**
 * The socket over WASI 0.2, inside a component: `sock:socket/socket` is an import of the component, which
 * composing with sock.wasm satisfies.
 */
import {
  interfaceNames,
  messageFlags,
  Poller as CorePoller,
  Socket as CoreSocket,
  socketTypes,
} from '@sock/core';
import * as bindings from 'sock:socket/socket@0.1.0';
import { makeDriver } from './driver.js';

export * from '@sock/core';

const driver = makeDriver(bindings);

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
