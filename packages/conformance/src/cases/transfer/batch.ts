import { DatagramBatch, SockAddr, type Socket } from '@sock/core';
import { deepEqual, equal, notEqual, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';

/** Receives into the batch until `count` datagrams have arrived. Some hosts deliver them one by one. */
function gather(socket: Socket, count: number, size: number): DatagramBatch[] {
  const batches: DatagramBatch[] = [];
  let arrived = 0;
  while (arrived < count) {
    const batch = new DatagramBatch({ count, size });
    arrived += socket.recvBatch(batch);
    batches.push(batch);
  }
  return batches;
}

const texts = (batches: readonly DatagramBatch[]): string[] =>
  batches.flatMap((batch) =>
    Array.from({ length: batch.length }, (_, index) => text(batch.bytes(index))),
  );

export const batch: readonly Case[] = [
  {
    name: 'sendBatch sends each datagram to its address, recvBatch returns each sender, in order',
    methods: ['sendBatch', 'recvBatch', 'tryRecvBatch'],
    needs: ['sendBatch', 'recvBatch', 'tryRecvBatch'],
    run(t) {
      const [sender, first, second] = [t.bound('udp4'), t.bound('udp4'), t.bound('udp4')];
      const sent = new DatagramBatch({ count: 4, size: 100 });
      sent.push(bytes('one'), first.localAddr());
      sent.push(bytes('two'), second.localAddr());
      sent.push(bytes(''), first.localAddr());
      equal(sender.sendBatch(sent), 3);
      const received = gather(first, 2, 100);
      deepEqual(texts(received), ['one', '']);
      equal(received[0]?.address(0).toString(), sender.localAddr().toString());
      deepEqual(texts(gather(second, 1, 100)), ['two']);
      const none = new DatagramBatch({ count: 1, size: 1 });
      equal(second.tryRecvBatch(none), undefined);
      equal(none.length, 0);
    },
  },
  {
    name: 'a batch to the connected peer needs no addresses and keeps its order',
    methods: ['sendBatch', 'trySendBatch', 'recvBatch'],
    needs: ['sendBatch', 'trySendBatch', 'recvBatch'],
    run(t) {
      const [sender, receiver] = t.connectedPair('udp4');
      const sent = new DatagramBatch({ count: 100, size: 4, addresses: false });
      for (let index = 0; index < 100; index++) sent.push(Uint8Array.of(index));
      equal(sender.trySendBatch(sent), 100);
      const order = gather(receiver, 100, 4).flatMap((received) =>
        Array.from({ length: received.length }, (_, index) => received.bytes(index)[0]),
      );
      deepEqual(
        order,
        order.map((_, index) => index),
      );
    },
  },
  {
    name: 'a datagram that is longer than its slot of a batch is truncated, and the batch reports it',
    methods: ['recvBatch'],
    needs: ['recvBatch', 'MSG_TRUNC'],
    run(t) {
      const [sender, receiver] = t.connectedPair('udp4');
      sender.send(bytes('0123456789'));
      const [received] = gather(receiver, 1, 4) as [DatagramBatch];
      equal(text(received.bytes(0)), '0123');
      notEqual((received.flags[0] as number) & t.flag('TRUNC'), 0);
    },
  },
  {
    name: 'with MSG_TRUNC a batch has the real length of a datagram, and its bytes end with the slot',
    methods: ['recvBatch'],
    needs: ['recvBatch', 'MSG_TRUNC'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      one.send(bytes('a datagram that is too long'));
      one.send(bytes('the next'));
      const batch = new DatagramBatch({ count: 2, size: 8 });
      let arrived = 0;
      const seen: string[] = [];
      const lengths: number[] = [];
      while (arrived < 2) {
        const count = other.recvBatch(batch, t.flag('TRUNC'));
        for (let index = 0; index < count; index++) {
          seen.push(text(batch.bytes(index)));
          lengths.push(batch.lengths[index] as number);
        }
        arrived += count;
      }
      deepEqual(seen, ['a datagr', 'the next']);
      equal(lengths[1], 8);
      ok(lengths[0] === 27 || lengths[0] === 8, `length ${lengths[0]}`);
    },
  },
  {
    name: 'a message of a batch is split into datagrams of its segment size',
    methods: ['sendBatch'],
    needs: ['sendBatch', 'recvBatch'],
    run(t) {
      const [sender, receiver] = [t.bound('udp4'), t.bound('udp4')];
      const sent = new DatagramBatch({ count: 1, size: 64 });
      sent.push(bytes('aaabbbcc'), receiver.localAddr(), 3);
      equal(sender.sendBatch(sent), 1);
      deepEqual(texts(gather(receiver, 3, 16)), ['aaa', 'bbb', 'cc']);
    },
  },
  {
    name: 'a batch returns the count before an error, and throws the error of the first datagram',
    methods: ['sendBatch'],
    needs: ['sendBatch'],
    run(t) {
      const socket = t.bound('udp4');
      const nowhere = new DatagramBatch({ count: 1, size: 8, addresses: false });
      nowhere.push(bytes('x'));
      equal(throwsCode('EDESTADDRREQ', () => socket.sendBatch(nowhere)).syscall, 'sendmmsg');
      const mixed = new DatagramBatch({ count: 2, size: 8 });
      mixed.push(bytes('x'), t.bound('udp4').localAddr());
      mixed.push(bytes('y'), SockAddr.ipv6('::1', 9));
      equal(socket.sendBatch(mixed), 1);
      mixed.lengths[0] = 9;
      throwsCode('EINVAL', () => socket.sendBatch(mixed));
    },
  },
];
