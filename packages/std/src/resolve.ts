import { lookup } from 'node:dns/promises';
import { SockAddr as CoreSockAddr } from '@sock/core';

/** What {@link resolve} takes. */
export interface ResolveOptions {
  /** 4 or 6: only addresses of that family; 0, the default: both. */
  readonly family?: 0 | 4 | 6;
  readonly signal?: AbortSignal;
}

/**
 * The addresses of a host, by node's own resolver: getaddrinfo(3). Also `SockAddr.resolve`.
 * @throws `ERR_OUT_OF_RANGE` for a port; node's errors, such as ENOTFOUND; the signal's reason
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
    return found.map(({ address, family: kind }) =>
      kind === 6 ? CoreSockAddr.ipv6(address, port) : CoreSockAddr.ipv4(address, port),
    );
  } finally {
    if (abort !== undefined) signal?.removeEventListener('abort', abort);
  }
}

/** Core's `SockAddr`, which resolves names too: core itself knows no system to ask. */
export const SockAddr: typeof CoreSockAddr & { readonly resolve: typeof resolve } = Object.assign(
  CoreSockAddr,
  { resolve },
);
export type SockAddr = CoreSockAddr;
