/** `connectHost` with node's resolver and with what the system knows about its addresses. */
import dns from 'node:dns';
import {
  connectHostWith,
  type ConnectEvents,
  type ConnectHostOptions,
  type ConnectingClass,
  type Driver,
  firstAddress as firstAddressOf,
  type HostLookup,
  type SockAddr,
  type Socket,
} from '@sock/core';
import { linuxSources } from './linux-sources.js';

/**
 * The options with node's resolver, unless a backend with a network of its own looks names up. The sockets of
 * @sock/native reach what node finds, and node's errors say more.
 */
function withResolver(options: ConnectHostOptions, driver: Driver | undefined): ConnectHostOptions {
  // `connectHost` of core refuses what is no class of a backend.
  if (driver === undefined) return options;
  const isOwn = driver.name !== 'native' && driver.lookup !== undefined;
  if (isOwn || typeof options !== 'object' || options === null) return options;
  return { ...options, lookup: options.lookup ?? (dns.lookup as unknown as HostLookup) };
}

/** {@link connectHost} with the arguments in one object and a listener. */
export const connectWith = <T extends Socket>(
  SocketOf: ConnectingClass<T>,
  host: string | SockAddr,
  port: number | undefined,
  options: ConnectHostOptions,
  events: ConnectEvents = {},
): Promise<T> =>
  connectHostWith(SocketOf, host, port, withResolver(options, SocketOf?.driver), {
    events,
    facts: linuxSources,
  });

/** `firstAddress` of @sock/core, in the same way. */
export const firstAddress = (
  SocketOf: ConnectingClass<Socket>,
  host: string,
  port: number,
  options: ConnectHostOptions,
): Promise<SockAddr> =>
  firstAddressOf(SocketOf, host, port, withResolver(options, SocketOf.driver), {
    facts: linuxSources,
  });

/**
 * `connectHost` of @sock/core, with two things that core lacks: names that neither `lookup` nor the backend looks up are
 * looked up by node (getaddrinfo(3)), and on Linux the order of the addresses follows rules 3, 4, 7 and 9 of RFC 6724.
 *
 * @param SocketOf the `Socket` class of any backend
 * @param host a name; an IP address, which may have a zone; `unix:/path`, `unix-abstract:name`; `vsock:2` for a context
 *   id; or a SockAddr
 * @param port 0 to 65535; left out for unix and for a SockAddr; 32 bits for vsock
 * @returns a connected socket. It blocks until `setNonblocking`, as every new Socket does
 * @throws as `connectHost` of @sock/core
 *
 * @example
 * const socket = await connectHost(Socket, 'example.com', 443, { timeout: 5000, sock: { nodelay: true } });
 */
export function connectHost<T extends Socket>(
  SocketOf: ConnectingClass<T>,
  host: string | SockAddr,
  port?: number,
  options: ConnectHostOptions = {},
): Promise<T> {
  return connectWith(SocketOf, host, port, options);
}
