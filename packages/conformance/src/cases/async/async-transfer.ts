/** The asynchronous forms that move data. */
import { DatagramBatch, MsgHdrMut, SockAddr, SockError, Type } from '@sock/core';
import { deepEqual, equal, ok, rejectsCode, waited, within } from '../../assert.js';
import { bytes, pattern, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { type Context, links, pause } from '../../context.js';
import { detached, type ResizableBuffer } from '../../parameter.js';
import { rejection, Signal } from '../../signal.js';

type Socket = ReturnType<Context['socket']>;

const MiB = 1 << 20;

/** Fills the queues of a connection until a send would wait. Returns the number of bytes. */
function fill(socket: Socket): number {
  const chunk = new Uint8Array(65_536);
  for (let sent = 0; ;) {
    const count = socket.trySend(chunk);
    if (count === undefined) return sent;
    sent += count;
    ok(sent < 1 << 28, 'the queue is full before 256 MiB');
  }
}

/** Receives and discards until `done` is settled. */
async function drainUntil(socket: Socket, done: Promise<unknown>): Promise<void> {
  let over = false;
  const end = (): void => {
    over = true;
  };
  done.then(end, end);
  const chunk = new Uint8Array(65_536);
  while (!over) {
    if (socket.tryRecv(chunk) === undefined) await pause(1);
  }
}

export const asyncTransfer: readonly Case[] = [
  {
    name: 'recvAsync returns data that is there, in either blocking mode, and leaves the mode',
    methods: ['recvAsync'],
    async run(t) {
      for (const link of links) {
        for (const mode of [false, true]) {
          const [one, other] = t.connectedPair(link);
          other.setNonblocking(mode);
          one.send(bytes('hello'));
          await other.readable({ timeout: 5000 });
          const buffer = new Uint8Array(16);
          equal(await other.recvAsync(buffer), 5, link);
          equal(text(buffer, 5), 'hello', link);
          equal(other.nonblocking(), mode, 'the mode stays');
        }
      }
    },
  },
  {
    name: 'recvAsync waits for data, while the event loop turns',
    methods: ['recvAsync'],
    async run(t) {
      for (const link of links) {
        const [one, other] = t.connectedPair(link);
        const buffer = new Uint8Array(16);
        let settled = false;
        const wait = other.recvAsync(buffer, { timeout: 5000 }).then((length) => {
          settled = true;
          return length;
        });
        await pause(30);
        equal(settled, false, `${link}: before`);
        one.send(bytes('later'));
        equal(await wait, 5, link);
        equal(text(buffer, 5), 'later', link);
      }
    },
  },
  {
    name: 'recvAsync resolves with 0 at the end of the stream, waiting or not',
    methods: ['recvAsync', 'shutdown'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const wait = other.recvAsync(new Uint8Array(1), { timeout: 5000 });
      await pause(10);
      one.shutdown('write');
      equal(await wait, 0);
      equal(await other.recvAsync(new Uint8Array(1)), 0);
    },
  },
  {
    name: 'recvAsync takes flags',
    methods: ['recvAsync'],
    needs: ['MSG_PEEK'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const buffer = new Uint8Array(8);
      const peeked = other.recvAsync(buffer, { flags: t.flag('PEEK'), timeout: 5000 });
      one.send(bytes('abc'));
      equal(await peeked, 3);
      equal(await other.recvAsync(buffer), 3);
    },
  },
  {
    name: 'recvAsync takes any kind of buffer and fills that buffer',
    methods: ['recvAsync'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const memory = new ArrayBuffer(8);
      for (const view of [memory, new DataView(memory), new Uint16Array(memory)]) {
        const wait = other.recvAsync(view, { timeout: 5000 });
        one.send(bytes('abcd'));
        equal(await wait, 4);
        equal(text(new Uint8Array(memory), 4), 'abcd');
        new Uint8Array(memory).fill(0);
      }
    },
  },
  {
    name: 'calls that receive are done in the order in which they were made',
    methods: ['recvAsync', 'recvExactAsync'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const buffers = Array.from({ length: 6 }, () => new Uint8Array(3));
      const order: number[] = [];
      const calls = buffers.map(async (buffer, index) => {
        await other.recvExactAsync(buffer, { timeout: 5000 });
        order.push(index);
      });
      for (const piece of ['a', 'aabb', 'bcccdd', 'deeef', 'ff']) {
        one.send(bytes(piece));
        await pause(5);
      }
      await Promise.all(calls);
      deepEqual(
        buffers.map((buffer) => text(buffer)),
        ['aaa', 'bbb', 'ccc', 'ddd', 'eee', 'fff'],
      );
      deepEqual(order, [0, 1, 2, 3, 4, 5]);
    },
  },
  {
    name: 'an aborted call leaves its turn to the next one, and takes no data',
    methods: ['recvAsync'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const signal = new Signal();
      const [first, second] = [new Uint8Array(4), new Uint8Array(4)];
      const aborted = rejection(other.recvAsync(first, { signal }));
      const next = other.recvAsync(second, { timeout: 5000 });
      const reason = new Error('enough');
      signal.abort(reason);
      equal(await aborted, reason);
      equal(signal.listeners, 0, 'listeners');
      one.send(bytes('data'));
      equal(await next, 4);
      equal(text(second), 'data');
      equal(text(first), '\0\0\0\0');
    },
  },
  {
    name: 'an aborted signal rejects before any system call',
    methods: ['recvAsync', 'sendAsync'],
    async run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('x'));
      await other.readable({ timeout: 5000 });
      const signal = new Signal();
      const reason = new Error('not wanted');
      signal.abort(reason);
      equal(await rejection(other.recvAsync(new Uint8Array(4), { signal })), reason);
      equal(await rejection(other.sendAsync(new Uint8Array(4), { signal })), reason);
      equal(other.tryRecv(new Uint8Array(4)), 1, 'the data is still there');
      equal(one.tryRecv(new Uint8Array(4)), undefined, 'nothing was sent');
    },
  },
  {
    name: 'timeout rejects with ETIMEDOUT when the time is up; data that comes later is not lost',
    methods: ['recvAsync', 'recvFromAsync'],
    async run(t) {
      const [one, other] = t.connectedPair('udp4');
      for (const call of [
        () => other.recvAsync(new Uint8Array(4), { timeout: 60 }),
        () => other.recvFromAsync(new Uint8Array(4), { timeout: 60 }),
      ]) {
        const start = Date.now();
        const error = await rejectsCode('ETIMEDOUT', call);
        waited(start, 50);
        ok(error.syscall?.startsWith('recv') === true, `syscall ${error.syscall}`);
      }
      one.send(bytes('late'));
      equal(await other.recvAsync(new Uint8Array(8), { timeout: 5000 }), 4);
    },
  },
  {
    name: 'the listener on a signal is removed when a call ends, however it ends',
    methods: ['recvAsync', 'close'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const signal = new Signal();
      const buffer = new Uint8Array(4);
      const wait = other.recvAsync(buffer, { signal, timeout: 5000 });
      equal(signal.listeners, 1, 'while it waits');
      one.send(bytes('x'));
      await wait;
      equal(signal.listeners, 0, 'after data');
      await rejectsCode('ETIMEDOUT', () => other.recvAsync(buffer, { signal, timeout: 20 }));
      equal(signal.listeners, 0, 'after a time-out');
      const closed = rejectsCode('EBADF', () => other.recvAsync(buffer, { signal }));
      other.close();
      await closed;
      equal(signal.listeners, 0, 'after a close');
    },
  },
  {
    name: 'close rejects the calls that wait with EBADF, in their order',
    methods: ['recvAsync', 'recvFromAsync', 'sendAllAsync', 'close'],
    timeout: 60_000,
    async run(t) {
      const [one] = t.connectedPair();
      fill(one);
      const order: string[] = [];
      const note = async (name: string, call: Promise<unknown>): Promise<void> => {
        await rejectsCode('EBADF', () => call, name);
        order.push(name);
      };
      const calls = [
        note('first', one.recvAsync(new Uint8Array(1))),
        note('second', one.recvFromAsync(new Uint8Array(1))),
        note('third', one.recvExactAsync(new Uint8Array(1))),
        note('send', one.sendAllAsync(new Uint8Array(65_536))),
      ];
      await pause(10);
      one.close();
      await Promise.all(calls);
      deepEqual(order, ['first', 'second', 'third', 'send']);
    },
  },
  {
    name: 'a call that waits and readable() on the same socket both end',
    methods: ['recvAsync', 'readable'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const wait = other.readable({ timeout: 5000 });
      const call = other.recvAsync(new Uint8Array(4), { timeout: 5000 });
      one.send(bytes('x'));
      await wait;
      equal(await call, 1);
    },
  },
  {
    name: 'receiving and sending wait independently of each other',
    methods: ['recvAsync', 'sendAllAsync'],
    timeout: 60_000,
    async run(t) {
      const [one, other] = t.connectedPair();
      fill(one);
      const sending = one.sendAllAsync(new Uint8Array(1024), { timeout: 30_000 });
      const receiving = one.recvAsync(new Uint8Array(4), { timeout: 30_000 });
      other.send(bytes('ok'));
      equal(await receiving, 2);
      await Promise.all([drainUntil(other, sending), sending]);
    },
  },
  {
    name: 'a buffer that is detached while a call waits rejects the call, and takes no data',
    methods: ['recvAsync', 'recvFromAsync'],
    async run(t) {
      if (typeof structuredClone !== 'function') return;
      const [one, other] = t.connectedPair('udp4');
      const buffer = new Uint8Array(8);
      const wait = rejection(other.recvAsync(buffer, { timeout: 5000 }));
      const next = other.recvFromAsync(new Uint8Array(8), { timeout: 5000 });
      structuredClone(buffer.buffer, { transfer: [buffer.buffer] });
      one.send(bytes('abc'));
      const error = (await wait) as SockError;
      equal(error.code, 'ERR_INVALID_ARG_VALUE');
      ok(error.message.includes('detached'), error.message);
      equal((await next)[0], 3, 'the next call has the data');
      await rejectsCode('ERR_INVALID_ARG_VALUE', () => other.recvAsync(detached()));
    },
  },
  {
    name: 'a buffer that is resized while a call waits rejects the call, and takes no data',
    methods: ['recvAsync'],
    async run(t) {
      if (!('resize' in ArrayBuffer.prototype)) return;
      const [one, other] = t.connectedPair('udp4');
      for (const length of [0, 4, 12]) {
        const memory = new (ArrayBuffer as unknown as ResizableBuffer)(8, { maxByteLength: 16 });
        const wait = rejectsCode('ERR_INVALID_ARG_VALUE', () =>
          other.recvAsync(new Uint8Array(memory), { timeout: 5000 }),
        );
        memory.resize(length);
        one.send(bytes('abc'));
        await wait;
        equal(other.recv(new Uint8Array(8)), 3, 'the datagram is still there');
      }
    },
  },
  {
    name: 'recvExactAsync fills the buffer, however the bytes arrive',
    methods: ['recvExactAsync'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const data = pattern(1000);
      const buffer = new Uint8Array(1000);
      const wait = other.recvExactAsync(buffer, { timeout: 5000 });
      for (const [from, to] of [
        [0, 1],
        [1, 999],
        [999, 1000],
      ] as const) {
        one.send(data.subarray(from, to));
        await pause(5);
      }
      one.send(bytes('more'));
      equal(await wait, 1000);
      deepEqual(buffer, data);
      equal(await other.recvAsync(new Uint8Array(8), { timeout: 5000 }), 4, 'the rest');
      equal(await other.recvExactAsync(new Uint8Array(0)), 0, 'no bytes at all');
    },
  },
  {
    name: 'recvExactAsync rejects with the bytes that came when the stream ends before',
    methods: ['recvExactAsync', 'shutdown'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const buffer = new Uint8Array(8);
      const wait = rejectsCode('ERR_SOCK_END_OF_STREAM', () =>
        other.recvExactAsync(buffer, { timeout: 5000 }),
      );
      one.send(bytes('abc'));
      one.shutdown('write');
      const error = (await wait) as SockError;
      ok(error instanceof SockError, 'a SockError');
      equal(error.bytesRead, 3);
      equal(text(error.bytes ?? new Uint8Array(0)), 'abc');
      equal(text(buffer, 3), 'abc');
      const none = await rejectsCode('ERR_SOCK_END_OF_STREAM', () => other.recvExactAsync(buffer));
      equal((none as SockError).bytesRead, 0);
    },
  },
  {
    name: 'recvExactAsync tells what came before a time-out, a close and an abort',
    methods: ['recvExactAsync'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const buffer = new Uint8Array(8);
      const late = rejectsCode('ETIMEDOUT', () => other.recvExactAsync(buffer, { timeout: 100 }));
      one.send(bytes('ab'));
      equal(((await late) as SockError).bytesRead, 2, 'late');

      const signal = new Signal();
      const progress = { bytes: 77 };
      const aborted = rejection(other.recvExactAsync(buffer, { signal, progress }));
      equal(progress.bytes, 0, 'from the beginning');
      one.send(bytes('cde'));
      while (progress.bytes < 3) await pause(2);
      const reason = new Error('enough');
      signal.abort(reason);
      equal(await aborted, reason);
      equal(progress.bytes, 3, 'aborted');

      const closed = rejectsCode('EBADF', () => other.recvExactAsync(buffer, { progress }));
      one.send(bytes('f'));
      while (progress.bytes < 1) await pause(2);
      other.close();
      equal(((await closed) as SockError).bytesRead, 1, 'closed');
    },
  },
  {
    name: 'recvFromAsync and sendToAsync exchange datagrams with their addresses',
    methods: ['recvFromAsync', 'sendToAsync'],
    async run(t) {
      for (const link of ['udp4', 'udp6'] as const) {
        const [one, other] = [t.bound(link), t.bound(link)];
        const buffer = new Uint8Array(16);
        const wait = other.recvFromAsync(buffer, { timeout: 5000 });
        equal(await one.sendToAsync(bytes('hello'), other.localAddr()), 5, link);
        const [length, sender] = await wait;
        equal(text(buffer, length), 'hello', link);
        ok(sender.equals(one.localAddr()), `${link}: ${sender}`);
        equal(await one.sendToAsync(new Uint8Array(0), other.localAddr()), 0, link);
        equal((await other.recvFromAsync(buffer, { timeout: 5000 }))[0], 0, link);
      }
    },
  },
  {
    name: 'an error of the system rejects the call that got it',
    methods: ['sendToAsync', 'sendAsync', 'recvAsync'],
    async run(t) {
      const udp = t.bound('udp4');
      const address = t.bound('udp4').localAddr();
      const error = await rejectsCode('EMSGSIZE', () =>
        udp.sendToAsync(new Uint8Array(70_000), address),
      );
      ok(error.errno !== undefined && error.errno < 0, 'errno');
      equal(error.address, '127.0.0.1');
      const tcp = t.socket('tcp4');
      await rejectsCode('ENOTCONN', () => tcp.recvAsync(new Uint8Array(1)));
      await rejectsCode(['ENOTCONN', 'EPIPE'], () => tcp.sendAsync(new Uint8Array(1)));
    },
  },
  {
    name: 'sendAsync sends what there is room for, and waits when there is none',
    methods: ['sendAsync'],
    timeout: 60_000,
    async run(t) {
      const [one, other] = t.connectedPair();
      equal(await one.sendAsync(bytes('hello')), 5);
      fill(one);
      await rejectsCode('ETIMEDOUT', () => one.sendAsync(new Uint8Array(1024), { timeout: 50 }));
      const wait = one.sendAsync(new Uint8Array(1024), { timeout: 30_000 });
      await drainUntil(other, wait);
      within(await wait, 1, 1024, 'bytes sent');
    },
  },
  {
    name: 'sendAllAsync sends everything; the bytes of two calls do not mix',
    methods: ['sendAllAsync', 'recvExactAsync'],
    timeout: 120_000,
    async run(t) {
      const [one, other] = t.connectedPair();
      const size = t.backend.name === 'wasi' ? MiB : 8 * MiB;
      const [first, second] = [new Uint8Array(size).fill(1), new Uint8Array(size).fill(2)];
      const sends = [one.sendAllAsync(first), one.sendAllAsync(second)];
      await pause(20);
      const all = new Uint8Array(2 * size);
      equal(await other.recvExactAsync(all, { timeout: 100_000 }), 2 * size);
      deepEqual(await Promise.all(sends), [size, size]);
      equal(all.indexOf(2), size, 'where the second begins');
      equal(all.lastIndexOf(1), size - 1, 'where the first ends');
      equal(await one.sendAllAsync(new Uint8Array(0)), 0);
    },
  },
  {
    name: 'sendAllAsync tells how much it had sent before it ended',
    methods: ['sendAllAsync'],
    timeout: 60_000,
    async run(t) {
      const [one, other] = t.connectedPair();
      const before = fill(one);
      const progress = { bytes: 0 };
      const error = await rejectsCode('ETIMEDOUT', () =>
        one.sendAllAsync(new Uint8Array(64 * MiB), { timeout: 100, progress }),
      );
      const sent = (error as SockError).bytesWritten ?? -1;
      equal(progress.bytes, sent);
      one.close();
      let arrived = 0;
      const chunk = new Uint8Array(65_536);
      for (let count; (count = await other.recvAsync(chunk, { timeout: 5000 })) > 0;) {
        arrived += count;
      }
      equal(arrived, before + sent, 'what the peer received');
    },
  },
  {
    name: 'a reset connection rejects a call that waits',
    methods: ['recvAsync', 'setLinger'],
    needs: ['setLinger'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const wait = rejectsCode('ECONNRESET', () =>
        other.recvAsync(new Uint8Array(1), { timeout: 5000 }),
      );
      await pause(10);
      one.setLinger(0);
      one.close();
      await wait;
    },
  },
  {
    name: 'recvBatchAsync waits for the first datagram, sendBatchAsync sends them',
    methods: ['recvBatchAsync', 'sendBatchAsync'],
    needs: ['recvBatchAsync', 'sendBatchAsync'],
    async run(t) {
      const [one, other] = [t.bound('udp4'), t.bound('udp4')];
      const received = new DatagramBatch({ count: 4, size: 32 });
      const wait = other.recvBatchAsync(received, { timeout: 5000 });
      const sent = new DatagramBatch({ count: 2, size: 32 });
      sent.push(bytes('one'), other.localAddr());
      sent.push(bytes('two'), other.localAddr());
      equal(await one.sendBatchAsync(sent), 2);
      const first = await wait;
      equal(received.length, first);
      equal(text(received.bytes(0)), 'one');
      ok(received.address(0).equals(one.localAddr()), String(received.address(0)));
      if (first === 1) equal(await other.recvBatchAsync(received, { timeout: 5000 }), 1);
      equal(text(received.bytes(received.length - 1)), 'two');
      await rejectsCode('ETIMEDOUT', () => other.recvBatchAsync(received, { timeout: 20 }));
    },
  },
  {
    name: 'recvmsgAsync waits for a message, sendmsgAsync sends one',
    methods: ['recvmsgAsync', 'sendmsgAsync'],
    needs: ['recvmsgAsync', 'sendmsgAsync'],
    async run(t) {
      const [one, other] = [t.bound('udp4'), t.bound('udp4')];
      const [head, rest] = [new Uint8Array(2), new Uint8Array(8)];
      const wait = other.recvmsgAsync({ buffers: [head, rest], control: 64 }, { timeout: 5000 });
      const buffers = [bytes('he'), bytes('llo')];
      equal(await one.sendmsgAsync({ buffers, address: other.localAddr() }), 5);
      const message = await wait;
      equal(message.length, 5);
      equal(text(head) + text(rest, 3), 'hello');
      ok(message.address.equals(one.localAddr()), String(message.address));
      const reused = new MsgHdrMut().withAddr().withBuffers([rest]);
      const again = other.recvmsgAsync(reused, { timeout: 5000 });
      await one.sendmsgAsync({ buffers: [bytes('x')], address: other.localAddr() });
      equal(await again, 1);
      equal(String(reused.address), String(one.localAddr()));
      const late = new Uint8Array(4);
      await rejectsCode('ETIMEDOUT', () =>
        other.recvmsgAsync({ buffers: [late] }, { timeout: 20 }),
      );
    },
  },
  {
    name: 'wrong arguments of a call that has to wait its turn reject at once',
    methods: ['sendmsgAsync', 'sendAllAsync'],
    needs: ['sendmsgAsync'],
    timeout: 60_000,
    async run(t) {
      const [one] = t.connectedPair();
      fill(one);
      const waiting = rejectsCode('EBADF', () => one.sendAllAsync(new Uint8Array(MiB)));
      for (const message of [
        { buffers: [5] },
        { buffers: [], control: [5] },
        { buffers: [], flags: '1' },
        { buffers: [], address: 'x' },
      ]) {
        await rejectsCode('ERR_INVALID_ARG_TYPE', () => one.sendmsgAsync(message as never));
      }
      one.close();
      await waiting;
    },
  },
  {
    name: 'a socket that always has data does not keep timers from running',
    methods: ['recvFromAsync', 'sendToAsync'],
    async run(t) {
      const socket = t.open('ipv4', Type.DGRAM);
      socket.bind(SockAddr.ipv4('127.0.0.1', 0));
      const address = socket.localAddr();
      const buffer = new Uint8Array(16);
      let over = false;
      let exchanges = 0;
      const busy = (async () => {
        while (!over) {
          await socket.sendToAsync(bytes('x'), address, { timeout: 5000 });
          await socket.recvFromAsync(buffer, { timeout: 5000 });
          exchanges++;
          ok(exchanges < 1_000_000, 'a timer of 20 ms runs before a million exchanges');
        }
      })();
      await Promise.race([pause(20), busy]);
      over = true;
      await busy;
      ok(exchanges > 0, 'exchanges were made');
    },
  },
];
