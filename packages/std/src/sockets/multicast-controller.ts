/** Membership of multicast groups, of a UDPSocket that is bound: MulticastController of Direct Sockets. */
import { SockAddr, type Socket } from '@sock/core';
import { invalidState, networkError } from './open-streams.js';

/** Options of {@link MulticastController.joinGroup} and `leaveGroup`. */
export interface MulticastGroupOptions {
  /** The IP address of the only source to receive from: source-specific multicast, RFC 4607. Default: any source. */
  readonly sourceAddress?: string;
}

/** A membership of a group for one source. */
export interface MulticastMembership {
  readonly groupAddress: string;
  readonly sourceAddress: string;
}

/** What the `opened` of a UDPSocket has for groups. */
export interface MulticastController {
  /** In the order in which they were joined: a group as text, and one of a single source as an object. */
  readonly joinedGroups: readonly (string | MulticastMembership)[];
  /**
   * Joins a group. Rejects with a TypeError for what is no multicast address of the socket's family, or no address of
   * a source; with `InvalidStateError` for a membership that the socket has, or if it is closed; with `NetworkError`.
   */
  joinGroup(groupAddress: string, options?: MulticastGroupOptions): Promise<undefined>;
  /** Leaves a group that was joined with the same arguments. Rejects as `joinGroup`. */
  leaveGroup(groupAddress: string, options?: MulticastGroupOptions): Promise<undefined>;
}

/** The bytes of an IP address without a zone. */
function bytesOf(name: string, text: unknown): Uint8Array {
  let bytes: Uint8Array | null = null;
  if (typeof text === 'string' && !text.includes('%')) {
    try {
      bytes = SockAddr.from({ address: text, port: 0 }).asOctets();
    } catch {
      // Reported below.
    }
  }
  if (bytes === null) throw new TypeError(`${name} must be an IP address: ${String(text)}`);
  return bytes;
}

/** 224.0.0.0/4 and ff00::/8. */
const isMulticast = ([first = 0, ...rest]: Uint8Array): boolean =>
  rest.length === 3 ? first >= 224 && first <= 239 : first === 0xff;

/** An address that is no source: a group, the loopback or the unspecified address. */
function isNoSource(bytes: Uint8Array): boolean {
  const isLoopback =
    bytes.length === 4 ? bytes[0] === 127 : bytes.subarray(0, 15).every((byte) => byte === 0);
  const isUnspecified = bytes.every((byte) => byte === 0);
  return (
    isMulticast(bytes) || isUnspecified || (isLoopback && (bytes.length === 4 || bytes[15] === 1))
  );
}

interface Membership {
  readonly group: string;
  readonly source: string | undefined;
}

/** Checks the arguments of both methods. */
function checked(
  group: unknown,
  options: MulticastGroupOptions | null,
  isSix: boolean,
): Membership {
  const groupBytes = bytesOf('the group', group);
  if (!isMulticast(groupBytes)) {
    throw new TypeError(`the group must be a multicast address: ${String(group)}`);
  }
  if ((groupBytes.length === 16) !== isSix) {
    throw new TypeError(`the group must be of the socket's family: ${String(group)}`);
  }
  const source = options?.sourceAddress;
  if (source === undefined) return { group: group as string, source };
  const sourceBytes = bytesOf('sourceAddress', source);
  if (isNoSource(sourceBytes) || sourceBytes.length !== groupBytes.length) {
    throw new TypeError(`sourceAddress must be a unicast address of the group's family: ${source}`);
  }
  return { group: group as string, source };
}

function change(socket: Socket, { group, source }: Membership, isSix: boolean, joins: boolean) {
  if (source === undefined) {
    if (isSix) {
      if (joins) socket.joinMulticastV6(group, 0);
      else socket.leaveMulticastV6(group, 0);
    } else if (joins) socket.joinMulticastV4(group, '0.0.0.0');
    else socket.leaveMulticastV4(group, '0.0.0.0');
  } else if (isSix) {
    if (joins) socket.joinSsmV6(source, group, 0);
    else socket.leaveSsmV6(source, group, 0);
  } else if (joins) socket.joinSsmV4(source, group, '0.0.0.0');
  else socket.leaveSsmV4(source, group, '0.0.0.0');
}

/** @param isSix whether the socket is of IPv6 */
export function multicastOf(socket: Socket, isSix: boolean): MulticastController {
  /** By group and source. */
  const joined = new Map<string, Membership>();
  const call = async (
    group: string,
    options: MulticastGroupOptions,
    joins: boolean,
  ): Promise<undefined> => {
    const membership = checked(group, options, isSix);
    const key = `${membership.group} ${membership.source ?? ''}`;
    if (socket.closed) throw invalidState('the socket is closed');
    if (joins === joined.has(key)) {
      throw invalidState(`the socket ${joins ? 'is' : 'is not'} a member of ${key.trim()}`);
    }
    try {
      change(socket, membership, isSix, joins);
    } catch (cause) {
      throw networkError(cause);
    }
    if (joins) joined.set(key, membership);
    else joined.delete(key);
    return undefined;
  };
  return {
    get joinedGroups() {
      return Object.freeze(
        [...joined.values()].map(({ group, source }) =>
          source === undefined ? group : { groupAddress: group, sourceAddress: source },
        ),
      );
    },
    joinGroup: (group, options = {}) => call(group, options, true),
    leaveGroup: (group, options = {}) => call(group, options, false),
  };
}
