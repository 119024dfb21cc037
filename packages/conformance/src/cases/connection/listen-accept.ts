import { Domain, SockAddr, type Socket } from '@sock/core';
import { equal, notEqual, ok, throwsCode, within } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';

/** Both names have the same number on Linux. Node, and so @sock, uses the first. */
const NOT_SUPPORTED = ['ENOTSUP', 'EOPNOTSUPP'] as const;

export const listenAccept: readonly Case[] = [
  {
    name: 'listen marks the socket as ready to accept',
    socket2Docs:
      'Mark a socket as ready to accept incoming connection requests using Socket::accept().',
    methods: ['listen', 'accept'],
    run(t) {
      const socket = t.bound('tcp4');
      const address = socket.localAddr();
      const early = t.socket('tcp4');
      try {
        early.connect(address);
        // A host that listens itself to keep the port: it closes connections that nobody accepts.
        early.setReadTimeout(5000);
        equal(early.recv(new Uint8Array(1)), 0);
      } catch (error) {
        const { code = '' } = error as { code?: string };
        ok(['ECONNREFUSED', 'ECONNRESET'].includes(code), `refused, not ${code}`);
      }
      socket.listen(4);
      const client = t.socket('tcp4');
      client.connect(address);
      equal(t.accept(socket)[1].port, client.localAddr().port);
    },
  },
  {
    name: 'isListener is whether listen was called',
    methods: ['isListener', 'listen'],
    needs: ['isListener'],
    run(t) {
      const socket = t.bound('tcp4');
      equal(socket.isListener(), false);
      socket.listen(1);
      equal(socket.isListener(), true);
    },
  },
  {
    name: 'listen throws for a connected socket',
    socket2Docs:
      'An error will be returned if listen or connect has already been called on this builder.',
    methods: ['listen'],
    run(t) {
      const [client] = t.connectedPair();
      throwsCode(['EINVAL', 'EISCONN'], () => client.listen(1));
    },
  },
  {
    name: 'listen throws ENOTSUP for a datagram socket',
    methods: ['listen'],
    run(t) {
      equal(throwsCode(NOT_SUPPORTED, () => t.bound('udp4').listen(1)).syscall, 'listen');
    },
  },
  {
    name: 'accept returns the connection and the address of its peer',
    socket2Docs: 'Accept a new incoming connection from this listener.',
    methods: ['accept'],
    observes: ['accept'],
    run(t) {
      for (const link of ['tcp4', 'tcp6'] as const) {
        const listener = t.listener(link);
        const client = t.socket(link);
        client.connect(listener.localAddr());
        const result = listener.accept();
        equal(result.length, 2);
        const connection = t.track(result[0]);
        ok(connection instanceof t.Socket, 'the connection is of the same class');
        ok(result[1] instanceof SockAddr, 'the address is a SockAddr');
        ok(result[1].equals(client.localAddr()), `${link}: ${result[1].toString()}`);
        notEqual(connection.asRawFd(), listener.asRawFd());
      }
    },
  },
  {
    name: 'accept returns a blocking connection',
    socket2Docs:
      "This function sets the same flags as in done for Socket::new, Socket::accept_raw can be used if you don't want to set those flags.",
    methods: ['accept', 'nonblocking'],
    run(t) {
      const listener = t.listener();
      t.socket('tcp4').connect(listener.localAddr());
      equal(t.accept(listener)[0].nonblocking(), false);
    },
  },
  {
    name: 'acceptRaw accepts like accept',
    socket2Docs:
      'This function directly corresponds to the accept(2) function on Windows and Unix.',
    methods: ['acceptRaw'],
    observes: ['acceptRaw'],
    run(t) {
      const listener = t.listener();
      const client = t.socket('tcp4');
      client.connect(listener.localAddr());
      const [server, address] = listener.acceptRaw();
      t.track(server);
      ok(address.equals(client.localAddr()), address.toString());
      server.send(bytes('raw'));
      const buffer = new Uint8Array(8);
      equal(text(buffer, client.recv(buffer)), 'raw');
    },
  },
  {
    name: 'connections are accepted in the order they were made',
    methods: ['accept', 'connect'],
    run(t) {
      const listener = t.listener();
      const clients = [0, 1, 2].map(() => {
        const client = t.socket('tcp4');
        client.connect(listener.localAddr());
        return client;
      });
      for (const client of clients) {
        const [, address] = t.accept(listener);
        ok(address.equals(client.localAddr()), address.toString());
      }
    },
  },
  {
    name: 'a connection outlives its listener',
    methods: ['accept', 'close', 'send', 'recv'],
    run(t) {
      const listener = t.listener();
      const client = t.socket('tcp4');
      client.connect(listener.localAddr());
      const [server] = t.accept(listener);
      listener.close();
      client.send(bytes('still here'));
      const buffer = new Uint8Array(16);
      equal(text(buffer, server.recv(buffer)), 'still here');
    },
  },
  {
    name: 'accept throws EINVAL for a socket that does not listen',
    methods: ['accept', 'acceptRaw'],
    run(t) {
      const socket = t.bound('tcp4');
      equal(throwsCode('EINVAL', () => socket.accept()).syscall, 'accept');
      throwsCode('EINVAL', () => socket.acceptRaw());
    },
  },
  {
    name: 'accept throws ENOTSUP for a datagram socket',
    methods: ['accept'],
    run(t) {
      throwsCode([...NOT_SUPPORTED, 'EINVAL'], () => t.bound('udp4').accept());
    },
  },
  {
    name: 'accept of a non-blocking listener throws EAGAIN if no connection is waiting',
    methods: ['accept', 'acceptRaw', 'setNonblocking'],
    run(t) {
      const listener = t.listener();
      listener.setNonblocking(true);
      throwsCode('EAGAIN', () => listener.accept());
      throwsCode('EAGAIN', () => listener.acceptRaw());
    },
  },
  {
    name: 'acceptBatch takes the connections that wait, in their order, and not more than its limit',
    methods: ['acceptBatch'],
    async run(t) {
      for (const mode of [false, true]) {
        const listener = t.listener('tcp4', 16);
        listener.setNonblocking(mode);
        const clients = Array.from({ length: 5 }, () => {
          const client = t.socket('tcp4');
          client.connect(listener.localAddr());
          return client;
        });
        const accepted: [Socket, SockAddr][] = [];
        for (const limit of [2, 1, 1024, 1024, 1024]) {
          if (accepted.length === 5) break;
          await listener.readable({ timeout: 5000 });
          const batch = listener.acceptBatch(limit);
          for (const [connection] of batch) t.track(connection);
          within(batch.length, 1, limit, 'connections');
          accepted.push(...batch);
        }
        equal(accepted.length, 5);
        for (const [index, [connection, peer]] of accepted.entries()) {
          const client = clients[index];
          ok(client !== undefined && peer.equals(client.localAddr()), `the peer ${peer}`);
          ok(connection instanceof t.Socket, 'of the same class');
          equal(connection.nonblocking(), false, 'the mode of the connection');
          client.send(new Uint8Array([index]));
          const byte = new Uint8Array(1);
          equal(connection.recv(byte), 1);
          equal(byte[0], index, 'a byte of its client');
        }
      }
    },
  },
  {
    name: 'acceptBatch reports what accept does, and a closed listener accepts nothing',
    methods: ['acceptBatch', 'tryAcceptBatch'],
    run(t) {
      const listener = t.listener();
      listener.setNonblocking(true);
      throwsCode('EAGAIN', () => listener.acceptBatch());
      throwsCode('EINVAL', () => t.bound('tcp4').acceptBatch());
      throwsCode('EINVAL', () => t.bound('tcp4').tryAcceptBatch());
      listener.close();
      throwsCode('EBADF', () => listener.acceptBatch());
      throwsCode('EBADF', () => listener.tryAcceptBatch());
    },
  },
  {
    name: 'accept returns the address of a client that has closed already',
    methods: ['accept', 'close'],
    run(t) {
      const listener = t.listener();
      const client = t.socket('tcp4');
      client.connect(listener.localAddr());
      const address = client.localAddr();
      client.close();
      const [server, peer] = t.accept(listener);
      ok(peer.equals(address), peer.toString());
      equal(server.recv(new Uint8Array(1)), 0);
    },
  },
  {
    name: 'IPv4 and IPv6 listeners on the loopback addresses do not accept connections of each other',
    methods: ['listen', 'tryAccept'],
    run(t) {
      const listener = t.listener('tcp6');
      const client = t.socket('tcp4');
      throwsCode('ECONNREFUSED', () =>
        client.connect(SockAddr.ipv4('127.0.0.1', listener.localAddr().port)),
      );
      equal(listener.tryAccept(), undefined);
      equal(Domain.forAddress(listener.localAddr()), Domain.IPV6);
    },
  },
];
