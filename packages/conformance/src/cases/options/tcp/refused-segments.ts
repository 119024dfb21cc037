/** Segments that a TCP socket drops: those without the right signature, and those from too many hops away. */
import { Domain, type Socket, Type } from '@sock/core';
import { equal, throwsCode } from '../../../assert.js';
import { bytes, text } from '../../../bytes.js';
import type { Case } from '../../../case.js';
import type { Context } from '../../../context.js';
import { attempted, lackOf } from '../../../privilege.js';
import { infoOf } from '../../../silence.js';

const KEY = bytes('shared secret');

/** Fails unless a connection can be made and carries data. */
function connects(t: Context, client: Socket, listener: Socket): void {
  client.connect(listener.localAddr());
  const [server] = t.accept(listener);
  client.send(bytes('heard'));
  equal(text(t.recvAll(server, 5)), 'heard');
}

/** Fails unless the listener does not answer, so that the SYN is retransmitted. */
async function unheard(client: Socket, listener: Socket): Promise<void> {
  equal(client.tryConnect(listener.localAddr()), undefined);
  await infoOf(client, 'the SYN sent again', ({ totalRetrans }) => totalRetrans > 0);
  equal(listener.tryAccept(), undefined);
}

const needs = ['tcpInfo'];

/** A client with the key connects. A client with another key or without one does not. */
function signed(
  name: string,
  method: string,
  set: (socket: Socket, key: Uint8Array) => void,
): Case {
  return {
    name,
    methods: [method, 'connect', 'accept'],
    needs: [method, ...needs],
    lacks: lackOf({ feature: 'signatures of TCP' }, ({ Socket: Class }) =>
      attempted(new Class(Domain.IPV4, Type.STREAM), (socket) => set(socket, KEY)),
    ),
    timeout: 30_000,
    async run(t) {
      const listener = t.listener();
      set(listener, KEY);
      const [friend, stranger, unsigned] = [0, 1, 2].map(() => t.socket('tcp4')) as [
        Socket,
        Socket,
        Socket,
      ];
      set(friend, KEY);
      set(stranger, bytes('another'));
      connects(t, friend, listener);
      await Promise.all([unheard(stranger, listener), unheard(unsigned, listener)]);
    },
  };
}

/** A sender whose packets arrive with the largest hop limit is a neighbour. */
function near(
  link: 'tcp4' | 'tcp6',
  methods: readonly [least: string, own: string],
  setLeast: (socket: Socket, hops: number) => void,
  setOwn: (socket: Socket, hops: number) => void,
): Case {
  return {
    name: `${methods[0]} drops packets that may have come from further away: RFC 5082`,
    methods: [...methods, 'connect', 'accept'],
    needs: [...methods, ...needs],
    timeout: 30_000,
    async run(t) {
      const listener = t.listener(link);
      setLeast(listener, 255);
      const [neighbour, other] = [t.socket(link), t.socket(link)];
      setOwn(neighbour, 255);
      setOwn(other, 254);
      connects(t, neighbour, listener);
      await unheard(other, listener);
    },
  };
}

export const refusedSegments: readonly Case[] = [
  signed(
    'setTcpMd5sig accepts only clients that sign with the key',
    'setTcpMd5sig',
    (socket, key) => socket.setTcpMd5sig('127.0.0.1', key),
  ),
  signed(
    'setTcpMd5sigExt accepts only clients of a network that sign with the key',
    'setTcpMd5sigExt',
    (socket, key) => socket.setTcpMd5sigExt('127.0.0.0', 8, key),
  ),
  near(
    'tcp4',
    ['setMinTtlV4', 'setTtl'],
    (socket, hops) => socket.setMinTtlV4(hops),
    (socket, hops) => socket.setTtl(hops),
  ),
  near(
    'tcp6',
    ['setMinHopCountV6', 'setUnicastHopsV6'],
    (socket, hops) => socket.setMinHopCountV6(hops),
    (socket, hops) => socket.setUnicastHopsV6(hops),
  ),
  {
    name: 'setTcpUlp throws ENOENT for a protocol that the kernel does not have',
    methods: ['setTcpUlp', 'tcpUlp'],
    needs: ['setTcpUlp'],
    run(t) {
      const [one] = t.connectedPair();
      throwsCode('ENOENT', () => one.setTcpUlp('nothing'));
      equal(one.tcpUlp(), null);
    },
  },
];
