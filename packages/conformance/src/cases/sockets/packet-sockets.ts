/** Packet sockets: the packets of an interface, with their link-layer addresses. */
import {
  assembleFilter,
  Domain,
  interfaceNames,
  type PacketAddress,
  SockAddr,
  type Socket,
  Type,
} from '@sock/core';
import { deepEqual, equal, fail, ok } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';
import { only, received } from '../../control.js';
import { lacksRaw } from '../../privilege.js';

const ETH_P_IP = 0x0800;
const UDP = 17;
/** A random number, made on first use: while a WebAssembly component is initialised there is no randomness. */
function once(least: number, count: number): () => number {
  let number: number | undefined;
  return () => (number ??= least + Math.floor(Math.random() * count));
}

/** An EtherType that only this process uses, so that it receives nobody else's packets. */
const experiment = once(0xa000, 0x5000);
/** ARPHRD_LOOPBACK */
const LOOPBACK_TYPE = 772;
const ETHERNET_HEADER = 14;
/** A number that only this process uses: another run of the contract has another one. */
const fanoutGroup = once(1, 65_535);
const NOBODY = '00:00:00:00:00:00';

const loopbackIndex = (t: Context): number => interfaceNames(t.Socket.driver).ifNameToIndex('lo');

/** A packet socket that receives one protocol on the loopback interface; of UDP only packets with `port`. */
function heard(t: Context, type: Type, protocol: number, port?: number): Socket {
  const socket = t.open(Domain.PACKET, type);
  if (port !== undefined) socket.attachFilter(assembleFilter({ protocol: UDP, port }));
  socket.bind(SockAddr.packet({ interfaceIndex: loopbackIndex(t), protocol }));
  socket.setReadTimeout(5000);
  return socket;
}

function next(socket: Socket): [packet: Uint8Array, from: PacketAddress] {
  const buffer = new Uint8Array(256);
  const [length, from] = socket.recvFrom(buffer);
  return [buffer.slice(0, length), from.asPacketAddress() ?? fail(from.toString())];
}

export const packetSockets: readonly Case[] = [
  {
    name: 'a received packet has interface, protocol, kind and link-layer address',
    methods: ['bind', 'recvFrom', 'localAddr'],
    observes: ['SockAddr.family'],
    needs: ['packet', 'ifNameToIndex', 'attachFilter'],
    lacks: lacksRaw,
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      const { port } = other.localAddr();
      const whole = heard(t, Type.RAW, ETH_P_IP, port);
      const cooked = heard(t, Type.DGRAM, ETH_P_IP, port);
      equal(whole.localAddr().family, Domain.PACKET);
      equal(whole.localAddr().asPacketAddress()?.interfaceIndex, loopbackIndex(t));
      one.send(bytes('payload'));
      const [frame, from] = next(whole);
      deepEqual(from, {
        interfaceIndex: loopbackIndex(t),
        protocol: ETH_P_IP,
        hardwareType: LOOPBACK_TYPE,
        packetType: 'host',
        hardwareAddress: NOBODY,
      });
      const [packet] = next(cooked);
      equal(text(packet).endsWith('payload'), true, text(packet));
      equal(frame.length - packet.length, ETHERNET_HEADER, 'the header of the link layer');
      equal(packet[0], 0x45, 'the first byte of an IPv4 header');
    },
  },
  {
    name: 'packets are sent to a link-layer address',
    methods: ['sendTo', 'recvFrom'],
    needs: ['packet', 'ifNameToIndex'],
    lacks: lacksRaw,
    run(t) {
      const receiver = heard(t, Type.DGRAM, experiment());
      const sender = t.open(Domain.PACKET, Type.DGRAM);
      for (const hardwareAddress of [NOBODY, new Uint8Array(6)]) {
        const to = SockAddr.packet({
          interfaceIndex: loopbackIndex(t),
          protocol: experiment(),
          hardwareAddress,
        });
        sender.sendTo(bytes('to whom it may concern'), to);
        const [packet, from] = next(receiver);
        equal(text(packet), 'to whom it may concern');
        deepEqual([from.protocol, from.packetType], [experiment(), 'host']);
      }
    },
  },
  {
    name: 'the sockets of a fan-out group share the packets',
    methods: ['setPacketFanout', 'packetFanout', 'packetStatistics'],
    needs: ['packet', 'ifNameToIndex', 'setPacketFanout', 'packetStatistics'],
    lacks: lacksRaw,
    run(t) {
      const members = [0, 1].map(() => {
        const socket = heard(t, Type.DGRAM, experiment());
        equal(socket.packetFanout(), null);
        const fanout = { group: fanoutGroup(), mode: 'loadBalance' } as const;
        socket.setPacketFanout(fanout);
        const { group, mode } = socket.packetFanout() ?? {};
        deepEqual([group, mode], [fanout.group, fanout.mode]);
        return socket;
      }) as [Socket, Socket];
      const sender = t.open(Domain.PACKET, Type.DGRAM);
      const to = SockAddr.packet({ interfaceIndex: loopbackIndex(t), protocol: experiment() });
      const COUNT = 8;
      for (let i = 0; i < COUNT; i++) sender.sendTo(Uint8Array.of(i), to);
      const counts = members.map((socket) => socket.packetStatistics().packets);
      deepEqual(counts, [COUNT / 2, COUNT / 2]);
      ok(
        members.every((socket) => socket.packetStatistics().packets === 0),
        'counted anew',
      );
    },
  },
  {
    name: 'setPacketIgnoreOutgoing receives only arriving packets, setPacketAuxdata reports their length',
    methods: ['setPacketIgnoreOutgoing', 'setPacketAuxdata', 'recvmsg'],
    needs: ['packet', 'ifNameToIndex', 'setPacketIgnoreOutgoing', 'setPacketAuxdata', 'recvmsg'],
    lacks: lacksRaw,
    run(t) {
      // On the loopback interface each packet both leaves and arrives; ETH_P_ALL receives both.
      const [SOL_PACKET, PACKET_AUXDATA, ETH_P_ALL] = [263, 8, 3];
      const [one, other] = t.connectedPair('udp4');
      const { port } = other.localAddr();
      const [both, arriving] = [0, 1].map(() => heard(t, Type.DGRAM, ETH_P_ALL, port)) as [
        Socket,
        Socket,
      ];
      arriving.setPacketIgnoreOutgoing(true);
      equal(arriving.packetIgnoreOutgoing(), true);
      arriving.setPacketAuxdata(true);
      one.send(bytes('payload'));
      deepEqual([next(both)[1].packetType, next(both)[1].packetType], ['outgoing', 'host']);
      const { control, address } = received(arriving);
      equal(address.asPacketAddress()?.packetType, 'host');
      const auxdata = only(control, 'raw');
      deepEqual([auxdata.level, auxdata.type], [SOL_PACKET, PACKET_AUXDATA]);
      // struct tpacket_auxdata: status, then the length of the packet.
      equal(new Uint32Array(auxdata.data.buffer)[1], 20 + 8 + 'payload'.length);
      equal(arriving.tryRecv(new Uint8Array(1)), undefined, 'anything else');
    },
  },
];
