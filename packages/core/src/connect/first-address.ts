import type { SockAddr } from '../address.js';
import { SockError } from '../errors.js';
import type { Socket } from '../socket.js';
import type { ConnectHostOptions, ConnectSurroundings } from './connect-host.js';
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
  { facts }: Pick<ConnectSurroundings, 'facts'> = {},
): Promise<SockAddr> {
  const { driver } = SocketOf;
  const known = addressOrName(host, port, driver);
  if (typeof known !== 'string') return known;
  const kinds = ([6, 4] as const).filter((kind) => family === 0 || family === kind);
  const answers = await Promise.allSettled(
    kinds.map((kind) => lookUp(known, kind, driver, lookup, hints)),
  );
  if (signal?.aborted === true) throw signal.reason;
  const sources = new SourceAddresses(SocketOf, undefined, facts);
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
  const message = `getaddrinfo ENOTFOUND ${host}`;
  throw (
    (failure?.reason as Error) ?? new SockError('ENOTFOUND', { syscall: 'getaddrinfo', message })
  );
}
