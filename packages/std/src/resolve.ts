import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { SockAddr as CoreSockAddr } from '@sock/core';

/** What {@link resolve} takes. */
export interface ResolveOptions {
  /** 4 or 6: only addresses of that family; 0, the default: both. */
  readonly family?: 0 | 4 | 6;
  readonly signal?: AbortSignal;
}

/**
 * The addresses of a host, by node's own resolver: getaddrinfo(3). Also `SockAddr.resolve`.
 * @throws `ERR_OUT_OF_RANGE` for a port; node's errors, such as ENOTFOUND; ENODEV for a zone that is no
 *   interface; the signal's reason
 */
export async function resolve(
  host: string,
  port: number,
  { family = 0, signal }: ResolveOptions = {},
): Promise<CoreSockAddr[]> {
  // A port that is none is refused before anybody is asked.
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
      const [bare = '', zone] = address.split('%');
      return CoreSockAddr.ipv6(bare, port, { scopeId: zone === undefined ? 0 : scopeOf(zone) });
    });
  } finally {
    if (abort !== undefined) signal?.removeEventListener('abort', abort);
  }
}

/** The index of an IPv6 zone, which is that number or the name of an interface. RFC 4007, section 11 */
function scopeOf(zone: string): number {
  if (/^\d+$/.test(zone)) return Number(zone);
  const addresses = networkInterfaces()[zone] ?? [];
  const linkLocal = addresses.find((it) => it.family === 'IPv6' && it.scopeid !== 0);
  if (linkLocal?.family === 'IPv6') return linkLocal.scopeid;
  throw Object.assign(new Error(`no interface with a link-local address is called '${zone}'`), {
    code: 'ENODEV',
  });
}

/** Core's `SockAddr`, which resolves names too: core itself knows no system to ask. */
export const SockAddr: typeof CoreSockAddr & { readonly resolve: typeof resolve } = Object.assign(
  CoreSockAddr,
  { resolve },
);
export type SockAddr = CoreSockAddr;
