/** A DatagramEndpoint, by whichever way the backend has. */
import { DatagramBatch, DatagramEndpoint, SockAddr } from '@sock/core';
import { deepEqual, equal, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';

const NEEDS = ['trySendBatch', 'tryRecvBatch'] as const;

export const endpoint: readonly Case[] = [
  ...(['udp4', 'udp6'] as const).map((link): Case => ({
    name: `endpoint: what is pushed arrives once and in order, and every datagram is counted (${link})`,
    methods: [...NEEDS],
    needs: [...NEEDS],
    async run(t) {
      const [sending, receiving] = [t.bound(link), t.bound(link)];
      const sender = new DatagramEndpoint(sending, { size: 100, count: 4 });
      const receiver = new DatagramEndpoint(receiving, { size: 100, count: 4 });
      const arrived: string[] = [];
      const collect = async (count: number): Promise<void> => {
        while (arrived.length < count) {
          const some = await receiver.receive({ timeout: 5000 });
          for (let i = 0; i < some; i++) {
            arrived.push(text(receiver.bytes(i)));
            equal(receiver.addressOf(i).toString(), sending.localAddr().toString());
          }
        }
      };
      const sent = Array.from({ length: 30 }, (_, i) => `datagram ${i}${'.'.repeat(i % 5)}`);
      for (const [i, datagram] of sent.entries()) {
        if (!sender.push(bytes(datagram), receiving.localAddr())) {
          await sender.flush({ timeout: 5000 });
          await collect(i);
          ok(sender.push(bytes(datagram), receiving.localAddr()), 'room after the flush');
        }
      }
      await sender.flush({ timeout: 5000 });
      await collect(30);
      deepEqual(arrived, sent);
      const { sent: count, sentBytes, refused, failed } = sender.statistics;
      const length = sent.reduce((sum, datagram) => sum + datagram.length, 0);
      deepEqual([count, sentBytes, refused, failed], [30, length, 0, 0]);
      deepEqual([receiver.statistics.received, receiver.statistics.receivedBytes], [30, length]);
      equal(receiver.tryReceive(), undefined);
    },
  })),
  {
    name: 'endpoint: a run arrives as the datagrams that it consists of, in order',
    methods: [...NEEDS],
    needs: [...NEEDS],
    async run(t) {
      const [sending, receiving] = [t.bound('udp4'), t.bound('udp4')];
      const sender = new DatagramEndpoint(sending, { size: 100, count: 4 });
      const receiver = new DatagramEndpoint(receiving, { size: 100, count: 4 });
      const to = receiving.localAddr();
      const arrived: number[][] = [];
      const collect = async (count: number): Promise<void> => {
        while (arrived.length < count) {
          const some = await receiver.receive({ timeout: 5000 });
          for (let i = 0; i < some; i++) arrived.push([...receiver.bytes(i)]);
        }
      };
      const sent: number[][] = [];
      let next = 0;
      // Whole runs, runs with a shorter end, single datagrams, and runs of another length that follow at once.
      for (const [length, segment] of [
        [300, 100],
        [250, 100],
        [7, 7],
        [61, 20],
        [100, 100],
        [5, 100],
        [9, 1],
      ] as const) {
        const run = Uint8Array.from({ length }, () => next++ % 251);
        for (let i = 0; i < length; i += segment) sent.push([...run.subarray(i, i + segment)]);
        let taken = 0;
        for (;;) {
          const some = sender.pushRun(run.subarray(taken), segment, to);
          ok(taken + some === length || some % segment === 0, 'whole datagrams');
          taken += some;
          if (taken === length) break;
          await sender.flush({ timeout: 5000 });
          await collect(sender.statistics.sent);
        }
      }
      equal(sender.pushRun(new Uint8Array(0), 100, to), 0);
      await sender.flush({ timeout: 5000 });
      await collect(sent.length);
      deepEqual(arrived, sent);
      equal(sender.statistics.sent, sent.length);
      for (const segment of [0, 101, 1.5]) {
        throwsCode('ERR_OUT_OF_RANGE', () => sender.pushRun(bytes('x'), segment, to));
      }
      throwsCode('ERR_INVALID_ARG_TYPE', () => sender.pushRun('x' as never, 1, to));
      throwsCode('ERR_INVALID_ARG_TYPE', () => sender.pushRun(bytes('x'), 1));
      equal(sender.pending, 0);
    },
  },
  {
    name: 'endpoint: what the backend lacks is not used, and the path says so',
    methods: [...NEEDS],
    needs: [...NEEDS],
    run(t) {
      const { path } = new DatagramEndpoint(t.bound('udp4'));
      if (!t.supports('udpSegment')) deepEqual([path.gso, path.maxSegments], [false, 1]);
      if (!t.supports('setUdpGro')) equal(path.gro, false);
      if (!t.supports('setMtuDiscoverV4')) equal(path.dontFragment, false);
      if (!t.supports('recvmsg')) equal(path.errorQueue, false);
      const plain = new DatagramEndpoint(t.bound('udp4'), {
        gso: false,
        gro: false,
        dontFragment: false,
      });
      const { gso, gro, dontFragment } = plain.path;
      deepEqual([gso, gro, dontFragment], [false, false, false]);
    },
  },
  {
    name: 'endpoint: a closed socket is EBADF, and what was pushed stays pending',
    methods: [...NEEDS],
    needs: [...NEEDS],
    run(t) {
      const socket = t.bound('udp4');
      const closing = new DatagramEndpoint(socket);
      ok(closing.push(bytes('x'), SockAddr.ipv4('127.0.0.1', 9)), 'room');
      socket.close();
      throwsCode('EBADF', () => closing.trySend());
      throwsCode('EBADF', () => closing.tryReceive());
      equal(closing.pending, 1);
    },
  },
  {
    name: 'drop leaves the rest of a batch to be sent',
    methods: ['sendBatch'],
    needs: ['sendBatch'],
    run(t) {
      const [sender, receiver] = [t.bound('udp4'), t.bound('udp4')];
      // The second slot is wrong: the call sends the first alone.
      const batch = new DatagramBatch({ count: 3, size: 8 });
      batch.push(bytes('one'), receiver.localAddr());
      batch.push(bytes('two'), receiver.localAddr());
      batch.push(bytes('three'), receiver.localAddr());
      batch.lengths[1] = 9;
      equal(sender.sendBatch(batch), 1);
      batch.lengths[1] = 3;
      batch.drop(1);
      equal(batch.length, 2);
      deepEqual([text(batch.bytes(0)), text(batch.bytes(1))], ['two', 'three']);
      equal(sender.sendBatch(batch), 2);
      const room = new Uint8Array(8);
      deepEqual(
        [1, 2, 3].map(() => text(room, receiver.recv(room))),
        ['one', 'two', 'three'],
      );
      throwsCode('ERR_OUT_OF_RANGE', () => batch.drop(3));
      batch.drop(2);
      equal(batch.length, 0);
    },
  },
];
