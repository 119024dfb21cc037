/** Connects to a host by name: all of its addresses, IPv6 and IPv4, in parallel. RFC 8305. */
import { SockAddr } from '../address.js';
import { Domain, type Protocol, Type } from '../constants.js';
import { DURATION_MAX, SockError } from '../errors.js';
import type { Socket } from '../socket.js';
import type { WaitSignal } from '../socket/waits.js';
import { type Answer, type Clock, race, RaceLost, systemClock } from './attempts.js';
import type { ConnectingClass } from './connecting-class.js';
import type { Source } from './destination-order.js';
import { addressOrName, ipAddress, ipVersion } from './host-address.js';
import { type HostLookup, lookUp } from './host-lookup.js';
import {
  applySockOptions,
  checkSockOptions,
  type HostSockOptions,
  withOptionName,
} from './sock-options.js';
import { type FactsOfSources, SourceAddresses } from './source-address.js';
import { Stop } from './stop.js';

/** Addresses that are not to be connected to, such as a `BlockList` of node's. */
export interface AddressBlockList {
  check(address: string, family: 'ipv4' | 'ipv6'): boolean;
}

/** Options of {@link connectHost}. */
export interface ConnectHostOptions {
  /** Ends everything when it is aborted. */
  readonly signal?: WaitSignal | undefined;
  /** How long it may take in all, in milliseconds, > 0: look-ups and attempts. Default: without end. */
  readonly timeout?: number | undefined;
  /**
   * After how many milliseconds the next address is tried while the earlier ones go on: RFC 8305's Connection Attempt
   * Delay. Numbers below 10 count as 10, which is the least that RFC 8305 allows. Default: 250.
   */
  readonly attemptDelay?: number | undefined;
  /**
   * Looks names up in place of the backend, in the form of `dns.lookup` or of
   * `dns.promises.lookup`. It is called for IPv6 and for IPv4 at the same time.
   */
  readonly lookup?: HostLookup | undefined;
  /** Socket options, set on the socket of every attempt before it connects. */
  readonly sock?: HostSockOptions | undefined;
  /** The protocol of the sockets, such as `Protocol.MPTCP`. Default: that of `sock`, or the usual one of a stream. */
  readonly protocol?: Protocol | undefined;
  /** 4 or 6 tries addresses of that family only. Default: 0, both. */
  readonly family?: 0 | 4 | 6 | undefined;
  /** The IP address to connect from: bind(2). Only addresses of its family are tried. */
  readonly localAddress?: string | undefined;
  /** The port to connect from. Default: 0, the system chooses. */
  readonly localPort?: number | undefined;
  /** Bits for `lookup`, such as node's `dns.ADDRCONFIG`. Default: 0. */
  readonly hints?: number | undefined;
  /** Addresses that are not to be connected to: `ERR_IP_BLOCKED`. */
  readonly blockList?: AddressBlockList | undefined;
}

/** What happens on the way: {@link connectHostWith}. */
export interface ConnectEvents {
  /** An address was found, or the look-up of a family has failed. */
  lookedUp?(error: Error | null, address: string | undefined, family: 4 | 6): void;
  /** An attempt begins. */
  attempt?(address: SockAddr): void;
  attemptFailed?(address: SockAddr, error: Error): void;
}

/** What {@link connectHostWith} works with beside the sockets. */
export interface ConnectSurroundings {
  readonly events?: ConnectEvents;
  readonly clock?: Clock;
  /** What the system knows about its addresses: rules 3, 4, 7 and 9 of RFC 6724. Default: nothing. */
  readonly facts?: FactsOfSources;
}

const ATTEMPT_DELAY = 250;
const ATTEMPT_DELAY_LEAST = 10;
/** Failures of a look-up that say that the name has no such addresses. */
const NO_ADDRESS = new Set(['ENOTFOUND', 'ENODATA', 'EAI_NODATA', 'EAI_ADDRFAMILY', 'EAI_NONAME']);

/** An address of the host. Its source is found when the order of several addresses is to be decided. */
class Candidate {
  readonly bytes: Uint8Array;
  #source: Source | null | undefined;
  #isKnown = false;

  constructor(
    readonly address: SockAddr,
    private readonly sources: SourceAddresses,
  ) {
    this.bytes = address.asOctets() ?? new Uint8Array(0);
  }

  get source(): Source | null | undefined {
    if (!this.#isKnown) this.#source = this.sources.find(this.address);
    this.#isKnown = true;
    return this.#source;
  }
}

function checkTime(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number') throw invalidProperty(name, 'of type number');
  if (value > 0 && value <= DURATION_MAX) return value;
  const error = new RangeError(
    `The "options.${name}" property must be > 0 and <= ${DURATION_MAX} milliseconds: ${value}`,
  );
  throw Object.assign(error, { code: 'ERR_OUT_OF_RANGE' });
}

function invalidProperty(name: string, expected: string): TypeError {
  const error = new TypeError(`The "options.${name}" property must be ${expected}`);
  return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
}

function checkRest({ signal, lookup, family = 0, sock }: ConnectHostOptions): void {
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw invalidProperty('signal', 'an AbortSignal');
  }
  if (lookup !== undefined && typeof lookup !== 'function') {
    throw invalidProperty('lookup', 'a function');
  }
  if (sock !== undefined && (typeof sock !== 'object' || sock === null)) {
    throw invalidProperty('sock', 'of type object');
  }
  if (family !== 0 && family !== 4 && family !== 6) {
    const error = new TypeError(`The "options.family" property must be 0, 4 or 6: ${family}`);
    throw Object.assign(error, { code: 'ERR_INVALID_ARG_VALUE' });
  }
}

interface CodedError extends Error {
  readonly code?: string;
}

/** The error of a race that was lost. */
function failureOf({ failures, lookups }: RaceLost, host: string, port: number): Error {
  const troubles = lookups.filter(({ code }: CodedError) => !NO_ADDRESS.has(code ?? ''));
  // Both families mostly fail for one reason.
  const isNew = ({ message }: Error, at: number): boolean =>
    troubles.findIndex((other) => other.message === message) === at;
  const [first, ...more] = [...failures, ...troubles.filter(isNew)];
  if (first === undefined) {
    const message = `getaddrinfo ENOTFOUND ${host}`;
    return (
      lookups[0] ??
      Object.assign(new SockError('ENOTFOUND', { syscall: 'getaddrinfo', message }), {
        hostname: host,
      })
    );
  }
  if (more.length === 0) return first;
  return aggregate([first, ...more], host, port);
}

/** As node: the code is that of the first error. */
function aggregate(errors: readonly Error[], host: string, port: number): AggregateError {
  const [first] = errors as readonly CodedError[];
  const reasons = errors.map(({ message }) => message).join('; ');
  const error = new AggregateError(errors, `connect to ${host} port ${port}: ${reasons}`);
  return Object.assign(error, { code: first?.code, syscall: 'connect' });
}

/**
 * {@link connectHost} for programs that tell what happens on the way, or have a clock of their own.
 * @throws as {@link connectHost}
 */
export async function connectHostWith<T extends Socket>(
  SocketOf: ConnectingClass<T>,
  host: string | SockAddr,
  port: number | undefined,
  options: ConnectHostOptions,
  { events = {}, clock = systemClock, facts }: ConnectSurroundings = {},
): Promise<T> {
  if (typeof SocketOf !== 'function' || SocketOf.driver === undefined) {
    const error = new TypeError(
      "The first argument must be the Socket class of a backend: connectHost(Socket, 'example.com', 443)",
    );
    throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
  }
  if (typeof options !== 'object' || options === null) {
    const error = new TypeError('The "options" argument must be of type object');
    throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
  }
  const { signal, lookup, sock = {}, family = 0, hints = 0, localAddress, localPort = 0 } = options;
  const { blockList, protocol = options.sock?.protocol } = options;
  const timeout = checkTime('timeout', options.timeout);
  const delay = checkTime('attemptDelay', options.attemptDelay) ?? ATTEMPT_DELAY;
  const attemptDelay = Math.max(ATTEMPT_DELAY_LEAST, delay);
  checkRest(options);
  const { driver } = SocketOf;
  const known = addressOrName(host, port, driver);
  const { protocol: _, ...settings } = sock;
  checkSockOptions({ ...settings, ...(protocol && { protocol }) }, SocketOf);
  const local = localAddress === undefined ? undefined : ipAddress(localAddress, localPort, driver);
  const sources = new SourceAddresses(SocketOf, local, facts);

  const failures: Error[] = [];
  const connect = async ({ address }: Candidate, attempt: WaitSignal): Promise<T> => {
    try {
      if (blocks(blockList, address)) {
        const message = `IP(${address.address}) is blocked by net.BlockList`;
        throw Object.assign(new Error(message), { code: 'ERR_IP_BLOCKED' });
      }
      events.attempt?.(address);
      const from = local ?? wildcard(address, localPort);
      return await attemptConnect(SocketOf, address, settings, protocol, from, attempt);
    } catch (error) {
      if (!attempt.aborted) {
        failures.push(error as Error);
        events.attemptFailed?.(address, error as Error);
      }
      throw error;
    }
  };

  const wanted = family !== 0 ? family : local === undefined ? 0 : local.isIpv4() ? 4 : 6;
  const fits = (address: SockAddr): boolean =>
    wanted === 0 || (wanted === 4 ? address.isIpv4() : address.isIpv6());
  const find = async (name: string, kind: 4 | 6): Promise<Candidate[]> => {
    try {
      const texts = await lookUp(name, kind, driver, lookup, hints);
      for (const text of texts) events.lookedUp?.(null, text, ipVersion(text) === 4 ? 4 : 6);
      return texts
        .map((text) => ipAddress(text, port as number, driver))
        .filter(fits)
        .map((address) => new Candidate(address, sources));
    } catch (error) {
      events.lookedUp?.(error as Error, undefined, kind);
      throw error;
    }
  };
  const answersOf = (): Answer<Candidate>[] => {
    if (typeof known !== 'string') {
      const addresses = Promise.resolve([new Candidate(known, sources)]);
      return [{ family: 4, addresses }];
    }
    // RFC 8305, section 3: the query for AAAA goes first.
    const kinds = ([6, 4] as const).filter((kind) => wanted === 0 || wanted === kind);
    return kinds.map((kind) => ({ family: kind, addresses: find(known, kind) }));
  };

  const stop = new Stop();
  const abort = (): void => stop.stop(signal?.reason);
  if (signal?.aborted === true) throw signal.reason;
  signal?.addEventListener('abort', abort);
  const place = typeof host === 'string' ? host : String(host.address || host);
  const placePort = port ?? (typeof known === 'string' ? 0 : known.port);
  const timer =
    timeout === undefined
      ? undefined
      : clock.setTimeout(() => {
          const cause = failures.length > 0 ? aggregate(failures, place, placePort) : undefined;
          const errno = -(driver.errors['ETIMEDOUT'] ?? 0);
          const text = typeof known === 'string' ? `${known}:${placePort}` : String(known);
          const message = `connect ETIMEDOUT ${text}`;
          const details = { syscall: 'connect', errno, address: place, port: placePort, message };
          stop.stop(new SockError('ETIMEDOUT', { ...details, cause }));
        }, timeout);
  try {
    return await race({
      answers: answersOf(),
      key: ({ address }) => String(address),
      connect,
      discard: (socket) => socket.close(),
      attemptDelay,
      signal: stop,
      clock,
    });
  } catch (error) {
    throw error instanceof RaceLost ? failureOf(error, place, placePort) : error;
  } finally {
    clock.clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function blocks(list: AddressBlockList | undefined, address: SockAddr): boolean {
  if (list === undefined || address.asSocket() === null) return false;
  return list.check(address.address, address.isIpv4() ? 'ipv4' : 'ipv6');
}

/** The address to bind to for a port without an address. */
function wildcard(address: SockAddr, port: number): SockAddr | undefined {
  if (port === 0) return undefined;
  return address.isIpv4() ? SockAddr.ipv4('0.0.0.0', port) : SockAddr.ipv6('::', port);
}

/** One attempt. The socket is closed unless it is returned. */
async function attemptConnect<T extends Socket>(
  SocketOf: ConnectingClass<T>,
  address: SockAddr,
  sock: HostSockOptions,
  protocol: Protocol | undefined,
  from: SockAddr | undefined,
  signal: WaitSignal,
): Promise<T> {
  const socket = openFor(SocketOf, address, protocol);
  try {
    applySockOptions(socket, sock);
    if (from !== undefined) socket.bind(from);
    while (socket.tryConnect(address) === undefined) await socket.writable({ signal });
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

function openFor<T extends Socket>(
  SocketOf: ConnectingClass<T>,
  address: SockAddr,
  protocol: Protocol | undefined,
): T {
  try {
    return new SocketOf(Domain.forAddress(address), Type.STREAM, protocol);
  } catch (error) {
    throw protocol === undefined ? error : withOptionName(error, 'protocol');
  }
}

/**
 * Connects to a host. The addresses of a name are tried in parallel, as RFC 8305 (Happy Eyeballs) has it: IPv6 and IPv4
 * are looked up at the same time, their addresses are sorted by RFC 6724 and interleaved, and each is tried
 * `attemptDelay` after the one before, or as soon as an attempt fails. The first connection wins, and every other
 * attempt is closed.
 *
 * Names are looked up by `lookup`, or else by the backend: getaddrinfo(3), `wasi:sockets/ip-name-lookup` on WASI.
 * @param SocketOf the `Socket` class of any backend
 * @param host a name; an IP address, which may have a zone; `unix:/path`, `unix-abstract:name`; `vsock:2` for a context
 *   id; or a SockAddr
 * @param port 0 to 65535; left out for unix and for a SockAddr; 32 bits for vsock
 * @returns a connected socket. It blocks until `setNonblocking`, as every new Socket does
 * @throws {SockError} the error of the only attempt: ECONNREFUSED, ...; ETIMEDOUT after `timeout`, whose `cause` has
 *   the errors of the attempts that failed before
 * @throws {AggregateError} the errors of several attempts in `errors`; `code` is the code of the first, as in node
 * @throws {Error} ENOTFOUND and other errors of the look-up; the signal's reason
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 * @throws {RangeError} `ERR_OUT_OF_RANGE`
 * @see https://www.rfc-editor.org/rfc/rfc8305, https://www.rfc-editor.org/rfc/rfc6724, connect(2)
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
  return connectHostWith(SocketOf, host, port, options);
}
