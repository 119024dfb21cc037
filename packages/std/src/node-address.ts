/** Addresses as node's objects show and take them. */
import { isIPv4 } from 'node:net';
import { type Driver, interfaceNames, SockAddr, type Socket } from '@sock/core';
import { nativeSocket } from './native-backend.js';

/** An IP address in node's form. */
export interface NodeAddress {
  address?: string;
  port?: number;
  family?: string;
}

/** The driver of a Socket's backend. */
export const driverOf = (socket: Socket): Driver => (socket.constructor as typeof Socket).driver;

/** The driver that knows the names of network interfaces: this one, or @sock/native's. */
function namingDriver(driver: Driver): Driver {
  if (driver.interfaceIndex !== undefined) return driver;
  try {
    return nativeSocket().driver;
  } catch {
    return driver;
  }
}

/** Whether the address is of fe80::/10: the only ones that node prints with their zone. */
const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address);

/** The text of an IPv6 address, with its zone where node prints it. */
function ipv6Text(found: SockAddr, driver: Driver): string {
  const { address, scopeId } = found;
  if (scopeId === 0 || !isLinkLocal(address)) return address;
  try {
    return `${address}%${interfaceName(scopeId, driver)}`;
  } catch {
    return `${address}%${scopeId}`;
  }
}

/** An IP address in node's form; an empty object for an address of another family. */
export function toNodeAddress(found: SockAddr, driver: Driver): NodeAddress {
  if (found.isIpv4()) return { address: found.address, family: 'IPv4', port: found.port };
  if (!found.isIpv6()) return {};
  return { address: ipv6Text(found, driver), family: 'IPv6', port: found.port };
}

/**
 * The index of a network interface, from its name or its index as text.
 * @throws {SockError} ENODEV if no interface has this name; `ERR_SOCK_UNSUPPORTED` if no backend looks up names
 */
export function interfaceIndex(nameOrIndex: string, driver: Driver): number {
  if (/^\d{1,10}$/.test(nameOrIndex)) return Number(nameOrIndex);
  return interfaceNames(namingDriver(driver)).ifNameToIndex(nameOrIndex);
}

/** The name of a network interface. @throws {SockError} ENXIO if there is none */
export const interfaceName = (index: number, driver: Driver): string =>
  interfaceNames(namingDriver(driver)).ifIndexToName(index);

/**
 * The scope id of an address with a zone, such as `fe80::1%eth0`, `::%eth0` or `fe80::1%2`. The zone
 * is the name or the index of a network interface. RFC 4007, section 11
 * @param driver the backend that looks up the name; @sock/native if this one does not
 * @returns 0 for an address without a zone
 * @throws as {@link interfaceIndex}
 */
export function scopeIdOf(address: string, driver: Driver): number {
  const percent = address.indexOf('%');
  return percent === -1 ? 0 : interfaceIndex(address.slice(percent + 1), driver);
}

/**
 * An IPv6 socket address from text with or without a zone.
 * @param driver gives the backend that looks up the zone's name; asked only if there is a zone
 * @throws as {@link scopeIdOf} and `SockAddr.ipv6`
 */
export function ipv6Address(address: string, port: number, driver: () => Driver): SockAddr {
  const [ip = '', zone] = address.split('%');
  if (zone === undefined) return SockAddr.ipv6(address, port);
  return SockAddr.ipv6(ip, port, { scopeId: scopeIdOf(address, driver()) });
}

/** An IP address, which may have a zone. @throws as {@link ipv6Address} and `SockAddr.ipv4` */
export const ipAddress = (text: string, port: number, driver: Driver): SockAddr =>
  isIPv4(text) ? SockAddr.ipv4(text, port) : ipv6Address(text, port, () => driver);
