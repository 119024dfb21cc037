import { lookup } from 'node:dns/promises';
import { SockAddr } from '@sock/core';

/** What {@link resolve} takes. */
export interface ResolveOptions {
  /** 4 or 6: only addresses of that family; 0, the default: both. */
  readonly family?: 0 | 4 | 6;
  readonly signal?: AbortSignal;
}

/**
 * The addresses of a host, by node's own resolver: getaddrinfo(3).
 * @throws node's errors, such as ENOTFOUND; the signal's reason
 */
export async function resolve(
  host: string,
  port: number,
  { family = 0, signal }: ResolveOptions = {},
): Promise<SockAddr[]> {
  signal?.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  const found = await Promise.race([lookup(host, { all: true, family }), aborted]);
  return found.map(({ address, family: kind }) =>
    kind === 6 ? SockAddr.ipv6(address, port) : SockAddr.ipv4(address, port),
  );
}
