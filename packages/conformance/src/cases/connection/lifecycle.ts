import { Domain, Protocol, Socket as CoreSocket, Type } from '@sock/core';
import { deepEqual, equal, notEqual, ok, throwsCode } from '../../assert.js';
import type { Case } from '../../case.js';
import { links, loopback } from '../../context.js';

export const lifecycle: readonly Case[] = [
  {
    name: 'new Socket makes a socket of the type and protocol asked for',
    socket2Docs: 'Creates a new socket and sets common flags.',
    methods: ['new', 'type', 'protocol'],
    needs: ['type', 'protocol'],
    run(t) {
      const stream = t.open(Domain.IPV4, Type.STREAM, Protocol.TCP);
      deepEqual([stream.type(), stream.protocol()], ['stream', 'tcp']);
      const datagram = t.open(Domain.IPV6, Type.DGRAM, Protocol.UDP);
      deepEqual([datagram.type(), datagram.protocol()], ['dgram', 'udp']);
    },
  },
  {
    name: 'new Socket makes a socket of the domain asked for',
    socket2Docs: 'Creates a new socket and sets common flags.',
    methods: ['new', 'domain'],
    needs: ['domain'],
    run(t) {
      for (const type of [Type.STREAM, Type.DGRAM]) {
        equal(t.open(Domain.IPV4, type).domain(), 'ipv4');
        equal(t.open(Domain.IPV6, type).domain(), 'ipv6');
      }
    },
  },
  {
    name: 'new Socket without a protocol, or with null, lets the system choose it',
    methods: ['new', 'type'],
    needs: ['type'],
    run(t) {
      equal(t.open(Domain.IPV4, Type.STREAM).type(), 'stream');
      equal(t.open(Domain.IPV4, Type.DGRAM, null).type(), 'dgram');
    },
  },
  {
    name: "new Socket takes the system's numbers in place of names",
    methods: ['new', 'type'],
    needs: ['type'],
    run(t) {
      const { constants } = t.Socket.driver;
      const socket = t.open(
        constants['AF_INET'] as number,
        constants['SOCK_DGRAM'] as number,
        constants['IPPROTO_UDP'] as number,
      );
      equal(socket.type(), 'dgram');
    },
  },
  {
    name: 'new Socket throws EPROTONOSUPPORT for a protocol that does not fit the type',
    methods: ['new'],
    run(t) {
      const error = throwsCode(['EPROTONOSUPPORT', 'EPROTOTYPE', 'EINVAL'], () =>
        t.open(Domain.IPV4, Type.STREAM, Protocol.UDP),
      );
      equal(error.syscall, 'socket');
    },
  },
  {
    name: 'new Socket throws EAFNOSUPPORT for a domain that does not exist',
    methods: ['new'],
    run(t) {
      throwsCode(['EAFNOSUPPORT', 'EINVAL'], () => t.open(12345, Type.STREAM));
    },
  },
  {
    name: 'new Socket makes a blocking socket',
    methods: ['new', 'nonblocking'],
    run(t) {
      for (const link of links) equal(t.socket(link).nonblocking(), false, link);
    },
  },
  {
    name: 'newRaw makes a socket ready to be configured',
    socket2Docs: [
      'Creates a new socket ready to be configured.',
      'This function corresponds to socket(2) on Unix and WSASocketW on Windows and simply creates a new socket, no other configuration is done.',
    ],
    methods: ['newRaw', 'closed', 'nonblocking', 'bind', 'localAddr'],
    run(t) {
      const socket = t.track(t.Socket.newRaw(Domain.IPV4, Type.DGRAM, Protocol.UDP));
      ok(socket instanceof t.Socket, 'newRaw makes an instance of the class it is called on');
      equal(socket.closed, false);
      equal(socket.nonblocking(), false);
      socket.bind(loopback(Domain.IPV4));
      notEqual(socket.localAddr().port, 0);
    },
  },
  {
    name: 'newRaw reports the same errors as new Socket',
    methods: ['newRaw'],
    run(t) {
      throwsCode(['EPROTONOSUPPORT', 'EPROTOTYPE', 'EINVAL'], () =>
        t.track(t.Socket.newRaw(Domain.IPV4, Type.STREAM, Protocol.UDP)),
      );
    },
  },
  {
    name: "core's own Socket is abstract",
    methods: [],
    run() {
      const Abstract = CoreSocket as unknown as new (domain: string, type: string) => CoreSocket;
      let message = '';
      try {
        void new Abstract('ipv4', 'stream');
      } catch (error) {
        message = (error as Error).message;
      }
      ok(message.includes('abstract'), `it can't be constructed: ${message}`);
    },
  },
  {
    name: 'newRaw, accept and tryClone of a subclass make sockets of that subclass',
    methods: ['newRaw', 'accept', 'tryClone'],
    run(t) {
      class Own extends t.Socket {}
      const listener = t.track(new Own(Domain.IPV4, Type.STREAM));
      listener.bind(loopback(Domain.IPV4));
      listener.listen(1);
      t.socket('tcp4').connect(listener.localAddr());
      const [accepted] = t.accept(listener);
      ok(accepted instanceof Own, 'accept');
      ok(t.track(listener.tryClone()) instanceof Own, 'tryClone');
      ok(t.track(Own.newRaw(Domain.IPV4, Type.STREAM)) instanceof Own, 'newRaw');
    },
  },
  {
    name: 'backend is the name of the backend',
    methods: ['backend'],
    run(t) {
      equal(t.socket('tcp4').backend, t.backend.name);
    },
  },
  {
    name: 'after close the socket reads closed and every use throws EBADF',
    methods: ['close', 'closed', 'asRawFd'],
    run(t) {
      const socket = t.bound('udp4');
      equal(socket.closed, false);
      socket.close();
      equal(socket.closed, true);
      throwsCode('EBADF', () => socket.localAddr());
      throwsCode('EBADF', () => socket.recv(new Uint8Array(1)));
      throwsCode('EBADF', () => socket.asRawFd());
    },
  },
  {
    name: 'close can be called twice',
    methods: ['close'],
    run(t) {
      const socket = t.socket('tcp4');
      socket.close();
      socket.close();
      equal(socket.closed, true);
    },
  },
  {
    name: 'close frees the address',
    methods: ['close', 'bind'],
    run(t) {
      const socket = t.bound('udp4');
      const address = socket.localAddr();
      throwsCode('EADDRINUSE', () => t.socket('udp4').bind(address));
      socket.close();
      t.socket('udp4').bind(address);
    },
  },
  {
    name: 'close ends the stream for the peer',
    methods: ['close', 'recv'],
    run(t) {
      const [client, server] = t.connectedPair();
      client.close();
      equal(server.recv(new Uint8Array(1)), 0);
    },
  },
  {
    name: 'a closed socket does not affect a later socket that got its handle',
    methods: ['close', 'setKeepalive', 'keepalive'],
    needs: ['keepalive'],
    run(t) {
      const old = t.socket('tcp4');
      old.close();
      const later = t.socket('tcp4');
      throwsCode('EBADF', () => old.setKeepalive(true));
      old.close();
      equal(later.keepalive(), false);
      equal(later.closed, false);
    },
  },
  {
    name: 'Symbol.dispose and Symbol.asyncDispose close',
    methods: ['[Symbol.dispose]', '[Symbol.asyncDispose]'],
    async run(t) {
      const one = t.socket('tcp4');
      one[Symbol.dispose]();
      equal(one.closed, true);
      const other = t.socket('tcp4');
      await other[Symbol.asyncDispose]();
      equal(other.closed, true);
    },
  },
  {
    name: 'the inspection text shows descriptor, domain, type, local and peer address',
    methods: ['toString', '[nodejs.util.inspect.custom]'],
    needs: ['domain', 'type'],
    run(t) {
      const [client] = t.connectedPair();
      const shown = client.toString();
      for (const part of [
        `fd: ${client.asRawFd()}`,
        'domain: ipv4',
        'type: stream',
        `local: ${client.localAddr().toString()}`,
        `peer: ${client.peerAddr().toString()}`,
        t.backend.name,
      ]) {
        ok(shown.includes(part), `${part} in ${shown}`);
      }
      const inspect = (client as unknown as Record<symbol, () => string>)[
        Symbol.for('nodejs.util.inspect.custom')
      ];
      equal(inspect?.call(client), shown);
    },
  },
  {
    name: 'the inspection text omits addresses that the socket does not have, and shows closed',
    methods: ['toString'],
    run(t) {
      const socket = t.socket('tcp4');
      ok(!socket.toString().includes('peer:'), socket.toString());
      socket.close();
      ok(socket.toString().includes('closed'), socket.toString());
    },
  },
];
