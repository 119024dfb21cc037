import { Events, Interest, Poller as CorePoller, type Socket } from '@sock/core';
import { deepEqual, equal, ok, throwsCode, waited } from '../../assert.js';
import type { Case } from '../../case.js';
import { type Context, pause } from '../../context.js';

const byte = Uint8Array.of(1);
const { READABLE, WRITABLE, PRIORITY, ONE_SHOT, EDGE } = Interest;

/** Runs with a poller of the backend, and closes the poller afterwards. */
async function withPoller(
  t: Context,
  use: (poller: CorePoller) => void | Promise<void>,
): Promise<void> {
  class Poller extends CorePoller {
    static override readonly driver = t.Socket.driver;
  }
  const poller = new Poller();
  try {
    await use(poller);
  } finally {
    poller.close();
  }
}

function tokens(events: Events): number[] {
  return Array.from({ length: events.length }, (_, index) => events.token(index)).sort(
    (a, b) => a - b,
  );
}

/** A datagram socket that sends to itself. */
function echoing(t: Context): Socket {
  const socket = t.bound('udp4');
  socket.connect(socket.localAddr());
  return socket;
}

export const poller: readonly Case[] = [
  {
    name: 'a poller reports the sockets that are ready, for what, and no others',
    methods: [],
    needs: ['poller'],
    run: (t) =>
      withPoller(t, (all) => {
        const [one, other] = t.connectedPair();
        const silent = echoing(t);
        all.register(one, 7, READABLE | WRITABLE);
        all.register(other, 0xffffffff, READABLE);
        all.register(silent, 9, READABLE);
        const events = new Events();
        equal(all.poll(events, 0), 1);
        deepEqual([events.token(0), events.isReadable(0), events.isWritable(0)], [7, false, true]);
        all.reregister(one, 8, READABLE);
        one.send(byte);
        equal(all.poll(events, 5000), 1);
        equal(events.token(0), 0xffffffff);
        other.send(byte);
        while (all.poll(events, 5000) < 2);
        deepEqual(tokens(events), [8, 0xffffffff]);
      }),
  },
  {
    name: 'a poller waits until its time-out, and returns earlier when a client connects',
    methods: [],
    needs: ['poller'],
    run: (t) =>
      withPoller(t, (all) => {
        const listener = t.listener();
        all.register(listener, 1, READABLE);
        const events = new Events();
        const start = Date.now();
        equal(all.poll(events, 60), 0);
        waited(start, 50);
        t.socket('tcp4').tryConnect(listener.localAddr());
        equal(all.poll(events, 5000), 1);
        equal(events.isReadable(0), true);
      }),
  },
  {
    name: 'a poller reports a level-triggered state repeatedly, and a one-shot only once',
    methods: [],
    needs: ['poller'],
    run: (t) =>
      withPoller(t, (all) => {
        const [level, once] = [echoing(t), echoing(t)];
        all.register(level, 1, READABLE);
        all.register(once, 2, READABLE | ONE_SHOT);
        for (const socket of [level, once]) socket.send(byte);
        const events = new Events();
        const seen: number[] = [];
        while (!seen.includes(1) || !seen.includes(2)) {
          all.poll(events, 5000);
          seen.push(...tokens(events));
        }
        equal(seen.filter((token) => token === 2).length, 1);
        equal(all.poll(events, 5000), 1);
        deepEqual(tokens(events), [1]);
        all.reregister(once, 3, READABLE | ONE_SHOT);
        equal(all.poll(events, 5000), 2);
        deepEqual(tokens(events), [1, 3]);
      }),
  },
  {
    name: 'with fewer events than ready sockets, later polls report the others',
    methods: [],
    needs: ['poller'],
    run: (t) =>
      withPoller(t, (all) => {
        for (let token = 0; token < 5; token++) all.register(echoing(t), token, WRITABLE);
        const events = new Events(2);
        const seen = new Set<number>();
        for (let round = 0; round < 10; round++) {
          equal(all.poll(events, 5000), 2);
          for (const token of tokens(events)) seen.add(token);
        }
        deepEqual([...seen].sort(), [0, 1, 2, 3, 4]);
      }),
  },
  {
    name: 'a poller forgets a socket that is closed or deregistered',
    methods: ['close', 'tryClone'],
    needs: ['poller'],
    run: (t) =>
      withPoller(t, (all) => {
        const [closed, left] = [echoing(t), echoing(t)];
        t.track(closed.tryClone());
        all.register(closed, 1, WRITABLE);
        all.register(left, 2, WRITABLE);
        closed.close();
        equal(all.size, 1);
        const events = new Events();
        equal(all.poll(events, 0), 1);
        deepEqual(tokens(events), [2]);
        all.deregister(left);
        equal(all.poll(events, 0), 0);
      }),
  },
  {
    name: 'wake ends the next poll at once, and only that one',
    methods: [],
    needs: ['poller'],
    run: (t) =>
      withPoller(t, (all) => {
        all.register(echoing(t), 1, READABLE);
        all.wake();
        const events = new Events();
        equal(all.poll(events), 0);
        equal(all.poll(events, 20), 0);
        equal(all.closed, false);
      }),
  },
  {
    name: 'an attached poller calls back with each batch, until it is detached',
    methods: [],
    needs: ['poller'],
    run: (t) =>
      withPoller(t, async (all) => {
        const socket = echoing(t);
        all.register(socket, 5, READABLE);
        let calls = 0;
        const three = new Promise<void>((resolve) => {
          all.attach((events) => {
            deepEqual(tokens(events), [5]);
            equal(socket.recv(byte), 1);
            calls++;
            if (calls < 3) socket.send(byte);
            else resolve();
          });
        });
        throwsCode('EEXIST', () => all.attach(() => {}));
        socket.send(byte);
        await three;
        all.detach();
        socket.send(byte);
        await pause(50);
        equal(calls, 3);
      }),
  },
  {
    name: 'an attached poller serves 64 sockets that are always ready alike, and lets timers run',
    methods: ['tryRecv'],
    needs: ['poller'],
    run: (t) =>
      withPoller(t, async (all) => {
        const sockets = Array.from({ length: 64 }, () => echoing(t));
        const served = new Uint32Array(sockets.length);
        for (const [token, socket] of sockets.entries()) {
          all.register(socket, token, READABLE);
          socket.send(byte);
          socket.send(byte);
        }
        let total = 0;
        let timers = 0;
        const timer = (): void => {
          timers++;
        };
        setTimeout(timer, 0);
        await new Promise<void>((resolve, reject) => {
          all.attach((events) => {
            try {
              for (let i = 0; i < events.length; i++) {
                const token = events.token(i);
                const socket = sockets[token] as Socket;
                equal(socket.tryRecv(byte), 1);
                socket.send(byte);
                served[token] = (served[token] as number) + 1;
                total++;
              }
            } catch (error) {
              reject(error as Error);
            }
            // A backend may be done with that before the first millisecond is over.
            if (total >= 1600 && (timers > 0 || total > 1_000_000)) resolve();
          });
        });
        all.detach();
        const [least, most] = [Math.min(...served), Math.max(...served)];
        ok(most <= 2 * least, `served ${least} to ${most} times`);
        ok(timers > 0, 'a timer ran in between');
      }),
  },
  {
    name: 'no datagram is forgotten that comes as an attached poller runs out of events',
    methods: ['tryRecv'],
    needs: ['poller'],
    run: (t) =>
      withPoller(t, async (all) => {
        const socket = echoing(t);
        all.register(socket, 5, READABLE);
        let left = 0;
        let done = (): void => {};
        all.attach(() => {
          while (socket.tryRecv(byte) !== undefined) left--;
          // The poller may say so once more than there is something.
          if (left === 0) done();
        });
        for (let burst = 0; burst < 60; burst++) {
          // The next burst follows in the same turn, after promises, or some turns later.
          if (burst % 3 === 1) await Promise.resolve();
          if (burst % 3 === 2) await pause(burst % 4);
          await new Promise<void>((resolve) => {
            done = resolve;
            left = 1 + (burst % 5);
            for (let i = 1 + (burst % 5); i > 0; i--) socket.send(byte);
          });
        }
      }),
  },
  {
    name: 'a poller refuses a socket that is registered already, not registered, or closed',
    methods: [],
    needs: ['poller'],
    run: (t) =>
      withPoller(t, (all) => {
        const socket = echoing(t);
        all.register(socket, 1, READABLE);
        throwsCode('EEXIST', () => all.register(socket, 2, READABLE));
        all.deregister(socket);
        throwsCode('ENOENT', () => all.deregister(socket));
        throwsCode('ENOENT', () => all.reregister(socket, 1, READABLE));
        all.close();
        all.close();
        throwsCode('EBADF', () => all.poll(new Events(), 0));
        throwsCode('EBADF', () => all.register(socket, 1, READABLE));
      }),
  },
  {
    name: 'a poller reports an edge once',
    methods: [],
    needs: ['edgeTriggered'],
    run: (t) =>
      withPoller(t, (all) => {
        const socket = echoing(t);
        all.register(socket, 1, READABLE | EDGE);
        socket.send(byte);
        const events = new Events();
        equal(all.poll(events, 5000), 1);
        equal(all.poll(events, 0), 0);
        socket.send(byte);
        equal(all.poll(events, 5000), 1);
      }),
  },
  {
    name: 'setSelectErrQueue: a filled error queue is reported as priority data',
    methods: ['setSelectErrQueue', 'selectErrQueue', 'setRecvErrV4'],
    needs: ['poller', 'setSelectErrQueue', 'setRecvErrV4'],
    run: (t) =>
      withPoller(t, (all) => {
        const sockets = [false, true].map((told) => {
          const socket = t.bound('udp4');
          socket.setRecvErrV4(true);
          socket.setSelectErrQueue(told);
          equal(socket.selectErrQueue(), told);
          all.register(socket, Number(told), PRIORITY);
          socket.sendTo(byte, t.refusingAddress());
          return socket;
        });
        const events = new Events();
        while (all.poll(events, 5000) < sockets.length);
        const priority = tokens(events).map((token) => {
          const at = [0, 1].find((index) => events.token(index) === token) ?? 0;
          return events.isPriority(at);
        });
        deepEqual(priority, [false, true], 'readiness without and with setSelectErrQueue');
      }),
  },
];
