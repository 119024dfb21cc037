import { RecvFlags } from '@sock/core';
import { deepEqual, equal, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { links } from '../../context.js';

const room = (...lengths: number[]) => lengths.map((length) => new Uint8Array(length));

export const vectored: readonly Case[] = [
  {
    name: 'sendVectored sends the buffers one after the other and returns the number of bytes',
    socket2Docs: ['Send data to the connected peer.', 'Returns the amount of bytes written.'],
    methods: ['sendVectored', 'recv'],
    observes: ['sendVectored'],
    needs: ['sendVectored'],
    run(t) {
      for (const link of links) {
        const [one, other] = t.connectedPair(link);
        equal(one.sendVectored([bytes('one '), bytes('two '), bytes('three')]), 13, link);
        const buffer = new Uint8Array(32);
        equal(text(buffer, other.recv(buffer)), 'one two three', link);
      }
    },
  },
  {
    name: 'recvVectored fills the buffers one after the other',
    socket2Docs: 'Unlike recv this allows passing multiple buffers.',
    methods: ['recvVectored'],
    observes: ['recvVectored'],
    needs: ['recvVectored'],
    run(t) {
      for (const link of links) {
        const [one, other] = t.connectedPair(link);
        one.send(bytes('abcdefgh'));
        const buffers = room(3, 2, 8);
        const [length] = other.recvVectored(buffers);
        equal(length, 8, link);
        deepEqual(
          buffers.map((buffer) => text(buffer)),
          ['abc', 'de', 'fgh\0\0\0\0\0'],
          link,
        );
      }
    },
  },
  {
    name: 'recvVectored returns the flags of the message',
    socket2Docs:
      'In addition to the number of bytes read, this function returns the flags for the received message.',
    methods: ['recvVectored'],
    needs: ['recvVectored'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('x'));
      const [, flags] = other.recvVectored(room(4));
      ok(flags instanceof RecvFlags, 'an instance of RecvFlags');
      deepEqual([flags.isTruncated, flags.isEndOfRecord, flags.isOutOfBand], [false, false, false]);
    },
  },
  {
    name: 'the flags of a datagram longer than the buffers show that it is truncated',
    socket2Docs: 'See RecvFlags for more information about the returned flags.',
    methods: ['recvVectored', 'recvFromVectored'],
    observes: ['recvVectored', 'recvFromVectored', 'RecvFlags.isTruncated'],
    needs: ['recvVectored', 'MSG_TRUNC'],
    run(t) {
      for (const link of ['udp4', 'udp6'] as const) {
        const [one, other] = t.connectedPair(link);
        for (let i = 0; i < 3; i++) one.send(bytes('abcdef'));
        const [length, flags] = other.recvVectored(room(2, 2));
        equal(length, 4, link);
        equal(flags.isTruncated, true, link);
        const [lengthFrom, flagsFrom] = other.recvFromVectored(room(1, 2));
        equal(lengthFrom, 3, link);
        equal(flagsFrom.isTruncated, true, link);
        const [whole, wholeFlags] = other.recvVectored(room(2, 4));
        equal(whole, 6, link);
        equal(wholeFlags.isTruncated, false, link);
      }
    },
  },
  {
    name: 'recvVectored writes nothing beyond what it received',
    socket2Docs: [
      'However this implementation promises to not write uninitialised bytes to the bufs and passes it directly to recvmsg(2) system call.',
      'recv_from_vectored makes the same safety guarantees regarding bufs as recv_vectored.',
    ],
    methods: ['recvVectored'],
    needs: ['recvVectored'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('abc'));
      const buffers = [new Uint8Array(2).fill(9), new Uint8Array(2).fill(9)];
      equal(other.recvVectored(buffers)[0], 3);
      deepEqual(
        buffers.map((buffer) => [...buffer]),
        [
          [97, 98],
          [99, 9],
        ],
      );
    },
  },
  {
    name: 'recvVectored returns 0 at the end of the stream',
    methods: ['recvVectored'],
    needs: ['recvVectored'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.close();
      equal(other.recvVectored(room(4))[0], 0);
    },
  },
  {
    name: 'vectored calls accept empty lists, empty buffers and any view',
    methods: ['sendVectored', 'recvVectored'],
    needs: ['sendVectored', 'recvVectored'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      equal(one.sendVectored([]), 0);
      equal(
        one.sendVectored([new Uint8Array(0), bytes('ab').buffer, new DataView(bytes('cd').buffer)]),
        4,
      );
      equal(other.recvVectored([new Uint8Array(4)])[0], 0, 'the empty datagram');
      const last = new Uint16Array(2);
      equal(other.recvVectored([new Uint8Array(0), new Uint8Array(1), last])[0], 4);
      equal(text(new Uint8Array(last.buffer), 3), 'bcd');
    },
  },
  {
    name: 'vectored calls accept many buffers',
    methods: ['sendVectored', 'recvVectored'],
    needs: ['sendVectored', 'recvVectored'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      const parts = Array.from({ length: 1024 }, (_, index) => Uint8Array.of(index & 0xff));
      equal(one.sendVectored(parts), 1024);
      const targets = room(...parts.map(() => 1));
      equal(other.recvVectored(targets)[0], 1024);
      equal(
        targets.findIndex((target, index) => target[0] !== (index & 0xff)),
        -1,
        'the first that differs',
      );
    },
  },
  {
    name: 'sendVectoredWithFlags passes its flags to the system',
    socket2Docs:
      'Identical to send_vectored but allows for specification of arbitrary flags to the underlying sendmsg/WSASend call.',
    methods: ['sendVectoredWithFlags', 'recv'],
    observes: ['sendVectoredWithFlags'],
    needs: ['sendVectoredWithFlags', 'MSG_MORE'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      one.sendVectoredWithFlags([bytes('a'), bytes('b')], t.flag('MORE'));
      one.sendVectoredWithFlags([bytes('c')], 0);
      const buffer = new Uint8Array(8);
      equal(text(buffer, other.recv(buffer)), 'abc');
    },
  },
  {
    name: 'sendVectoredWithFlags with 0 does the same as sendVectored',
    methods: ['sendVectoredWithFlags'],
    needs: ['sendVectoredWithFlags'],
    run(t) {
      const [one, other] = t.connectedPair();
      equal(one.sendVectoredWithFlags([bytes('ab'), bytes('c')], 0), 3);
      equal(text(t.recvAll(other, 3)), 'abc');
    },
  },
  {
    name: 'recvVectoredWithFlags passes its flags to the system',
    socket2Docs:
      'Identical to recv_vectored but allows for specification of arbitrary flags to the underlying recvmsg/WSARecv call.',
    methods: ['recvVectoredWithFlags'],
    observes: ['recvVectoredWithFlags'],
    needs: ['recvVectoredWithFlags', 'MSG_PEEK', 'MSG_DONTWAIT'],
    run(t) {
      const [one, other] = t.connectedPair();
      const buffers = room(2, 2);
      throwsCode('EAGAIN', () => other.recvVectoredWithFlags(buffers, t.flag('DONTWAIT')));
      one.send(bytes('abc'));
      equal(other.recvVectoredWithFlags(buffers, t.flag('PEEK'))[0], 3);
      equal(other.recvVectoredWithFlags(buffers, 0)[0], 3);
    },
  },
  {
    name: 'recvFromVectored returns bytes, flags and the sender',
    socket2Docs: [
      'Returns the amount of bytes read, the RecvFlags and the remote address from the data is coming.',
      'Unlike recv_from this allows passing multiple buffers.',
    ],
    methods: ['recvFromVectored'],
    observes: ['recvFromVectored'],
    needs: ['recvFromVectored'],
    run(t) {
      for (const link of ['udp4', 'udp6'] as const) {
        const receiver = t.bound(link);
        equal(receiver.tryRecv(new Uint8Array(1)), undefined, link);
        const senders = [t.bound(link), t.bound(link)];
        for (const sender of senders) sender.sendTo(bytes('abcd'), receiver.localAddr());
        for (const sender of senders) {
          const buffers = room(1, 4);
          const [length, flags, from] = receiver.recvFromVectored(buffers);
          equal(length, 4, link);
          equal(flags.isTruncated, false, link);
          ok(from.equals(sender.localAddr()), `${link}: ${from.toString()}`);
          equal(text(buffers[1] as Uint8Array, 3), 'bcd', link);
        }
      }
    },
  },
  {
    name: 'recvFromVectoredWithFlags passes its flags to the system',
    socket2Docs:
      'Identical to recv_from_vectored but allows for specification of arbitrary flags to the underlying recvmsg/WSARecvFrom call.',
    methods: ['recvFromVectoredWithFlags'],
    observes: ['recvFromVectoredWithFlags'],
    needs: ['recvFromVectoredWithFlags', 'MSG_PEEK', 'MSG_DONTWAIT'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      throwsCode('EAGAIN', () => other.recvFromVectoredWithFlags(room(4), t.flag('DONTWAIT')));
      one.send(bytes('abc'));
      for (const flags of [t.flag('PEEK'), 0]) {
        const [length, , from] = other.recvFromVectoredWithFlags(room(1, 4), flags);
        equal(length, 3);
        ok(from.equals(one.localAddr()), from.toString());
      }
    },
  },
  {
    name: 'sendToVectored sends the buffers as one datagram to the address',
    socket2Docs: ['Send data to a peer listening on addr.', 'Returns the amount of bytes written.'],
    methods: ['sendToVectored', 'recvFrom'],
    observes: ['sendToVectored'],
    needs: ['sendToVectored'],
    run(t) {
      for (const link of ['udp4', 'udp6'] as const) {
        const [one, other] = [t.bound(link), t.bound(link)];
        equal(other.tryRecv(new Uint8Array(1)), undefined, link);
        equal(one.sendToVectored([bytes('to '), bytes('you')], other.localAddr()), 6, link);
        const buffer = new Uint8Array(16);
        const [length, from] = other.recvFrom(buffer);
        equal(text(buffer, length), 'to you', link);
        ok(from.equals(one.localAddr()), `${link}: ${from.toString()}`);
      }
    },
  },
  {
    name: 'sendToVectoredWithFlags passes its flags to the system',
    socket2Docs:
      'Identical to send_to_vectored but allows for specification of arbitrary flags to the underlying sendmsg/WSASendTo call.',
    methods: ['sendToVectoredWithFlags', 'recv'],
    observes: ['sendToVectoredWithFlags'],
    needs: ['sendToVectoredWithFlags', 'MSG_MORE'],
    run(t) {
      const [one, other] = [t.bound('udp4'), t.bound('udp4')];
      one.sendToVectoredWithFlags([bytes('a')], other.localAddr(), t.flag('MORE'));
      one.sendToVectoredWithFlags([bytes('b'), bytes('c')], other.localAddr(), 0);
      const buffer = new Uint8Array(8);
      equal(text(buffer, other.recv(buffer)), 'abc');
    },
  },
  {
    name: 'sendToVectoredWithFlags with 0 does the same as sendToVectored',
    methods: ['sendToVectoredWithFlags'],
    needs: ['sendToVectoredWithFlags'],
    run(t) {
      const [one, other] = [t.bound('udp4'), t.bound('udp4')];
      equal(other.tryRecv(new Uint8Array(1)), undefined);
      equal(one.sendToVectoredWithFlags([bytes('a'), bytes('b')], other.localAddr(), 0), 2);
      const buffer = new Uint8Array(8);
      equal(text(buffer, other.recv(buffer)), 'ab');
    },
  },
];
