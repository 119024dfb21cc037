import { equal, ok, rejectsCode, waited } from '../../assert.js';
import { bytes } from '../../bytes.js';
import type { Case } from '../../case.js';
import { links, pause } from '../../context.js';
import { rejection, Signal } from '../../signal.js';

export const waiting: readonly Case[] = [
  {
    name: 'readable resolves when data is there already',
    methods: ['readable'],
    async run(t) {
      for (const link of links) {
        const [one, other] = t.connectedPair(link);
        one.send(bytes('x'));
        await other.readable({ timeout: 5000 });
        equal(other.tryRecv(new Uint8Array(1)), 1, link);
      }
    },
  },
  {
    name: 'readable resolves when data arrives, and not before',
    methods: ['readable'],
    async run(t) {
      for (const link of links) {
        const [one, other] = t.connectedPair(link);
        let resolved = false;
        const wait = other.readable({ timeout: 5000 }).then(() => {
          resolved = true;
        });
        await pause(30);
        equal(resolved, false, link);
        one.send(bytes('x'));
        await wait;
        equal(other.tryRecv(new Uint8Array(1)), 1, link);
      }
    },
  },
  {
    name: 'readable resolves repeatedly while data is left',
    methods: ['readable'],
    async run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('abc'));
      for (let i = 0; i < 3; i++) {
        await other.readable({ timeout: 5000 });
        equal(other.recv(new Uint8Array(1)), 1);
      }
      await rejectsCode('ETIMEDOUT', () => other.readable({ timeout: 30 }));
    },
  },
  {
    name: 'readable resolves at the end of the stream',
    methods: ['readable'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const wait = other.readable({ timeout: 5000 });
      one.close();
      await wait;
      equal(other.tryRecv(new Uint8Array(1)), 0);
    },
  },
  {
    name: 'readable of a listener resolves when a client connects',
    methods: ['readable', 'accept'],
    async run(t) {
      const listener = t.listener();
      const wait = listener.readable({ timeout: 5000 });
      t.socket('tcp4').connect(listener.localAddr());
      await wait;
      t.accept(listener);
    },
  },
  {
    name: 'writable resolves at once if there is room',
    methods: ['writable'],
    async run(t) {
      for (const link of links) {
        const [one] = t.connectedPair(link);
        await one.writable({ timeout: 5000 });
      }
    },
  },
  {
    name: 'writable resolves when a connection is made, and when it fails',
    methods: ['writable', 'tryConnect', 'takeError'],
    async run(t) {
      const listener = t.listener();
      const made = t.socket('tcp4');
      made.tryConnect(listener.localAddr());
      await made.writable({ timeout: 5000 });
      equal(made.takeError(), null);
      const failed = t.socket('tcp4');
      failed.tryConnect(t.refusingAddress());
      await failed.writable({ timeout: 5000 });
      equal(failed.takeError()?.code, 'ECONNREFUSED');
    },
  },
  {
    name: 'waiting does not change the blocking mode',
    methods: ['readable', 'nonblocking'],
    async run(t) {
      const [one] = t.connectedPair();
      const wait = rejectsCode('ETIMEDOUT', () => one.readable({ timeout: 50 }));
      equal(one.nonblocking(), false, 'meanwhile');
      await wait;
      equal(one.nonblocking(), false, 'afterwards');
    },
  },
  {
    name: 'waiting does not block the event loop',
    methods: ['readable'],
    async run(t) {
      const [one] = t.connectedPair();
      let turns = 0;
      let waits = true;
      const ticking = (async () => {
        while (waits) {
          await pause(5);
          turns++;
        }
      })();
      await rejectsCode('ETIMEDOUT', () => one.readable({ timeout: 200 }));
      waits = false;
      await ticking;
      ok(turns >= 5, `the loop turned ${turns} times meanwhile`);
    },
  },
  {
    name: 'timeout rejects with ETIMEDOUT when the time is up, and not before',
    methods: ['readable'],
    async run(t) {
      const [one] = t.connectedPair();
      for (const timeout of [50, 200]) {
        const start = Date.now();
        const error = await rejectsCode('ETIMEDOUT', () => one.readable({ timeout }));
        waited(start, timeout - 10, `after ${timeout} ms`);
        equal(error.syscall, 'poll');
      }
    },
  },
  {
    name: 'a socket still works after a time-out',
    methods: ['readable', 'recv'],
    async run(t) {
      const [one, other] = t.connectedPair();
      await rejectsCode('ETIMEDOUT', () => other.readable({ timeout: 20 }));
      const wait = other.readable({ timeout: 5000 });
      one.send(bytes('x'));
      await wait;
      equal(other.recv(new Uint8Array(1)), 1);
    },
  },
  {
    name: 'an aborted signal rejects at once, with its reason',
    methods: ['readable', 'writable'],
    async run(t) {
      const [one] = t.connectedPair();
      const signal = new Signal();
      const reason = new Error('not wanted');
      signal.abort(reason);
      equal(await rejection(one.readable({ signal })), reason);
      equal(await rejection(one.writable({ signal })), reason);
    },
  },
  {
    name: 'a signal ends a wait, and only that one',
    methods: ['readable'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const signal = new Signal();
      const reason = new Error('enough');
      const aborted = rejection(other.readable({ signal }));
      const wait = other.readable({ timeout: 5000 });
      signal.abort(reason);
      equal(await aborted, reason);
      one.send(bytes('x'));
      await wait;
    },
  },
  {
    name: 'the listener on a signal is removed when the wait ends, however it ends',
    methods: ['readable', 'writable'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const signal = new Signal();
      await one.writable({ signal });
      equal(signal.listeners, 0, 'after readiness');
      await rejectsCode('ETIMEDOUT', () => one.readable({ signal, timeout: 20 }));
      equal(signal.listeners, 0, 'after a time-out');
      const wait = rejectsCode('EBADF', () => other.readable({ signal }));
      other.close();
      await wait;
      equal(signal.listeners, 0, 'after a close');
    },
  },
  {
    name: 'any number of waits on one socket resolve',
    methods: ['readable'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const waits = [1, 2, 3, 4].map(() => other.readable({ timeout: 5000 }));
      one.send(bytes('x'));
      await Promise.all(waits);
    },
  },
  {
    name: 'readable and writable can wait at the same time: each resolves for its own readiness',
    methods: ['readable', 'writable'],
    async run(t) {
      const [one, other] = t.connectedPair();
      let readable = false;
      const wait = other.readable({ timeout: 5000 }).then(() => {
        readable = true;
      });
      await other.writable({ timeout: 5000 });
      await pause(20);
      equal(readable, false);
      one.send(bytes('x'));
      await wait;
    },
  },
  {
    name: 'waits with different time-outs each end at their own time',
    methods: ['readable'],
    async run(t) {
      const [one] = t.connectedPair();
      const order: number[] = [];
      await Promise.all(
        [150, 30, 90].map(async (timeout) => {
          await rejectsCode('ETIMEDOUT', () => one.readable({ timeout }));
          order.push(timeout);
        }),
      );
      equal(order.join(), '30,90,150');
    },
  },
  {
    name: 'close rejects waits with EBADF',
    methods: ['readable', 'close'],
    async run(t) {
      const [, other] = t.connectedPair();
      const waits = [1, 2].map(() => rejectsCode('EBADF', () => other.readable()));
      await pause(10);
      other.close();
      await Promise.all(waits);
    },
  },
  {
    name: 'intoRawFd rejects waits with EBADF',
    methods: ['readable', 'intoRawFd', 'fromRawFd'],
    needs: ['intoRawFd'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const wait = rejectsCode('EBADF', () => other.readable());
      const again = t.track(t.Socket.fromRawFd(other.intoRawFd()));
      await wait;
      const second = again.readable({ timeout: 5000 });
      one.send(bytes('x'));
      await second;
    },
  },
  {
    name: 'waiting on a closed socket rejects with EBADF',
    methods: ['readable', 'writable'],
    async run(t) {
      const socket = t.socket('tcp4');
      socket.close();
      await rejectsCode('EBADF', () => socket.readable());
      await rejectsCode('EBADF', () => socket.writable({ timeout: 1000 }));
    },
  },
  {
    name: 'a socket can be closed in the continuation of a wait',
    methods: ['readable', 'close'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const first = other.readable({ timeout: 5000 }).then(() => other.close());
      const second = other.readable({ timeout: 5000 });
      one.send(bytes('x'));
      await first;
      await second;
      equal(other.closed, true);
    },
  },
  {
    name: 'many sockets can wait at the same time',
    methods: ['readable'],
    async run(t) {
      const pairs = Array.from({ length: 20 }, () => t.connectedPair('udp4'));
      const order: number[] = [];
      const waits = pairs.map(async ([, other], index) => {
        await other.readable({ timeout: 5000 });
        order.push(index);
      });
      for (let index = pairs.length - 1; index >= 0; index--) {
        pairs[index]?.[0].send(bytes('x'));
        await waits[index];
      }
      equal(
        order.join(),
        pairs
          .map((_, index) => index)
          .reverse()
          .join(),
      );
    },
  },
  {
    name: 'wrong options are refused before the wait',
    methods: ['readable', 'writable'],
    async run(t) {
      const [one] = t.connectedPair();
      for (const options of [null, 5, 'soon', true]) {
        await rejectsCode('ERR_INVALID_ARG_TYPE', async () => one.readable(options as never));
      }
      for (const signal of [null, 5, 'stop', {}]) {
        await rejectsCode('ERR_INVALID_ARG_TYPE', async () =>
          one.readable({ signal: signal as never }),
        );
      }
      for (const timeout of [null, '5', {}, 5n]) {
        await rejectsCode('ERR_INVALID_ARG_TYPE', async () =>
          one.writable({ timeout: timeout as never }),
        );
      }
      for (const timeout of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
        await rejectsCode('ERR_OUT_OF_RANGE', async () => one.readable({ timeout }));
      }
    },
  },
];
