import { equal, ok } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { links } from '../../context.js';

export const peek: readonly Case[] = [
  {
    name: 'peek returns the data without removing it from the queue',
    socket2Docs:
      'Receives data on the socket from the remote adress to which it is connected, without removing that data from the queue.',
    methods: ['peek', 'recv'],
    observes: ['peek'],
    needs: ['peek'],
    run(t) {
      for (const link of links) {
        const [one, other] = t.connectedPair(link);
        one.send(bytes('look'));
        const buffer = new Uint8Array(8);
        equal(text(buffer, other.peek(buffer)), 'look', link);
        buffer.fill(0);
        equal(text(buffer, other.recv(buffer)), 'look', link);
      }
    },
  },
  {
    name: 'successive peeks return the same data',
    socket2Docs: [
      'Successive calls return the same data.',
      'This is accomplished by passing MSG_PEEK as a flag to the underlying recv system call.',
      'On success, returns the number of bytes peeked.',
    ],
    methods: ['peek'],
    needs: ['peek'],
    run(t) {
      for (const link of links) {
        const [one, other] = t.connectedPair(link);
        one.send(bytes('look'));
        for (let i = 0; i < 3; i++) {
          const buffer = new Uint8Array(8);
          equal(text(buffer, other.peek(buffer)), 'look', link);
        }
      }
    },
  },
  {
    name: 'peek into a short buffer removes nothing of the stream',
    methods: ['peek', 'recv'],
    needs: ['peek'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('abcdef'));
      const short = new Uint8Array(2);
      equal(text(short, other.peek(short)), 'ab');
      equal(text(t.recvAll(other, 6)), 'abcdef');
    },
  },
  {
    name: 'peek into a short buffer removes nothing of the datagram',
    methods: ['peek', 'recv'],
    needs: ['peek'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      one.send(bytes('abcdef'));
      one.send(bytes('next'));
      equal(other.peek(new Uint8Array(2)), 2);
      const buffer = new Uint8Array(8);
      equal(text(buffer, other.recv(buffer)), 'abcdef');
      equal(text(buffer, other.recv(buffer)), 'next');
    },
  },
  {
    name: 'peek returns 0 at the end of the stream',
    methods: ['peek'],
    needs: ['peek'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.close();
      equal(other.peek(new Uint8Array(1)), 0);
      equal(other.recv(new Uint8Array(1)), 0);
    },
  },
  {
    name: 'a socket is still readable after a peek',
    methods: ['peek', 'readable', 'tryRecv'],
    needs: ['peek'],
    async run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('abc'));
      other.peek(new Uint8Array(3));
      await other.readable({ timeout: 5000 });
      equal(other.tryRecv(new Uint8Array(8)), 3);
    },
  },
  {
    name: 'peekFrom returns the data and its sender without removing it',
    socket2Docs: [
      'Receives data from the socket, without removing it from the queue.',
      'Successive calls return the same data.',
      'This is accomplished by passing MSG_PEEK as a flag to the underlying recvfrom system call.',
      'On success, returns the number of bytes peeked and the address from whence the data came.',
    ],
    methods: ['peekFrom', 'recvFrom'],
    observes: ['peekFrom'],
    needs: ['peekFrom'],
    run(t) {
      for (const link of ['udp4', 'udp6'] as const) {
        const [one, other] = t.connectedPair(link);
        one.send(bytes('look'));
        const buffer = new Uint8Array(8);
        for (let i = 0; i < 3; i++) {
          const [length, from] = other.peekFrom(buffer);
          equal(text(buffer, length), 'look', link);
          ok(from.equals(one.localAddr()), `${link}: ${from.toString()}`);
        }
        equal(other.recvFrom(buffer)[0], 4, link);
        equal(other.tryRecv(buffer), undefined, link);
      }
    },
  },
  {
    name: 'peek, recvFrom and peekFrom write nothing beyond what they received',
    socket2Docs: [
      'peek makes the same safety guarantees regarding the buffer as recv.',
      'recv_from makes the same safety guarantees regarding the buffer as recv.',
      'peek_from makes the same safety guarantees regarding the buffer as recv.',
    ],
    methods: ['peek', 'peekFrom', 'recvFrom'],
    needs: ['peek', 'peekFrom'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      one.send(bytes('ab'));
      for (const receive of [
        (buffer: Uint8Array) => other.peek(buffer),
        (buffer: Uint8Array) => other.peekFrom(buffer)[0],
        (buffer: Uint8Array) => other.recvFrom(buffer)[0],
      ]) {
        const buffer = bytes('____');
        equal(receive(buffer), 2);
        equal(text(buffer), 'ab__');
      }
    },
  },
  {
    name: 'peekSender returns the sender of the next datagram without removing it',
    methods: ['peekSender', 'recv'],
    observes: ['peekSender'],
    needs: ['peekSender'],
    run(t) {
      const [receiver, sender] = [t.bound('udp4'), t.bound('udp4')];
      equal(receiver.tryRecv(new Uint8Array(1)), undefined);
      sender.sendTo(bytes('hello'), receiver.localAddr());
      equal(receiver.peekSender().toString(), sender.localAddr().toString());
      const buffer = new Uint8Array(16);
      equal(text(buffer, receiver.recv(buffer)), 'hello');
    },
  },
];
