import { SockAddr, type Socket } from '@sock/core';
import { equal, ok, throwsCode } from '../../../assert.js';
import { bytes, text } from '../../../bytes.js';
import type { Case } from '../../../case.js';
import type { Context } from '../../../context.js';

const LOOPBACK = '127.0.0.1';
const ANY = '0.0.0.0';
/** Administratively scoped, RFC 2365. */
const GROUP_V4 = '239.83.79.67';
/** Interface-local: never leaves the machine, RFC 4291. */
const GROUP_V6 = 'ff11::534f:434b';
/** Longer than a datagram takes on one machine, in milliseconds. */
const ARRIVAL = 2000;
const SILENCE = 100;
const INTERFACES = 64;

function receiverV4(t: Context): Socket {
  const socket = t.socket('udp4');
  socket.bind(SockAddr.ipv4(ANY, 0));
  socket.setReadTimeout(ARRIVAL);
  return socket;
}

function senderV4(t: Context): Socket {
  const socket = t.bound('udp4');
  socket.setMulticastIfV4(LOOPBACK);
  return socket;
}

function sendV4(sender: Socket, receiver: Socket, message: string): void {
  sender.sendTo(bytes(message), SockAddr.ipv4(GROUP_V4, receiver.localAddr().port));
}

function hears(receiver: Socket, message: string): void {
  const buffer = new Uint8Array(32);
  equal(text(buffer, receiver.recv(buffer)), message);
}

function hearsNothing(receiver: Socket): void {
  receiver.setReadTimeout(SILENCE);
  throwsCode('EAGAIN', () => receiver.recv(new Uint8Array(32)), 'the datagram');
  receiver.setReadTimeout(ARRIVAL);
}

const needsV4 = ['joinMulticastV4', 'leaveMulticastV4', 'setMulticastIfV4', 'setReadTimeout'];
const needsV6 = ['joinMulticastV6', 'leaveMulticastV6', 'setMulticastIfV6', 'setReadTimeout'];

/** Two sockets and an interface that carries IPv6 multicast between them, if the machine has one. */
function pairV6(t: Context): { receiver: Socket; sender: Socket; index: number } | undefined {
  const receiver = t.socket('udp6');
  receiver.bind(SockAddr.ipv6('::', 0));
  receiver.setReadTimeout(ARRIVAL);
  const sender = t.socket('udp6');
  for (let index = 1; index <= INTERFACES; index++) {
    try {
      sender.setMulticastIfV6(index);
      sender.sendTo(bytes('?'), SockAddr.ipv6(GROUP_V6, receiver.localAddr().port));
      return { receiver, sender, index };
    } catch {
      // No such interface, or one without IPv6 multicast.
    }
  }
  return undefined;
}

export const multicast: readonly Case[] = [
  {
    name: 'joinMulticastV4 receives what is sent to the group, leaveMulticastV4 ends it',
    socket2Docs: [
      'Join a multicast group using IP_ADD_MEMBERSHIP option on this socket.',
      'This function specifies a new multicast group for this socket to join.',
      'Leave a multicast group using IP_DROP_MEMBERSHIP option on this socket.',
    ],
    methods: ['joinMulticastV4', 'leaveMulticastV4', 'setMulticastIfV4'],
    observes: ['joinMulticastV4', 'leaveMulticastV4'],
    needs: [...needsV4, 'setMulticastAllV4'],
    run(t) {
      const [receiver, sender] = [receiverV4(t), senderV4(t)];
      // Otherwise the groups of all sockets on the machine would count.
      receiver.setMulticastAllV4(false);
      sendV4(sender, receiver, 'too early');
      receiver.joinMulticastV4(GROUP_V4, LOOPBACK);
      sendV4(sender, receiver, 'joined');
      hears(receiver, 'joined');
      receiver.leaveMulticastV4(GROUP_V4, LOOPBACK);
      sendV4(sender, receiver, 'left');
      hearsNothing(receiver);
    },
  },
  {
    name: 'every socket that joined gets its own copy',
    methods: ['joinMulticastV4', 'setReuseAddress'],
    needs: [...needsV4, 'setReuseAddress'],
    run(t) {
      const first = t.socket('udp4');
      first.setReuseAddress(true);
      first.bind(SockAddr.ipv4(ANY, 0));
      const second = t.socket('udp4');
      second.setReuseAddress(true);
      second.bind(first.localAddr());
      for (const socket of [first, second]) {
        socket.setReadTimeout(ARRIVAL);
        socket.joinMulticastV4(GROUP_V4, LOOPBACK);
      }
      sendV4(senderV4(t), first, 'both');
      hears(first, 'both');
      hears(second, 'both');
    },
  },
  {
    name: 'joinMulticastV4 twice throws EADDRINUSE, leaving without joining EADDRNOTAVAIL',
    methods: ['joinMulticastV4', 'leaveMulticastV4'],
    needs: needsV4,
    run(t) {
      const socket = receiverV4(t);
      throwsCode('EADDRNOTAVAIL', () => socket.leaveMulticastV4(GROUP_V4, LOOPBACK));
      socket.joinMulticastV4(GROUP_V4, LOOPBACK);
      throwsCode('EADDRINUSE', () => socket.joinMulticastV4(GROUP_V4, LOOPBACK));
      socket.leaveMulticastV4(GROUP_V4, LOOPBACK);
      throwsCode('EADDRNOTAVAIL', () => socket.leaveMulticastV4(GROUP_V4, LOOPBACK));
    },
  },
  {
    name: 'joinMulticastV4 throws for an address that is not multicast and for an interface that does not exist',
    socket2Docs:
      'The address must be a valid multicast address, and interface is the address of the local interface with which the system should join the multicast group.',
    methods: ['joinMulticastV4'],
    needs: needsV4,
    run(t) {
      const socket = receiverV4(t);
      throwsCode('EINVAL', () => socket.joinMulticastV4('127.0.0.1', LOOPBACK));
      throwsCode(['ENODEV', 'EADDRNOTAVAIL'], () => socket.joinMulticastV4(GROUP_V4, '192.0.2.1'));
    },
  },
  {
    name: 'joinMulticastV4 on 0.0.0.0 lets the system choose the interface',
    socket2Docs:
      "If it's Ipv4Addr::UNSPECIFIED (INADDR_ANY) then an appropriate interface is chosen by the system.",
    methods: ['joinMulticastV4', 'leaveMulticastV4'],
    needs: needsV4,
    run(t) {
      const socket = receiverV4(t);
      try {
        socket.joinMulticastV4(GROUP_V4, ANY);
      } catch (error) {
        // A machine without a route for the group has no appropriate interface.
        equal((error as { code?: string }).code, 'ENODEV');
        return;
      }
      throwsCode('EADDRINUSE', () => socket.joinMulticastV4(GROUP_V4, ANY));
      socket.leaveMulticastV4(GROUP_V4, ANY);
      throwsCode('EADDRNOTAVAIL', () => socket.leaveMulticastV4(GROUP_V4, ANY));
    },
  },
  {
    name: 'setMulticastIfV4 chooses the interface, 0.0.0.0 leaves it to the system',
    socket2Docs: 'Specifies the interface to use for routing multicast packets.',
    methods: ['multicastIfV4', 'setMulticastIfV4'],
    needs: ['setMulticastIfV4'],
    run(t) {
      const socket = t.socket('udp4');
      equal(socket.multicastIfV4(), ANY);
      socket.setMulticastIfV4(LOOPBACK);
      equal(socket.multicastIfV4(), LOOPBACK);
      socket.setMulticastIfV4(ANY);
      equal(socket.multicastIfV4(), ANY);
      throwsCode(['EADDRNOTAVAIL', 'ENODEV'], () => socket.setMulticastIfV4('192.0.2.1'));
    },
  },
  {
    name: 'setMulticastLoopV4 decides whether this machine receives its own packets',
    socket2Docs: 'If enabled, multicast packets will be looped back to the local socket.',
    methods: ['multicastLoopV4', 'setMulticastLoopV4'],
    needs: ['setMulticastLoopV4'],
    run(t) {
      const socket = t.socket('udp4');
      equal(socket.multicastLoopV4(), true);
      socket.setMulticastLoopV4(false);
      equal(socket.multicastLoopV4(), false);
    },
  },
  {
    name: 'multicastTtlV4 is 1 by default, and independent of ttl',
    socket2Docs:
      "The default value is 1 which means that multicast packets don't leave the local network unless explicitly requested.",
    methods: ['multicastTtlV4', 'setMulticastTtlV4', 'ttl'],
    needs: ['setMulticastTtlV4', 'ttl'],
    run(t) {
      const socket = t.socket('udp4');
      const ttl = socket.ttl();
      equal(socket.multicastTtlV4(), 1);
      socket.setMulticastTtlV4(9);
      equal(socket.multicastTtlV4(), 9);
      equal(socket.ttl(), ttl);
    },
  },
  {
    name: 'joinMulticastV4N joins by the index of the interface',
    methods: ['joinMulticastV4N', 'leaveMulticastV4N'],
    observes: ['joinMulticastV4N', 'leaveMulticastV4N'],
    needs: ['joinMulticastV4N', 'setReadTimeout', 'setMulticastIfV4'],
    run(t) {
      const [receiver, sender] = [receiverV4(t), senderV4(t)];
      receiver.joinMulticastV4N(GROUP_V4, 1);
      sendV4(sender, receiver, 'by index');
      hears(receiver, 'by index');
      receiver.leaveMulticastV4N(GROUP_V4, 1);
      throwsCode('EADDRNOTAVAIL', () => receiver.leaveMulticastV4N(GROUP_V4, 1));
      receiver.joinMulticastV4N(GROUP_V4, LOOPBACK);
      sendV4(sender, receiver, 'by address');
      hears(receiver, 'by address');
    },
  },
  {
    name: 'joinSsmV4 receives from one source only',
    methods: ['joinSsmV4', 'leaveSsmV4'],
    observes: ['joinSsmV4', 'leaveSsmV4'],
    needs: ['joinSsmV4', 'setReadTimeout', 'setMulticastIfV4', 'setMulticastAllV4'],
    run(t) {
      const group = '232.83.79.67';
      const receiver = receiverV4(t);
      receiver.setMulticastAllV4(false);
      const sender = senderV4(t);
      const target = SockAddr.ipv4(group, receiver.localAddr().port);
      receiver.joinSsmV4('127.0.0.9', group, LOOPBACK);
      sender.sendTo(bytes('other'), target);
      hearsNothing(receiver);
      receiver.joinSsmV4(LOOPBACK, group, LOOPBACK);
      sender.sendTo(bytes('source'), target);
      hears(receiver, 'source');
      receiver.leaveSsmV4(LOOPBACK, group, LOOPBACK);
      sender.sendTo(bytes('left'), target);
      hearsNothing(receiver);
    },
  },
  {
    name: 'joinMulticastV6 receives what is sent to the group, leaveMulticastV6 ends it',
    socket2Docs: [
      'Join a multicast group using IPV6_ADD_MEMBERSHIP option on this socket.',
      'The address must be a valid multicast address, and interface is the index of the interface to join/leave (or 0 to indicate any interface).',
      'Leave a multicast group using IPV6_DROP_MEMBERSHIP option on this socket.',
    ],
    methods: ['joinMulticastV6', 'leaveMulticastV6', 'setMulticastIfV6', 'sendTo'],
    needs: [...needsV6, 'setMulticastAllV6'],
    run(t) {
      const pair = pairV6(t);
      if (pair === undefined) {
        // A machine without an interface for it refuses the packets: that much can be seen.
        const target = SockAddr.ipv6(GROUP_V6, 9);
        throwsCode(['ENETUNREACH', 'EADDRNOTAVAIL'], () =>
          t.socket('udp6').sendTo(bytes('x'), target),
        );
        return;
      }
      const { receiver, sender, index } = pair;
      receiver.setMulticastAllV6(false);
      const target = SockAddr.ipv6(GROUP_V6, receiver.localAddr().port);
      receiver.joinMulticastV6(GROUP_V6, index);
      sender.sendTo(bytes('joined'), target);
      hears(receiver, 'joined');
      receiver.leaveMulticastV6(GROUP_V6, index);
      sender.sendTo(bytes('left'), target);
      hearsNothing(receiver);
    },
  },
  {
    name: 'joinMulticastV6 twice throws EADDRINUSE, leaving without joining EADDRNOTAVAIL',
    methods: ['joinMulticastV6', 'leaveMulticastV6'],
    needs: needsV6,
    run(t) {
      const socket = t.bound('udp6');
      throwsCode('EADDRNOTAVAIL', () => socket.leaveMulticastV6(GROUP_V6, 1));
      socket.joinMulticastV6(GROUP_V6, 1);
      throwsCode('EADDRINUSE', () => socket.joinMulticastV6(GROUP_V6, 1));
      socket.leaveMulticastV6(GROUP_V6, 1);
      throwsCode('EINVAL', () => socket.joinMulticastV6('::1', 1));
      throwsCode('ENODEV', () => socket.joinMulticastV6(GROUP_V6, 0x7ffffff));
    },
  },
  {
    name: 'setMulticastIfV6 chooses the interface by its index, 0 leaves it to the system',
    socket2Docs:
      'Unlike ipv4, this is generally required in ipv6 contexts where network routing prefixes may overlap.',
    methods: ['multicastIfV6', 'setMulticastIfV6'],
    needs: ['setMulticastIfV6'],
    run(t) {
      const socket = t.socket('udp6');
      equal(socket.multicastIfV6(), 0);
      socket.setMulticastIfV6(1);
      equal(socket.multicastIfV6(), 1);
      socket.setMulticastIfV6(0);
      equal(socket.multicastIfV6(), 0);
      throwsCode(['ENODEV', 'EADDRNOTAVAIL', 'ENXIO'], () => socket.setMulticastIfV6(0x7ffffff));
    },
  },
  {
    name: 'multicastHopsV6 is 1 by default',
    socket2Docs:
      'Indicates the number of "routers" multicast packets will transit for this socket.',
    methods: ['multicastHopsV6', 'setMulticastHopsV6'],
    needs: ['setMulticastHopsV6'],
    run(t) {
      const socket = t.socket('udp6');
      equal(socket.multicastHopsV6(), 1);
      socket.setMulticastHopsV6(5);
      equal(socket.multicastHopsV6(), 5);
    },
  },
  {
    name: 'setMulticastLoopV6(false): this machine does not receive its own packets',
    socket2Docs: 'Controls whether this socket sees the multicast packets it sends itself.',
    methods: ['multicastLoopV6', 'setMulticastLoopV6'],
    needs: [...needsV6, 'setMulticastLoopV6'],
    run(t) {
      const socket = t.socket('udp6');
      equal(socket.multicastLoopV6(), true);
      socket.setMulticastLoopV6(false);
      equal(socket.multicastLoopV6(), false);
      const pair = pairV6(t);
      if (pair === undefined) return;
      const { receiver, sender, index } = pair;
      receiver.joinMulticastV6(GROUP_V6, index);
      const target = SockAddr.ipv6(GROUP_V6, receiver.localAddr().port);
      sender.setMulticastLoopV6(false);
      sender.sendTo(bytes('hidden'), target);
      sender.setMulticastLoopV6(true);
      sender.sendTo(bytes('seen'), target);
      hears(receiver, 'seen');
      ok(receiver.tryRecv(new Uint8Array(8)) === undefined, 'nothing else arrived');
    },
  },
];
