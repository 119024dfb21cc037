import { Shutdown } from '@sock/core';
import { equal, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';

export const shutdown: readonly Case[] = [
  {
    name: 'shutdown of the writing half ends the stream to the peer; the other direction stays open',
    socket2Docs: 'Shuts down the read, write, or both halves of this connection.',
    methods: ['shutdown', 'recv', 'send'],
    observes: ['shutdown'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('last'));
      one.shutdown(Shutdown.WRITE);
      equal(text(t.recvAll(other, 16)), 'last');
      equal(other.recv(new Uint8Array(1)), 0);
      other.send(bytes('answer'));
      equal(text(t.recvAll(one, 6)), 'answer');
    },
  },
  {
    name: 'after a shutdown of the writing half a send throws EPIPE at once',
    socket2Docs:
      'This function will cause all pending and future I/O on the specified portions to return immediately with an appropriate value.',
    methods: ['shutdown', 'send', 'trySend', 'write'],
    run(t) {
      const [one] = t.connectedPair();
      one.shutdown(Shutdown.WRITE);
      equal(throwsCode('EPIPE', () => one.send(bytes('x'))).syscall, 'send');
      throwsCode('EPIPE', () => one.trySend(bytes('x')));
      throwsCode('EPIPE', () => one.write(bytes('x')));
    },
  },
  {
    name: 'after a shutdown of the reading half a receive returns 0 at once',
    socket2Docs:
      'This function will cause all pending and future I/O on the specified portions to return immediately with an appropriate value.',
    methods: ['shutdown', 'recv', 'send'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.shutdown(Shutdown.READ);
      equal(one.recv(new Uint8Array(1)), 0);
      one.send(bytes('still sends'));
      equal(text(t.recvAll(other, 11)), 'still sends');
    },
  },
  {
    name: 'shutdown of both halves ends both directions',
    socket2Docs: 'Shuts down the read, write, or both halves of this connection.',
    methods: ['shutdown', 'recv', 'send'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.shutdown(Shutdown.BOTH);
      equal(one.recv(new Uint8Array(1)), 0);
      throwsCode('EPIPE', () => one.send(bytes('x')));
      equal(other.recv(new Uint8Array(1)), 0);
    },
  },
  {
    name: 'shutdown resolves waits',
    socket2Docs:
      'This function will cause all pending and future I/O on the specified portions to return immediately with an appropriate value.',
    methods: ['shutdown', 'readable', 'tryRecv'],
    async run(t) {
      const [one] = t.connectedPair();
      const wait = one.readable({ timeout: 5000 });
      one.shutdown(Shutdown.READ);
      await wait;
      equal(one.tryRecv(new Uint8Array(1)), 0);
    },
  },
  {
    name: 'the socket stays open after a shutdown',
    methods: ['shutdown', 'closed', 'localAddr'],
    run(t) {
      const [one] = t.connectedPair();
      const address = one.localAddr().toString();
      one.shutdown(Shutdown.BOTH);
      equal(one.closed, false);
      equal(one.localAddr().toString(), address);
    },
  },
  {
    name: 'shutdown throws ENOTCONN for a socket that is not connected',
    methods: ['shutdown'],
    run(t) {
      const error = throwsCode('ENOTCONN', () => t.socket('tcp4').shutdown(Shutdown.BOTH));
      equal(error.syscall, 'shutdown');
    },
  },
];
