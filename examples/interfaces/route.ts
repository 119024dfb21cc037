/** Interfaces and addresses by rtnetlink(7). */
import { Domain, SockAddr, SockError, Socket, Type } from '@sock/native';
import { whenReadable } from '../when-readable.js';
import { dumpRequest, isLast, type Message, messages, Payload } from './netlink.js';

// linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h, linux/if.h
const NETLINK_ROUTE = 0;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_GETADDR = 22;
const GROUPS = { link: 1, ipv4Address: 5, ipv6Address: 9 };
const IFINFO = 16;
const IFLA = { ADDRESS: 1, IFNAME: 3, MTU: 4 };
const IFADDR = 8;
const IFA = { ADDRESS: 1, LOCAL: 2 };
const AF_INET = 2;
const FLAGS: readonly (readonly [number, string])[] = [
  [0x1, 'UP'],
  [0x2, 'BROADCAST'],
  [0x8, 'LOOPBACK'],
  [0x10, 'POINTOPOINT'],
  [0x40, 'RUNNING'],
  [0x100, 'PROMISC'],
  [0x1000, 'MULTICAST'],
];

/** The kernel puts at most 32 KiB into one datagram of a dump. */
const ROOM = 65536;

const KERNEL = SockAddr.netlink(0);

export interface Link {
  readonly index: number;
  readonly name: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  /** The link-layer address; empty if the interface has none. */
  readonly address: string;
}

export interface Address {
  /** The interface's index. */
  readonly index: number;
  /** Address and prefix length: `127.0.0.1/8`. */
  readonly text: string;
}

export type Change =
  | { readonly kind: 'link'; readonly gone: boolean; readonly link: Link }
  | { readonly kind: 'address'; readonly gone: boolean; readonly address: Address }
  /** The socket's queue was full, so changes were lost. */
  | { readonly kind: 'overrun' };

export function links(): Link[] {
  return dump(RTM_GETLINK).map(linkOf);
}

export function addresses(): Address[] {
  return dump(RTM_GETADDR).map(addressOf);
}

/** The changes from now on, until the signal aborts. */
export async function* changes(signal: AbortSignal): AsyncGenerator<Change> {
  using socket = new Socket(Domain.NETLINK, Type.RAW, NETLINK_ROUTE);
  // The kernel sends group messages only to sockets that have a port id.
  socket.bind(SockAddr.netlink());
  for (const group of Object.values(GROUPS)) socket.addNetlinkMembership(group);
  const buffer = new Uint8Array(ROOM);
  for await (const _ of whenReadable(socket, signal)) {
    try {
      const received = socket.tryRecvFrom(buffer);
      if (received === undefined || !isKernel(received[1])) continue;
      const [length] = received;
      for (const message of messages(buffer.subarray(0, length))) {
        const change = changeOf(message);
        if (change !== undefined) yield change;
      }
    } catch (error) {
      if (!(error instanceof SockError) || error.code !== 'ENOBUFS') throw error;
      yield { kind: 'overrun' };
    }
  }
}

/** All entries of a kind. This blocks, because the kernel answers a request at once. */
function dump(type: number): Payload[] {
  using socket = new Socket(Domain.NETLINK, Type.RAW, NETLINK_ROUTE);
  const sequence = 1;
  socket.sendTo(dumpRequest(type, sequence), KERNEL);
  const buffer = new Uint8Array(ROOM);
  const found: Payload[] = [];
  for (;;) {
    const [length, sender] = socket.recvFrom(buffer);
    if (!isKernel(sender)) continue;
    for (const message of messages(buffer.slice(0, length))) {
      if (message.sequence !== sequence) continue;
      if (isLast(message)) return found;
      found.push(message.payload);
    }
  }
}

function changeOf({ type, payload }: Message): Change | undefined {
  switch (type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return { kind: 'link', gone: type === RTM_DELLINK, link: linkOf(payload) };
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return { kind: 'address', gone: type === RTM_DELADDR, address: addressOf(payload) };
    default:
      return undefined;
  }
}

/** Whether the kernel sent it. Other processes can send to a netlink socket too. */
function isKernel(sender: SockAddr): boolean {
  return sender.asNetlinkAddress()?.[0] === 0;
}

/** Reads a `struct ifinfomsg`. */
function linkOf(payload: Payload): Link {
  const attributes = payload.attributes(IFINFO);
  const flags = payload.u32(8);
  const mtu = attributes.get(IFLA.MTU);
  const name = attributes.get(IFLA.IFNAME) ?? new Uint8Array(1);
  return {
    index: payload.i32(4),
    name: new TextDecoder().decode(name.subarray(0, -1)),
    flags: FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, flag]) => flag),
    mtu: mtu === undefined ? 0 : new Payload(mtu).u32(0),
    address: Array.from(attributes.get(IFLA.ADDRESS) ?? [], hex).join(':'),
  };
}

/** Reads a `struct ifaddrmsg`. A point-to-point link has its local address in another attribute. */
function addressOf(payload: Payload): Address {
  const attributes = payload.attributes(IFADDR);
  const bytes = attributes.get(IFA.LOCAL) ?? attributes.get(IFA.ADDRESS) ?? new Uint8Array(0);
  const address = payload.u8(0) === AF_INET ? bytes.join('.') : ipv6(bytes);
  return { index: payload.u32(4), text: `${address}/${payload.u8(1)}` };
}

function ipv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    [bytes[2 * index], bytes[2 * index + 1]].map((byte) => hex(byte ?? 0)).join(''),
  );
  return SockAddr.ipv6(groups.join(':'), 0).address;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
