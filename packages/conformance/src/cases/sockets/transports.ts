/** Transports other than TCP and UDP: each carries data over the loopback interface, if the kernel has it. */
import { Domain, type Protocol, SockAddr, type Socket, Type } from '@sock/core';
import { deepEqual, equal, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';
import { loopback } from '../../context.js';
import { ECHO, echoRequest } from '../../echo.js';
import { attempted, lackOf, lacksRaw } from '../../privilege.js';

const LINUX = 'MSG_ERRQUEUE';
/** VMADDR_CID_ANY, VMADDR_PORT_ANY and VMADDR_CID_LOCAL of vsock(7). */
const [ANY, LOCAL] = [0xffffffff, 1];
const ARRIVAL = 5000;

const lacks = (feature: string, domain: Domain, type: Type, protocol?: Protocol) =>
  lackOf({ feature }, ({ Socket: Class }) => new Class(domain, type, protocol));

const lacksVsockLoopback = (type: Type) =>
  lackOf({ feature: 'the loopback of vsock' }, ({ Socket: Class }) =>
    attempted(new Class(Domain.VSOCK, type), (socket) => socket.bind(SockAddr.vsock(LOCAL, ANY))),
  );

/** Sends a word each way between two connected sockets. */
function exchange(one: Socket, other: Socket): void {
  const buffer = new Uint8Array(16);
  for (const [from, to, word] of [
    [one, other, 'there'],
    [other, one, 'and back'],
  ] as const) {
    to.setReadTimeout(ARRIVAL);
    from.send(bytes(word));
    equal(text(buffer, to.recv(buffer)), word);
  }
}

function accepted(t: Context, listener: Socket, client: Socket): Socket {
  listener.listen(1);
  client.connect(listener.localAddr());
  return t.accept(listener)[0];
}

/** Fails unless the system answers the echo request of a raw socket. */
function echo(t: Context, domain: 'ipv4' | 'ipv6'): void {
  const { protocol, reply } = ECHO[domain];
  const socket = t.open(domain, Type.RAW, protocol);
  equal(socket.protocol(), protocol);
  socket.setReadTimeout(ARRIVAL);
  const identifier = socket.asRawFd() + 0x5400;
  socket.sendTo(echoRequest(domain, identifier), loopback(domain));
  const buffer = new Uint8Array(256);
  for (;;) {
    const [, from] = socket.recvFrom(buffer);
    const header = domain === 'ipv4' ? ((buffer[0] as number) & 15) * 4 : 0;
    const view = new DataView(buffer.buffer, header);
    // The socket receives the request too.
    if (view.getUint8(0) !== reply || view.getUint16(4) !== identifier) continue;
    equal(from.address, domain === 'ipv4' ? '127.0.0.1' : '::1');
    return;
  }
}

export const transports: readonly Case[] = [
  {
    name: 'multipath TCP connects and carries data',
    methods: ['connect', 'accept', 'protocol'],
    observes: ['protocol'],
    needs: [LINUX],
    lacks: lacks('multipath TCP', Domain.IPV4, Type.STREAM, 'mptcp'),
    run(t) {
      for (const domain of [Domain.IPV4, Domain.IPV6]) {
        const [listener, client] = [0, 1].map(() => t.open(domain, Type.STREAM, 'mptcp')) as [
          Socket,
          Socket,
        ];
        listener.bind(loopback(domain));
        const server = accepted(t, listener, client);
        exchange(client, server);
        deepEqual([client.protocol(), client.type()], ['mptcp', Type.STREAM]);
      }
      // With a peer that has only TCP, the connection falls back to TCP.
      const client = t.open(Domain.IPV4, Type.STREAM, 'mptcp');
      exchange(client, accepted(t, t.bound('tcp4'), client));
    },
  },
  {
    name: 'UDP-Lite carries datagrams, and drops those whose checksum covers less than the receiver requires',
    methods: ['send', 'recv', 'protocol', 'setUdpliteSendCscov', 'setUdpliteRecvCscov'],
    needs: [LINUX, 'setUdpliteSendCscov', 'setUdpliteRecvCscov'],
    lacks: lacks('UDP-Lite', Domain.IPV4, Type.DGRAM, 'udplite'),
    run(t) {
      const [one, other] = [0, 1].map(() => {
        const socket = t.open(Domain.IPV4, Type.DGRAM, 'udplite');
        socket.bind(loopback('ipv4'));
        return socket;
      }) as [Socket, Socket];
      one.connect(other.localAddr());
      other.connect(one.localAddr());
      exchange(one, other);
      equal(one.protocol(), 'udplite');
      other.setUdpliteRecvCscov(20);
      one.setUdpliteSendCscov(8);
      one.send(bytes('the header alone is covered'));
      one.setUdpliteSendCscov(0);
      one.send(bytes('all is'));
      const buffer = new Uint8Array(64);
      equal(text(buffer, other.recv(buffer)), 'all is');
    },
  },
  {
    name: 'vsock sockets have a context id and a port, which the system reports and keeps',
    methods: ['bind', 'localAddr', 'domain'],
    observes: ['SockAddr.vsock', 'SockAddr.asVsockAddress', 'SockAddr.domain', 'domain'],
    needs: ['vsock'],
    lacks: lacks('vsock', Domain.VSOCK, Type.STREAM),
    run(t) {
      const socket = t.open(Domain.VSOCK, Type.STREAM);
      deepEqual(socket.localAddr().asVsockAddress(), [ANY, ANY], 'before it is bound');
      socket.bind(SockAddr.vsock(ANY, ANY));
      const [cid, port] = socket.localAddr().asVsockAddress() ?? [0, 0];
      equal(cid, ANY);
      ok(port > 0 && port < ANY, `the port ${port} that the system chose`);
      deepEqual([socket.localAddr().domain(), socket.domain()], [Domain.VSOCK, Domain.VSOCK]);
      const other = t.open(Domain.VSOCK, Type.STREAM);
      throwsCode('EADDRINUSE', () => other.bind(SockAddr.vsock(ANY, port)));
    },
  },
  {
    name: 'vsock carries data over its loopback',
    methods: ['connect', 'accept', 'peerAddr'],
    needs: ['vsock'],
    lacks: lacksVsockLoopback(Type.STREAM),
    run(t) {
      const listener = t.open(Domain.VSOCK, Type.STREAM);
      listener.bind(SockAddr.vsock(LOCAL, ANY));
      const client = t.open(Domain.VSOCK, Type.STREAM);
      exchange(client, accepted(t, listener, client));
      deepEqual(client.peerAddr().asVsockAddress(), listener.localAddr().asVsockAddress());
    },
  },
  {
    name: 'a record of vsock sequenced packets ends where the sender sets MSG_EOR',
    methods: ['connect', 'accept', 'sendmsg', 'recvmsg'],
    observes: ['RecvFlags.isEndOfRecord'],
    needs: ['vsock', 'seqpacket', 'sendmsg', 'MSG_EOR'],
    lacks: lacksVsockLoopback(Type.SEQPACKET),
    run(t) {
      const listener = t.open(Domain.VSOCK, Type.SEQPACKET);
      listener.bind(SockAddr.vsock(LOCAL, ANY));
      const client = t.open(Domain.VSOCK, Type.SEQPACKET);
      const server = accepted(t, listener, client);
      for (const flags of [0, t.flag('EOR')]) {
        client.sendmsg({ buffers: [bytes('record')] }, flags);
        equal(server.recvmsg({ buffers: [new Uint8Array(16)] }).flags.isEndOfRecord, flags !== 0);
      }
    },
  },
  {
    name: 'the system answers the echo request of a raw ICMP socket',
    methods: ['sendTo', 'recvFrom'],
    needs: ['raw'],
    lacks: lacksRaw,
    run(t) {
      echo(t, 'ipv4');
      echo(t, 'ipv6');
    },
  },
];
