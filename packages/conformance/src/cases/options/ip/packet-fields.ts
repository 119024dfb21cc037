/** Header fields that options set, as the receiver sees them. */
import { SockAddr, type Socket } from '@sock/core';
import { equal } from '../../../assert.js';
import { bytes } from '../../../bytes.js';
import type { Case } from '../../../case.js';
import { needsControl, only, received } from '../../../control.js';

/** A header field of the next datagram. */
function fieldOf(receiver: Socket, kind: 'ttl' | 'hopLimit' | 'tos' | 'trafficClass'): number {
  return only(received(receiver).control, kind).value;
}

const needsTtl = ['setRecvTtlV4', ...needsControl];

export const packetFields: readonly Case[] = [
  {
    name: 'setTtl sets the time-to-live of the packets sent',
    socket2Docs:
      'This value sets the time-to-live field that is used in every packet sent from this socket.',
    methods: ['setTtl', 'ttl', 'setTtlV4', 'ttlV4', 'recvmsg'],
    observes: ['setTtlV4', 'ttlV4'],
    needs: ['setTtl', ...needsTtl],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      other.setRecvTtlV4(true);
      for (const ttl of [one.ttl(), 1, 77, 255]) {
        one.setTtl(ttl);
        one.send(bytes('x'));
        equal(fieldOf(other, 'ttl'), ttl);
      }
      one.setTtlV4(42);
      equal(one.ttlV4(), 42);
      one.send(bytes('x'));
      equal(fieldOf(other, 'ttl'), 42, 'by the name of later versions of socket2');
    },
  },
  {
    name: 'setMulticastTtlV4 sets the time-to-live of multicast packets only',
    socket2Docs: 'Indicates the time-to-live value of outgoing multicast packets for this socket.',
    methods: ['setMulticastTtlV4', 'multicastTtlV4', 'recvmsg'],
    observes: ['setMulticastTtlV4', 'multicastTtlV4'],
    needs: ['setMulticastTtlV4', 'joinMulticastV4', 'setMulticastIfV4', ...needsTtl],
    run(t) {
      const group = '239.83.79.68';
      const receiver = t.socket('udp4');
      receiver.bind(SockAddr.ipv4('0.0.0.0', 0));
      receiver.joinMulticastV4(group, '127.0.0.1');
      receiver.setRecvTtlV4(true);
      const { port } = receiver.localAddr();
      const sender = t.bound('udp4');
      sender.setMulticastIfV4('127.0.0.1');
      sender.sendTo(bytes('x'), SockAddr.ipv4(group, port));
      equal(fieldOf(receiver, 'ttl'), 1, 'the default');
      sender.setMulticastTtlV4(42);
      equal(sender.multicastTtlV4(), 42);
      sender.sendTo(bytes('x'), SockAddr.ipv4(group, port));
      equal(fieldOf(receiver, 'ttl'), 42);
      sender.sendTo(bytes('x'), SockAddr.ipv4('127.0.0.1', port));
      equal(fieldOf(receiver, 'ttl'), sender.ttl(), 'of a unicast packet');
    },
  },
  {
    name: 'setUnicastHopsV6 sets the hop limit of the packets sent',
    socket2Docs: 'Specifies the hop limit for ipv6 unicast packets',
    methods: ['setUnicastHopsV6', 'setRecvHoplimitV6', 'recvmsg'],
    observes: ['setUnicastHopsV6', 'unicastHopsV6'],
    needs: ['setUnicastHopsV6', 'setRecvHoplimitV6', 'recvmsg', 'setReadTimeout'],
    run(t) {
      const [one, other] = t.connectedPair('udp6');
      other.setRecvHoplimitV6(true);
      for (const hops of [one.unicastHopsV6(), 1, 99, 255]) {
        one.setUnicastHopsV6(hops);
        one.send(bytes('x'));
        equal(fieldOf(other, 'hopLimit'), hops);
      }
    },
  },
  {
    name: 'setTosV4 and setTclassV6 set the class of the packets sent',
    methods: ['setTosV4', 'tosV4', 'setTclassV6', 'tclassV6', 'setRecvTosV4', 'setRecvTclassV6'],
    observes: ['setTosV4', 'tosV4', 'setTclassV6', 'tclassV6'],
    needs: [
      'setTosV4',
      'setTclassV6',
      'setRecvTosV4',
      'setRecvTclassV6',
      'recvmsg',
      'setReadTimeout',
    ],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      other.setRecvTosV4(true);
      one.setTosV4(0xb8);
      equal(one.tosV4(), 0xb8);
      one.send(bytes('x'));
      equal(fieldOf(other, 'tos'), 0xb8);
      const [six, otherSix] = t.connectedPair('udp6');
      otherSix.setRecvTclassV6(true);
      six.setTclassV6(0x28);
      equal(six.tclassV6(), 0x28);
      six.send(bytes('x'));
      equal(fieldOf(otherSix, 'trafficClass'), 0x28);
    },
  },
];
