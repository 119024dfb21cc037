import { Domain, SockAddr } from '@sock/core';
import { equal, notEqual, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { domainOf, links, loopback } from '../../context.js';

const CONNECTED_OR_LISTENING = ['EISCONN', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP'] as const;

export const connect: readonly Case[] = [
  {
    name: 'bind binds to the address',
    socket2Docs: 'Binds this socket to the specified address.',
    methods: ['bind', 'localAddr'],
    run(t) {
      for (const link of links) {
        const free = t.bound(link);
        const address = free.localAddr();
        free.close();
        const socket = t.socket(link);
        socket.bind(address);
        ok(socket.localAddr().equals(address), `${link}: ${socket.localAddr().toString()}`);
      }
    },
  },
  {
    name: 'bind to port 0 lets the system choose a port',
    methods: ['bind', 'localAddr'],
    run(t) {
      for (const link of links) {
        const address = t.bound(link).localAddr();
        notEqual(address.port, 0, link);
        equal(address.address, loopback(domainOf(link)).address, link);
      }
    },
  },
  {
    name: 'bind to the unspecified address binds to all interfaces',
    methods: ['bind', 'localAddr', 'sendTo', 'recv'],
    run(t) {
      const all = t.socket('udp4');
      all.bind(SockAddr.ipv4('0.0.0.0', 0));
      equal(all.localAddr().address, '0.0.0.0');
      // Bind before anything is sent: hosts without a kernel queue drop earlier datagrams.
      equal(all.tryRecv(new Uint8Array(4)), undefined);
      t.bound('udp4').sendTo(bytes('any'), loopback(Domain.IPV4, all.localAddr().port));
      const buffer = new Uint8Array(8);
      equal(text(buffer, all.recv(buffer)), 'any');
    },
  },
  {
    name: 'bind throws EADDRINUSE for an address in use',
    methods: ['bind'],
    run(t) {
      const taken = t.listener().localAddr();
      const error = throwsCode('EADDRINUSE', () => t.socket('tcp4').bind(taken));
      equal(error.syscall, 'bind');
      equal(error.address, '127.0.0.1');
      equal(error.port, taken.port);
    },
  },
  {
    name: 'bind throws EADDRNOTAVAIL for an address of another machine',
    methods: ['bind'],
    run(t) {
      throwsCode('EADDRNOTAVAIL', () => t.socket('tcp4').bind(SockAddr.ipv4('192.0.2.1', 0)));
    },
  },
  {
    name: 'bind throws EINVAL for a socket that is bound already',
    methods: ['bind'],
    run(t) {
      for (const link of ['tcp4', 'udp4'] as const) {
        const socket = t.bound(link);
        throwsCode('EINVAL', () => socket.bind(loopback(Domain.IPV4)), link);
      }
    },
  },
  {
    name: 'bind throws for an address of another family',
    methods: ['bind'],
    run(t) {
      for (const link of ['tcp4', 'udp4'] as const) {
        throwsCode(
          ['EAFNOSUPPORT', 'EINVAL'],
          () => t.socket(link).bind(loopback(Domain.IPV6)),
          link,
        );
      }
      for (const link of ['tcp6', 'udp6'] as const) {
        throwsCode(
          ['EAFNOSUPPORT', 'EINVAL'],
          () => t.socket(link).bind(loopback(Domain.IPV4)),
          link,
        );
      }
    },
  },
  {
    name: 'connect connects: each side knows the address of the other',
    socket2Docs: [
      'Initiate a connection on this socket to the specified address.',
      'Returns the socket address of the local half of this socket.',
      'Returns the socket address of the remote peer of this socket.',
      'The connect method will connect this socket to a remote address.',
    ],
    methods: ['connect', 'localAddr', 'peerAddr', 'accept'],
    run(t) {
      for (const link of ['tcp4', 'tcp6'] as const) {
        const listener = t.listener(link);
        const client = t.socket(link);
        client.connect(listener.localAddr());
        const [server] = t.accept(listener);
        ok(client.peerAddr().equals(listener.localAddr()), `${link}: the client's peer`);
        ok(server.peerAddr().equals(client.localAddr()), `${link}: the server's peer`);
        ok(server.localAddr().equals(listener.localAddr()), `${link}: the server's own address`);
      }
    },
  },
  {
    name: 'connect uses the address that the socket is bound to as source',
    methods: ['bind', 'connect', 'peerAddr'],
    run(t) {
      const listener = t.listener();
      const client = t.bound('tcp4');
      const local = client.localAddr();
      client.connect(listener.localAddr());
      ok(t.accept(listener)[0].peerAddr().equals(local), 'the address bound to');
    },
  },
  {
    name: 'connect throws ECONNREFUSED if nobody listens',
    methods: ['connect'],
    run(t) {
      for (const link of ['tcp4', 'tcp6'] as const) {
        const address = t.refusingAddress(domainOf(link));
        const error = throwsCode('ECONNREFUSED', () => t.socket(link).connect(address), link);
        equal(error.syscall, 'connect');
        equal(error.port, address.port);
      }
    },
  },
  {
    name: 'connect throws when connect has been called already',
    socket2Docs:
      'An error will be returned if listen or connect has already been called on this builder.',
    methods: ['connect'],
    run(t) {
      const [client] = t.connectedPair();
      const address = t.listener().localAddr();
      throwsCode(CONNECTED_OR_LISTENING, () => client.connect(address));
    },
  },
  {
    name: 'connect throws when listen has been called already',
    socket2Docs:
      'An error will be returned if listen or connect has already been called on this builder.',
    methods: ['connect', 'listen'],
    run(t) {
      const address = t.listener().localAddr();
      const listening = t.listener();
      throwsCode(CONNECTED_OR_LISTENING, () => listening.connect(address));
    },
  },
  {
    name: 'connect throws for an address of another family',
    methods: ['connect'],
    run(t) {
      throwsCode(['EAFNOSUPPORT', 'EINVAL'], () =>
        t.socket('tcp4').connect(loopback(Domain.IPV6, 9)),
      );
    },
  },
  {
    name: 'options can be set before and after connecting',
    socket2Docs: 'Socket options can be safely set before and after connecting the socket.',
    methods: ['connect', 'setKeepalive', 'keepalive'],
    needs: ['keepalive'],
    run(t) {
      const listener = t.listener();
      const client = t.socket('tcp4');
      client.setKeepalive(true);
      client.connect(listener.localAddr());
      equal(client.keepalive(), true);
      client.setKeepalive(false);
      equal(client.keepalive(), false);
    },
  },
  {
    name: 'connect of a non-blocking socket does not wait: EINPROGRESS, then writable',
    socket2Docs:
      "When using a non-blocking connect (by setting the socket into non-blocking mode before calling this function), socket option can't be set while connecting.",
    methods: ['connect', 'setNonblocking', 'writable', 'takeError', 'peerAddr'],
    async run(t) {
      const listener = t.listener();
      const client = t.socket('tcp4');
      client.setNonblocking(true);
      throwsCode('EINPROGRESS', () => client.connect(listener.localAddr()));
      await client.writable({ timeout: 5000 });
      equal(client.takeError(), null);
      ok(client.peerAddr().equals(listener.localAddr()), 'connected');
    },
  },
  {
    name: 'connect of a datagram socket sets the peer',
    methods: ['connect', 'peerAddr', 'send'],
    run(t) {
      for (const link of ['udp4', 'udp6'] as const) {
        const [one, other] = t.connectedPair(link);
        ok(one.peerAddr().equals(other.localAddr()), link);
        one.send(bytes('to my peer'));
        const buffer = new Uint8Array(16);
        equal(text(buffer, other.recv(buffer)), 'to my peer');
      }
    },
  },
  {
    name: 'a connected datagram socket receives only from its peer',
    methods: ['connect', 'sendTo', 'recvFrom'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      t.bound('udp4').sendTo(bytes('stranger'), other.localAddr());
      one.send(bytes('peer'));
      const buffer = new Uint8Array(16);
      const [length, from] = other.recvFrom(buffer);
      equal(text(buffer, length), 'peer');
      ok(from.equals(one.localAddr()), from.toString());
    },
  },
  {
    name: 'a datagram socket can be connected to another peer',
    methods: ['connect', 'peerAddr'],
    run(t) {
      const socket = t.bound('udp4');
      const [first, second] = [t.bound('udp4').localAddr(), t.bound('udp4').localAddr()];
      socket.connect(first);
      socket.connect(second);
      ok(socket.peerAddr().equals(second), socket.peerAddr().toString());
    },
  },
  {
    name: 'peerAddr throws ENOTCONN for a socket that is not connected',
    socket2Docs: 'This returns an error if the socket is not connected.',
    methods: ['peerAddr'],
    run(t) {
      for (const link of links) {
        const error = throwsCode('ENOTCONN', () => t.bound(link).peerAddr(), link);
        equal(error.syscall, 'getpeername');
      }
    },
  },
  {
    name: 'takeError returns the stored error once',
    socket2Docs:
      'This will retrieve the stored error in the underlying socket, clearing the field in the process.',
    methods: ['takeError', 'tryConnect', 'writable'],
    async run(t) {
      const socket = t.socket('tcp4');
      equal(socket.takeError(), null, 'before');
      equal(socket.tryConnect(t.refusingAddress()), undefined);
      await socket.writable({ timeout: 5000 });
      equal(socket.takeError()?.code, 'ECONNREFUSED');
      equal(socket.takeError(), null, 'afterwards');
    },
  },
];
