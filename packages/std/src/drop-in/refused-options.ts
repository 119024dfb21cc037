/** The socket options that node's objects make useless or harmful, each with the reason. */
import { optionRow } from '@sock/core';

/** What the options are for: a `net` or a `dgram` object of node's. */
export type NodeKind = 'stream' | 'datagram';
/** `'socket'`: a stream Socket without an object of node's above it. */
export type OptionUse = NodeKind | 'socket';

/** Names that no value makes useful: the type of `sock` does not have them. */
export type RefusedName =
  | 'readTimeout'
  | 'writeTimeout'
  | 'nonblocking'
  | 'noInherit'
  | 'noPeercred';

const NEVER_BLOCKS =
  "node's sockets never block, so the time-out of a blocking call has no effect; use setTimeout() of the net.Socket, or a timer";

const REASONS: Readonly<Record<string, string>> = {
  readTimeout: NEVER_BLOCKS,
  writeTimeout: NEVER_BLOCKS,
  nonblocking: "node's sockets are always non-blocking",
  happyEyeballs: 'only a call that connects by name can try addresses in parallel',
};

/** Names that only one kind of socket has, though the system accepts them on the other. */
const ONLY: Readonly<Record<NodeKind, readonly string[]>> = {
  stream: ['keepalive', 'linger', 'outOfBandInline', 'tcpKeepalive'],
  datagram: ['broadcast'],
};
const GROUP_OF: Readonly<Record<string, NodeKind>> = { tcp: 'stream', udp: 'datagram' };
const OTHER_GROUPS = ['dccp', 'packet', 'netlink', 'raw'];

/**
 * Why an option is refused: it can have no effect on the socket or in node's object, or stops the event loop.
 * @returns `undefined` if it is not refused
 */
export function refusal(name: string, value: unknown, use: OptionUse): string | undefined {
  const isNodes = use !== 'socket';
  const kind = isNodes ? use : 'stream';
  const always = isNodes && Object.hasOwn(REASONS, name) ? REASONS[name] : undefined;
  if (always !== undefined) return always;
  const row = optionRow(name);
  if (row !== undefined && OTHER_GROUPS.includes(row.group)) {
    const other = isNodes ? 'node has no such sockets' : 'this is a stream socket';
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
  if (isNodes && name === 'linger' && typeof value === 'number' && value > 0) {
    return 'close(2) would stop the event loop for that time; 0 resets the connection, null sends in the background';
  }
  return undefined;
}
