/** Raw sockets: headers that the sender writes itself, and filters on received packets. */
import { Domain, type Protocol, SockAddr, type Socket, Type } from '@sock/core';
import { equal } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';
import { needsControl, only, received } from '../../control.js';
import { ECHO, echoRequest } from '../../echo.js';
import { lacksRaw } from '../../privilege.js';

/** A protocol number for experiments: RFC 3692. */
const PROTOCOL = 253;
const PAYLOAD = 'payload';
const TTL = 99;
const [HEADER_V4, HEADER_V6] = [20, 40];

function raw(t: Context, domain: 'ipv4' | 'ipv6', protocol: Protocol = PROTOCOL): Socket {
  return t.open(domain, Type.RAW, protocol);
}

/** A packet with {@link PAYLOAD}. The system fills in length, checksum and source. */
function packetV4(): Uint8Array {
  const packet = new Uint8Array(HEADER_V4 + PAYLOAD.length);
  packet[0] = 0x45;
  packet[8] = TTL;
  packet[9] = PROTOCOL;
  packet.set([127, 0, 0, 1], 16);
  packet.set(bytes(PAYLOAD), HEADER_V4);
  return packet;
}

function packetV6(): Uint8Array {
  const packet = new Uint8Array(HEADER_V6 + PAYLOAD.length);
  packet[0] = 0x60;
  packet[5] = PAYLOAD.length;
  packet[6] = PROTOCOL;
  packet[7] = TTL;
  // From ::1 to ::1.
  packet[23] = 1;
  packet[39] = 1;
  packet.set(bytes(PAYLOAD), HEADER_V6);
  return packet;
}

export const rawPackets: readonly Case[] = [
  {
    name: 'setHeaderIncludedV4: sent data begins with the IPv4 header, and the peer sees that header',
    methods: ['setHeaderIncludedV4', 'headerIncludedV4', 'sendTo', 'recv'],
    observes: ['setHeaderIncludedV4', 'headerIncludedV4'],
    needs: ['raw', 'setHeaderIncludedV4', 'setReadTimeout'],
    lacks: lacksRaw,
    run(t) {
      const [sender, receiver] = [raw(t, Domain.IPV4), raw(t, Domain.IPV4)];
      receiver.setReadTimeout(5000);
      const to = SockAddr.ipv4('127.0.0.1', 0);
      const buffer = new Uint8Array(64);
      equal(sender.headerIncludedV4(), false);
      sender.sendTo(bytes(PAYLOAD), to);
      equal(receiver.recv(buffer), HEADER_V4 + PAYLOAD.length);
      equal(buffer[8], sender.ttl(), "the socket's time-to-live");
      sender.setHeaderIncludedV4(true);
      equal(sender.headerIncludedV4(), true);
      sender.sendTo(packetV4(), to);
      const length = receiver.recv(buffer);
      equal(buffer[8], TTL, "the packet's time-to-live");
      equal(text(buffer.subarray(HEADER_V4, length)), PAYLOAD);
    },
  },
  {
    name: 'setHeaderIncludedV6: sent data begins with the IPv6 header, and the peer sees that header',
    methods: ['setHeaderIncludedV6', 'headerIncludedV6', 'sendTo', 'recvmsg'],
    observes: ['setHeaderIncludedV6', 'headerIncludedV6'],
    needs: ['raw', ...needsControl, 'setHeaderIncludedV6', 'setRecvHoplimitV6'],
    lacks: lacksRaw,
    run(t) {
      const [sender, receiver] = [raw(t, Domain.IPV6), raw(t, Domain.IPV6)];
      receiver.setRecvHoplimitV6(true);
      const to = SockAddr.ipv6('::1', 0);
      equal(sender.headerIncludedV6(), false);
      sender.sendTo(bytes(PAYLOAD), to);
      equal(only(received(receiver).control, 'hopLimit').value, sender.unicastHopsV6());
      sender.setHeaderIncludedV6(true);
      equal(sender.headerIncludedV6(), true);
      sender.sendTo(packetV6(), to);
      const message = received(receiver);
      equal(only(message.control, 'hopLimit').value, TTL);
      equal(text(message.data), PAYLOAD);
    },
  },
  {
    name: 'setIcmpFilter blocks types of messages on a raw socket',
    methods: ['setIcmpFilter', 'icmpFilter'],
    needs: ['raw', 'setIcmpFilter', 'setReadTimeout'],
    lacks: lacksRaw,
    run(t) {
      const [pinger, witness] = [raw(t, Domain.IPV4, 'icmpv4'), raw(t, Domain.IPV4, 'icmpv4')];
      pinger.setReadTimeout(5000);
      witness.setReadTimeout(5000);
      // On the loopback interface the socket receives the request too.
      pinger.setIcmpFilter(1 << ECHO.ipv4.request);
      equal(pinger.icmpFilter(), 1 << ECHO.ipv4.request);
      const identifier = pinger.asRawFd() + 0x5300;
      pinger.sendTo(echoRequest('ipv4', identifier), SockAddr.ipv4('127.0.0.1', 0));
      const next = (socket: Socket): number | undefined => {
        const buffer = new Uint8Array(256);
        for (;;) {
          const header = (socket.recv(buffer), ((buffer[0] ?? 0) & 15) * 4);
          const view = new DataView(buffer.buffer, header);
          if (view.getUint16(4) === identifier) return view.getUint8(0);
        }
      };
      equal(next(witness), ECHO.ipv4.request, 'the first packet without a filter');
      equal(next(pinger), ECHO.ipv4.reply, 'the first packet with the filter');
    },
  },
  {
    name: 'setIcmp6Filter blocks types of messages on a raw socket',
    methods: ['setIcmp6Filter', 'icmp6Filter'],
    needs: ['raw', 'setIcmp6Filter', 'setReadTimeout'],
    lacks: lacksRaw,
    run(t) {
      const { protocol, request, reply } = ECHO.ipv6;
      const [pinger, witness] = [raw(t, Domain.IPV6, protocol), raw(t, Domain.IPV6, protocol)];
      // struct icmp6_filter: bit n of word m is type 32 m + n; a set bit blocks it.
      const filter = new Uint32Array(8);
      filter[request >> 5] = 1 << (request & 31);
      pinger.setIcmp6Filter(new Uint8Array(filter.buffer));
      equal(pinger.icmp6Filter().join(), new Uint8Array(filter.buffer).join());
      const identifier = pinger.asRawFd() + 0x5500;
      pinger.sendTo(echoRequest('ipv6', identifier), SockAddr.ipv6('::1', 0));
      const next = (socket: Socket): number => {
        socket.setReadTimeout(5000);
        const view = new DataView(new ArrayBuffer(256));
        do socket.recv(new Uint8Array(view.buffer));
        while (view.getUint16(4) !== identifier);
        return view.getUint8(0);
      };
      equal(next(witness), request, 'the first packet without a filter');
      equal(next(pinger), reply, 'the first packet with the filter');
    },
  },
  {
    name: 'setChecksumV6: the system writes the checksum of sent packets and checks that of received ones',
    methods: ['setChecksumV6', 'checksumV6'],
    needs: ['raw', 'setChecksumV6', 'setReadTimeout'],
    lacks: lacksRaw,
    run(t) {
      const [sender, receiver, checker] = [0, 1, 2].map(() => raw(t, Domain.IPV6)) as [
        Socket,
        Socket,
        Socket,
      ];
      const to = SockAddr.ipv6('::1', 0);
      const buffer = new Uint8Array(16);
      const checksum = (): number => {
        receiver.setReadTimeout(5000);
        equal(receiver.recv(buffer), 8);
        return new DataView(buffer.buffer).getUint16(2);
      };
      checker.setChecksumV6(2);
      sender.sendTo(new Uint8Array(8), to);
      equal(checksum(), 0, 'as it was sent');
      equal(checker.tryRecv(buffer), undefined, 'a packet with a wrong checksum');
      sender.setChecksumV6(2);
      equal(sender.checksumV6(), 2);
      sender.sendTo(new Uint8Array(8), to);
      equal(checksum() === 0, false, 'the checksum is there');
      equal(checker.tryRecv(buffer), 8, 'a packet with a right checksum');
    },
  },
];
