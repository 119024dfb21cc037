/** The messages of rtnetlink(7) about links and addresses. */
import { attributesOf, bytesOf, ipText, LITTLE, type NetlinkMessage } from './netlink-message.js';

// linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h, linux/if.h
export const NETLINK_ROUTE = 0;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
export const RTM_GETADDR = 22;
/** The size of a `struct ifinfomsg`, in bytes. */
export const IFINFO = 16;
const IFLA = { ADDRESS: 1, IFNAME: 3, MTU: 4 };
/** The size of a `struct ifaddrmsg`, in bytes. */
export const IFADDR = 8;
const IFA = { ADDRESS: 1, LOCAL: 2 };
const IFF = { UP: 0x1, LOOPBACK: 0x8, RUNNING: 0x40, MULTICAST: 0x1000 };

/** A link that has changed. */
export type InterfaceLink = Extract<InterfaceChange, { kind: 'link' }>;

/** An address that was added or removed. */
export type AddressChange = Extract<InterfaceChange, { kind: 'address' }>;

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

/** The change that a message reports; `undefined` for other messages. */
export function changeOf({ type, payload }: NetlinkMessage): InterfaceChange | undefined {
  if (type === RTM_NEWLINK || type === RTM_DELLINK) return linkOf(payload, type === RTM_DELLINK);
  if (type === RTM_NEWADDR || type === RTM_DELADDR) return addressOf(payload, type === RTM_DELADDR);
  return undefined;
}

/** Reads a `struct ifinfomsg`. */
export function linkOf(payload: DataView, gone: boolean): InterfaceLink {
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
export function addressOf(payload: DataView, gone: boolean): AddressChange | undefined {
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
