/** Multicast calls of node's UDP handle, on a Socket. An interface is named by its name, its index or an address. */
import { networkInterfaces } from 'node:os';
import { type Driver, SockAddr, type SockError, type Socket } from '@sock/core';
import { nodeError } from '../node-errors.js';
import { driverOf, interfaceIndex, interfaceName, scopeIdOf } from '../node-address.js';

type How = 'join' | 'leave';

const isIpv4Text = (text: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(text);

/** The index of an interface from its name, its index or, for IPv6, an address with a zone; 0: the system chooses. */
function indexOf(text: string | undefined, driver: Driver): number {
  if (text === undefined) return 0;
  if (text.includes('%')) return scopeIdOf(text, driver);
  if (text.includes(':')) {
    SockAddr.ipv6(text, 0);
    return 0;
  }
  try {
    return interfaceIndex(text, driver);
  } catch (error) {
    // libuv reports EINVAL for a text that is no address.
    throw Object.assign(error as Error, { code: 'EINVAL' });
  }
}

/**
 * The first IPv4 address of an interface, for the calls that name an interface by it.
 * @throws {Error} EADDRNOTAVAIL if the interface has none
 */
function ipv4Of(index: number, driver: Driver): string {
  const found = networkInterfaces()[interfaceName(index, driver)];
  const address = found?.find(({ family }) => family === 'IPv4')?.address;
  if (address !== undefined) return address;
  throw nodeError('EADDRNOTAVAIL', 'the interface has no IPv4 address');
}

/** The IPv4 address by which a call names an interface; 0.0.0.0: the system chooses. */
function ipv4At(text: string | undefined, driver: Driver): string {
  if (text === undefined) return '0.0.0.0';
  return isIpv4Text(text) ? text : ipv4Of(indexOf(text, driver), driver);
}

const isIpv6 = (socket: Socket): boolean => socket.domain() === 'ipv6';

/** An address without its zone. */
const withoutZone = (text: string): string => text.split('%')[0] as string;

/** For libuv the zone of no interface leaves the choice to the system. */
function zoneOrAny(text: string, driver: Driver): number {
  try {
    return indexOf(text, driver);
  } catch (error) {
    if (text.includes('%') && (error as SockError).code === 'ENODEV') return 0;
    throw error;
  }
}

/** IP_MULTICAST_IF, IPV6_MULTICAST_IF */
export function setMulticastInterface(socket: Socket, text: string): void {
  const driver = driverOf(socket);
  if (isIpv6(socket)) socket.setMulticastIfV6(zoneOrAny(text, driver));
  else socket.setMulticastIfV4(ipv4At(text, driver));
}

/** Joins or leaves a group on an interface. */
export function changeMembership(how: How, socket: Socket, group: string, at?: string): void {
  const driver = driverOf(socket);
  if (isIpv6(socket)) {
    const index = at === undefined ? scopeIdOf(group, driver) : indexOf(at, driver);
    if (how === 'join') socket.joinMulticastV6(withoutZone(group), index);
    else socket.leaveMulticastV6(withoutZone(group), index);
    return;
  }
  if (at === undefined || isIpv4Text(at)) {
    if (how === 'join') socket.joinMulticastV4(group, at ?? '0.0.0.0');
    else socket.leaveMulticastV4(group, at ?? '0.0.0.0');
  } else changeIpv4Membership(how, socket, group, indexOf(at, driver));
}

/** Joins or leaves a group of IPv4 on an interface given by its index. */
export function changeIpv4Membership(how: How, socket: Socket, group: string, index: number): void {
  if (
    socket.supports(`${how}MulticastV4N`).level === 'unsupported' &&
    socket.backend === 'native'
  ) {
    // Windows and NetBSD know an interface only by its address.
    const address = ipv4Of(index, driverOf(socket));
    if (how === 'join') socket.joinMulticastV4(group, address);
    else socket.leaveMulticastV4(group, address);
  } else if (how === 'join') socket.joinMulticastV4N(group, index);
  else socket.leaveMulticastV4N(group, index);
}

/** Joins or leaves a group for one source on an interface. */
export function changeSourceMembership(
  how: How,
  socket: Socket,
  source: string,
  group: string,
  at?: string,
): void {
  const driver = driverOf(socket);
  if (!isIpv6(socket)) {
    if (how === 'join') socket.joinSsmV4(source, group, ipv4At(at, driver));
    else socket.leaveSsmV4(source, group, ipv4At(at, driver));
    return;
  }
  const index = at === undefined ? scopeIdOf(group, driver) : indexOf(at, driver);
  if (how === 'join') socket.joinSsmV6(withoutZone(source), withoutZone(group), index);
  else socket.leaveSsmV6(withoutZone(source), withoutZone(group), index);
}
