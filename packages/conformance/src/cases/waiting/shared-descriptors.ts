/** Waits of several Sockets on one descriptor, and waits for one direction of a half-closed connection. */
import type { Socket } from '@sock/core';
import { equal, ok, rejectsCode } from '../../assert.js';
import { bytes } from '../../bytes.js';
import type { Case } from '../../case.js';
import { type Context, pause } from '../../context.js';

/** Follows a wait: `'waiting'`, `'ready'`, or the code of the error that ended it. */
function follow(wait: Promise<void>): { state: string } {
  const followed = { state: 'waiting' };
  wait.then(
    () => {
      followed.state = 'ready';
    },
    (error: { code?: string }) => {
      followed.state = error.code ?? String(error);
    },
  );
  return followed;
}

function view(t: Context, socket: Socket): Socket {
  return t.track(t.Socket.borrowRawFd(socket.asRawFd()));
}

/** Sends until the socket has no room left. */
async function fill(socket: Socket): Promise<void> {
  const chunk = new Uint8Array(65536);
  // The peer's system takes some of it a little later.
  for (let full = 0; full < 3;) {
    if (socket.trySend(chunk) !== undefined) full = 0;
    else {
      full += 1;
      await pause(20);
    }
  }
}

export const sharedDescriptors: readonly Case[] = [
  {
    name: 'a socket and a view of its descriptor wait each for itself',
    methods: ['readable', 'writable', 'borrowRawFd'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const shared = view(t, one);
      const reading = follow(one.readable({ timeout: 5000 }));
      await shared.writable({ timeout: 5000 });
      await pause(20);
      equal(reading.state, 'waiting', 'after the view has waited');
      other.send(bytes('x'));
      await one.readable({ timeout: 5000 });
      equal(reading.state, 'ready');
    },
  },
  {
    name: 'one event ends the waits of a socket and of its view',
    methods: ['readable', 'borrowRawFd'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const waits = [one, view(t, one), view(t, one)].map((socket) =>
        socket.readable({ timeout: 5000 }),
      );
      other.send(bytes('x'));
      await Promise.all(waits);
    },
  },
  {
    name: 'closing a view ends its own waits and leaves those of the owner',
    methods: ['readable', 'borrowRawFd', 'close'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const shared = view(t, one);
      const owner = follow(one.readable({ timeout: 5000 }));
      const viewed = rejectsCode('EBADF', () => shared.readable({ timeout: 5000 }));
      shared.close();
      await viewed;
      equal(owner.state, 'waiting');
      other.send(bytes('x'));
      await one.readable({ timeout: 5000 });
      equal(owner.state, 'ready');
    },
  },
  {
    name: 'a view does not go on waiting after its owner has closed the descriptor',
    methods: ['readable', 'borrowRawFd', 'close'],
    async run(t) {
      const [one] = t.connectedPair();
      const shared = view(t, one);
      const viewed = follow(shared.readable({ timeout: 5000 }));
      one.close();
      await pause(20);
      ok(viewed.state !== 'waiting', 'the view still waits');
      shared.close();
    },
  },
  {
    name: 'writable waits on although the peer sends no more, until there is room',
    methods: ['writable', 'readable', 'shutdown', 'trySend'],
    async run(t) {
      const [one, other] = t.connectedPair();
      await fill(one);
      const reading = one.readable({ timeout: 5000 });
      const writing = follow(one.writable({ timeout: 8000 }));
      other.shutdown('write');
      await reading;
      equal(one.tryRecv(new Uint8Array(1)), 0);
      await pause(50);
      equal(writing.state, 'waiting', 'with a full send buffer');
      const room = new Uint8Array(1 << 20);
      for (let waited = 0; writing.state === 'waiting' && waited < 200; waited++) {
        while ((other.tryRecv(room) ?? 0) > 0);
        await pause(10);
      }
      equal(writing.state, 'ready');
      ok(one.trySend(bytes('x')) === 1, 'a send after the wait');
    },
  },
];
