/** Names of hosts, by node's resolver: getaddrinfo(3) on a thread of libuv's pool. */
import type dns from 'node:dns';
import type { Driver } from '@sock/core';

/** `process.getBuiltinModule` is there in Node 20.16, Bun and Deno. Loading `node:dns` with the addon would slow every start. */
const resolver = (): typeof dns => process.getBuiltinModule('node:dns');

/** {@link Driver.lookup} */
export const lookup: NonNullable<Driver['lookup']> = (name, family, done) => {
  resolver().lookup(name, { family, all: true, verbatim: true }, (error, list) => {
    if (error !== null) {
      done(error.code ?? 'EAI_FAIL', []);
      return;
    }
    // Node answers an address with itself, whatever its family is.
    const fit = list.filter((found) => family === 0 || found.family === family);
    const addresses = fit.map(({ address }) => address);
    done(addresses.length > 0 ? undefined : 'ENOTFOUND', addresses);
  });
};
