import { deepEqual, equal, ok, throwsCode, waited, within } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { links } from '../../context.js';

/** Milliseconds: half of what a call would take if it waited, and enough for a machine under load. */
const AT_ONCE = 4000;

export const nonblocking: readonly Case[] = [
  {
    name: 'setNonblocking moves the socket into and out of non-blocking mode',
    socket2Docs: 'Moves this TCP stream into or out of nonblocking mode.',
    methods: ['setNonblocking', 'nonblocking'],
    run(t) {
      for (const link of links) {
        const socket = t.socket(link);
        socket.setNonblocking(true);
        equal(socket.nonblocking(), true, link);
        socket.setNonblocking(true);
        equal(socket.nonblocking(), true, link);
        socket.setNonblocking(false);
        equal(socket.nonblocking(), false, link);
      }
    },
  },
  {
    name: 'a socket moved back into blocking mode waits again',
    methods: ['setNonblocking', 'recv', 'setReadTimeout'],
    needs: ['setReadTimeout'],
    run(t) {
      const [one] = t.connectedPair('udp4');
      one.setReadTimeout(200);
      one.setNonblocking(true);
      one.setNonblocking(false);
      const start = Date.now();
      throwsCode('EAGAIN', () => one.recv(new Uint8Array(1)));
      waited(start, 150);
    },
  },
  {
    name: 'tryRecv returns undefined instead of waiting, whatever the mode',
    methods: ['tryRecv'],
    async run(t) {
      for (const link of links) {
        for (const mode of [false, true]) {
          const [one, other] = t.connectedPair(link);
          other.setNonblocking(mode);
          const buffer = new Uint8Array(8);
          equal(other.tryRecv(buffer), undefined, link);
          one.send(bytes('now'));
          await other.readable({ timeout: 5000 });
          equal(other.tryRecv(buffer), 3, link);
          equal(text(buffer, 3), 'now', link);
          equal(other.tryRecv(buffer), undefined, link);
          equal(other.nonblocking(), mode, 'the mode stays');
        }
      }
    },
  },
  {
    name: 'tryRecv returns 0 at the end of the stream',
    methods: ['tryRecv'],
    async run(t) {
      const [one, other] = t.connectedPair();
      one.close();
      await other.readable({ timeout: 5000 });
      equal(other.tryRecv(new Uint8Array(1)), 0);
    },
  },
  {
    name: 'tryRecv takes flags',
    methods: ['tryRecv'],
    needs: ['MSG_PEEK'],
    async run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('abc'));
      await other.readable({ timeout: 5000 });
      const buffer = new Uint8Array(8);
      equal(other.tryRecv(buffer, t.flag('PEEK')), 3);
      equal(other.tryRecv(buffer), 3);
      equal(other.tryRecv(buffer, t.flag('PEEK')), undefined);
    },
  },
  {
    name: 'tryRecv and trySend throw errors other than EAGAIN',
    methods: ['tryRecv', 'trySend', 'tryAccept', 'tryConnect'],
    run(t) {
      const socket = t.socket('tcp4');
      throwsCode('ENOTCONN', () => socket.tryRecv(new Uint8Array(1)));
      throwsCode(['ENOTCONN', 'EPIPE'], () => socket.trySend(new Uint8Array(1)));
      throwsCode('EINVAL', () => t.bound('tcp4').tryAccept());
      throwsCode(['EAFNOSUPPORT', 'EINVAL'], () => socket.tryConnect(t.bound('tcp6').localAddr()));
    },
  },
  {
    name: 'tryRecvFrom returns undefined, or data and sender',
    methods: ['tryRecvFrom'],
    async run(t) {
      const [one, other] = t.connectedPair('udp4');
      const buffer = new Uint8Array(8);
      equal(other.tryRecvFrom(buffer), undefined);
      one.send(bytes('abc'));
      await other.readable({ timeout: 5000 });
      const result = other.tryRecvFrom(buffer);
      equal(result?.[0], 3);
      ok(result?.[1].equals(one.localAddr()) === true, String(result?.[1]));
      equal(other.tryRecvFrom(buffer), undefined);
    },
  },
  {
    name: 'trySend returns undefined while the queue is full, and sends again once it is drained',
    methods: ['trySend', 'writable'],
    timeout: 60_000,
    async run(t) {
      const [one, other] = t.connectedPair();
      const chunk = new Uint8Array(65_536);
      let sent = 0;
      for (;;) {
        const count = one.trySend(chunk);
        if (count === undefined) break;
        ok(count > 0, 'something was sent');
        sent += count;
        ok(sent < 1 << 28, 'the queue is full before 256 MiB');
      }
      equal(one.nonblocking(), false, 'the mode stays');
      equal(t.recvAll(other, sent).length, sent);
      await one.writable({ timeout: 20_000 });
      ok((one.trySend(chunk) ?? 0) > 0, 'there is room again');
    },
  },
  {
    name: 'trySendTo sends a datagram',
    methods: ['trySendTo'],
    run(t) {
      const [one, other] = [t.bound('udp4'), t.bound('udp4')];
      equal(other.tryRecv(new Uint8Array(1)), undefined);
      equal(one.trySendTo(bytes('abc'), other.localAddr()), 3);
      const buffer = new Uint8Array(8);
      equal(text(buffer, other.recv(buffer)), 'abc');
      throwsCode('EMSGSIZE', () => one.trySendTo(new Uint8Array(70_000), other.localAddr()));
    },
  },
  {
    name: 'tryAccept returns undefined, or connection and peer, whatever the mode',
    methods: ['tryAccept'],
    async run(t) {
      for (const mode of [false, true]) {
        const listener = t.listener();
        listener.setNonblocking(mode);
        equal(listener.tryAccept(), undefined);
        const client = t.socket('tcp4');
        client.connect(listener.localAddr());
        await listener.readable({ timeout: 5000 });
        const result = listener.tryAccept();
        ok(result !== undefined, 'somebody connected');
        ok(t.track(result[0]).peerAddr().equals(client.localAddr()), 'the connection');
        ok(result[1].equals(client.localAddr()), 'its peer');
        equal(listener.tryAccept(), undefined);
        equal(listener.nonblocking(), mode, 'the mode stays');
      }
    },
  },
  {
    name: 'tryAccept does not wait even if a clone set the socket to blocking mode',
    methods: ['tryAccept', 'tryClone', 'setNonblocking', 'setReadTimeout'],
    needs: ['tryClone', 'setReadTimeout'],
    run(t) {
      const listener = t.listener();
      // So that a failure does not become an endless wait.
      listener.setReadTimeout(2 * AT_ONCE);
      const clone = t.track(listener.tryClone());
      listener.setNonblocking(true);
      clone.setNonblocking(false);
      const start = Date.now();
      equal(listener.tryAccept(), undefined);
      within(Date.now() - start, 0, AT_ONCE, 'the time it took');
    },
  },
  {
    name: 'tryAcceptBatch returns undefined, or the connections that are there, whatever the mode',
    methods: ['tryAcceptBatch'],
    async run(t) {
      for (const mode of [false, true]) {
        const listener = t.listener();
        listener.setNonblocking(mode);
        equal(listener.tryAcceptBatch(), undefined);
        const client = t.socket('tcp4');
        client.connect(listener.localAddr());
        await listener.readable({ timeout: 5000 });
        const batch = listener.tryAcceptBatch() ?? [];
        for (const [connection] of batch) t.track(connection);
        equal(batch.length, 1);
        ok(batch[0]?.[1].equals(client.localAddr()) === true, 'its peer');
        equal(listener.tryAcceptBatch(), undefined);
        equal(listener.nonblocking(), mode, 'the mode stays');
      }
    },
  },
  {
    name: 'tryConnect returns undefined while connecting and true once connected, whatever the mode',
    methods: ['tryConnect', 'writable', 'peerAddr'],
    async run(t) {
      for (const mode of [false, true]) {
        const listener = t.listener();
        const client = t.socket('tcp4');
        client.setNonblocking(mode);
        const first = client.tryConnect(listener.localAddr());
        ok(first === undefined || first === true, `it returned ${String(first)}`);
        await client.writable({ timeout: 5000 });
        equal(client.tryConnect(listener.localAddr()), true);
        equal(client.nonblocking(), mode, 'the mode stays');
        ok(client.peerAddr().equals(listener.localAddr()), 'the peer');
        deepEqual(client.takeError(), null);
      }
    },
  },
  {
    name: 'tryConnect throws ECONNREFUSED, in the first call or a later one',
    methods: ['tryConnect', 'writable'],
    async run(t) {
      const address = t.refusingAddress();
      const client = t.socket('tcp4');
      equal(client.tryConnect(address), undefined);
      await client.writable({ timeout: 5000 });
      throwsCode('ECONNREFUSED', () => client.tryConnect(address));
    },
  },
];
