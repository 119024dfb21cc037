import { equal, notEqual, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { links, pause } from '../../context.js';

export const clone: readonly Case[] = [
  {
    name: 'tryClone makes an independent handle to the same socket',
    socket2Docs: 'Creates a new independently owned handle to the underlying socket.',
    methods: ['tryClone', 'asRawFd', 'localAddr'],
    needs: ['tryClone'],
    run(t) {
      for (const link of links) {
        const socket = t.bound(link);
        const twin = t.track(socket.tryClone());
        ok(twin instanceof t.Socket, 'the clone is of the same class');
        notEqual(twin.asRawFd(), socket.asRawFd(), link);
        ok(twin.localAddr().equals(socket.localAddr()), link);
      }
    },
  },
  {
    name: 'a clone stays open when its original is closed, and the original when its clone is',
    socket2Docs: 'Creates a new independently owned handle to the underlying socket.',
    methods: ['tryClone', 'close', 'send', 'recv'],
    observes: ['tryClone'],
    needs: ['tryClone'],
    run(t) {
      const [one, other] = t.connectedPair();
      const twin = t.track(one.tryClone());
      one.close();
      equal(twin.closed, false);
      twin.send(bytes('here'));
      equal(text(t.recvAll(other, 4)), 'here');
      const otherTwin = t.track(other.tryClone());
      otherTwin.close();
      other.send(bytes('and here'));
      equal(text(t.recvAll(twin, 8)), 'and here');
      throwsCode('EBADF', () => otherTwin.recv(new Uint8Array(1)));
    },
  },
  {
    name: 'the connection ends when the last handle is closed',
    methods: ['tryClone', 'close', 'tryRecv'],
    needs: ['tryClone'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const twin = t.track(one.tryClone());
      one.close();
      await pause(20);
      equal(other.tryRecv(new Uint8Array(1)), undefined, 'while a handle is open');
      twin.close();
      equal(other.recv(new Uint8Array(1)), 0, 'when none is');
    },
  },
  {
    name: 'a clone shares the options and the blocking mode',
    methods: ['tryClone', 'setNonblocking', 'nonblocking', 'setKeepalive', 'keepalive'],
    needs: ['tryClone', 'keepalive'],
    run(t) {
      const socket = t.socket('tcp4');
      const twin = t.track(socket.tryClone());
      equal(socket.nonblocking(), false, 'after the clone was made');
      socket.setKeepalive(true);
      equal(twin.keepalive(), true);
      twin.setNonblocking(true);
      equal(socket.nonblocking(), true);
      socket.setNonblocking(false);
      equal(twin.nonblocking(), false);
    },
  },
  {
    name: 'a clone shares the receive queue: data that one reads is gone for the other',
    methods: ['tryClone', 'recv', 'tryRecv'],
    needs: ['tryClone'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      const twin = t.track(other.tryClone());
      one.send(bytes('1'));
      one.send(bytes('2'));
      const buffer = new Uint8Array(1);
      twin.recv(buffer);
      equal(text(buffer), '1');
      other.recv(buffer);
      equal(text(buffer), '2');
      equal(twin.tryRecv(buffer), undefined);
    },
  },
  {
    name: 'a clone of a listener accepts',
    methods: ['tryClone', 'accept'],
    needs: ['tryClone'],
    run(t) {
      const listener = t.listener();
      const twin = t.track(listener.tryClone());
      const address = listener.localAddr();
      listener.close();
      const client = t.socket('tcp4');
      client.connect(address);
      ok(t.accept(twin)[1].equals(client.localAddr()), 'the peer');
    },
  },
  {
    name: 'original and clone wait independently',
    methods: ['tryClone', 'readable'],
    needs: ['tryClone'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const twin = t.track(other.tryClone());
      const waits = [other.readable({ timeout: 5000 }), twin.readable({ timeout: 5000 })];
      one.send(bytes('x'));
      await Promise.all(waits);
    },
  },
  {
    name: 'a clone continues to wait when its original is closed',
    methods: ['tryClone', 'readable', 'close'],
    needs: ['tryClone'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const twin = t.track(other.tryClone());
      const wait = twin.readable({ timeout: 5000 });
      const rejected = other.readable().then(
        () => 'resolved',
        (error: { code?: string }) => error.code,
      );
      other.close();
      equal(await rejected, 'EBADF');
      one.send(bytes('x'));
      await wait;
      equal(twin.recv(new Uint8Array(1)), 1);
    },
  },
];
