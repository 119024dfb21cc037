/** Network interfaces and addresses that come and go: rtnetlink(7). */
import type { SockAddr, SockError, Socket, WaitSignal } from '@sock/core';
import type { SocketClass } from '../native-backend.js';
import { SocketWaits } from '../node-objects/socket-waits.js';
import { checkOptions } from '../transfer/transfer-options.js';
import {
  attributesOf,
  bytesOf,
  dumpNow,
  ipText,
  isKernel,
  LITTLE,
  messagesIn,
  netlinkSocket,
  type NetlinkMessage,
  ROOM,
} from './netlink-message.js';

// linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h, linux/if.h
const NETLINK_ROUTE = 0;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
/** RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR. */
const GROUPS = [1, 5, 9];
const IFINFO = 16;
const IFLA = { ADDRESS: 1, IFNAME: 3, MTU: 4 };
const IFADDR = 8;
const IFA = { ADDRESS: 1, LOCAL: 2 };
const IFF = { UP: 0x1, LOOPBACK: 0x8, RUNNING: 0x40, MULTICAST: 0x1000 };

/** Options of {@link watchInterfaces}. */
export interface WatchInterfacesOptions {
  /** Ends the iteration without an error. */
  readonly signal?: WaitSignal | undefined;
  /** Whether the wait for a change keeps the process alive. Default: `true`. */
  readonly ref?: boolean | undefined;
  /** The class of the netlink socket. Default: that of @sock/native. */
  readonly Socket?: SocketClass | undefined;
}

/** A link that has changed. */
export type InterfaceLink = Extract<InterfaceChange, { kind: 'link' }>;

/** What has changed. */
export type InterfaceChange =
  | {
      readonly kind: 'link';
      /** Whether the interface is gone; otherwise it is new, or changed. */
      readonly gone: boolean;
      readonly index: number;
      readonly name: string;
      /** Whether it was turned on: IFF_UP. */
      readonly up: boolean;
      /** Whether it can carry packets: IFF_RUNNING. */
      readonly running: boolean;
      readonly loopback: boolean;
      /** Whether it was made for multicast: IFF_MULTICAST. */
      readonly multicast: boolean;
      /** In bytes. */
      readonly mtu: number;
      /** The link-layer address, as `02:00:00:00:00:01`; empty if it has none. */
      readonly mac: string;
    }
  | {
      readonly kind: 'address';
      readonly gone: boolean;
      /** The index of the interface. */
      readonly index: number;
      readonly family: 'ipv4' | 'ipv6';
      readonly address: string;
      /** The length of the network's prefix, in bits. */
      readonly prefix: number;
    }
  /** Changes came faster than they were read, and some are lost: list the interfaces again. */
  | { readonly kind: 'overrun' };

/**
 * Iterates over the changes of this system's network interfaces and of their addresses. It subscribes in this call, and
 * not in the first turn of the loop, so a list that is made after the call misses no change. It ends with the signal, or
 * when the loop is left.
 *
 * @param options.signal ends the iteration without an error
 * @returns what `for await` takes: a link or an address each time, or `overrun` when changes were lost
 * @param options.ref `false` lets the process end while the iteration waits
 * @throws {SockError} `ERR_SOCK_UNSUPPORTED` on other systems than Linux; EMFILE
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`
 * @see rtnetlink(7)
 *
 * @example
 * for await (const change of watchInterfaces({ signal })) {
 *   if (change.kind === 'address' && !change.gone) console.log(`new: ${change.address}`);
 * }
 */
export function watchInterfaces(
  options: WatchInterfacesOptions = {},
): AsyncGenerator<InterfaceChange, void, undefined> {
  checkOptions(options);
  const { signal, ref = true } = options;
  if (typeof ref !== 'boolean') {
    throw Object.assign(new TypeError('The "options.ref" property must be of type boolean'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  const socket = netlinkSocket('watchInterfaces', NETLINK_ROUTE, options.Socket);
  try {
    for (const group of GROUPS) socket.addNetlinkMembership(group);
  } catch (error) {
    socket.close();
    throw error;
  }
  return changes(socket, signal, ref);
}

async function* changes(
  socket: Socket,
  signal: WaitSignal | undefined,
  ref: boolean,
): AsyncGenerator<InterfaceChange, void, undefined> {
  const waits = new SocketWaits(socket);
  if (!ref) waits.unref();
  try {
    const buffer = new Uint8Array(ROOM);
    while (signal?.aborted !== true) {
      let received: [length: number, sender: SockAddr] | undefined;
      try {
        received = socket.tryRecvFrom(buffer);
      } catch (error) {
        if ((error as SockError).code !== 'ENOBUFS') throw error;
        yield { kind: 'overrun' };
        continue;
      }
      if (received === undefined) {
        await readable(waits, signal);
        continue;
      }
      if (!isKernel(received[1])) continue;
      for (const message of messagesIn(buffer.subarray(0, received[0]))) {
        const change = changeOf(message);
        if (change !== undefined) yield change;
      }
    }
  } finally {
    waits.close();
    socket.close();
  }
}

/** Waits until the socket is readable or the signal aborts. */
function readable(waits: SocketWaits, signal: WaitSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      signal?.removeEventListener('abort', done);
      resolve();
    };
    signal?.addEventListener('abort', done);
    waits.whenReadable(done, reject);
  });
}

/**
 * The links of this network namespace now, each as a change of kind `link`, those without addresses too.
 * @throws {SockError} as {@link watchInterfaces}
 */
export function linksNow(SocketOf?: SocketClass): InterfaceLink[] {
  const socket = netlinkSocket('linksNow', NETLINK_ROUTE, SocketOf);
  try {
    // A `struct ifinfomsg` of zeros: every family, every interface.
    const entries = dumpNow(socket, RTM_GETLINK, new Uint8Array(IFINFO));
    return entries.map((entry) => linkOf(entry, false));
  } finally {
    socket.close();
  }
}

function changeOf({ type, payload }: NetlinkMessage): InterfaceChange | undefined {
  if (type === RTM_NEWLINK || type === RTM_DELLINK) return linkOf(payload, type === RTM_DELLINK);
  if (type === RTM_NEWADDR || type === RTM_DELADDR) return addressOf(payload, type === RTM_DELADDR);
  return undefined;
}

/** Reads a `struct ifinfomsg`. */
function linkOf(payload: DataView, gone: boolean): InterfaceLink {
  const attributes = attributesOf(payload, IFINFO);
  const flags = payload.getUint32(8, LITTLE);
  const name = attributes.get(IFLA.IFNAME);
  const mac = attributes.get(IFLA.ADDRESS);
  return {
    kind: 'link',
    gone,
    index: payload.getInt32(4, LITTLE),
    name: name === undefined ? '' : new TextDecoder().decode(bytesOf(name).subarray(0, -1)),
    up: (flags & IFF.UP) !== 0,
    running: (flags & IFF.RUNNING) !== 0,
    loopback: (flags & IFF.LOOPBACK) !== 0,
    multicast: (flags & IFF.MULTICAST) !== 0,
    mtu: attributes.get(IFLA.MTU)?.getUint32(0, LITTLE) ?? 0,
    mac:
      mac === undefined
        ? ''
        : Array.from(bytesOf(mac), (byte) => byte.toString(16).padStart(2, '0')).join(':'),
  };
}

/** Reads a `struct ifaddrmsg`. A point-to-point link has its local address in another attribute. */
function addressOf(payload: DataView, gone: boolean): InterfaceChange | undefined {
  const attributes = attributesOf(payload, IFADDR);
  const address = attributes.get(IFA.LOCAL) ?? attributes.get(IFA.ADDRESS);
  if (address === undefined) return undefined;
  return {
    kind: 'address',
    gone,
    index: payload.getUint32(4, LITTLE),
    family: address.byteLength === 4 ? 'ipv4' : 'ipv6',
    address: ipText(bytesOf(address)),
    prefix: payload.getUint8(1),
  };
}
