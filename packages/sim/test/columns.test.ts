/** What comes and goes with each datagram: as on Linux's loopback interface, and between two simulated hosts. */
import * as native from '@sock/native';
import { intoDgramSocket } from '@sock/std';
import {
  type ColumnName,
  DatagramBatch,
  Domain,
  type Host,
  Network,
  SockAddr,
  type Socket,
  supportOf,
  Type,
} from '@sock/sim';
import { describe, expect, test } from 'vitest';
import { at, bytes, codeOf, datagrams, twoHosts } from './two-hosts.js';

const RECEIVED = ['ecn', 'tos', 'ttl', 'destination', 'interface'] as const;
const ALL: ColumnName[] = [...RECEIVED, 'timestamp', 'drops', 'source'];

/** Numbers that look random and are the same each time. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state >>> 8;
  }
}

type Backend = { readonly Socket: new (domain: Domain, type: Type) => Socket };

/** What a backend says of random datagrams with random headers, sent by a host to itself. */
function said(backend: Backend, kind: 'IPv4' | 'IPv6' | 'IPv4-mapped', seed: number): unknown[] {
  const random = numbers(seed);
  const next = (below: number): number => random.next().value % below;
  const six = kind !== 'IPv4';
  const open = (): Socket => {
    const socket = new backend.Socket(six ? Domain.IPV6 : Domain.IPV4, Type.DGRAM);
    if (six) socket.setOnlyV6(kind === 'IPv6');
    socket.bind(six ? SockAddr.ipv6('::', 0) : SockAddr.ipv4('0.0.0.0', 0));
    return socket;
  };
  const [sender, receiver] = [open(), open()];
  const { port } = receiver.localAddr();
  const address = (last: number): SockAddr =>
    kind === 'IPv6'
      ? SockAddr.ipv6('::1', port)
      : kind === 'IPv4'
        ? SockAddr.ipv4(`127.0.0.${last}`, port)
        : SockAddr.ipv6(`::ffff:127.0.0.${last}`, port);
  const found: unknown[] = [];
  const columns = RECEIVED.filter(() => next(3) > 0);
  const received = new DatagramBatch({ count: 8, size: 16, columns });
  found.push(received.enable(receiver));
  if (kind !== 'IPv6') sender.setTosV4(next(256));
  if (six) sender.setTclassV6(next(256));
  if (kind !== 'IPv6') sender.setTtl(1 + next(255));
  if (six) sender.setUnicastHopsV6(1 + next(255));
  for (let round = 0; round < 8; round++) {
    const sent = new DatagramBatch({
      count: 8,
      size: 16,
      columns: (['ecn', 'tos', 'ttl', 'interface', 'source'] as const).filter(() => next(2) > 0),
    });
    const count = 1 + next(8);
    for (let i = 0; i < count; i++) {
      sent.push(bytes(`${round} ${i}`), address(1 + next(9)));
      if (sent.ecn !== undefined) sent.ecn[i] = next(4);
      if (sent.tos !== undefined) sent.tos[i] = next(256);
      if (sent.ttl !== undefined) sent.ttl[i] = next(256);
      // Of no interface, of the loopback interface, or of none that exists.
      if (sent.interfaces !== undefined) sent.interfaces[i] = [0, 0, 1, 1, 9999][next(5)] as number;
      // Of this host, of another family, or of nobody.
      const sources = [
        undefined,
        address(1 + next(9)),
        address(1),
        kind === 'IPv4' ? SockAddr.ipv6('::1', 0) : SockAddr.ipv6('2001:db8::9', 0),
        kind === 'IPv6' ? SockAddr.ipv4('127.0.0.1', 0) : SockAddr.ipv4('192.0.2.9', 0),
      ];
      if (sent.hasSource) sent.setSource(i, sources[next(5)]);
    }
    let left = count;
    while (left > 0) {
      try {
        const done = sender.sendBatch(sent);
        found.push(done);
        sent.drop(done);
        left -= done;
      } catch (error) {
        found.push((error as { code: string }).code);
        sent.drop(1);
        left -= 1;
      }
    }
    while ((receiver.tryRecvBatch(received) ?? 0) > 0) {
      for (let i = 0; i < received.length; i++) {
        found.push([
          new TextDecoder().decode(received.bytes(i)),
          received.address(i).address,
          columns.map((name) => [name, received.has(i, name)]),
          received.ecn?.[i],
          received.tos?.[i],
          received.ttl?.[i],
          columns.includes('destination') && received.destination(i)?.toString(),
          received.interfaces?.[i],
        ]);
      }
    }
  }
  sender.close();
  receiver.close();
  return found;
}

describe.runIf(process.platform === 'linux').each(['IPv4', 'IPv6', 'IPv4-mapped'] as const)(
  '%s: random headers',
  (kind) => {
    test('are what the kernel makes of them on its loopback interface', () => {
      const simulated = new Network({ seed: 1 }).host('10.0.0.1', { addresses: ['fd00::1'] });
      for (let seed = 1; seed <= 40; seed++) {
        expect({ seed, said: said(simulated, kind, seed) }).toEqual({
          seed,
          said: said(native, kind, seed),
        });
      }
    });
  },
);

/** A receiver of another host with all columns, and what came to it. */
function receiverOf(host: Host, columns: readonly ColumnName[] = ALL): [Socket, DatagramBatch] {
  const receiver = datagrams(host, 7);
  const batch = new DatagramBatch({ count: 8, size: 2048, columns });
  batch.enable(receiver);
  return [receiver, batch];
}

describe('between two hosts', () => {
  test('the interface, the destination and the time of arrival by the clock of the receiver', async () => {
    const { network, one, other } = twoHosts({ latency: 2.25, epoch: 1_600_000_000_000 });
    other.clock.skew = 5000.5;
    const [receiver, batch] = receiverOf(other);
    datagrams(one, 9).sendTo(bytes('x'), at(other, 7));
    // It is received long after it came.
    await network.clock.advance(1000);
    expect(receiver.recvBatch(batch)).toBe(1);
    expect(batch.timestamps?.[0]).toBe(1_600_000_005_002_750_000n);
    expect(batch.receivedAt(0)).toBe(1_600_000_005_002.75);
    expect(batch.interfaces?.[0]).toBe(2);
    expect(batch.destination(0)?.toString()).toBe('10.0.0.2:0');
    expect([batch.ttl?.[0], batch.tos?.[0], batch.ecn?.[0]]).toEqual([64, 0, 0]);
    expect(batch.has(0, 'drops')).toBe(false);
    // What a host sends to one of its own addresses comes by the loopback interface.
    datagrams(other, 9).sendTo(bytes('x'), at(other, 7));
    receiver.recvBatch(batch);
    expect(batch.interfaces?.[0]).toBe(1);
    receiver.setTimestamp(true);
    expect([receiver.timestamp(), receiver.timestampns()]).toEqual([true, false]);
    datagrams(other, 8).sendTo(bytes('x'), at(other, 7));
    receiver.recvBatch(batch);
    expect((batch.timestamps?.[0] ?? 1n) % 1000n).toBe(0n);
  });

  test('a header that the host cannot send is refused', () => {
    const { one, other } = twoHosts();
    const sender = datagrams(one);
    const wrong = (interfaceIndex: number, source: SockAddr | undefined, to: SockAddr) => {
      const batch = new DatagramBatch({ count: 1, size: 8, columns: ['interface', 'source'] });
      batch.push(bytes('x'), to);
      (batch.interfaces as Uint32Array)[0] = interfaceIndex;
      batch.setSource(0, source);
      return codeOf(() => sender.sendBatch(batch));
    };
    expect(wrong(3, undefined, at(other, 7))).toBe('ENODEV');
    expect(wrong(0, at(other), at(other, 7))).toBe('ENETUNREACH');
    expect(wrong(1, undefined, at(other, 7))).toBe('ENETUNREACH');
    expect(wrong(2, undefined, SockAddr.ipv4('127.0.0.1', 7))).toBe('ENETUNREACH');
    expect(wrong(2, at(one), at(other, 7))).toBe(undefined);
    expect(wrong(0, SockAddr.ipv4('0.0.0.0', 0), at(other, 7))).toBe(undefined);
  });

  test('a group: hops, and the interface that the batch names', () => {
    const { one, other } = twoHosts();
    const [receiver, batch] = receiverOf(other);
    receiver.joinMulticastV4('239.1.1.1', '0.0.0.0');
    const sender = datagrams(one);
    sender.setMulticastTtlV4(9);
    const group = SockAddr.ipv4('239.1.1.1', 7);
    const sent = new DatagramBatch({ count: 4, size: 8, columns: ['interface', 'ttl', 'tos'] });
    for (const name of ['own', 'named', 'inside', 'none']) sent.push(bytes(name), group);
    (sent.ttl as Uint8Array).set([0, 33, 33, 0]);
    (sent.tos as Uint8Array).set([0xfc, 1, 2, 0]);
    // By the loopback interface nothing gets out.
    (sent.interfaces as Uint32Array).set([0, 2, 1, 0]);
    expect(sender.sendBatch(sent)).toBe(4);
    expect(receiver.recvBatch(batch)).toBe(3);
    expect([...(batch.ttl ?? [])].slice(0, 3)).toEqual([9, 33, 9]);
    expect([...(batch.tos ?? [])].slice(0, 3)).toEqual([0xfc, 1, 0]);
    expect([...(batch.interfaces ?? [])].slice(0, 3)).toEqual([2, 2, 2]);
    expect(batch.destination(0)?.address).toBe('239.1.1.1');
  });

  test('how many were lost to a full buffer, as of each datagram', () => {
    const { one, other } = twoHosts();
    const [receiver, batch] = receiverOf(other, ['drops']);
    receiver.setRecvBufferSize(4096);
    const sender = datagrams(one);
    const told: unknown[] = [];
    let lost = 0;
    for (let round = 1; round <= 3; round++) {
      for (let i = 0; i < 10; i++) sender.sendTo(new Uint8Array(1000), at(other, 7));
      const count = receiver.recvBatch(batch);
      expect(count).toBeLessThan(8);
      // These came before the losses of this round.
      for (let i = 0; i < count; i++) told.push(batch.has(i, 'drops') ? batch.drops?.[i] : 'none');
      expect(told.splice(0)).toEqual(Array.from({ length: count }, () => lost || 'none'));
      lost += 10 - count;
    }
    expect(other.droppedDatagrams).toBe(lost);
  });

  test('MSG_MORE sends all parts with the header of the first', () => {
    const { one, other } = twoHosts();
    const [receiver, batch] = receiverOf(other);
    const sender = datagrams(one);
    sender.connect(at(other, 7));
    const sent = new DatagramBatch({ count: 2, size: 8, addresses: false, columns: ['tos'] });
    sent.push(bytes('one '));
    (sent.tos as Uint8Array)[0] = 7;
    sender.sendBatch(sent, one.MSG['MORE']);
    sender.send(bytes('datagram'));
    expect(receiver.recvBatch(batch)).toBe(1);
    expect([new TextDecoder().decode(batch.bytes(0)), batch.tos?.[0]]).toEqual(['one datagram', 7]);
  });

  test('sockets of other kinds have no header; a batch that was transferred has no room', () => {
    const { one } = twoHosts();
    const [left, right] = one.Socket.pair(Domain.UNIX, Type.DGRAM);
    const batch = new DatagramBatch({ count: 2, size: 8, columns: ALL });
    left.send(bytes('x'));
    (batch.tos as Uint8Array)[0] = 9;
    expect(right.recvBatch(batch)).toBe(1);
    expect([batch.tos?.[0], batch.has(0, 'tos'), batch.destination(0)]).toEqual([
      0,
      false,
      undefined,
    ]);
    structuredClone(batch.columns?.memory.buffer, {
      transfer: [batch.columns?.memory.buffer as ArrayBuffer],
    });
    expect(codeOf(() => right.recvBatch(batch))).toBe('EINVAL');
    batch.length = 1;
    expect(codeOf(() => left.sendBatch(batch))).toBe('EINVAL');
  });

  test('the trace, its digest and the capture have the header', () => {
    const run = (tos: number, ttl: number) => {
      const { network, one, other } = twoHosts();
      const sender = datagrams(one, 9);
      sender.setTosV4(tos);
      sender.setTtl(ttl);
      sender.sendTo(bytes('x'), at(other, 7));
      const six = new one.Socket(Domain.IPV6, Type.DGRAM);
      six.setTclassV6(tos);
      six.setUnicastHopsV6(ttl);
      six.sendTo(bytes('x'), SockAddr.ipv6('::1', 9));
      return network;
    };
    expect(run(5, 7).trace()).toBe(run(5, 7).trace());
    expect(run(5, 7).trace()).toContain('10.0.0.1:9 > 10.0.0.2:7 1 bytes tos 0x5');
    expect(run(0, 64).trace()).not.toContain('tos');
    const digests = [run(0, 64), run(1, 64), run(0, 63), run(0, 64)].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(3);
    expect(digests[0]).toBe(digests[3]);
    // The packets begin with the headers of RFC 791 and RFC 8200.
    const capture = Buffer.from(run(0xa5, 7).capture());
    expect(capture.indexOf(Buffer.of(0x45, 0xa5, 0, 29))).toBeGreaterThan(0);
    expect(capture.indexOf(Buffer.of(0x6a, 0x50, 0, 0, 0, 9, 17, 7))).toBeGreaterThan(0);
  });

  test('rinfo of a dgram.Socket has them too', async () => {
    const { network, one, other } = twoHosts({ latency: 3 });
    await network.run(async () => {
      const receiver = intoDgramSocket(datagrams(other, 7), {
        rinfo: ['localAddress', 'interface', 'ecn', 'ttl', 'timestamp'],
      });
      const heard = new Promise((resolve) =>
        receiver.once('message', (_, rinfo) => resolve(rinfo)),
      );
      const sender = datagrams(one, 9);
      sender.setTosV4(1);
      sender.sendTo(bytes('x'), at(other, 7));
      expect(await heard).toEqual({
        address: '10.0.0.1',
        family: 'IPv4',
        port: 9,
        size: 1,
        localAddress: '10.0.0.2',
        interface: { index: 2, name: 'eth0' },
        ecn: 1,
        ttl: 64,
        timestamp: 1_577_836_800_003_000_000n,
      });
      receiver.close();
    });
  });
});

test('what the simulator lacks is said, with the reason', () => {
  const { driver } = new Network().host('10.0.0.1').Socket;
  for (const name of ALL) expect(supportOf(driver, `DatagramBatch.${name}`).level).toBe('native');
  for (const name of ['hardwareTimestamp', 'transmitTime']) {
    expect(supportOf(driver, `DatagramBatch.${name}`)).toEqual({
      level: 'unsupported',
      reason: expect.stringMatching(/simulated/) as string,
    });
  }
});
