import { Domain, SockAddr, Type } from '@sock/core';
import { equal, ok, throwsCode } from '../../../assert.js';
import { bytes, text } from '../../../bytes.js';
import type { Case } from '../../../case.js';

export const ipv6: readonly Case[] = [
  {
    name: 'setOnlyV6(false): a listener accepts IPv4 peers, as IPv4-mapped addresses',
    socket2Docs:
      'If this is set to false then the socket can be used to send and receive packets from an IPv4-mapped IPv6 address.',
    methods: ['setOnlyV6', 'onlyV6', 'accept'],
    observes: ['setOnlyV6', 'onlyV6'],
    needs: ['dualStack'],
    run(t) {
      const listener = t.socket('tcp6');
      listener.setOnlyV6(false);
      equal(listener.onlyV6(), false);
      listener.bind(SockAddr.ipv6('::', 0));
      listener.listen(4);
      const { port } = listener.localAddr();
      for (const [link, address, seen] of [
        ['tcp4', SockAddr.ipv4('127.0.0.1', port), '::ffff:127.0.0.1'],
        ['tcp6', SockAddr.ipv6('::1', port), '::1'],
      ] as const) {
        const client = t.socket(link);
        client.connect(address);
        const [server, peer] = t.accept(listener);
        equal(peer.address, seen);
        equal(peer.port, client.localAddr().port);
        client.send(bytes(link));
        equal(text(t.recvAll(server, 4)), link);
      }
    },
  },
  {
    name: 'setOnlyV6(false): datagrams go to and come from IPv4 peers',
    socket2Docs:
      'If this is set to false then the socket can be used to send and receive packets from an IPv4-mapped IPv6 address.',
    methods: ['setOnlyV6', 'sendTo', 'recvFrom'],
    needs: ['dualStack'],
    run(t) {
      const both = t.socket('udp6');
      both.setOnlyV6(false);
      both.bind(SockAddr.ipv6('::', 0));
      const peer = t.bound('udp4');
      peer.sendTo(bytes('four'), SockAddr.ipv4('127.0.0.1', both.localAddr().port));
      const buffer = new Uint8Array(8);
      const [length, from] = both.recvFrom(buffer);
      equal(text(buffer, length), 'four');
      equal(from.toString(), `[::ffff:127.0.0.1]:${peer.localAddr().port}`);
      both.sendTo(bytes('six'), from);
      equal(text(buffer, peer.recv(buffer)), 'six');
    },
  },
  {
    name: 'setOnlyV6(true): IPv4 peers are refused',
    socket2Docs:
      'If this is set to true then the socket is restricted to sending and receiving IPv6 packets only.',
    methods: ['setOnlyV6', 'onlyV6', 'accept'],
    observes: ['setOnlyV6', 'onlyV6'],
    needs: ['setOnlyV6'],
    run(t) {
      const listener = t.socket('tcp6');
      listener.setOnlyV6(true);
      equal(listener.onlyV6(), true);
      listener.bind(SockAddr.ipv6('::', 0));
      listener.listen(4);
      const { port } = listener.localAddr();
      throwsCode('ECONNREFUSED', () => t.socket('tcp4').connect(SockAddr.ipv4('127.0.0.1', port)));
      t.socket('tcp6').connect(SockAddr.ipv6('::1', port));
      t.accept(listener);
    },
  },
  {
    name: 'setOnlyV6(true): an IPv4 and an IPv6 socket can bind one port at the same time',
    socket2Docs:
      'In this case two IPv4 and IPv6 applications can bind the same port at the same time.',
    methods: ['setOnlyV6', 'bind'],
    needs: ['setOnlyV6'],
    run(t) {
      const six = t.socket('udp6');
      six.setOnlyV6(true);
      six.bind(SockAddr.ipv6('::', 0));
      const { port } = six.localAddr();
      const four = t.socket('udp4');
      four.bind(SockAddr.ipv4('0.0.0.0', port));
      equal(four.localAddr().port, port);
    },
  },
  {
    name: 'setOnlyV6(false): the port is taken for IPv4 too',
    methods: ['setOnlyV6', 'bind'],
    needs: ['dualStack'],
    run(t) {
      const both = t.socket('udp6');
      both.setOnlyV6(false);
      both.bind(SockAddr.ipv6('::', 0));
      throwsCode('EADDRINUSE', () =>
        t.socket('udp4').bind(SockAddr.ipv4('0.0.0.0', both.localAddr().port)),
      );
    },
  },
  {
    name: 'setOnlyV6 throws EINVAL after bind',
    methods: ['setOnlyV6', 'bind'],
    needs: ['dualStack'],
    run(t) {
      throwsCode('EINVAL', () => t.bound('tcp6').setOnlyV6(true));
    },
  },
  {
    name: 'the dual-stack server of the documentation accepts IPv6 clients',
    socket2Docs: 'let socket = Socket::new(Domain::IPV6, Type::STREAM, None)?;',
    methods: ['new', 'setOnlyV6', 'bind', 'listen', 'accept'],
    needs: ['dualStack'],
    run(t) {
      const listener = t.open(Domain.IPV6, Type.STREAM);
      listener.setOnlyV6(false);
      listener.bind(SockAddr.parse('[::1]:0'));
      listener.listen(128);
      const client = t.socket('tcp6');
      client.connect(listener.localAddr());
      ok(t.accept(listener)[1].equals(client.localAddr()), 'the peer');
    },
  },
  {
    name: 'setUnicastHopsV6 sets the hop limit, and is independent of the multicast one',
    socket2Docs: 'Specifies the hop limit for ipv6 unicast packets',
    methods: ['setUnicastHopsV6', 'unicastHopsV6', 'multicastHopsV6'],
    needs: ['setUnicastHopsV6', 'multicastHopsV6'],
    run(t) {
      const socket = t.socket('udp6');
      const multicast = socket.multicastHopsV6();
      socket.setUnicastHopsV6(77);
      equal(socket.unicastHopsV6(), 77);
      equal(socket.multicastHopsV6(), multicast);
    },
  },
];
