/** Unix domain sockets with an abstract name, with a name that the system chose, and without a name. */
import { Domain, SockAddr, type Socket, Type } from '@sock/core';
import { deepEqual, equal, notEqual, ok, throwsCode, within } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';

/** The second is a flag that only Linux has; only Linux has abstract names too. */
const LINUX = ['unix', 'MSG_ERRQUEUE'];

function bound(t: Context, type: Type, address = SockAddr.unix('')): Socket {
  const socket = t.open(Domain.UNIX, type);
  socket.bind(address);
  socket.setReadTimeout(5000);
  return socket;
}

export const unixSockets: readonly Case[] = [
  {
    name: 'binding to the unnamed address: the system chooses an abstract name, a new one each time',
    methods: ['bind', 'localAddr', 'sendTo', 'recvFrom'],
    observes: ['SockAddr.unix', 'SockAddr.isUnnamed', 'SockAddr.isUnix', 'SockAddr.len'],
    needs: LINUX,
    run(t) {
      const unbound = t.open(Domain.UNIX, Type.DGRAM);
      ok(unbound.localAddr().isUnnamed(), `${unbound.localAddr()} before`);
      equal(unbound.localAddr().len(), 2, 'the length of an unnamed address');
      const [one, other] = [bound(t, Type.DGRAM), bound(t, Type.DGRAM)];
      for (const socket of [one, other]) {
        const address = socket.localAddr();
        deepEqual([address.isUnix(), address.isUnnamed(), address.path], [true, false, undefined]);
        // unix(7): the family, a NUL and five hexadecimal digits.
        ok(/^@[0-9a-f]{5}$/.test(address.toString()), address.toString());
        equal(address.len(), 2 + 1 + 5);
      }
      notEqual(one.localAddr().toString(), other.localAddr().toString());
      one.sendTo(bytes('by its name'), other.localAddr());
      const buffer = new Uint8Array(32);
      const [length, from] = other.recvFrom(buffer);
      equal(text(buffer, length), 'by its name');
      ok(from.equals(one.localAddr()), from.toString());
    },
  },
  {
    name: 'an abstract name may contain any bytes, and the peer sees the same bytes',
    methods: ['bind', 'connect', 'accept', 'recvFrom'],
    observes: ['SockAddr.asAbstractNamespace', 'SockAddr.asUnix'],
    needs: LINUX,
    run(t) {
      const name = Uint8Array.of(0, 255, 0x2f, 0, ...bytes(String(Math.random())), 0);
      const listener = bound(t, Type.STREAM, SockAddr.abstract(name));
      listener.listen(1);
      const client = bound(t, Type.STREAM);
      client.connect(listener.localAddr());
      deepEqual(client.peerAddr().asAbstractNamespace(), name);
      const [, peer] = t.accept(listener);
      const { path } = peer.asUnix() ?? { path: '' };
      equal(path, `\0${client.localAddr().toString().slice(1)}`, 'as node writes it');
      ok(SockAddr.unix(path).equals(client.localAddr()), path);
    },
  },
  {
    name: 'the sender of a datagram without a name is unnamed',
    methods: ['recvFrom', 'sendTo'],
    needs: LINUX,
    run(t) {
      const receiver = bound(t, Type.DGRAM);
      t.open(Domain.UNIX, Type.DGRAM).sendTo(bytes('anonymous'), receiver.localAddr());
      const [, from] = receiver.recvFrom(new Uint8Array(32));
      ok(from.isUnnamed(), `${from}`);
      equal(from.toString(), '(unnamed)');
    },
  },
  {
    name: 'connecting to a listener with a full queue rests between attempts, and connects once there is room',
    methods: ['tryConnect', 'writable'],
    needs: LINUX,
    async run(t) {
      const listener = bound(t, Type.STREAM);
      listener.listen(0);
      const address = listener.localAddr();
      const clients: Socket[] = [];
      const next = (): Socket => {
        const client = t.open(Domain.UNIX, Type.STREAM);
        clients.push(client);
        return client;
      };
      let waiting = next();
      while (waiting.tryConnect(address) === true) waiting = next();
      let attempts = 0;
      const end = Date.now() + 500;
      while (Date.now() < end) {
        attempts += 1;
        equal(waiting.tryConnect(address), undefined);
        await waiting.writable({ timeout: 5000 });
      }
      within(attempts, 1, 60, 'attempts in half a second');
      for (const _ of clients) {
        const accepted = listener.tryAccept();
        if (accepted !== undefined) t.track(accepted[0]);
      }
      while (waiting.tryConnect(address) === undefined) await waiting.writable({ timeout: 5000 });
      equal(waiting.peerAddr().toString(), address.toString());
    },
  },
  {
    name: 'sequenced packets keep their boundaries, and a truncated one is reported',
    methods: ['send', 'recvVectored', 'accept'],
    observes: ['RecvFlags.isTruncated', 'recvVectored'],
    needs: [...LINUX, 'seqpacket'],
    run(t) {
      const listener = bound(t, Type.SEQPACKET);
      listener.listen(1);
      const client = t.open(Domain.UNIX, Type.SEQPACKET);
      client.connect(listener.localAddr());
      const [server, peer] = t.accept(listener);
      equal(peer.isUnnamed(), true, 'the client has no name');
      client.send(bytes('one'));
      client.send(bytes('another'));
      const buffer = new Uint8Array(32);
      for (const record of ['one', 'another']) {
        const [length, flags] = server.recvVectored([buffer]);
        equal(text(buffer, length), record);
        equal(flags.isTruncated, false);
      }
      client.send(bytes('too long'));
      client.send(bytes('x'));
      equal(server.recvVectored([buffer.subarray(0, 3)])[1].isTruncated, true);
      deepEqual(server.recv(buffer), 1, 'the rest is lost');
    },
  },
  {
    name: 'a datagram to a name that no socket has is refused',
    methods: ['sendTo', 'connect'],
    needs: LINUX,
    run(t) {
      const gone = bound(t, Type.DGRAM);
      const address = gone.localAddr();
      gone.close();
      const socket = t.open(Domain.UNIX, Type.DGRAM);
      throwsCode('ECONNREFUSED', () => socket.sendTo(bytes('x'), address));
      throwsCode('ECONNREFUSED', () => socket.connect(address));
    },
  },
];
