import { equal, ok, throwsCode, waited } from '../../assert.js';
import type { Case } from '../../case.js';

/** Milliseconds by which a wait may end too early or too late: clocks are coarse and machines busy. */
const EARLY = 25;

export const connectTimeout: readonly Case[] = [
  {
    name: 'connectTimeout connects',
    socket2Docs:
      'Initiate a connection on this socket to the specified address, only only waiting for a certain period of time for the connection to be established.',
    methods: ['connectTimeout', 'peerAddr'],
    observes: ['connectTimeout'],
    run(t) {
      for (const link of ['tcp4', 'tcp6'] as const) {
        const listener = t.listener(link);
        const client = t.socket(link);
        client.connectTimeout(listener.localAddr(), 5000);
        ok(client.peerAddr().equals(listener.localAddr()), link);
        const [server] = t.accept(listener);
        ok(server.peerAddr().equals(client.localAddr()), link);
      }
    },
  },
  {
    name: 'connectTimeout sets the socket back to blocking mode',
    socket2Docs: 'When the connection is complete, the socket is set back to blocking mode.',
    methods: ['connectTimeout', 'nonblocking'],
    run(t) {
      const client = t.socket('tcp4');
      client.connectTimeout(t.listener().localAddr(), 5000);
      equal(client.nonblocking(), false);
    },
  },
  {
    name: 'connectTimeout overrides the non-blocking state: it returns in blocking mode on success',
    socket2Docs:
      'The non-blocking state of the socket is overridden by this function - it will be returned in blocking mode on success, and in an indeterminate state on failure.',
    methods: ['connectTimeout', 'setNonblocking', 'nonblocking', 'recv'],
    run(t) {
      const listener = t.listener();
      const client = t.socket('tcp4');
      client.setNonblocking(true);
      client.connectTimeout(listener.localAddr(), 5000);
      equal(client.nonblocking(), false);
      const [server] = t.accept(listener);
      server.send(Uint8Array.of(7));
      equal(client.recv(new Uint8Array(1)), 1);
    },
  },
  {
    name: 'connectTimeout throws ETIMEDOUT when the time has passed, and not before',
    socket2Docs:
      'Unlike many other methods on Socket, this does not correspond to a single C function.',
    methods: ['connectTimeout'],
    observes: ['connectTimeout'],
    timeout: 20_000,
    async run(t) {
      const address = await t.silentAddress();
      for (const timeout of [60, 300]) {
        const start = Date.now();
        const error = throwsCode('ETIMEDOUT', () =>
          t.socket('tcp4').connectTimeout(address, timeout),
        );
        waited(start, timeout - EARLY, `after ${timeout} ms`);
        equal(error.syscall, 'connect');
        equal(error.port, address.port);
      }
    },
  },
  {
    name: 'after a time-out the connection may still be under way: a second attempt may fail',
    socket2Docs:
      'If the connection request times out, it may still be processing in the background - a second call to connect or connect_timeout may fail.',
    methods: ['connectTimeout', 'tryConnect'],
    timeout: 20_000,
    async run(t) {
      const address = await t.silentAddress();
      const socket = t.socket('tcp4');
      throwsCode('ETIMEDOUT', () => socket.connectTimeout(address, 50));
      throwsCode(['EALREADY', 'ETIMEDOUT', 'EINVAL', 'EISCONN'], () =>
        socket.connectTimeout(address, 50),
      );
      throwsCode('ENOTCONN', () => socket.peerAddr());
    },
  },
  {
    name: 'connectTimeout takes fractions of a millisecond',
    methods: ['connectTimeout'],
    timeout: 20_000,
    async run(t) {
      const address = await t.silentAddress();
      throwsCode('ETIMEDOUT', () => t.socket('tcp4').connectTimeout(address, 0.2));
    },
  },
  {
    name: 'connectTimeout throws ECONNREFUSED at once if nobody listens',
    methods: ['connectTimeout'],
    run(t) {
      throwsCode('ECONNREFUSED', () =>
        t.socket('tcp4').connectTimeout(t.refusingAddress(), 30_000),
      );
    },
  },
  {
    name: 'connectTimeout throws when connect has been called already',
    methods: ['connectTimeout'],
    run(t) {
      const [client] = t.connectedPair();
      const address = t.listener().localAddr();
      throwsCode(['EISCONN', 'EINVAL'], () => client.connectTimeout(address, 1000));
    },
  },
];
