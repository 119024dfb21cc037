/** Looks up the addresses of a host: by the caller's function or by the backend. */
import type { Driver } from '../driver.js';
import { SockError } from '../errors.js';
import { ipVersion } from './host-address.js';

/** What a `lookup` function is asked for. It is called once for each family. */
export interface HostLookupOptions {
  readonly family: 4 | 6;
  readonly all: true;
  readonly hints: number;
}

/** An address that a `lookup` function found. */
export interface FoundAddress {
  readonly address: string;
  readonly family?: number | string;
}

type Found = string | FoundAddress | readonly (string | FoundAddress)[];

/**
 * A resolver in the form of `dns.lookup`, which calls back, or in that of `dns.promises.lookup`, which returns a promise.
 * It may find one address or a list.
 */
export type HostLookup = (
  host: string,
  options: HostLookupOptions,
  callback: (error: Error | null, found?: Found, family?: number) => void,
) => unknown;

/** The addresses of a list, or of a single answer, as text. */
function textsOf(found: unknown, host: string): string[] {
  const list: unknown[] = Array.isArray(found) ? found : [found];
  return list.map((entry) => {
    const address = typeof entry === 'string' ? entry : (entry as Partial<FoundAddress>)?.address;
    if (typeof address !== 'string' || ipVersion(address) === 0) {
      throw Object.assign(new TypeError(`Invalid IP address: ${String(address)}`), {
        code: 'ERR_INVALID_IP_ADDRESS',
        host,
      });
    }
    return address;
  });
}

function byFunction(lookup: HostLookup, host: string, options: HostLookupOptions) {
  return new Promise<string[]>((resolve, reject) => {
    const found = (value: unknown): void => {
      try {
        resolve(textsOf(value, host));
      } catch (error) {
        reject(error);
      }
    };
    const returned = lookup(host, options, (error, value) => {
      if (error === null || error === undefined) found(value);
      else reject(error);
    });
    if (typeof (returned as PromiseLike<unknown>)?.then !== 'function') return;
    (returned as PromiseLike<unknown>).then((value) => {
      // An async function in the form of dns.lookup fulfils with nothing, and calls back.
      if (value !== undefined) found(value);
      else if (lookup.length < 3) reject(new TypeError('options.lookup found nothing'));
    }, reject);
  });
}

function byDriver(lookup: NonNullable<Driver['lookup']>, host: string, family: 4 | 6) {
  return new Promise<string[]>((resolve, reject) => {
    lookup(host, family, (code, addresses) => {
      if (code === undefined) resolve([...addresses]);
      else {
        const message = `getaddrinfo ${code} ${host}`;
        const error = new SockError(code, { syscall: 'getaddrinfo', message });
        reject(Object.assign(error, { hostname: host }));
      }
    });
  });
}

/**
 * Looks up the addresses of one family.
 * @returns the addresses as text
 * @throws {SockError} `ERR_SOCK_UNSUPPORTED` if the backend looks up no names; the failure of the look-up
 */
export function lookUp(
  host: string,
  family: 4 | 6,
  driver: Driver,
  lookup: HostLookup | undefined,
  hints: number,
): Promise<string[]> {
  const options = { family, all: true, hints } as const;
  if (lookup !== undefined) return byFunction(lookup, host, options);
  if (driver.lookup !== undefined) return byDriver(driver.lookup.bind(driver), host, family);
  const message = `the ${driver.name} backend looks up no names: give options.lookup`;
  return Promise.reject(new SockError('ERR_SOCK_UNSUPPORTED', { syscall: 'getaddrinfo', message }));
}
