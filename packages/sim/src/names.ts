/** Names of hosts, and how long it takes to look them up. */
import { SockError } from '@sock/core';
import type { Ip } from './ip.js';
import type { Network } from './network.js';

/** A name, or an address as text. Rejects with ENOTFOUND, or with what a fault of the schedule says. */
export function lookUp(network: Network, name: string, time: number): Promise<readonly Ip[]> {
  const { delay, error } = network.faults.ofLookup(name);
  const answer = (): readonly Ip[] => {
    const code = error ?? 'ENOTFOUND';
    const known = error === undefined ? addressesOf(network, name) : undefined;
    if (known === undefined || known.length === 0) {
      throw new SockError(code, {
        syscall: 'getaddrinfo',
        message: `getaddrinfo ${code} ${name}`,
      });
    }
    return known;
  };
  if (time + delay === 0) return Promise.resolve().then(answer);
  return new Promise((resolve, reject) => {
    network.clock.schedule(time + delay, () => {
      network.loop.post(() => {
        try {
          resolve(answer());
        } catch (failure) {
          reject(failure);
        }
      });
    });
  });
}

function addressesOf(network: Network, name: string): readonly Ip[] {
  if (name === 'localhost') return [network.ips.loopback4, network.ips.loopback6];
  const host = network.hostNamed(name);
  if (host !== undefined) return host.addresses;
  try {
    return [network.ips.parse(name)];
  } catch {
    return [];
  }
}
