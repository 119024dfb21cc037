/** Addresses as node's objects show and take them. */
import { type Driver, interfaceNames, SockAddr } from '@sock/core';

/** An IP address in node's form. */
export interface NodeAddress {
  address?: string;
  port?: number;
  family?: string;
}

/**
 * An IP address in node's form.
 * @returns an empty object if the socket is closed, has no such address, or the address is not IP
 */
export function nodeAddress(read: () => SockAddr, closed: boolean): NodeAddress {
  if (closed) return {};
  try {
    const found = read();
    if (!found.isIpv4() && !found.isIpv6()) return {};
    return {
      address: found.address,
      family: found.isIpv4() ? 'IPv4' : 'IPv6',
      port: found.port,
    };
  } catch {
    return {};
  }
}

/**
 * The scope id of an address with a zone, such as `fe80::1%eth0`, `::%eth0` or `fe80::1%2`. The zone
 * is the name or the index of a network interface. RFC 4007, section 11
 * @param driver the backend that looks up the name
 * @returns 0 for an address without a zone
 * @throws {SockError} ENODEV if no interface has this name; `ERR_SOCK_UNSUPPORTED` if the backend
 *   cannot look up names
 */
export function scopeIdOf(address: string, driver: Driver): number {
  const [, zone] = address.split('%');
  if (zone === undefined) return 0;
  if (/^\d+$/.test(zone)) return Number(zone);
  return interfaceNames(driver).ifNameToIndex(zone);
}

/**
 * An IPv6 socket address from text with or without a zone.
 * @param driver gives the backend that looks up the zone's name; asked only if there is a zone
 * @throws as {@link scopeIdOf} and `SockAddr.ipv6`
 */
export function ipv6Address(address: string, port: number, driver: () => Driver): SockAddr {
  if (!address.includes('%')) return SockAddr.ipv6(address, port);
  const [ip = ''] = address.split('%');
  return SockAddr.ipv6(ip, port, { scopeId: scopeIdOf(address, driver()) });
}
