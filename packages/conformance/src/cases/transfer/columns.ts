/** The columns of a batch: what comes with each datagram, and what goes with it. */
import { type ColumnName, DatagramBatch, Domain, SockAddr, type Socket, Type } from '@sock/core';
import { deepEqual, equal, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';
import { columnNames, proveUnsupported } from '../../unsupported.js';

type Kind = 'IPv4' | 'IPv6' | 'IPv4-mapped';
const KINDS: readonly Kind[] = ['IPv4', 'IPv6', 'IPv4-mapped'];
const ANY: Readonly<Record<Kind, SockAddr>> = {
  IPv4: SockAddr.ipv4('0.0.0.0', 0),
  IPv6: SockAddr.ipv6('::', 0),
  'IPv4-mapped': SockAddr.ipv6('::', 0),
};
const LOOPBACK: Readonly<Record<Kind, string>> = {
  IPv4: '127.0.0.1',
  IPv6: '::1',
  'IPv4-mapped': '::ffff:127.0.0.1',
};

const addressOf = (kind: Kind, address: string, port: number): SockAddr =>
  kind === 'IPv4' ? SockAddr.ipv4(address, port) : SockAddr.ipv6(address, port);

/** A socket that is bound to every address of its kind. */
function open(t: Context, kind: Kind): Socket {
  const socket = t.open(kind === 'IPv4' ? Domain.IPV4 : Domain.IPV6, Type.DGRAM);
  if (kind !== 'IPv4') socket.setOnlyV6(kind === 'IPv6');
  socket.bind(ANY[kind]);
  socket.setReadTimeout(5000);
  return socket;
}

const needsOf = (kind: Kind, ...columns: readonly ColumnName[]): string[] => [
  'sendBatch',
  'recvBatch',
  ...columns.map((name) => `DatagramBatch.${name}`),
  ...(kind === 'IPv4-mapped' ? ['dualStack'] : []),
];

/** Sends what `fill` writes to the one datagram of a batch, and receives it into a batch with these columns. */
function exchange(
  t: Context,
  kind: Kind,
  columns: readonly ColumnName[],
  fill: (sent: DatagramBatch) => void = () => {},
): DatagramBatch {
  const receiver = open(t, kind);
  const sent = new DatagramBatch({ count: 1, size: 16, columns });
  const received = new DatagramBatch({ count: 4, size: 16, columns });
  received.enable(receiver);
  if (columns.includes('transmitTime')) sent.enable(receiver);
  sent.push(bytes('meta'), addressOf(kind, LOOPBACK[kind], receiver.localAddr().port));
  fill(sent);
  equal(open(t, kind).sendBatch(sent), 1);
  equal(receiver.recvBatch(received), 1);
  equal(text(received.bytes(0)), 'meta');
  return received;
}

const each = (make: (kind: Kind) => Case): Case[] => KINDS.map(make);

export const columns: readonly Case[] = [
  ...each((kind) => ({
    name: `columns: the ECN bits and the type of service of ${kind} datagrams, and those sent`,
    methods: ['sendBatch', 'recvBatch'],
    needs: needsOf(kind, 'ecn', 'tos'),
    run(t) {
      for (const [tos, ecn] of [
        [0xb8, 1],
        [0, 2],
        [0x28, 3],
      ] as const) {
        const received = exchange(t, kind, ['ecn', 'tos'], (sent) => {
          (sent.tos as Uint8Array)[0] = tos;
          (sent.ecn as Uint8Array)[0] = ecn;
        });
        deepEqual([received.tos?.[0], received.ecn?.[0]], [tos | ecn, ecn]);
        ok(received.has(0, 'ecn'), 'the system gave the column');
      }
    },
  })),
  ...each((kind) => ({
    name: `columns: the destination and the interface of ${kind} datagrams`,
    methods: ['sendBatch', 'recvBatch'],
    needs: needsOf(kind, 'destination', 'interface'),
    run(t) {
      const received = exchange(t, kind, ['destination', 'interface']);
      const { address, port } = received.destination(0) as SockAddr;
      deepEqual([address, port], [LOOPBACK[kind], 0]);
      ok((received.interfaces?.[0] ?? 0) > 0, 'the index of the loopback interface');
    },
  })),
  ...each((kind) => ({
    name: `columns: the hops that ${kind} datagrams have left, and those sent`,
    methods: ['sendBatch', 'recvBatch'],
    needs: needsOf(kind, 'ttl'),
    run(t) {
      const received = exchange(t, kind, ['ttl'], (sent) => {
        (sent.ttl as Uint8Array)[0] = 17;
      });
      equal(received.ttl?.[0], 17);
      const own = exchange(t, kind, ['ttl']);
      ok((own.ttl?.[0] ?? 0) > 17, "0 sends the socket's own");
    },
  })),
  ...each((kind) => ({
    name: `columns: the time at which the system received ${kind} datagrams`,
    methods: ['sendBatch', 'recvBatch'],
    needs: needsOf(kind, 'timestamp'),
    run(t) {
      const before = BigInt(Date.now() - 1) * 1_000_000n;
      const received = exchange(t, kind, ['timestamp']);
      const after = BigInt(Date.now() + 1) * 1_000_000n;
      const time = received.timestamps?.[0] ?? 0n;
      ok(received.has(0, 'timestamp'), 'the system gave the column');
      ok(time >= before && time <= after, `${before} <= ${time} <= ${after}`);
      const milliseconds = Number(time) / 1e6;
      ok(Math.abs(received.receivedAt(0) - milliseconds) < 0.001, 'the same as a number');
    },
  })),
  ...each((kind) => ({
    name: `columns: ${kind} datagrams leave from the source and the interface that the batch names`,
    methods: ['sendBatch', 'recvBatch'],
    needs: needsOf(kind, 'source', 'interface', 'destination'),
    run(t) {
      const source = addressOf(kind, LOOPBACK[kind], 0);
      const received = exchange(t, kind, ['source', 'interface', 'destination'], (sent) => {
        sent.setSource(0, source);
        equal(sent.source(0)?.address, source.address);
      });
      equal(received.address(0).address, source.address);
      // The answer leaves from where the question came to.
      received.setSource(0, received.destination(0));
      const foreign = new DatagramBatch({ count: 1, size: 16, columns: ['source'] });
      foreign.push(bytes('x'), addressOf(kind, LOOPBACK[kind], 9));
      foreign.setSource(
        0,
        kind === 'IPv4' ? SockAddr.ipv6('::1', 0) : SockAddr.ipv4('127.0.0.1', 0),
      );
      if (kind !== 'IPv4-mapped') throwsCode('EINVAL', () => open(t, kind).sendBatch(foreign));
      foreign.setSource(0, undefined);
      equal(foreign.source(0), undefined);
      equal(open(t, kind).sendBatch(foreign), 1);
    },
  })),
  {
    name: 'columns: how many datagrams a full buffer has cost so far',
    methods: ['sendBatch', 'recvBatch'],
    needs: needsOf('IPv4', 'drops'),
    run(t) {
      const [sender, receiver] = t.connectedPair('udp4');
      receiver.setRecvBufferSize(4096);
      const sent = new DatagramBatch({ count: 64, size: 1024, addresses: false });
      for (let i = 0; i < 64; i++) sent.push(new Uint8Array(1024));
      const received = new DatagramBatch({ count: 64, size: 1024, columns: ['drops'] });
      deepEqual(received.enable(receiver), ['rxqOvfl']);
      equal(sender.sendBatch(sent), 64);
      const first = receiver.recvBatch(received);
      ok(first < 64, 'the buffer was too small');
      ok(!received.has(0, 'drops'), 'none was lost before the first');
      sender.send(bytes('x'));
      equal(receiver.recvBatch(received), 1);
      equal(received.drops?.[0], 64 - first);
    },
  },
  {
    name: 'columns: what the options do not turn on stays 0, and the batch says that it is missing',
    methods: ['recvBatch'],
    needs: needsOf('IPv4', 'ecn', 'ttl', 'destination'),
    run(t) {
      const [sender, receiver] = t.connectedPair('udp4');
      sender.send(bytes('x'));
      const received = new DatagramBatch({
        count: 1,
        size: 8,
        columns: ['ecn', 'ttl', 'destination'],
      });
      (received.ecn as Uint8Array)[0] = 3;
      equal(receiver.recvBatch(received), 1);
      deepEqual([received.ecn?.[0], received.ttl?.[0]], [0, 0]);
      equal(received.destination(0), undefined);
      for (const name of ['ecn', 'ttl', 'destination'] as const) ok(!received.has(0, name), name);
    },
  },
  {
    name: 'columns: enable sets the options that the columns need, and returns their names',
    methods: ['recvTosV4', 'recvTclassV6'],
    needs: needsOf('IPv4-mapped', 'ecn', 'destination', 'ttl'),
    run(t) {
      const batch = new DatagramBatch({
        count: 1,
        size: 8,
        columns: ['ecn', 'tos', 'destination', 'interface', 'ttl', 'source'],
      });
      const [ipv4, ipv6, dual] = KINDS.map((kind) => open(t, kind)) as [Socket, Socket, Socket];
      deepEqual(batch.enable(ipv4), ['pktinfoV4', 'recvTosV4', 'recvTtlV4']);
      equal(ipv4.recvTosV4(), true);
      const of6 = ['recvPktinfoV6', 'recvTclassV6', 'recvHoplimitV6'];
      deepEqual(batch.enable(ipv6), of6);
      deepEqual(batch.enable(dual).toSorted(), [...of6, 'recvTosV4', 'recvTtlV4'].toSorted());
      equal(dual.recvTosV4(), true);
      equal(dual.recvTclassV6(), true);
      deepEqual(new DatagramBatch({ count: 1, size: 8 }).enable(ipv4), []);
    },
  },
  {
    name: 'columns: a batch has the arrays that it was asked for, each with one element a datagram',
    methods: [],
    run() {
      const batch = new DatagramBatch({ count: 3, size: 8, columns: ['ecn', 'timestamp', 'ecn'] });
      deepEqual([batch.ecn?.length, batch.timestamps?.length, batch.tos], [3, 3, undefined]);
      ok(batch.ecn instanceof Uint8Array && batch.timestamps instanceof BigUint64Array, 'types');
      equal(new DatagramBatch({ count: 3, size: 8 }).columns, undefined);
      const wrong = (init: object): unknown =>
        new DatagramBatch({ count: 1, size: 1, ...init } as never);
      throwsCode('ERR_INVALID_ARG_VALUE', () => wrong({ columns: ['ecm'] }));
      throwsCode('ERR_INVALID_ARG_VALUE', () => wrong({ columns: [undefined] }));
      throwsCode('ERR_INVALID_ARG_TYPE', () => wrong({ columns: 'ecn' }));
      throwsCode('ERR_INVALID_ARG_TYPE', () => wrong({ columns: null }));
      throwsCode('ERR_INVALID_ARG_TYPE', () => wrong({ fallback: 1 }));
      throwsCode('ERR_INVALID_ARG_TYPE', () => batch.enable({} as never));
      throwsCode('ERR_INVALID_ARG_VALUE', () => batch.destination(0));
      throwsCode('ERR_INVALID_ARG_VALUE', () => batch.setSource(0, undefined));
      throwsCode('ERR_INVALID_ARG_VALUE', () => batch.has(0, 'ttl'));
      throwsCode('ERR_OUT_OF_RANGE', () => batch.receivedAt(3));
      equal(batch.receivedAt(0), 0);
      const timeless = new DatagramBatch({ count: 1, size: 1, columns: ['ecn'] });
      throwsCode('ERR_INVALID_ARG_VALUE', () => timeless.receivedAt(0));
      throwsCode('ERR_OUT_OF_RANGE', () => batch.has(3, 'ecn'));
    },
  },
  {
    name: 'columns: push forgets what the slot carried before',
    methods: [],
    run() {
      const to = SockAddr.ipv4('127.0.0.1', 9);
      const batch = new DatagramBatch({
        count: 1,
        size: 8,
        columns: columnNames,
      });
      batch.push(bytes('x'), to);
      (batch.ecn as Uint8Array)[0] = 1;
      (batch.tos as Uint8Array)[0] = 4;
      (batch.ttl as Uint8Array)[0] = 5;
      (batch.interfaces as Uint32Array)[0] = 6;
      (batch.transmitTimes as BigUint64Array)[0] = 7n;
      batch.setSource(0, to);
      batch.length = 0;
      batch.push(bytes('y'), to);
      const { ecn, tos, ttl, interfaces, transmitTimes } = batch;
      deepEqual(
        [ecn, tos, ttl, interfaces, transmitTimes].map((array) => Number(array?.[0])),
        [0, 0, 0, 0, 0],
      );
      equal(batch.source(0), undefined);
    },
  },
  {
    name: 'columns: one that the backend does not support is refused before anything is received',
    methods: ['recvBatch', 'sendBatch'],
    needs: ['recvBatch', 'sendBatch'],
    run(t) {
      const missing = columnNames.filter((name) => !t.supports(`DatagramBatch.${name}`));
      for (const name of missing) proveUnsupported(t, `DatagramBatch.${name}`);
      const [sender, receiver] = t.connectedPair('udp4');
      sender.send(bytes('x'));
      for (const name of missing) {
        const batch = new DatagramBatch({ count: 1, size: 8, columns: [name] });
        for (const call of ['recvBatch', 'tryRecvBatch', 'sendBatch', 'trySendBatch'] as const) {
          throwsCode('ERR_SOCK_UNSUPPORTED', () => receiver[call](batch));
        }
        throwsCode('ERR_SOCK_UNSUPPORTED', () => batch.enable(receiver));
      }
      equal(receiver.recv(new Uint8Array(8)), 1);
    },
  },
];
