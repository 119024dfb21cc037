/** How a call that waits ends before it is done: every form, by a signal, a time-out and a close. */
import { DatagramBatch, SockAddr, Type } from '@sock/core';
import { equal, fail, ok, rejectsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { type Context, pause } from '../../context.js';
import { rejection, Signal } from '../../signal.js';

type Socket = ReturnType<Context['socket']>;

interface Options {
  readonly signal?: Signal;
  readonly timeout?: number;
}

/** A form of a call, and a socket on which it has to wait. */
interface Form {
  readonly name: string;
  readonly needs?: readonly string[];
  readonly syscall: string;
  /** A socket that has nothing to receive, or no room to send. */
  prepare(t: Context): Socket | Promise<Socket>;
  call(socket: Socket, options: Options): Promise<unknown>;
}

const room = (): Uint8Array => new Uint8Array(32);

/**
 * A stream socket whose queues are full, of the unix domain if there is one. TCP sends a part of a segment into a small
 * window after 200 ms, and has room again then.
 */
async function full(t: Context): Promise<Socket> {
  const isUnix = t.supports('unix') && t.supports('pair');
  const [one] = isUnix
    ? t.Socket.pair('unix', Type.STREAM).map((end) => t.track(end))
    : t.connectedPair();
  if (one === undefined) return fail('no pair');
  const chunk = new Uint8Array(65_536);
  let sent = 0;
  for (let quiet = 0; quiet < (isUnix ? 1 : 3); quiet++) {
    for (let count; (count = one.trySend(chunk)) !== undefined; sent += count) quiet = 0;
    ok(sent < 1 << 28, 'the queue is full before 256 MiB');
    if (!isUnix) await pause(150);
  }
  return one;
}

/** A unix datagram socket whose peer, at an address, has a full queue. */
function fullDatagrams(t: Context): [Socket, SockAddr] {
  const [one, other] = [t.open('unix', Type.DGRAM), t.open('unix', Type.DGRAM)];
  other.bind(SockAddr.unix(''));
  const address = other.localAddr();
  one.connect(address);
  for (let sent = 0; one.trySend(bytes('x')) !== undefined; sent++) {
    ok(sent < 100_000, 'the queue is full');
  }
  return [one, address];
}

const batch = (): DatagramBatch => {
  const made = new DatagramBatch({ count: 2, size: 32, addresses: false });
  made.push(bytes('one'));
  made.push(bytes('two'));
  return made;
};

const FORMS: readonly Form[] = [
  {
    name: 'recvAsync',
    syscall: 'recv',
    prepare: (t) => t.connectedPair()[0],
    call: (socket, options) => socket.recvAsync(room(), options),
  },
  {
    name: 'recvExactAsync',
    syscall: 'recv',
    prepare: (t) => t.connectedPair()[0],
    call: (socket, options) => socket.recvExactAsync(room(), options),
  },
  {
    name: 'recvFromAsync',
    syscall: 'recvfrom',
    prepare: (t) => t.bound('udp4'),
    call: (socket, options) => socket.recvFromAsync(room(), options),
  },
  {
    name: 'recvmsgAsync',
    syscall: 'recvmsg',
    needs: ['recvmsgAsync'],
    prepare: (t) => t.bound('udp4'),
    call: (socket, options) => socket.recvmsgAsync({ buffers: [room()] }, options),
  },
  {
    name: 'recvBatchAsync',
    syscall: 'recvmmsg',
    needs: ['recvBatchAsync'],
    prepare: (t) => t.bound('udp4'),
    call: (socket, options) =>
      socket.recvBatchAsync(new DatagramBatch({ count: 2, size: 32 }), options),
  },
  {
    name: 'sendAsync',
    syscall: 'send',
    prepare: full,
    call: (socket, options) => socket.sendAsync(room(), options),
  },
  {
    name: 'sendAllAsync',
    syscall: 'send',
    prepare: full,
    call: (socket, options) => socket.sendAllAsync(room(), options),
  },
  {
    name: 'sendmsgAsync',
    syscall: 'sendmsg',
    needs: ['sendmsgAsync'],
    prepare: full,
    call: (socket, options) => socket.sendmsgAsync({ buffers: [room()] }, options),
  },
  {
    name: 'sendToAsync',
    syscall: 'sendto',
    needs: ['unix', 'MSG_ERRQUEUE'],
    prepare: (t) => fullDatagrams(t)[0],
    call: (socket, options) => socket.sendToAsync(room(), socket.peerAddr(), options),
  },
  {
    name: 'sendBatchAsync',
    syscall: 'sendmmsg',
    needs: ['unix', 'MSG_ERRQUEUE', 'sendBatchAsync'],
    prepare: (t) => fullDatagrams(t)[0],
    call: (socket, options) => socket.sendBatchAsync(batch(), options),
  },
  {
    name: 'acceptAsync',
    syscall: 'accept',
    prepare: (t) => t.listener(),
    call: (socket, options) => socket.acceptAsync(options),
  },
];

export const asyncEndings: readonly Case[] = [
  ...FORMS.map(({ name, needs, syscall, prepare, call }): Case => ({
    name: `${name} that waits ends by a signal, a time-out and a close, and leaves no listener`,
    methods: [name, 'close'],
    ...(needs === undefined ? {} : { needs }),
    timeout: 30_000,
    async run(t) {
      const socket = await prepare(t);
      const reason = new Error('enough');
      const before = new Signal();
      before.abort(reason);
      equal(await rejection(call(socket, { signal: before })), reason, 'aborted before');
      const signal = new Signal();
      let settled = false;
      const aborted = rejection(call(socket, { signal, timeout: 20_000 })).finally(() => {
        settled = true;
      });
      await pause(10);
      equal(settled, false, 'it waits');
      equal(signal.listeners, 1, 'listeners while it waits');
      signal.abort(reason);
      equal(await aborted, reason, 'aborted');
      equal(signal.listeners, 0, 'listeners after the abort');
      const unused = new Signal();
      const late = await rejectsCode('ETIMEDOUT', () =>
        call(socket, { signal: unused, timeout: 20 }),
      );
      equal(late.syscall, syscall);
      equal(unused.listeners, 0, 'listeners after the time-out');
      const closed = [{}, { signal: unused, timeout: 20_000 }].map((options) =>
        rejectsCode('EBADF', () => call(socket, options)),
      );
      await pause(5);
      socket.close();
      for (const one of await Promise.all(closed)) equal(one.syscall, syscall);
      equal(unused.listeners, 0, 'listeners after the close');
      await rejectsCode('EBADF', () => call(socket, {}));
    },
  })),
  {
    name: 'receiving calls that were ended take nothing: the next one gets what comes',
    methods: ['recvFromAsync'],
    async run(t) {
      const [one, other] = [t.bound('udp4'), t.bound('udp4')];
      const signal = new Signal();
      const ended = [
        rejection(other.recvFromAsync(room(), { signal })),
        rejectsCode('ETIMEDOUT', () => other.recvFromAsync(room(), { timeout: 10 })),
      ];
      signal.abort(new Error('enough'));
      await Promise.all(ended);
      one.sendTo(bytes('whole'), other.localAddr());
      const buffer = room();
      const [length] = await other.recvFromAsync(buffer, { timeout: 5000 });
      equal(text(buffer, length), 'whole');
    },
  },
  {
    name: 'for await over datagrams: time-out, break, a second loop, and a closed socket',
    methods: ['datagrams'],
    async run(t) {
      const [one, other] = [t.bound('udp4'), t.bound('udp4')];
      await rejectsCode('ETIMEDOUT', async () => {
        for await (const _ of other.datagrams(room(), { timeout: 20 })) fail('nobody sends');
      });
      const buffer = room();
      for (const word of ['a', 'b']) one.sendTo(bytes(word), other.localAddr());
      for (const word of ['a', 'b']) {
        for await (const [length] of other.datagrams(buffer, { timeout: 5000 })) {
          equal(text(buffer, length), word);
          break;
        }
      }
      equal(other.closed, false, 'break leaves it open');
      const loop = (async () => {
        for await (const _ of other.datagrams(buffer)) fail('nobody sends');
      })();
      await pause(5);
      other.close();
      await loop;
      await rejectsCode('EBADF', async () => other.datagrams(buffer));
    },
  },
];
