/** Joins a multicast group on every network interface, and follows interfaces that come and go. */
import dgram from 'node:dgram';
import { isIP } from 'node:net';
import { type SockError, Socket } from '@sock/core';
import { invalidArgument, nodeError, outOfRange } from '../node-errors.js';
import { beforeRelease } from '../before-release.js';
import { borrow } from '../convert/from.js';
import { driverOf } from '../node-address.js';
import { dgramState } from '../node-internals.js';
import { changeIpv4Membership } from '../node-objects/multicast.js';
import { socketOfHandle } from '../node-objects/socket-of-handle.js';
import { LONGEST_TIME } from '../wait-options.js';
import { followInterfaces, type MulticastInterface } from './interface-list.js';

/** Options of {@link joinAll}. */
export interface JoinAllOptions {
  /** Whether to join on an interface. Default: on every one, the loopback interface included. */
  readonly filter?: ((it: MulticastInterface) => boolean) | undefined;
  /**
   * Called in a later turn when the group was joined on an interface, or left: the interface is gone, or this has ended.
   * Where the kernel lost changes, both are called for every interface, as each may be another one by now.
   */
  readonly onChange?: ((change: MembershipChange) => void) | undefined;
  /** Called in a later turn when the group could not be joined on an interface. The others are not affected. */
  readonly onError?: ((error: Error, it: MulticastInterface) => void) | undefined;
  /** Ends it, as {@link JoinedGroup.close} does. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How often to look for interfaces where the system does not report them, in milliseconds: everywhere but on
   * Linux. Default: 5000.
   */
  readonly interval?: number | undefined;
}

/** What happened to a membership. */
export interface MembershipChange {
  readonly joined: boolean;
  readonly interface: MulticastInterface;
}

/** A group that was joined on every interface: what {@link joinAll} returns. */
export interface JoinedGroup {
  /** The address of the group. */
  readonly group: string;
  /** The interfaces on which it is joined now. */
  readonly interfaces: readonly MulticastInterface[];
  /** The interfaces on which it could not be joined, each with the error. It tries again when the interfaces change. */
  readonly failures: readonly { readonly interface: MulticastInterface; readonly error: Error }[];
  /** Whether it has ended: by {@link close}, by the signal, or because the socket was closed. */
  readonly closed: boolean;
  /** Leaves the group on every interface where this has joined it, and follows the interfaces no longer. */
  close(): void;
  /** {@link close}, for `using`. */
  [Symbol.dispose](): void;
}

const DEFAULT_INTERVAL = 5000;
/** BIND_STATE_BOUND of node's lib/dgram.js. */
const BOUND = 2;

/**
 * Joins a multicast group on every network interface, and on those that come later. A single membership is for one
 * interface, and node's `addMembership` leaves the choice of that to the system.
 *
 * On Linux the kernel reports interfaces that come and go: rtnetlink(7). Elsewhere, and where a sandbox forbids
 * netlink, it looks every `interval` milliseconds at the interfaces that have an address of the group's family. It
 * does not keep the process alive, and it ends when the socket is closed or becomes another object.
 *
 * A `dgram.Socket` that is not bound yet joins once it is bound. What one interface refuses does not concern the
 * others: `failures` and `onError` tell. Linux joins at most 20 groups of IPv4 on a socket (ENOBUFS):
 * /proc/sys/net/ipv4/igmp_max_memberships.
 *
 * @param socket a datagram Socket of any backend with multicast, or a `dgram.Socket`
 * @param group an IPv4 or IPv6 multicast address, without a zone. An IPv6 socket may join groups of IPv4
 * @throws {SockError} EBADF if the socket is closed; `ERR_SOCK_UNSUPPORTED` if the backend has no multicast; EMFILE
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 * @throws {RangeError} `ERR_OUT_OF_RANGE`
 * @see ip(7), IP_ADD_MEMBERSHIP; ipv6(7), IPV6_ADD_MEMBERSHIP
 *
 * @example
 * const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true }).bind(5353);
 * using joined = joinAll(socket, '224.0.0.251', {
 *   onChange: ({ joined, interface: { name } }) => console.log(name, joined),
 * });
 */
export function joinAll(
  socket: Socket | dgram.Socket,
  group: string,
  options: JoinAllOptions = {},
): JoinedGroup {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument('ERR_INVALID_ARG_TYPE', 'The "options" argument must be an object');
  }
  const family = familyOf(group);
  checkOptions(options);
  const memberships = new Memberships(group, family, options);
  try {
    if (socket instanceof Socket) memberships.start(socket);
    else startOnDatagrams(socket, memberships);
  } catch (error) {
    memberships.close();
    throw error;
  }
  return memberships;
}

/** What the `dgram.Socket`s of @sock/std have beside node's. */
export interface JoinsAll {
  /**
   * Joins a multicast group on every network interface, and on those that come later: {@link joinAll} of
   * `@sock/std` on this socket.
   */
  joinAll(group: string, options?: JoinAllOptions): JoinedGroup;
}

/** A `dgram.Socket` of @sock/std. */
export type DatagramSocket = dgram.Socket & JoinsAll;

/** Gives a `dgram.Socket` of node's the method; whoever replaces node's functions may return something else. */
export function withJoinAll<T extends dgram.Socket>(socket: T): T & JoinsAll {
  if (!isDatagrams(socket)) return socket;
  return Object.defineProperty(socket, 'joinAll', {
    configurable: true,
    writable: true,
    value(this: T, group: string, options?: JoinAllOptions) {
      return joinAll(this, group, options);
    },
  }) as T & JoinsAll;
}

function familyOf(group: unknown): 'ipv4' | 'ipv6' {
  if (typeof group !== 'string') {
    throw invalidArgument('ERR_INVALID_ARG_TYPE', 'The "group" argument must be of type string');
  }
  const version = group.includes('%') ? 0 : isIP(group);
  const first = version === 4 ? Number(group.split('.')[0]) : 0;
  const multicast = version === 6 ? /^ff/i.test(group) : first >= 224 && first <= 239;
  if (!multicast) {
    throw invalidArgument(
      'ERR_INVALID_ARG_VALUE',
      `The argument 'group' must be a multicast address without a zone. Received '${group}'`,
    );
  }
  return version === 4 ? 'ipv4' : 'ipv6';
}

function checkOptions({ filter, onChange, onError, signal, interval }: JoinAllOptions): void {
  for (const [name, value] of Object.entries({ filter, onChange, onError })) {
    if (value === undefined || typeof value === 'function') continue;
    throw invalidArgument(
      'ERR_INVALID_ARG_TYPE',
      `The "options.${name}" property must be a function`,
    );
  }
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw invalidArgument(
      'ERR_INVALID_ARG_TYPE',
      'The "options.signal" property must be an instance of AbortSignal',
    );
  }
  if (interval === undefined) return;
  if (typeof interval !== 'number') {
    throw invalidArgument(
      'ERR_INVALID_ARG_TYPE',
      'The "options.interval" property must be of type number',
    );
  }
  if (interval >= 1 && interval <= LONGEST_TIME) return;
  throw outOfRange(
    `The value of "options.interval" is out of range. It must be >= 1 and <= ${LONGEST_TIME}. Received ${interval}`,
  );
}

/** Starts when the `dgram.Socket` is bound, and ends when it closes. */
function startOnDatagrams(socket: dgram.Socket, memberships: Memberships): void {
  const state = isDatagrams(socket) ? dgramState(socket) : undefined;
  if (state === undefined) {
    throw invalidArgument(
      'ERR_INVALID_ARG_TYPE',
      'The "socket" argument must be a Socket or a dgram.Socket',
    );
  }
  const { handle } = state;
  if (handle === null) {
    throw nodeError('ERR_SOCKET_DGRAM_NOT_RUNNING', 'Not running');
  }
  memberships.checkFamily((socket as { readonly type?: string }).type === 'udp4');
  const open = socketOfHandle(handle) ?? (state.bindState === BOUND ? borrow(socket) : undefined);
  if (open !== undefined) {
    memberships.start(open);
    return;
  }
  const start = (): void => {
    const { handle: bound } = dgramState(socket);
    if (bound === null) return;
    try {
      memberships.start(socketOfHandle(bound) ?? borrow(socket));
    } catch (error) {
      memberships.close();
      process.nextTick(() => socket.emit('error', error));
    }
  };
  const end = (): void => memberships.close();
  socket.once('listening', start);
  socket.once('close', end);
  memberships.signal.addEventListener('abort', () => {
    socket.off('listening', start);
    socket.off('close', end);
  });
}

const isDatagrams = (object: unknown): object is dgram.Socket => object instanceof dgram.Socket;

/** A membership on one interface. */
interface Membership {
  readonly on: MulticastInterface;
  /** Why it is not joined. */
  error?: Error | undefined;
  /** Whether the program had joined the group there: it is then not for this to leave. */
  foreign?: boolean;
}

class Memberships implements JoinedGroup {
  readonly group: string;
  readonly #family: 'ipv4' | 'ipv6';
  readonly #options: JoinAllOptions;
  readonly #ending = new AbortController();
  readonly #all = new Map<number, Membership>();
  #socket: Socket | undefined;

  constructor(group: string, family: 'ipv4' | 'ipv6', options: JoinAllOptions) {
    this.group = group;
    this.#family = family;
    this.#options = { ...options };
    const { signal } = options;
    const close = (): void => this.close();
    if (signal?.aborted === true) close();
    else signal?.addEventListener('abort', close, { once: true });
    this.signal.addEventListener('abort', () => signal?.removeEventListener('abort', close));
  }

  /** Aborts at the end. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get interfaces(): readonly MulticastInterface[] {
    return [...this.#all.values()].filter(({ error }) => error === undefined).map(({ on }) => on);
  }

  get failures(): JoinedGroup['failures'] {
    return [...this.#all.values()].flatMap(({ on, error }) =>
      error === undefined ? [] : [{ interface: on, error }],
    );
  }

  get closed(): boolean {
    return this.signal.aborted;
  }

  /** A socket of IPv4 joins no group of IPv6. */
  checkFamily(ipv4: boolean): void {
    if (!ipv4 || this.#family === 'ipv4') return;
    throw invalidArgument(
      'ERR_INVALID_ARG_VALUE',
      `The argument 'group' must be of the socket's family, IPv4. Received '${this.group}'`,
    );
  }

  /** @throws {SockError} EBADF, `ERR_SOCK_UNSUPPORTED`, EMFILE */
  start(socket: Socket): void {
    if (socket.closed) socket.asRawFd();
    const domain = socket.domain();
    if ((domain !== 'ipv4' && domain !== 'ipv6') || socket.type() === 'stream') {
      throw invalidArgument(
        'ERR_INVALID_ARG_VALUE',
        `The argument 'socket' must be a datagram socket of IPv4 or IPv6. Received ${domain} ${socket.type()}`,
      );
    }
    this.checkFamily(domain === 'ipv4');
    this.#checkSupport(socket);
    if (this.closed) return;
    this.#socket = socket;
    this.signal.addEventListener(
      'abort',
      beforeRelease(socket, () => this.close()),
    );
    const { interval = DEFAULT_INTERVAL } = this.#options;
    followInterfaces(driverOf(socket), this.#family, interval, this.signal, (list, lost) =>
      this.#follow(list, lost),
    );
  }

  /** Has the call throw that the backend does not support, with the reason. */
  #checkSupport(socket: Socket): void {
    const name = this.#family === 'ipv4' ? 'joinMulticastV4' : 'joinMulticastV6';
    if (socket.supports(name).level !== 'unsupported') return;
    if (name === 'joinMulticastV4') socket[name](this.group, '0.0.0.0');
    else socket[name](this.group, 0);
  }

  #follow(list: ReadonlyMap<number, MulticastInterface>, lost: boolean): void {
    const { filter = () => true } = this.#options;
    for (const [index, membership] of this.#all) {
      const now = list.get(index);
      const stays = now !== undefined && !lost && now.name === membership.on.name;
      // The system keeps the membership of an interface that is gone, and counts it.
      if (!stays) this.#leave(index, membership);
    }
    for (const [index, on] of list) {
      if (this.closed) return;
      const known = this.#all.get(index);
      const isWanted = known === undefined ? filter(on) : known.error !== undefined;
      // The filter may have ended it.
      if (isWanted && !this.closed) this.#join(index, on);
    }
  }

  #change(how: 'join' | 'leave', index: number): void {
    const socket = this.#socket as Socket;
    if (this.#family === 'ipv4') changeIpv4Membership(how, socket, this.group, index);
    else if (how === 'join') socket.joinMulticastV6(this.group, index);
    else socket.leaveMulticastV6(this.group, index);
  }

  #join(index: number, on: MulticastInterface): void {
    const before = this.#all.get(index)?.error;
    const membership: Membership = { on };
    try {
      this.#change('join', index);
    } catch (error) {
      const { code } = error as SockError;
      if (code === 'EADDRINUSE') membership.foreign = true;
      else membership.error = error as Error;
    }
    this.#all.set(index, membership);
    const { error } = membership;
    const { onChange, onError } = this.#options;
    if (error === undefined) later(onChange, { joined: true, interface: on });
    // Once for each reason, not at every try.
    else if ((before as SockError | undefined)?.code !== (error as SockError).code) {
      later(onError, error, on);
    }
  }

  #leave(index: number, { on, error, foreign = false }: Membership): void {
    this.#all.delete(index);
    if (error !== undefined) return;
    try {
      if (!foreign) this.#change('leave', index);
    } catch {
      // The system has left the group already, because the interface is gone.
    }
    later(this.#options.onChange, { joined: false, interface: on });
  }

  close(): void {
    if (this.closed) return;
    this.#ending.abort();
    for (const [index, membership] of this.#all) this.#leave(index, membership);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Calls a function of the program's in a later turn: what it throws is an uncaught exception. */
function later<Values extends unknown[]>(
  call: ((...values: Values) => void) | undefined,
  ...values: Values
): void {
  if (call !== undefined) process.nextTick(call, ...values);
}
