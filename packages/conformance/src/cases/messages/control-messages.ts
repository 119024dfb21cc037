/** Control messages of IP sockets, sent and received. */
import { SockAddr, type Socket, Timestamping } from '@sock/core';
import { equal, ok, within } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { needsControl, only, rawNumber, received } from '../../control.js';
import { eventually } from '../../silence.js';

/** Linux include/uapi/linux/tcp.h */
const [IPPROTO_TCP, TCP_CM_INQ] = [6, 36];
const IPPROTO_IP = 0;
const IP_ORIGDSTADDR = 20;
const MINUTE = 60_000;

function near(nanoseconds: bigint | null): void {
  const away = Math.abs(Number((nanoseconds ?? 0n) / 1_000_000n) - Date.now());
  within(away, 0, MINUTE, 'milliseconds from now');
}

function sendSelf(socket: Socket): void {
  socket.sendTo(bytes('x'), socket.localAddr());
}

export const controlMessages: readonly Case[] = [
  {
    name: 'ipv4PacketInfo chooses the source address of a datagram; setPktinfoV4 reports where one arrived',
    methods: ['sendmsg', 'recvmsg', 'setPktinfoV4'],
    observes: ['sendmsg', 'recvmsg'],
    needs: [...needsControl, 'setPktinfoV4'],
    run(t) {
      const receiver = t.socket('udp4');
      receiver.bind(SockAddr.ipv4('0.0.0.0', 0));
      receiver.setPktinfoV4(true);
      t.socket('udp4').sendmsg({
        buffers: [bytes('x')],
        address: SockAddr.ipv4('127.0.0.5', receiver.localAddr().port),
        control: [{ kind: 'ipv4PacketInfo', interfaceIndex: 0, address: '127.0.0.9' }],
      });
      const message = received(receiver);
      equal(message.address.address, '127.0.0.9', 'the sender');
      const { interfaceIndex, address, destination } = only(message.control, 'ipv4PacketInfo');
      equal(interfaceIndex, 1, 'the loopback interface');
      equal(address, '127.0.0.5');
      equal(destination, '127.0.0.5');
    },
  },
  {
    name: 'ipv6PacketInfo, hop limit and traffic class can be set for one datagram and arrive with it',
    methods: ['sendmsg', 'recvmsg', 'setRecvPktinfoV6', 'setRecvHoplimitV6', 'setRecvTclassV6'],
    observes: ['recvHoplimitV6', 'setRecvHoplimitV6', 'recvTclassV6', 'setRecvTclassV6'],
    needs: [...needsControl, 'setRecvPktinfoV6', 'setRecvHoplimitV6', 'setRecvTclassV6'],
    run(t) {
      const [sender, receiver] = [t.bound('udp6'), t.bound('udp6')];
      const send = (): void => {
        sender.sendmsg({
          buffers: [bytes('x')],
          address: receiver.localAddr(),
          control: [
            { kind: 'hopLimit', value: 42 },
            { kind: 'trafficClass', value: 0x20 },
            { kind: 'ipv6PacketInfo', interfaceIndex: 1, address: '::1' },
          ],
        });
      };
      send();
      equal(received(receiver).control.length, 0, 'control messages that nobody asked for');
      receiver.setRecvPktinfoV6(true);
      receiver.setRecvHoplimitV6(true);
      receiver.setRecvTclassV6(true);
      equal(receiver.recvHoplimitV6() && receiver.recvTclassV6(), true);
      send();
      const { control } = received(receiver);
      equal(only(control, 'hopLimit').value, 42);
      equal(only(control, 'trafficClass').value, 0x20);
      const { interfaceIndex, address } = only(control, 'ipv6PacketInfo');
      equal(interfaceIndex, 1, 'the loopback interface');
      equal(address, '::1');
    },
  },
  {
    name: 'time-to-live and type of service can be set for one datagram and arrive with it',
    methods: ['sendmsg', 'recvmsg', 'setRecvTtlV4', 'setRecvTosV4'],
    observes: ['recvTosV4', 'setRecvTosV4'],
    needs: [...needsControl, 'setRecvTtlV4', 'setRecvTosV4'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      other.setRecvTtlV4(true);
      const control = [
        { kind: 'ttl', value: 7 },
        { kind: 'tos', value: 0x10 },
      ] as const;
      one.sendmsg({ buffers: [bytes('x')], control });
      equal(
        received(other)
          .control.map(({ kind }) => kind)
          .join(),
        'ttl',
        'without setRecvTosV4',
      );
      other.setRecvTosV4(true);
      equal(other.recvTosV4(), true);
      one.sendmsg({ buffers: [bytes('x')], control });
      const message = received(other);
      equal(only(message.control, 'ttl').value, 7);
      equal(only(message.control, 'tos').value, 0x10);
      one.send(bytes('x'));
      equal(only(received(other).control, 'ttl').value, one.ttl(), 'of the next datagram');
    },
  },
  {
    name: 'setTimestamp and setTimestampns report when a datagram arrived',
    methods: ['setTimestamp', 'setTimestampns', 'recvmsg'],
    needs: [...needsControl, 'setTimestamp', 'setTimestampns'],
    run(t) {
      const socket = t.bound('udp4');
      socket.setTimestamp(true);
      sendSelf(socket);
      near(only(received(socket).control, 'timestamp').nanoseconds);
      socket.setTimestampns(true);
      sendSelf(socket);
      near(only(received(socket).control, 'timestamp').nanoseconds);
      socket.setTimestampns(false);
      sendSelf(socket);
      equal(received(socket).control.length, 0, 'control messages once it is off');
    },
  },
  {
    name: 'setTimestamping: the kernel timestamps arriving datagrams',
    methods: ['setTimestamping', 'recvmsg'],
    needs: [...needsControl, 'setTimestamping'],
    async run(t) {
      const socket = t.bound('udp4');
      socket.setTimestamping(Timestamping.RX_SOFTWARE | Timestamping.SOFTWARE);
      // Timestamping starts some time after the call: the first packets may lack it.
      const control = await eventually('a timestamp', () => {
        sendSelf(socket);
        const message = received(socket);
        return message.control.length > 0 ? message.control : undefined;
      });
      const { software, hardware } = only(control, 'timestamping');
      near(software);
      equal(hardware, null);
    },
  },
  {
    name: 'udpSegment splits one message into datagrams; setUdpGro joins them and reports their size',
    methods: ['sendmsg', 'recvmsg', 'setUdpGro'],
    needs: [...needsControl, 'setUdpGro'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      const message = {
        buffers: [new Uint8Array(1500)],
        control: [{ kind: 'udpSegment', size: 600 }],
      } as const;
      one.sendmsg(message);
      for (const length of [600, 600, 300]) equal(received(other).length, length);
      other.setUdpGro(true);
      one.sendmsg(message);
      const joined = received(other);
      equal(joined.length, 1500);
      equal(only(joined.control, 'udpGro').size, 600);
    },
  },
  {
    name: 'setRxqOvfl reports how many datagrams were dropped for lack of room',
    methods: ['setRxqOvfl', 'setRecvBufferSize', 'recvmsg', 'meminfo'],
    observes: ['recvBufferSize', 'setRecvBufferSize'],
    needs: [...needsControl, 'setRxqOvfl', 'setRecvBufferSize', 'meminfo'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      const SENT = 64;
      other.setRxqOvfl(true);
      const large = other.recvBufferSize();
      const flood = (): number => {
        for (let count = 0; count < SENT; count++) one.send(new Uint8Array(1000));
        let arrived = 0;
        while (other.tryRecv(new Uint8Array(1000)) !== undefined) arrived++;
        return arrived;
      };
      equal(flood(), SENT, `arrived with room for ${large}`);
      other.setRecvBufferSize(4096);
      ok(other.recvBufferSize() < large, 'the buffer is smaller');
      const lost = SENT - flood();
      ok(lost > 0, 'datagrams were lost');
      one.send(bytes('x'));
      equal(only(received(other).control, 'rxqOverflow').dropped, lost);
      equal(other.meminfo().drops, lost);
    },
  },
  {
    name: 'setTcpInq reports how many bytes are left to receive',
    methods: ['setTcpInq', 'recvmsg'],
    needs: [...needsControl, 'setTcpInq'],
    run(t) {
      const [one, other] = t.connectedPair('tcp4');
      other.setTcpInq(true);
      one.send(bytes('0123456789'));
      const { data, control } = received(other, { size: 4 });
      equal(text(data), '0123');
      equal(rawNumber(control, IPPROTO_TCP, TCP_CM_INQ), 6);
    },
  },
  {
    name: 'a control message without a kind of its own is sent and received as level, type and data',
    methods: ['sendmsg', 'recvmsg', 'setRecvTtlV4', 'setRecvOrigDstAddrV4'],
    needs: [...needsControl, 'setRecvTtlV4', 'setRecvOrigDstAddrV4'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      other.setRecvTtlV4(true);
      other.setRecvOrigDstAddrV4(true);
      const IP_TTL = 2;
      const data = Uint8Array.of(9, 0, 0, 0);
      one.sendmsg({ buffers: [bytes('x')], control: [{ level: IPPROTO_IP, type: IP_TTL, data }] });
      const { control } = received(other);
      equal(only(control, 'ttl').value, 9);
      const original = only(control, 'raw');
      equal(original.level, IPPROTO_IP);
      equal(original.type, IP_ORIGDSTADDR);
      const { port } = other.localAddr();
      equal(new DataView(original.data.buffer).getUint16(2), port, 'the port it was meant for');
    },
  },
  {
    name: 'CONFIRM and DONTROUTE of a send are not visible to the receiver',
    methods: ['sendToWithFlags', 'recvmsg'],
    needs: [...needsControl, 'MSG_CONFIRM', 'MSG_DONTROUTE'],
    run(t) {
      const [one, other] = [t.bound('udp4'), t.bound('udp4')];
      const flags = t.flag('CONFIRM') | t.flag('DONTROUTE');
      one.sendToWithFlags(bytes('x'), other.localAddr(), flags);
      const message = received(other);
      // On Linux only CAN sockets set these flags on receive: a packet of this host, and of this socket.
      ok(!message.flags.isConfirm && !message.flags.isDontroute, `flags ${message.flags.value}`);
    },
  },
  {
    name: 'setUdpSegment splits every message that is sent',
    methods: ['setUdpSegment', 'udpSegment', 'send'],
    needs: [...needsControl, 'setUdpSegment'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      one.setUdpSegment(600);
      equal(one.udpSegment(), 600);
      equal(one.send(new Uint8Array(1500)), 1500);
      for (const length of [600, 600, 300]) equal(received(other).length, length);
    },
  },
  {
    name: 'setAutoFlowLabelV6 sets a flow label on sent packets, as the receiver sees',
    methods: ['setAutoFlowLabelV6', 'autoFlowLabelV6', 'setsockoptRaw'],
    needs: [...needsControl, 'setAutoFlowLabelV6', 'setsockoptRaw'],
    run(t) {
      // Linux include/uapi/linux/in6.h: the flow information of received packets.
      const [IPPROTO_IPV6, IPV6_FLOWINFO] = [41, 11];
      const [one, other] = t.connectedPair('udp6');
      other.setsockoptRaw(IPPROTO_IPV6, IPV6_FLOWINFO, Uint8Array.of(1, 0, 0, 0));
      for (const labelled of [true, false]) {
        one.setAutoFlowLabelV6(labelled);
        equal(one.autoFlowLabelV6(), labelled);
        one.send(bytes('x'));
        // A packet without flow information has no such message.
        equal(received(other).control.length, labelled ? 1 : 0, `labelled: ${labelled}`);
      }
    },
  },
  {
    name: 'setRecvOrigDstAddrV6 reports the original destination of a datagram',
    methods: ['setRecvOrigDstAddrV6', 'recvOrigDstAddrV6', 'recvmsg'],
    needs: [...needsControl, 'setRecvOrigDstAddrV6'],
    run(t) {
      // Linux include/uapi/linux/in6.h
      const [IPPROTO_IPV6, IPV6_ORIGDSTADDR] = [41, 74];
      const [one, other] = t.connectedPair('udp6');
      other.setRecvOrigDstAddrV6(true);
      equal(other.recvOrigDstAddrV6(), true);
      one.send(bytes('x'));
      const { level, type, data } = only(received(other).control, 'raw');
      equal(level, IPPROTO_IPV6);
      equal(type, IPV6_ORIGDSTADDR);
      equal(new DataView(data.buffer).getUint16(2), other.localAddr().port);
    },
  },
];
