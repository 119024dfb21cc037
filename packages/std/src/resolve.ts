/** Names to addresses, by node's resolver. */
import { lookup } from 'node:dns/promises';
import { SockAddr as CoreSockAddr } from '@sock/core';
import { nativeSocket } from './native-backend.js';
import { ipv6Address } from './node-address.js';

/** Options of {@link resolve}. */
export interface ResolveOptions {
  /** 4 or 6 asks for addresses of that family only. Default: 0, both. */
  readonly family?: 0 | 4 | 6;
  /** Ends the wait when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Looks up the addresses of a host by node's own resolver: getaddrinfo(3). It is also `SockAddr.resolve`.
 * @param host a name or an address, which may have a zone: `fe80::1%eth0`
 * @param port the port of every address in the result
 * @throws {RangeError} `ERR_OUT_OF_RANGE` for a port that is not 0 to 65535
 * @throws {SockError} ENODEV for a zone that is not an interface
 * @throws {Error} node's errors, such as ENOTFOUND; the signal's reason
 *
 * @example
 * const [address] = await resolve('localhost', 8080, { family: 4 });
 */
export async function resolve(
  host: string,
  port: number,
  { family = 0, signal }: ResolveOptions = {},
): Promise<CoreSockAddr[]> {
  // Refuses a wrong port before the lookup.
  CoreSockAddr.ipv4('0.0.0.0', port);
  signal?.throwIfAborted();
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal?.reason as Error);
    signal?.addEventListener('abort', abort);
  });
  try {
    const found = await Promise.race([lookup(host, { all: true, family }), aborted]);
    return found.map(({ address, family: kind }) => {
      if (kind !== 6) return CoreSockAddr.ipv4(address, port);
      return ipv6Address(address, port, () => nativeSocket().driver);
    });
  } finally {
    if (abort !== undefined) signal?.removeEventListener('abort', abort);
  }
}

/** Core's `SockAddr` with {@link resolve} added: core itself has no resolver. */
export const SockAddr: typeof CoreSockAddr & { readonly resolve: typeof resolve } = Object.assign(
  CoreSockAddr,
  { resolve },
);
export type SockAddr = CoreSockAddr;
