/** Multicast groups of which a socket receives some sources and not others: RFC 3678, RFC 4607. */
import { SockAddr, type Socket, Type } from '@sock/core';
import { bytes } from '../../bytes.js';
import type { Case } from '../../case.js';
import { hears, listening, type Multicast, onWire, v4, v6 } from '../multicast-wire.js';
import { type End, WIRE } from '../namespace.js';
import type { NodeBackend } from '../program.js';

/** The calls and addresses of one version of IP. */
interface Filters {
  readonly multicast: Multicast;
  /** A source-specific group. */
  readonly group: string;
  /** Another address of an end, as `ip` takes it, and as a SockAddr with port 0. */
  readonly second: readonly string[];
  readonly from: (address: string) => SockAddr;
  readonly joinSource: (socket: Socket, source: string, end: End) => void;
  readonly leaveSource: (socket: Socket, source: string, end: End) => void;
  readonly block: (socket: Socket, source: string, end: End) => void;
  readonly unblock: (socket: Socket, source: string, end: End) => void;
}

const [SSM_V4, SSM_V6] = ['232.83.79.70', 'ff35::534f:4b'];

const filtersV4: Filters = {
  multicast: v4,
  group: SSM_V4,
  second: ['10.83.0.12/24'],
  from: (address) => SockAddr.ipv4(address, 0),
  joinSource: (socket, source, end) => socket.joinSsmV4(source, SSM_V4, end.v4),
  leaveSource: (socket, source, end) => socket.leaveSsmV4(source, SSM_V4, end.v4),
  block: (socket, source, end) => socket.blockSourceV4(source, v4.group, end.v4),
  unblock: (socket, source, end) => socket.unblockSourceV4(source, v4.group, end.v4),
};

const filtersV6: Filters = {
  multicast: v6,
  group: SSM_V6,
  second: ['fd53::12/64', 'nodad'],
  from: (address) => SockAddr.ipv6(address, 0),
  joinSource: (socket, source, end) => socket.joinSsmV6(source, SSM_V6, end.index),
  leaveSource: (socket, source, end) => socket.leaveSsmV6(source, SSM_V6, end.index),
  block: (socket, source, end) => socket.blockSourceV6(source, v6.group, end.index),
  unblock: (socket, source, end) => socket.unblockSourceV6(source, v6.group, end.index),
};

/** Two sources on the wire: first the socket receives only one, then all but one. */
function filtered(filters: Filters, [here, there]: readonly [End, End]): void {
  const { multicast, second, group, from } = filters;
  there.namespace.run('ip', 'address', 'add', ...second, 'dev', WIRE);
  const first = multicast.addressOf(there);
  const unwanted = second[0]?.split('/')[0] ?? '';
  const [one, other] = [first, unwanted].map((address) => {
    const socket = there.namespace.open(multicast.domain, Type.DGRAM);
    socket.bind(from(address));
    multicast.sendBy(socket, there, WIRE);
    return socket;
  }) as [Socket, Socket];
  const send = (to: string): void => {
    other.sendTo(bytes('other'), multicast.at(to));
    one.sendTo(bytes('one'), multicast.at(to));
  };
  const receiver = listening(multicast, here);
  multicast.hearOwnOnly(receiver);
  filters.joinSource(receiver, first, here);
  send(group);
  hears(receiver, 'one');
  filters.leaveSource(receiver, first, here);
  send(group);
  multicast.join(receiver, here);
  filters.block(receiver, unwanted, here);
  send(multicast.group);
  hears(receiver, 'one');
  filters.unblock(receiver, unwanted, here);
  send(multicast.group);
  hears(receiver, 'other');
  hears(receiver, 'one');
}

export const sourceFilters = (backend: NodeBackend): Case[] => [
  onWire(
    backend,
    {
      name: 'joinSsmV4 receives one source, blockSourceV4 all but one',
      methods: ['joinSsmV4', 'leaveSsmV4', 'blockSourceV4', 'unblockSourceV4'],
      observes: ['joinSsmV4', 'leaveSsmV4'],
    },
    (ends) => filtered(filtersV4, ends),
  ),
  onWire(
    backend,
    {
      name: 'joinSsmV6 receives one source, blockSourceV6 all but one',
      methods: ['joinSsmV6', 'leaveSsmV6', 'blockSourceV6', 'unblockSourceV6'],
    },
    (ends) => filtered(filtersV6, ends),
  ),
];
