import { Domain, type Socket, Type } from '@sock/core';
import { equal } from '../../assert.js';
import type { Case } from '../../case.js';
import { type Context, loopback } from '../../context.js';
import { inherited, target } from '../descriptors.js';
import { type NodeBackend, start } from '../program.js';

/** Fails unless an executed program inherits exactly the sockets that it should. */
function expectInherited(sockets: Readonly<Record<string, readonly [Socket, boolean]>>): void {
  const list = inherited();
  for (const [name, [socket, expected]] of Object.entries(sockets)) {
    equal(list.includes(target(socket.asRawFd())), expected, `${name} inherited`);
  }
}

function acceptedBy(t: Context, how: 'accept' | 'acceptRaw' | 'tryAccept'): Socket {
  const listener = t.listener();
  t.socket('tcp4').connect(listener.localAddr());
  const accepted = listener[how]();
  if (accepted === undefined) throw new Error('nobody connected');
  return t.track(accepted[0]);
}

export const closeOnExec = (backend: NodeBackend): Case[] => [
  {
    name: 'new, accept and tryClone set close-on-exec: an executed program inherits none of them',
    socket2Docs: 'On Unix-like systems, the close-on-exec flag is set on the new socket.',
    methods: ['new', 'accept', 'tryAccept', 'tryClone'],
    observes: ['new', 'accept', 'tryClone'],
    needs: ['setCloexec'],
    run(t) {
      const socket = t.socket('udp4');
      expectInherited({
        new: [socket, false],
        accept: [acceptedBy(t, 'accept'), false],
        tryAccept: [acceptedBy(t, 'tryAccept'), false],
        tryClone: [t.track(socket.tryClone()), false],
      });
    },
  },
  {
    name: 'newRaw and acceptRaw do not set close-on-exec: an executed program inherits them',
    socket2Docs: "Socket::new_raw can be used if you don't want these flags to be set.",
    methods: ['newRaw', 'acceptRaw'],
    observes: ['newRaw', 'acceptRaw'],
    needs: ['setCloexec'],
    run(t) {
      expectInherited({
        newRaw: [t.track(t.Socket.newRaw(Domain.IPV4, Type.DGRAM)), true],
        acceptRaw: [acceptedBy(t, 'acceptRaw'), true],
      });
    },
  },
  {
    name: 'a clone of an inheritable socket is not inheritable',
    socket2Docs:
      'On Unix this uses F_DUPFD_CLOEXEC and thus sets the FD_CLOEXEC on the returned socket.',
    methods: ['tryClone', 'newRaw'],
    needs: ['setCloexec'],
    run(t) {
      const raw = t.Socket.newRaw(Domain.IPV4, Type.DGRAM);
      const clone = t.track(raw.tryClone());
      // Original and clone refer to the same socket: close the original, so that only the clone can be inherited.
      raw.close();
      expectInherited({ tryClone: [clone, false] });
    },
  },
  {
    name: 'pair sets close-on-exec, pairRaw does not',
    methods: ['pair', 'pairRaw'],
    observes: ['pair', 'pairRaw'],
    needs: ['setCloexec', 'pair', 'unix'],
    run(t) {
      const [one, other] = t.Socket.pair(Domain.UNIX, Type.STREAM);
      const [raw, twin] = t.Socket.pairRaw(Domain.UNIX, Type.STREAM);
      for (const socket of [one, other, raw, twin]) t.track(socket);
      expectInherited({
        pair: [one, false],
        'the second of pair': [other, false],
        pairRaw: [raw, true],
        'the second of pairRaw': [twin, true],
      });
    },
  },
  {
    name: 'setCloexec sets and clears close-on-exec',
    methods: ['setCloexec'],
    observes: ['setCloexec'],
    needs: ['setCloexec'],
    run(t) {
      const socket = t.socket('udp4');
      socket.setCloexec(false);
      expectInherited({ cleared: [socket, true] });
      socket.setCloexec(true);
      expectInherited({ 'set again': [socket, false] });
    },
  },
  {
    name: 'a program that inherits a listener can accept on it',
    methods: ['newRaw', 'fromRawFd', 'accept'],
    needs: ['setCloexec'],
    timeout: 30_000,
    async run(t) {
      const listener = t.track(t.Socket.newRaw(Domain.IPV4, Type.STREAM));
      listener.bind(loopback(Domain.IPV4));
      listener.listen(1);
      const { process: child, ended } = start(
        backend,
        `const listener = Socket.fromRawFd(Number(process.argv[1]));
         const [connection] = listener.accept();
         connection.send(new TextEncoder().encode('from the child'));
         connection.close();
         listener.close();`,
        { arguments: [listener.asRawFd()] },
      );
      try {
        const client = t.socket('tcp4');
        client.connect(listener.localAddr());
        await client.readable({ timeout: 20_000 });
        equal(new TextDecoder().decode(t.recvAll(client, 14)), 'from the child');
        equal((await ended).code, 0);
      } finally {
        child.kill('SIGKILL');
      }
    },
  },
];
