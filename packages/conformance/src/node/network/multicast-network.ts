/** Multicast on a wire: the interface it is sent by, its loopback, its hop limit. */
import { Domain, type Socket, Type } from '@sock/core';
import { equal } from '../../assert.js';
import { bytes } from '../../bytes.js';
import type { Case } from '../../case.js';
import { only, received } from '../../control.js';
import { hears, listening, member, type Multicast, onWire, v4, v6 } from '../multicast-wire.js';
import { type End, WIRE } from '../namespace.js';
import type { NodeBackend } from '../program.js';

/** Only datagrams sent over the wire reach the other end, and only while it is a member. */
function chosen(multicast: Multicast, [here, there]: readonly [End, End]): void {
  const { domain, sendBy, leave, join } = multicast;
  const group = multicast.at(multicast.group);
  const [far, witness] = [member(multicast, there), member(multicast, there)];
  multicast.hearOwnOnly(far);
  const sender = here.namespace.open(domain, Type.DGRAM);
  sendBy(sender, here, 'lo');
  sender.sendTo(bytes('near'), group);
  sendBy(sender, here, WIRE);
  sender.sendTo(bytes('far'), group);
  for (const socket of [far, witness]) hears(socket, 'far');
  leave(far, there);
  sender.sendTo(bytes('left'), group);
  hears(witness, 'left');
  join(far, there);
  sender.sendTo(bytes('again'), group);
  hears(far, 'again');
}

/** Without loopback only the other end receives the datagram. */
function looped(
  multicast: Multicast,
  [here, there]: readonly [End, End],
  setLoop: (socket: Socket, on: boolean) => void,
): void {
  const [near, far] = [member(multicast, here), member(multicast, there)];
  const sender = here.namespace.open(multicast.domain, Type.DGRAM);
  multicast.sendBy(sender, here, WIRE);
  for (const on of [false, true]) {
    setLoop(sender, on);
    sender.sendTo(bytes(String(on)), multicast.at(multicast.group));
    hears(far, String(on));
  }
  hears(near, 'true');
  equal(near.tryRecv(new Uint8Array(8)), undefined, 'a datagram sent without loopback');
}

/** A socket that joined no group receives the groups of others, unless the option forbids it. */
function forAll(
  multicast: Multicast,
  [here, there]: readonly [End, End],
  setAll: (socket: Socket, on: boolean) => void,
): void {
  const joined = member(multicast, here);
  const [curious, deaf] = [listening(multicast, here), listening(multicast, here)];
  setAll(curious, true);
  setAll(deaf, false);
  const sender = there.namespace.open(multicast.domain, Type.DGRAM);
  multicast.sendBy(sender, there, WIRE);
  sender.sendTo(bytes('all'), multicast.at(multicast.group));
  for (const socket of [joined, curious]) hears(socket, 'all');
  equal(deaf.tryRecv(new Uint8Array(8)), undefined);
}

export const multicastNetwork = (backend: NodeBackend): Case[] => [
  onWire(
    backend,
    {
      name: 'setMulticastIfV4 chooses the interface that multicast is sent by',
      methods: ['setMulticastIfV4', 'multicastIfV4', 'joinMulticastV4', 'leaveMulticastV4'],
      observes: ['setMulticastIfV4', 'multicastIfV4', 'joinMulticastV4', 'leaveMulticastV4'],
    },
    (ends) => chosen(v4, ends),
  ),
  onWire(
    backend,
    {
      name: 'setMulticastIfV6 chooses the interface that multicast is sent by',
      methods: ['setMulticastIfV6', 'multicastIfV6', 'joinMulticastV6', 'leaveMulticastV6'],
      observes: ['setMulticastIfV6', 'multicastIfV6', 'joinMulticastV6', 'leaveMulticastV6'],
    },
    (ends) => chosen(v6, ends),
  ),
  onWire(
    backend,
    {
      name: 'setMulticastLoopV4(false): members on the same machine do not receive what is sent',
      methods: ['setMulticastLoopV4', 'multicastLoopV4'],
      observes: ['setMulticastLoopV4', 'multicastLoopV4'],
    },
    (ends) =>
      looped(v4, ends, (socket, on) => {
        socket.setMulticastLoopV4(on);
        equal(socket.multicastLoopV4(), on);
      }),
  ),
  onWire(
    backend,
    {
      name: 'setMulticastLoopV6(false): members on the same machine do not receive what is sent',
      methods: ['setMulticastLoopV6', 'multicastLoopV6'],
      observes: ['setMulticastLoopV6', 'multicastLoopV6'],
    },
    (ends) =>
      looped(v6, ends, (socket, on) => {
        socket.setMulticastLoopV6(on);
        equal(socket.multicastLoopV6(), on);
      }),
  ),
  onWire(
    backend,
    {
      name: 'setMulticastAllV4(false) receives only groups that the socket itself joined',
      methods: ['setMulticastAllV4', 'multicastAllV4'],
      observes: ['setMulticastAllV4', 'multicastAllV4'],
    },
    (ends) =>
      forAll(v4, ends, (socket, on) => {
        socket.setMulticastAllV4(on);
        equal(socket.multicastAllV4(), on);
      }),
  ),
  onWire(
    backend,
    {
      name: 'setMulticastAllV6(false) receives only groups that the socket itself joined',
      methods: ['setMulticastAllV6', 'multicastAllV6'],
      observes: ['setMulticastAllV6', 'multicastAllV6'],
    },
    (ends) =>
      forAll(v6, ends, (socket, on) => {
        socket.setMulticastAllV6(on);
        equal(socket.multicastAllV6(), on);
      }),
  ),
  onWire(
    backend,
    {
      name: 'setMulticastHopsV6 sets the hop limit of multicast datagrams only',
      methods: ['setMulticastHopsV6', 'multicastHopsV6', 'setRecvHoplimitV6', 'recvmsg'],
      observes: ['setMulticastHopsV6', 'multicastHopsV6'],
    },
    ([here, there]) => {
      const receiver = member(v6, there);
      receiver.setRecvHoplimitV6(true);
      const sender = here.namespace.open(Domain.IPV6, Type.DGRAM);
      v6.sendBy(sender, here, WIRE);
      for (const hops of [sender.multicastHopsV6(), 42]) {
        sender.setMulticastHopsV6(hops);
        equal(sender.multicastHopsV6(), hops);
        sender.sendTo(bytes('x'), v6.at(v6.group));
        equal(only(received(receiver).control, 'hopLimit').value, hops);
      }
      sender.sendTo(bytes('x'), v6.at(there.v6));
      equal(only(received(receiver).control, 'hopLimit').value, sender.unicastHopsV6());
    },
  ),
];
