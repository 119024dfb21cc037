/** The socket options that have no effect on a kind of socket, each with the reason. */
import { optionRow } from '../driver/support.js';

/** Stream sockets or datagram sockets. */
export type SocketOptionKind = 'stream' | 'datagram';

/** Names that only one kind of socket has, though the system accepts them on the other. */
const ONLY: Readonly<Record<SocketOptionKind, readonly string[]>> = {
  stream: ['keepalive', 'linger', 'outOfBandInline', 'tcpKeepalive'],
  datagram: ['broadcast'],
};
const GROUP_OF: Readonly<Record<string, SocketOptionKind>> = { tcp: 'stream', udp: 'datagram' };
const OTHER_GROUPS = ['dccp', 'packet', 'netlink', 'raw'];

/**
 * Why an option has no effect on a new socket of a kind.
 * @param other why it is none of the sockets that the option is for
 * @returns `undefined` if it may have an effect
 */
export function refusedOption(
  name: string,
  kind: SocketOptionKind,
  other = `this is a ${kind} socket`,
): string | undefined {
  const row = optionRow(name);
  if (row !== undefined && OTHER_GROUPS.includes(row.group)) {
    return `it is an option of ${row.group} sockets, and ${other}`;
  }
  const isMulticast = /^(joinMulticast|joinSsm|blockSource|multicast)/.test(name);
  const owner = isMulticast ? 'datagram' : GROUP_OF[row?.group ?? ''];
  const only = ONLY.stream.includes(name)
    ? 'stream'
    : ONLY.datagram.includes(name)
      ? 'datagram'
      : owner;
  if (only !== undefined && only !== kind) return `it has an effect on ${only} sockets only`;
  if (/^(leave|drop|unblock|detach)/.test(name)) {
    return 'the socket is new: it has nothing to take away';
  }
  return undefined;
}
