/** Network interfaces and addresses that come and go: rtnetlink(7). */
import type { SockAddr, SockError, Socket, WaitSignal } from '@sock/core';
import { invalidArgument } from '../node-errors.js';
import type { SocketClass } from '../native-backend.js';
import { SocketWaits } from '../node-objects/socket-waits.js';
import { checkWaitOptions } from '../wait-options.js';
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
const RTM_GETADDR = 22;
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
  /** Changes came faster than they were read, and those until now are lost: see {@link listInterfaces}. */
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
  checkWaitOptions(options);
  const { signal, ref = true } = options;
  if (typeof ref !== 'boolean') {
    throw invalidArgument(
      'ERR_INVALID_ARG_TYPE',
      'The "options.ref" property must be of type boolean',
    );
  }
  const socket = netlinkSocket('watchInterfaces', NETLINK_ROUTE, options.Socket);
  try {
    for (const group of GROUPS) socket.addNetlinkMembership(group);
  } catch (error) {
    socket.close();
    throw error;
  }
  return new Changes(socket, signal, ref);
}

/**
 * The iteration. It is no generator alone: that one would not close the socket if it is left before it began, nor while
 * it waits.
 */
class Changes implements AsyncGenerator<InterfaceChange, void, undefined> {
  readonly #socket: Socket;
  readonly #signal: WaitSignal | undefined;
  readonly #waits: SocketWaits;
  readonly #generator: AsyncGenerator<InterfaceChange, void, undefined>;
  #isEnded = false;
  #wake: () => void = () => {};
  readonly #end = (): void => {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#signal?.removeEventListener('abort', this.#end);
    this.#waits.close();
    this.#socket.close();
    this.#wake();
  };

  constructor(socket: Socket, signal: WaitSignal | undefined, ref: boolean) {
    this.#socket = socket;
    this.#signal = signal;
    this.#waits = new SocketWaits(socket);
    if (!ref) this.#waits.unref();
    this.#generator = this.#changes();
    signal?.addEventListener('abort', this.#end);
    if (signal?.aborted === true) this.#end();
  }

  async *#changes(): AsyncGenerator<InterfaceChange, void, undefined> {
    try {
      const buffer = new Uint8Array(ROOM);
      while (!this.#isEnded) {
        let received: [length: number, sender: SockAddr] | undefined;
        try {
          received = this.#socket.tryRecvFrom(buffer);
        } catch (error) {
          if ((error as SockError).code !== 'ENOBUFS') throw error;
          this.#drop(buffer);
          yield { kind: 'overrun' };
          continue;
        }
        if (received === undefined) {
          await this.#readable();
          continue;
        }
        if (!isKernel(received[1])) continue;
        for (const message of messagesIn(buffer.subarray(0, received[0]))) {
          const change = changeOf(message);
          if (change !== undefined) yield change;
        }
      }
    } finally {
      this.#end();
    }
  }

  /**
   * Drops what is in the queue. Until it is empty the kernel loses further changes and does not report that again:
   * changes after the list that the caller makes would be missed.
   */
  #drop(buffer: Uint8Array): void {
    for (let left = true; left;) {
      try {
        left = this.#socket.tryRecvFrom(buffer) !== undefined;
      } catch (error) {
        if ((error as SockError).code !== 'ENOBUFS') throw error;
      }
    }
  }

  /** Waits until the socket is readable or the iteration ends. */
  #readable(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wake = resolve;
      this.#waits.whenReadable(resolve, reject);
    });
  }

  next(): Promise<IteratorResult<InterfaceChange, void>> {
    return this.#generator.next();
  }

  return(): Promise<IteratorResult<InterfaceChange, void>> {
    this.#end();
    return this.#generator.return();
  }

  throw(error: unknown): Promise<IteratorResult<InterfaceChange, void>> {
    this.#end();
    return this.#generator.throw(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/** An address of an interface. */
export type InterfaceAddress = Omit<
  Extract<InterfaceChange, { kind: 'address' }>,
  'kind' | 'gone' | 'index'
>;

/** A network interface. */
export interface NetworkInterface extends Omit<InterfaceLink, 'kind' | 'gone'> {
  readonly addresses: readonly InterfaceAddress[];
}

/** Options of {@link listInterfaces}. */
export type ListInterfacesOptions = Pick<WatchInterfacesOptions, 'Socket'>;

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
  checkWaitOptions(options as WatchInterfacesOptions);
  const addresses = new Map<number, InterfaceAddress[]>();
  const links = linksNow(options.Socket);
  for (const { index, family, address, prefix } of addressesNow(options.Socket)) {
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

function addressesNow(SocketOf?: SocketClass): Extract<InterfaceChange, { kind: 'address' }>[] {
  const socket = netlinkSocket('listInterfaces', NETLINK_ROUTE, SocketOf);
  try {
    const entries = dumpNow(socket, RTM_GETADDR, new Uint8Array(IFADDR));
    return entries.flatMap((entry) => addressOf(entry, false) ?? []);
  } finally {
    socket.close();
  }
}

/**
 * The links of this network namespace now, each as a change of kind `link`, those without addresses too.
 * @throws {SockError} as {@link watchInterfaces}
 */
export function linksNow(SocketOf?: SocketClass): InterfaceLink[] {
  const socket = netlinkSocket('listInterfaces', NETLINK_ROUTE, SocketOf);
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
function addressOf(
  payload: DataView,
  gone: boolean,
): Extract<InterfaceChange, { kind: 'address' }> | undefined {
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
