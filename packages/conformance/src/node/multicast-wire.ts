/** Multicast on a wire between two network namespaces. */
import { Domain, SockAddr, type Socket, Type } from '@sock/core';
import { equal } from '../assert.js';
import { text } from '../bytes.js';
import type { Case } from '../case.js';
import { lacksNamespaces } from './lacks.js';
import { type End, LOOPBACK_INDEX, WIRE, wired } from './namespace.js';
import type { NodeBackend } from './program.js';

/** Administratively scoped (RFC 2365) and site-local (RFC 4291). */
const [GROUP_V4, GROUP_V6] = ['239.83.79.70', 'ff15::534f:4b'];
export const PORT = 8365;
const ARRIVAL = 5000;

/** An interface of an end: the wire or the loopback interface. */
export type Device = typeof WIRE | 'lo';

/** The calls and addresses of multicast in one version of IP. */
export interface Multicast {
  readonly domain: 'ipv4' | 'ipv6';
  /** An address with the groups' port. */
  readonly at: (address: string) => SockAddr;
  readonly any: string;
  readonly group: string;
  readonly addressOf: (end: End) => string;
  /** Joins the group on the wire. */
  readonly join: (socket: Socket, end: End) => void;
  readonly leave: (socket: Socket, end: End) => void;
  /** Makes a socket receive only from groups that it joined itself. */
  readonly hearOwnOnly: (socket: Socket) => void;
  /** Chooses the interface that multicast is sent by. */
  readonly sendBy: (socket: Socket, end: End, device: Device) => void;
}

const local = (end: End, device: Device): string => (device === WIRE ? end.v4 : '127.0.0.1');
const index = (end: End, device: Device): number => (device === WIRE ? end.index : LOOPBACK_INDEX);

export const v4: Multicast = {
  domain: Domain.IPV4,
  at: (address) => SockAddr.ipv4(address, PORT),
  any: '0.0.0.0',
  group: GROUP_V4,
  addressOf: (end) => end.v4,
  join: (socket, end) => socket.joinMulticastV4(GROUP_V4, end.v4),
  leave: (socket, end) => socket.leaveMulticastV4(GROUP_V4, end.v4),
  hearOwnOnly: (socket) => socket.setMulticastAllV4(false),
  sendBy(socket, end, device) {
    socket.setMulticastIfV4(local(end, device));
    equal(socket.multicastIfV4(), local(end, device));
  },
};

export const v6: Multicast = {
  domain: Domain.IPV6,
  at: (address) => SockAddr.ipv6(address, PORT),
  any: '::',
  group: GROUP_V6,
  addressOf: (end) => end.v6,
  join: (socket, end) => socket.joinMulticastV6(GROUP_V6, end.index),
  leave: (socket, end) => socket.leaveMulticastV6(GROUP_V6, end.index),
  hearOwnOnly: (socket) => socket.setMulticastAllV6(false),
  sendBy(socket, end, device) {
    socket.setMulticastIfV6(index(end, device));
    equal(socket.multicastIfV6(), index(end, device));
  },
};

/** A socket on the groups' port that has joined no group. */
export function listening({ domain, any, at }: Multicast, { namespace }: End): Socket {
  const socket = namespace.open(domain, Type.DGRAM);
  socket.setReuseAddress(true);
  socket.bind(at(any));
  socket.setReadTimeout(ARRIVAL);
  return socket;
}

/** A socket that has joined the group. */
export function member(multicast: Multicast, end: End): Socket {
  const socket = listening(multicast, end);
  multicast.join(socket, end);
  return socket;
}

/** Fails unless the socket receives this word next. */
export function hears(socket: Socket, word: string): void {
  const buffer = new Uint8Array(16);
  equal(text(buffer, socket.recv(buffer)), word);
}

/** A case that runs with the two ends of a wire. */
export function onWire(
  backend: NodeBackend,
  details: Pick<Case, 'name' | 'methods' | 'observes'>,
  run: (ends: readonly [End, End]) => void,
): Case {
  return {
    ...details,
    needs: details.methods,
    lacks: lacksNamespaces,
    timeout: 60_000,
    run: (t) => run(wired(t, backend)),
  };
}
