import type { SockAddr, Socket } from '@sock/core';
import { nodeError } from '../node-errors.js';
import type { ConnectHostOptions } from './connect-host.js';
import type { ConnectingClass } from './connecting-class.js';
import { sortDestinations } from './destination-order.js';
import { addressOrName, ipAddress } from './host-address.js';
import { lookUp } from './host-lookup.js';
import { SourceAddresses } from './source-address.js';

/**
 * The address of a host that RFC 6724 puts first, for sockets without a connection: nothing tells whether another one
 * would answer.
 * @throws the error of the look-up; the signal's reason
 */
export async function firstAddress(
  SocketOf: ConnectingClass<Socket>,
  host: string,
  port: number,
  { family = 0, lookup, hints = 0, signal }: ConnectHostOptions,
): Promise<SockAddr> {
  const { driver } = SocketOf;
  const known = addressOrName(host, port, driver);
  if (typeof known !== 'string') return known;
  const kinds = ([6, 4] as const).filter((kind) => family === 0 || family === kind);
  const answers = await Promise.allSettled(
    kinds.map((kind) => lookUp(known, kind, driver, lookup, hints)),
  );
  signal?.throwIfAborted();
  const sources = new SourceAddresses(SocketOf, undefined);
  const destinations = answers
    .flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    .map((text) => ipAddress(text, port, driver))
    .map((address) => ({
      address,
      bytes: address.asOctets() as Uint8Array,
      get source() {
        return sources.find(address);
      },
    }));
  const [first] = sortDestinations(destinations);
  if (first !== undefined) return first.address;
  const failure = answers.find(({ status }) => status === 'rejected') as
    | PromiseRejectedResult
    | undefined;
  throw (failure?.reason as Error) ?? nodeError('ENOTFOUND', `getaddrinfo ENOTFOUND ${host}`);
}
