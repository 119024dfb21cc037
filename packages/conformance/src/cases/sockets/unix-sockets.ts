/** Unix domain sockets by name: abstract, chosen by the system, or none. */
import { Domain, SockAddr, type Socket, Type } from '@sock/core';
import { deepEqual, equal, notEqual, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';

/** The second is a flag of Linux, which alone has abstract names. */
const LINUX = ['unix', 'MSG_ERRQUEUE'];

function bound(t: Context, type: Type, address = SockAddr.unix('')): Socket {
  const socket = t.open(Domain.UNIX, type);
  socket.bind(address);
  socket.setReadTimeout(5000);
  return socket;
}

export const unixSockets: readonly Case[] = [
  {
    name: 'binding to the unnamed address has the system choose an abstract name, a new one each time',
    methods: ['bind', 'localAddr', 'sendTo', 'recvFrom'],
    observes: ['SockAddr.unix', 'SockAddr.isUnnamed', 'SockAddr.isUnix', 'SockAddr.len'],
    needs: LINUX,
    run(t) {
      const unbound = t.open(Domain.UNIX, Type.DGRAM);
      ok(unbound.localAddr().isUnnamed(), `${unbound.localAddr()} before`);
      equal(unbound.localAddr().len(), 2, 'the length of no name');
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
    name: 'an abstract name may hold any bytes, which the peer sees as they are',
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
    name: 'sequenced packets keep their bounds, and what does not fit is told',
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
    name: 'a datagram to a name that nobody has is refused',
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
