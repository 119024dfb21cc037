/** The network interfaces of this system, with their addresses: rtnetlink(7). */
import type { Socket } from '@sock/core';
import type { SocketClass } from '../native-backend.js';
import { checkWaitOptions } from '../wait-options.js';
import { dumpNow, netlinkSocket } from './netlink-message.js';
import {
  type AddressChange,
  addressOf,
  IFADDR,
  IFINFO,
  type InterfaceLink,
  linkOf,
  NETLINK_ROUTE,
  RTM_GETADDR,
  RTM_GETLINK,
} from './route-message.js';

/** An address of an interface. */
export type InterfaceAddress = Omit<AddressChange, 'kind' | 'gone' | 'index'>;

/** A network interface. */
export interface NetworkInterface extends Omit<InterfaceLink, 'kind' | 'gone'> {
  readonly addresses: readonly InterfaceAddress[];
}

/** Options of {@link listInterfaces}. */
export interface ListInterfacesOptions {
  /** The class of the netlink socket. Default: that of @sock/native. */
  readonly Socket?: SocketClass | undefined;
}

/**
 * The interfaces of this network namespace, by their index, with their addresses. Other than `os.networkInterfaces()` it
 * lists those that are turned off or have no address. The kernel answers at once, so that this is no promise.
 *
 * @throws {SockError} `ERR_SOCK_UNSUPPORTED` on other systems than Linux; EMFILE
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`
 * @see rtnetlink(7)
 *
 * @example
 * for (const { name, addresses } of listInterfaces()) console.log(name, addresses.map((one) => one.address));
 */
export function listInterfaces(options: ListInterfacesOptions = {}): NetworkInterface[] {
  checkWaitOptions(options as object);
  const [links, found] = ask(options.Socket, (socket) => [linksOf(socket), addressesOf(socket)]);
  const addresses = new Map<number, InterfaceAddress[]>();
  for (const { index, family, address, prefix } of found) {
    const known = addresses.get(index);
    if (known === undefined) addresses.set(index, [{ family, address, prefix }]);
    else known.push({ family, address, prefix });
  }
  return links
    .map(({ index, name, up, running, loopback, multicast, mtu, mac }) => ({
      ...{ index, name, up, running, loopback, multicast, mtu, mac },
      addresses: addresses.get(index) ?? [],
    }))
    .toSorted((one, other) => one.index - other.index);
}

/**
 * The links of this network namespace now, each as a change of kind `link`, those without addresses too.
 * @throws {SockError} as `watchInterfaces`
 */
export const linksNow = (): InterfaceLink[] => ask(undefined, linksOf);

/** Calls back with a socket on which the kernel answers, and closes it. */
function ask<T>(SocketOf: SocketClass | undefined, read: (socket: Socket) => T): T {
  const socket = netlinkSocket('listInterfaces', NETLINK_ROUTE, SocketOf);
  try {
    return read(socket);
  } finally {
    socket.close();
  }
}

// Structures of zeros ask for every family and every interface.
const linksOf = (socket: Socket): InterfaceLink[] =>
  dumpNow(socket, RTM_GETLINK, new Uint8Array(IFINFO)).map((entry) => linkOf(entry, false));

const addressesOf = (socket: Socket): AddressChange[] =>
  dumpNow(socket, RTM_GETADDR, new Uint8Array(IFADDR)).flatMap(
    (entry) => addressOf(entry, false) ?? [],
  );
