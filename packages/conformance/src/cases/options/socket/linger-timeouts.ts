import { equal, ok, throwsCode, waited } from '../../../assert.js';
import type { Case } from '../../../case.js';
import { links } from '../../../context.js';

const EARLY = 30;

export const lingerTimeouts: readonly Case[] = [
  {
    name: 'linger is null, 0 or a duration, and these have different meanings',
    methods: ['linger', 'setLinger'],
    needs: ['setLinger'],
    run(t) {
      const socket = t.socket('tcp4');
      equal(socket.linger(), null);
      socket.setLinger(0);
      equal(socket.linger(), 0);
      socket.setLinger(5000);
      equal(socket.linger(), 5000);
      socket.setLinger(null);
      equal(socket.linger(), null);
    },
  },
  {
    name: 'setLinger rounds down to whole seconds',
    socket2Docs:
      'On most OSs the duration only has a precision of seconds and will be silently truncated.',
    methods: ['setLinger', 'linger'],
    needs: ['setLinger'],
    run(t) {
      const socket = t.socket('tcp4');
      socket.setLinger(2999);
      equal(socket.linger(), 2000);
      socket.setLinger(999.5);
      equal(socket.linger(), 0);
    },
  },
  {
    name: 'with linger 0 a close resets the connection',
    methods: ['setLinger', 'linger', 'close', 'recv'],
    observes: ['setLinger', 'linger'],
    needs: ['setLinger'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.setLinger(0);
      equal(one.linger(), 0);
      one.close();
      throwsCode('ECONNRESET', () => {
        for (let i = 0; i < 2; i++) other.recv(new Uint8Array(1));
      });
    },
  },
  {
    name: 'with linger null a close returns at once and the data still arrives',
    socket2Docs:
      'Otherwise, the call returns immediately and the closing is done in the background.',
    methods: ['setLinger', 'close', 'recv'],
    needs: ['setLinger'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.setLinger(null);
      one.send(new Uint8Array(10_000));
      one.close();
      equal(t.recvAll(other, 10_000).length, 10_000);
      equal(other.recv(new Uint8Array(1)), 0);
    },
  },
  {
    name: 'with a linger duration a close waits for the peer no longer than that',
    socket2Docs:
      'If linger is not None, a close(2) or shutdown(2) will not return until all queued messages for the socket have been successfully sent or the linger timeout has been reached.',
    methods: ['setLinger', 'close', 'trySend'],
    needs: ['setLinger'],
    timeout: 20_000,
    run(t) {
      const [one] = t.connectedPair();
      const chunk = new Uint8Array(65_536);
      while (one.trySend(chunk) !== undefined);
      one.setLinger(1000);
      const start = Date.now();
      one.close();
      waited(start, 1000 - EARLY, 'the close');
    },
  },
  {
    name: 'the time-outs are null at first: calls block indefinitely',
    socket2Docs: [
      'If the returned timeout is None, then read and recv calls will block indefinitely.',
      'If the returned timeout is None, then write and send calls will block indefinitely.',
    ],
    methods: ['readTimeout', 'writeTimeout'],
    needs: ['readTimeout', 'writeTimeout'],
    run(t) {
      for (const link of links) {
        const socket = t.socket(link);
        equal(socket.readTimeout(), null, link);
        equal(socket.writeTimeout(), null, link);
      }
    },
  },
  {
    name: 'setting a time-out to null removes it',
    socket2Docs: [
      'If timeout is None, then read and recv calls will block indefinitely.',
      'If timeout is None, then write and send calls will block indefinitely.',
    ],
    methods: ['setReadTimeout', 'setWriteTimeout', 'readTimeout', 'writeTimeout'],
    needs: ['setReadTimeout', 'setWriteTimeout'],
    run(t) {
      const socket = t.socket('tcp4');
      socket.setReadTimeout(1000);
      socket.setWriteTimeout(2000);
      equal(socket.readTimeout(), 1000);
      equal(socket.writeTimeout(), 2000);
      socket.setReadTimeout(null);
      equal(socket.readTimeout(), null);
      equal(socket.writeTimeout(), 2000);
      socket.setWriteTimeout(null);
      equal(socket.writeTimeout(), null);
    },
  },
  {
    name: 'a time-out of 0 is refused: to the system it means no time-out',
    methods: ['setReadTimeout', 'setWriteTimeout'],
    needs: ['setReadTimeout', 'setWriteTimeout'],
    run(t) {
      const socket = t.socket('tcp4');
      socket.setReadTimeout(1000);
      throwsCode('ERR_OUT_OF_RANGE', () => socket.setReadTimeout(0));
      throwsCode('ERR_OUT_OF_RANGE', () => socket.setWriteTimeout(0));
      equal(socket.readTimeout(), 1000);
    },
  },
  {
    name: 'a time-out below the resolution of the system is not rounded down to no time-out',
    methods: ['setReadTimeout', 'readTimeout'],
    needs: ['setReadTimeout'],
    run(t) {
      const socket = t.socket('udp4');
      for (const timeout of [0.5, 0.001, 1e-7, Number.MIN_VALUE]) {
        socket.setReadTimeout(timeout);
        const set = socket.readTimeout();
        ok(set !== null && set > 0, `${timeout} ms became ${String(set)}`);
      }
    },
  },
  {
    name: 'a receive throws EAGAIN when the read time-out has passed, and not before',
    methods: ['setReadTimeout', 'readTimeout', 'recv', 'recvFrom'],
    observes: ['setReadTimeout', 'readTimeout'],
    needs: ['setReadTimeout'],
    run(t) {
      for (const link of ['tcp4', 'udp4'] as const) {
        const [one] = t.connectedPair(link);
        for (const timeout of [100, 300]) {
          one.setReadTimeout(timeout);
          equal(one.readTimeout(), timeout);
          const start = Date.now();
          throwsCode('EAGAIN', () => one.recv(new Uint8Array(1)), link);
          waited(start, timeout - EARLY, `${link}, ${timeout} ms`);
        }
      }
      const [one] = t.connectedPair('udp4');
      one.setReadTimeout(100);
      throwsCode('EAGAIN', () => one.recvFrom(new Uint8Array(1)));
    },
  },
  {
    name: 'a receive that finds data returns at once, whatever the read time-out',
    methods: ['setReadTimeout', 'recv'],
    needs: ['setReadTimeout'],
    run(t) {
      const [one, other] = t.connectedPair();
      other.setReadTimeout(5000);
      one.send(Uint8Array.of(1));
      equal(other.recv(new Uint8Array(1)), 1);
    },
  },
  {
    name: 'a send throws EAGAIN when the write time-out has passed and the queue is full',
    methods: ['setWriteTimeout', 'writeTimeout', 'send', 'trySend'],
    observes: ['setWriteTimeout', 'writeTimeout'],
    needs: ['setWriteTimeout'],
    timeout: 30_000,
    run(t) {
      const [one] = t.connectedPair();
      const chunk = new Uint8Array(65_536);
      while (one.trySend(chunk) !== undefined);
      one.setWriteTimeout(200);
      equal(one.writeTimeout(), 200);
      const start = Date.now();
      // The first send may still fit, as the system counts late. Then the wait begins.
      throwsCode('EAGAIN', () => {
        for (let i = 0; i < 1000; i++) one.send(chunk);
      });
      waited(start, 200 - EARLY);
    },
  },
];
