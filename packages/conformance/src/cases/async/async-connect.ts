/** Accepting and connecting without blocking, and `for await` over what arrives. */
import { Domain, SockAddr, Type } from '@sock/core';
import { deepEqual, equal, fail, ok, rejectsCode, waited } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { pause } from '../../context.js';
import { rejection, Signal } from '../../signal.js';

export const asyncConnect: readonly Case[] = [
  {
    name: 'acceptAsync and connectAsync make a connection, in either blocking mode',
    methods: ['acceptAsync', 'connectAsync'],
    async run(t) {
      for (const link of ['tcp4', 'tcp6'] as const) {
        for (const mode of [false, true]) {
          const listener = t.listener(link);
          listener.setNonblocking(mode);
          const accepting = listener.acceptAsync({ timeout: 5000 });
          const client = t.socket(link);
          client.setNonblocking(mode);
          equal(await client.connectAsync(listener.localAddr(), { timeout: 5000 }), undefined);
          const [connection, peer] = await accepting;
          t.track(connection);
          ok(peer.equals(client.localAddr()), `${link}: ${peer}`);
          ok(connection instanceof t.Socket, 'of the same class');
          equal(client.nonblocking(), mode, 'the mode of the client');
          equal(listener.nonblocking(), mode, 'the mode of the listener');
          await client.sendAllAsync(bytes('hello'));
          const buffer = new Uint8Array(5);
          await connection.recvExactAsync(buffer, { timeout: 5000 });
          equal(text(buffer), 'hello');
          client.close();
          listener.close();
        }
      }
    },
  },
  {
    name: 'calls of acceptAsync get the connections in the order of the calls',
    methods: ['acceptAsync'],
    async run(t) {
      const listener = t.listener();
      const calls = [1, 2, 3].map(() => listener.acceptAsync({ timeout: 5000 }));
      const clients = [];
      for (let i = 0; i < 3; i++) {
        const client = t.socket('tcp4');
        await client.connectAsync(listener.localAddr(), { timeout: 5000 });
        clients.push(client);
      }
      for (const [index, call] of calls.entries()) {
        const [connection, peer] = await call;
        t.track(connection);
        equal(String(peer), String(clients[index]?.localAddr()));
      }
    },
  },
  {
    name: 'acceptAsync ends by time-out, abort and close',
    methods: ['acceptAsync', 'close'],
    async run(t) {
      const listener = t.listener();
      await rejectsCode('ETIMEDOUT', () => listener.acceptAsync({ timeout: 30 }));
      const signal = new Signal();
      const reason = new Error('enough');
      const aborted = rejection(listener.acceptAsync({ signal }));
      signal.abort(reason);
      equal(await aborted, reason);
      equal(signal.listeners, 0, 'listeners');
      const closed = rejectsCode('EBADF', () => listener.acceptAsync());
      listener.close();
      await closed;
      await rejectsCode('EINVAL', () => t.bound('tcp4').acceptAsync());
    },
  },
  {
    name: 'acceptBatchAsync waits for a connection and takes those that are there, in turn with acceptAsync',
    methods: ['acceptBatchAsync', 'acceptAsync', 'close'],
    async run(t) {
      const listener = t.listener();
      const one = listener.acceptAsync({ timeout: 5000 });
      const batch = listener.acceptBatchAsync(8, { timeout: 5000 });
      const addresses: string[] = [];
      const connect = async (): Promise<void> => {
        const client = t.socket('tcp4');
        await client.connectAsync(listener.localAddr(), { timeout: 5000 });
        addresses.push(String(client.localAddr()));
      };
      await connect();
      const [first, peer] = await one;
      t.track(first);
      await connect();
      const accepted = [peer];
      for (const [connection, address] of await batch) {
        ok(t.track(connection) instanceof t.Socket, 'of the same class');
        accepted.push(address);
      }
      deepEqual(accepted.map(String), addresses);

      const closed = rejectsCode('EBADF', () => listener.acceptBatchAsync());
      listener.close();
      await closed;
    },
  },
  {
    name: 'connectAsync rejects with ECONNREFUSED and the address',
    methods: ['connectAsync'],
    async run(t) {
      const address = t.refusingAddress();
      const error = await rejectsCode('ECONNREFUSED', () =>
        t.socket('tcp4').connectAsync(address, { timeout: 5000 }),
      );
      equal(error.syscall, 'connect');
      equal(error.address, '127.0.0.1');
      equal(error.port, address.port);
      await rejectsCode(['EAFNOSUPPORT', 'EINVAL'], () =>
        t.socket('tcp4').connectAsync(t.bound('tcp6').localAddr()),
      );
    },
  },
  {
    name: 'connectAsync of a connected socket rejects with EISCONN',
    methods: ['connectAsync'],
    async run(t) {
      const listener = t.listener();
      const client = t.socket('tcp4');
      const calls = [
        client.connectAsync(listener.localAddr(), { timeout: 5000 }),
        rejectsCode('EISCONN', () => client.connectAsync(listener.localAddr(), { timeout: 5000 })),
      ];
      await Promise.all(calls);
      await rejectsCode('EISCONN', () => client.connectAsync(listener.localAddr()));
    },
  },
  {
    name: 'connectAsync of a datagram socket sets the peer',
    methods: ['connectAsync', 'peerAddr'],
    async run(t) {
      const [one, other] = [t.bound('udp4'), t.bound('udp4')];
      await one.connectAsync(other.localAddr());
      ok(one.peerAddr().equals(other.localAddr()), String(one.peerAddr()));
    },
  },
  {
    name: 'connectAsync ends by time-out, abort and close while nobody answers',
    methods: ['connectAsync', 'close'],
    timeout: 30_000,
    async run(t) {
      const address = await t.silentAddress();
      const client = t.socket('tcp4');
      const start = Date.now();
      const late = await rejectsCode('ETIMEDOUT', () =>
        client.connectAsync(address, { timeout: 100 }),
      );
      waited(start, 75);
      equal(late.syscall, 'connect');
      equal(late.port, address.port);
      const signal = new Signal();
      const reason = new Error('enough');
      const aborted = rejection(client.connectAsync(address, { signal }));
      await pause(10);
      signal.abort(reason);
      equal(await aborted, reason);
      const closed = rejectsCode('EBADF', () => client.connectAsync(address));
      await pause(10);
      client.close();
      await closed;
    },
  },
  {
    name: 'what is sent while a connection is being made follows it',
    methods: ['connectAsync', 'sendAllAsync'],
    async run(t) {
      const listener = t.listener();
      const client = t.socket('tcp4');
      const calls = [
        client.connectAsync(listener.localAddr(), { timeout: 5000 }),
        client.sendAllAsync(bytes('at '), { timeout: 5000 }),
        client.sendAllAsync(bytes('once'), { timeout: 5000 }),
      ];
      const [connection] = await listener.acceptAsync({ timeout: 5000 });
      t.track(connection);
      await Promise.all(calls);
      const buffer = new Uint8Array(7);
      await connection.recvExactAsync(buffer, { timeout: 5000 });
      equal(text(buffer), 'at once');
    },
  },
  {
    name: 'connectAsync waits while the queue of a unix listener is full',
    methods: ['connectAsync', 'acceptAsync'],
    needs: ['unix', 'MSG_ERRQUEUE'],
    async run(t) {
      const listener = t.open(Domain.UNIX, Type.STREAM);
      listener.bind(SockAddr.unix(''));
      listener.listen(0);
      const address = listener.localAddr();
      let waiting: Promise<void> | undefined;
      for (let i = 0; i < 8 && waiting === undefined; i++) {
        const client = t.open(Domain.UNIX, Type.STREAM);
        const call = client.connectAsync(address, { timeout: 5000 });
        const first = await Promise.race([call.then(() => true), pause(20).then(() => false)]);
        if (!first) waiting = call;
      }
      if (waiting === undefined) return fail('the queue never filled');
      const late = t.open(Domain.UNIX, Type.STREAM);
      await rejectsCode('ETIMEDOUT', () => late.connectAsync(address, { timeout: 30 }));
      const [connection] = await listener.acceptAsync({ timeout: 5000 });
      t.track(connection);
      await waiting;
    },
  },
  {
    name: 'for await over connections: each in turn, until the listener is closed',
    methods: ['connections', 'close'],
    async run(t) {
      const listener = t.listener();
      const address = listener.localAddr();
      const clients = Array.from({ length: 3 }, () => t.socket('tcp4'));
      const peers: string[] = [];
      const serving = (async () => {
        for await (const [connection, peer] of listener.connections({ timeout: 5000 })) {
          t.track(connection);
          peers.push(String(peer));
          if (peers.length === 3) listener.close();
        }
      })();
      for (const client of clients) await client.connectAsync(address, { timeout: 5000 });
      const expected = clients.map((client) => String(client.localAddr()));
      await serving;
      deepEqual(peers, expected);
    },
  },
  {
    name: 'an aborted signal ends for await over connections without an error; the listener stays open',
    methods: ['connections', 'acceptAsync'],
    async run(t) {
      const listener = t.listener();
      const signal = new Signal();
      let accepted = 0;
      const serving = (async () => {
        for await (const [connection] of listener.connections({ signal })) {
          t.track(connection);
          accepted++;
        }
      })();
      await t.socket('tcp4').connectAsync(listener.localAddr(), { timeout: 5000 });
      while (accepted === 0) await pause(2);
      signal.abort(new Error('enough'));
      await serving;
      equal(signal.listeners, 0, 'listeners');
      for await (const _ of listener.connections({ signal })) fail('nothing after an abort');
      await t.socket('tcp4').connectAsync(listener.localAddr(), { timeout: 5000 });
      const [next] = await listener.acceptAsync({ timeout: 5000 });
      t.track(next);
    },
  },
  {
    name: 'break leaves the listener open, and a new loop goes on',
    methods: ['connections'],
    async run(t) {
      const listener = t.listener();
      const clients = [t.socket('tcp4'), t.socket('tcp4')];
      for (const client of clients) await client.connectAsync(listener.localAddr());
      for (const client of clients) {
        for await (const [connection, peer] of listener.connections({ timeout: 5000 })) {
          t.track(connection);
          equal(String(peer), String(client.localAddr()));
          break;
        }
      }
      equal(listener.closed, false);
    },
  },
  {
    name: 'calls of next() that wait end in order when the iteration ends',
    methods: ['connections'],
    async run(t) {
      const listener = t.listener();
      const iteration = listener.connections();
      const calls = [iteration.next(), iteration.next()];
      const other = listener.acceptAsync({ timeout: 5000 });
      await iteration.return?.();
      for (const call of calls) equal((await call).done, true);
      equal((await iteration.next()).done, true, 'afterwards');
      await t.socket('tcp4').connectAsync(listener.localAddr(), { timeout: 5000 });
      const [connection] = await other;
      t.track(connection);
    },
  },
  {
    name: 'for await over connections throws ETIMEDOUT when none comes in time, and EBADF on a closed socket',
    methods: ['connections'],
    async run(t) {
      const listener = t.listener();
      await rejectsCode('ETIMEDOUT', async () => {
        for await (const _ of listener.connections({ timeout: 30 })) fail('nobody connects');
      });
      listener.close();
      await rejectsCode('EBADF', async () => listener.connections());
    },
  },
  {
    name: 'for await over datagrams: each with its sender, into one buffer',
    methods: ['datagrams', 'close'],
    async run(t) {
      const [one, other] = [t.bound('udp4'), t.bound('udp4')];
      const buffer = new Uint8Array(16);
      const seen: string[] = [];
      const receiving = (async () => {
        for await (const [length, sender] of other.datagrams(buffer, { timeout: 5000 })) {
          equal(String(sender), String(one.localAddr()));
          seen.push(text(buffer, length));
          if (length === 0) other.close();
        }
      })();
      const address = other.localAddr();
      for (const word of ['a', 'bb', 'ccc', '']) one.sendTo(bytes(word), address);
      await receiving;
      deepEqual(seen, ['a', 'bb', 'ccc', '']);
    },
  },
  {
    name: 'an aborted signal ends for await over datagrams, and none is lost',
    methods: ['datagrams'],
    async run(t) {
      const [one, other] = [t.bound('udp4'), t.bound('udp4')];
      const signal = new Signal();
      const buffer = new Uint8Array(16);
      const seen: string[] = [];
      const receiving = (async () => {
        for await (const [length] of other.datagrams(buffer, { signal })) {
          seen.push(text(buffer, length));
          if (seen.length === 2) signal.abort(new Error('enough'));
        }
      })();
      for (const word of ['a', 'b', 'c']) one.sendTo(bytes(word), other.localAddr());
      await receiving;
      deepEqual(seen, ['a', 'b']);
      equal(await other.recvAsync(buffer, { timeout: 5000 }), 1);
      equal(text(buffer, 1), 'c');
    },
  },
];
