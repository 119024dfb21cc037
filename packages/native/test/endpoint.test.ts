/** DatagramEndpoint: runs, their order, what is refused, and that every datagram is accounted for. */
import {
  DatagramBatch,
  DatagramEndpoint,
  type DatagramReport,
  Domain,
  makeBackend,
  SockAddr,
  Socket,
  Type,
} from '@sock/native';
import { expect, test } from 'vitest';

function bound(domain: Domain = Domain.IPV4): Socket {
  const socket = new Socket(domain, Type.DGRAM);
  socket.bind(domain === Domain.IPV4 ? SockAddr.ipv4('127.0.0.1', 0) : SockAddr.ipv6('::1', 0));
  socket.setRecvBufferSize(4 << 20);
  return socket;
}

/** A datagram whose first four bytes are its number. */
function numbered(number: number, length = 1000): Uint8Array {
  const bytes = new Uint8Array(length).fill(number);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

const numberOf = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);

async function receiveAll(endpoint: DatagramEndpoint, count: number): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  while (all.length < count) {
    const arrived = await endpoint.receive({ timeout: 5000 });
    for (let i = 0; i < arrived; i++) all.push(endpoint.bytes(i).slice());
  }
  return all;
}

for (const domain of [Domain.IPV4, Domain.IPV6] as const) {
  test(`runs of equal datagrams leave by UDP_SEGMENT and arrive split again (${domain})`, async () => {
    using sending = bound(domain);
    using receiving = bound(domain);
    const sender = new DatagramEndpoint(sending, { size: 1200, columns: ['ecn'] });
    const receiver = new DatagramEndpoint(receiving, { size: 1200, columns: ['ecn'] });
    expect(sender.path).toEqual({
      gso: true,
      gro: true,
      maxSegments: 64,
      dontFragment: true,
      errorQueue: true,
    });
    const to = receiving.localAddr();
    for (let i = 0; i < 200; i++) expect(sender.push(numbered(i), to, { ecn: 2 })).toBe(true);
    expect(sender.push(numbered(200, 10), to, { ecn: 2 })).toBe(true);
    expect(sender.push(numbered(201, 10), to, { ecn: 1 })).toBe(true);
    expect(sender.pending).toBe(202);
    expect(sender.trySend()).toBe(true);
    expect(sender.pending).toBe(0);
    const arrived = await receiveAll(receiver, 202);
    expect(arrived.map(numberOf)).toEqual(Array.from({ length: 202 }, (_, index) => index));
    expect(arrived[200]?.length).toBe(10);
    const { sent, sentBytes, failed, refused, runs, calls } = sender.statistics;
    expect({ sent, sentBytes, failed, refused }).toEqual({
      sent: 202,
      sentBytes: 200 * 1000 + 20,
      failed: 0,
      refused: 0,
    });
    expect([runs, calls]).toEqual([4, 1]);
    expect(receiver.statistics.received).toBe(202);
    expect(receiver.statistics.joined).toBeGreaterThan(100);
    const last = receiver.length - 1;
    expect(receiver.received.ecn?.[receiver.slotOf(last)]).toBe(1);
    expect(receiver.addressOf(last).port).toBe(sending.localAddr().port);
  });
}

test('pushRun makes the same runs as push, whatever is pushed before and after', async () => {
  using sending = bound();
  using receiving = bound();
  const to = receiving.localAddr();
  const make = (): DatagramEndpoint => {
    return new DatagramEndpoint(sending, { size: 1200, count: 8, columns: ['ecn'] });
  };
  const receiver = new DatagramEndpoint(receiving, { size: 1200 });
  let state = 1;
  const random = (most: number): number => {
    state = (state * 48271) % 2147483647;
    return state % most;
  };
  for (let round = 0; round < 100; round++) {
    const [whole, single] = [make(), make()];
    const sent: number[] = [];
    for (let i = 0; i < 6; i++) {
      const segment = [1200, 1000, 300, 7][random(4)] as number;
      const run = new Uint8Array(1 + random(70 * segment)).map(() => random(256));
      const meta = { ecn: random(2) };
      const taken = whole.pushRun(run, segment, to, meta);
      let start = 0;
      while (start < run.length) {
        const datagram = run.subarray(start, start + segment);
        if (!single.push(datagram, to, meta)) break;
        sent.push(datagram.length);
        start += datagram.length;
      }
      expect(taken).toBe(start);
      expect(whole.pending).toBe(single.pending);
    }
    for (const endpoint of [whole, single]) expect(endpoint.trySend()).toBe(true);
    const all = await receiveAll(receiver, 2 * sent.length);
    const [first, second] = [all.slice(0, sent.length), all.slice(sent.length)];
    expect(first.map((datagram) => datagram.length)).toEqual(sent);
    expect(Buffer.concat(first).equals(Buffer.concat(second))).toBe(true);
    expect(whole.statistics).toEqual(single.statistics);
  }
});

test('a run of 40 datagrams is one slot, and one that is refused is sent in pieces', async () => {
  using sending = bound();
  using receiving = bound();
  const to = receiving.localAddr();
  const sender = new DatagramEndpoint(sending, { size: 1200 });
  const receiver = new DatagramEndpoint(receiving, { size: 1200 });
  const run = new Uint8Array(40 * 1200);
  for (let i = 0; i < 40; i++) run.set(numbered(i, 1200), i * 1200);
  expect(sender.pushRun(run, 1200, to)).toBe(run.length);
  expect(sender.trySend()).toBe(true);
  expect([sender.statistics.runs, sender.statistics.calls]).toEqual([1, 1]);
  // Linux makes no runs without checksums: EIO, or EINVAL on newer ones.
  sending.setsockoptRaw(1, 11, Uint8Array.of(1, 0, 0, 0));
  expect(sender.pushRun(run, 1200, to)).toBe(run.length);
  expect(sender.trySend()).toBe(true);
  const { EIO, EINVAL } = sender.statistics.refusedRuns;
  expect(EIO + EINVAL).toBe(1);
  expect(sender.path.gso).toBe(false);
  const arrived = await receiveAll(receiver, 80);
  const numbers = Array.from({ length: 40 }, (_, index) => index);
  expect(arrived.map(numberOf)).toEqual([...numbers, ...numbers]);
  // From now on a run is separate datagrams, one a slot.
  expect(sender.pushRun(run, 1200, to)).toBe(32 * 1200);
  expect(sender.pushRun(run.subarray(32 * 1200), 1200, to)).toBe(0);
});

test('a run ends with another address, other meta data, a longer datagram, or 64 of them', () => {
  using sending = bound();
  using receiving = bound();
  using other = bound();
  const sender = new DatagramEndpoint(sending, { size: 1000, columns: ['ecn', 'source'] });
  const to = receiving.localAddr();
  sender.push(numbered(0, 100), to);
  // The same address in another object.
  sender.push(numbered(1, 100), SockAddr.ipv4('127.0.0.1', to.port));
  sender.push(numbered(2, 100), other.localAddr());
  sender.push(numbered(3, 100), to);
  sender.push(numbered(4, 100), to, { ecn: 1 });
  sender.push(numbered(5, 100), to, { ecn: 1, source: SockAddr.ipv4('127.0.0.1', 0) });
  sender.push(numbered(6, 200), to, { ecn: 1, source: SockAddr.ipv4('127.0.0.1', 0) });
  for (let i = 7; i < 7 + 65; i++) sender.push(numbered(i, 300), to);
  expect(sender.trySend()).toBe(true);
  // Two of the first, and 64 of the last 65.
  expect(sender.statistics.runs).toBe(2);
  expect(sender.statistics.sent).toBe(72);
});

test('meta data in an object that is used again belongs to the datagram that it was given for', () => {
  using sending = bound();
  using receiving = bound();
  const sender = new DatagramEndpoint(sending, { size: 1000, columns: ['ecn'] });
  const receiver = new DatagramEndpoint(receiving, { size: 1000, columns: ['ecn'] });
  const meta = { ecn: 0 };
  for (let i = 0; i < 6; i++) {
    meta.ecn = i >> 1;
    if (i % 2 === 0) sender.push(numbered(i, 100), receiving.localAddr(), meta);
    else sender.pushRun(numbered(i, 100), 100, receiving.localAddr(), meta);
  }
  expect(sender.trySend()).toBe(true);
  const seen: (number | undefined)[] = [];
  while (seen.length < 6) {
    const arrived = receiver.tryReceive() ?? 0;
    expect(arrived).toBeGreaterThan(0);
    for (let i = 0; i < arrived; i++) seen.push(receiver.received.ecn?.[receiver.slotOf(i)]);
  }
  expect(seen).toEqual([0, 0, 1, 1, 2, 2]);
});

test('the device that refuses to cut is found out once, and nothing is lost', async () => {
  using sending = bound();
  using receiving = bound();
  // The kernel cuts only what it makes checksums for: EIO, or EINVAL on newer ones.
  sending.setsockoptRaw(1, 11, Uint8Array.of(1, 0, 0, 0));
  const sender = new DatagramEndpoint(sending, { size: 1200, columns: ['ecn'] });
  const receiver = new DatagramEndpoint(receiving, { size: 1200 });
  const to = receiving.localAddr();
  for (let i = 0; i < 150; i++) sender.push(numbered(i), to, { ecn: 1 });
  expect(sender.trySend()).toBe(true);
  const arrived = await receiveAll(receiver, 150);
  expect(arrived.map(numberOf)).toEqual(Array.from({ length: 150 }, (_, index) => index));
  const { sent, failed, refused, refusedRuns, runs } = sender.statistics;
  expect({ sent, failed, refused, runs }).toEqual({ sent: 150, failed: 0, refused: 0, runs: 0 });
  expect(refusedRuns.EIO + refusedRuns.EINVAL).toBeGreaterThan(0);
  expect(sender.path.gso).toBe(false);
  sender.push(numbered(150), to);
  sender.push(numbered(151), to);
  sender.trySend();
  expect((await receiveAll(receiver, 2)).map(numberOf)).toEqual([150, 151]);
});

test('a datagram that is wrong does not take others with it', async () => {
  using sending = bound();
  using receiving = bound();
  const failures: [string, string, number][] = [];
  const sender = new DatagramEndpoint(sending, {
    size: 1200,
    columns: ['source'],
    onFailure: ({ outcome, error, bytes }) =>
      failures.push([outcome, error.code, numberOf(bytes.slice())]),
  });
  const receiver = new DatagramEndpoint(receiving, { size: 1200 });
  const to = receiving.localAddr();
  const nowhere = { source: SockAddr.ipv4('192.0.2.9', 0) };
  sender.push(numbered(0), to);
  sender.push(numbered(1), to, nowhere);
  sender.push(numbered(2), to, nowhere);
  sender.push(numbered(3), to);
  expect(sender.trySend()).toBe(true);
  expect((await receiveAll(receiver, 2)).map(numberOf)).toEqual([0, 3]);
  expect(failures.map(([outcome, , number]) => [outcome, number])).toEqual([
    ['failed', 1],
    ['failed', 2],
  ]);
  expect(sender.statistics).toMatchObject({ sent: 2, failed: 2, refused: 0 });
  // The source was wrong, not the run.
  expect(sender.path.gso).toBe(true);
});

test('a receiver that is gone is reported, and the datagrams after it leave', async () => {
  using sending = bound();
  using receiving = bound();
  const gone = bound();
  const silent = gone.localAddr();
  gone.close();
  const reports: DatagramReport[] = [];
  const sender = new DatagramEndpoint(sending, { onReport: (report) => reports.push(report) });
  const receiver = new DatagramEndpoint(receiving, {});
  for (let i = 0; i < 10; i++) {
    sender.push(numbered(i), silent);
    sender.push(numbered(100 + i), receiving.localAddr());
    expect(sender.trySend()).toBe(true);
  }
  expect(sender.tryReceive()).toBe(undefined);
  expect((await receiveAll(receiver, 10)).map(numberOf)).toEqual(
    Array.from({ length: 10 }, (_, index) => 100 + index),
  );
  expect(sender.statistics).toMatchObject({ sent: 20, failed: 0, refused: 0 });
  expect(reports.length).toBeGreaterThan(0);
  expect(reports.length).toBe(sender.statistics.reports);
  for (const { error, address, origin } of reports) {
    expect([error.code, address?.port, origin]).toEqual(['ECONNREFUSED', silent.port, 'icmp']);
  }
});

test('a connected endpoint needs no addresses', async () => {
  using sending = bound();
  using receiving = bound();
  sending.connect(receiving.localAddr());
  const sender = new DatagramEndpoint(sending);
  const receiver = new DatagramEndpoint(receiving);
  for (let i = 0; i < 100; i++) sender.push(numbered(i));
  expect(sender.trySend()).toBe(true);
  expect((await receiveAll(receiver, 100)).map(numberOf)).toEqual(
    Array.from({ length: 100 }, (_, index) => index),
  );
  expect(sender.pathMtu()).toBe(65535);
});

test('what waits keeps its order, and a wait does not spin', async () => {
  // A unix datagram waits in the buffer of its sender until the receiver reads it.
  const [one, other] = Socket.pair(Domain.UNIX, Type.DGRAM);
  one.setSendBufferSize(4608);
  const sender = new DatagramEndpoint(one, { size: 1000, count: 64 });
  expect(sender.path).toMatchObject({ gso: false, gro: false, errorQueue: false });
  for (let i = 0; i < 64; i++) sender.push(numbered(i));
  const arrived: number[] = [];
  const batch = new DatagramBatch({ count: 4, size: 1000, addresses: false });
  let done = false;
  const flushed = Promise.all([sender.flush({ timeout: 10_000 }), sender.flush()]).then(() => {
    done = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(done).toBe(false);
  const calls = sender.statistics.calls;
  await new Promise((resolve) => setTimeout(resolve, 100));
  // Nothing was received meanwhile, so there was nothing to try.
  expect(sender.statistics.calls - calls).toBeLessThanOrEqual(2);
  while (arrived.length < 64) {
    const count = other.tryRecvBatch(batch) ?? 0;
    for (let i = 0; i < count; i++) arrived.push(numberOf(batch.bytes(i)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await flushed;
  expect(arrived).toEqual(Array.from({ length: 64 }, (_, index) => index));
  expect(sender.statistics.sent).toBe(64);
  expect(sender.statistics.waits).toBeGreaterThan(0);
  one.close();
  other.close();
});

test('a full queue of the endpoint refuses a push, and keeps what it has', () => {
  using sending = bound();
  const sender = new DatagramEndpoint(sending, { count: 2, gso: false });
  const to = SockAddr.ipv4('127.0.0.1', 9);
  expect([1, 2, 3].map((i) => sender.push(numbered(i), to))).toEqual([true, true, false]);
  expect(sender.pending).toBe(2);
});

test('empty datagrams are datagrams', async () => {
  using sending = bound();
  using receiving = bound();
  const sender = new DatagramEndpoint(sending);
  const receiver = new DatagramEndpoint(receiving);
  for (let i = 0; i < 3; i++) sender.push(new Uint8Array(0), receiving.localAddr());
  sender.push(Uint8Array.of(1), receiving.localAddr());
  sender.trySend();
  expect((await receiveAll(receiver, 4)).map(({ length }) => length)).toEqual([0, 0, 0, 1]);
  expect(sender.statistics.sent).toBe(4);
});

test('wrong arguments are refused where they are given', () => {
  using sending = bound();
  const to = SockAddr.ipv4('127.0.0.1', 9);
  expect(() => new DatagramEndpoint({} as Socket)).toThrow(TypeError);
  expect(() => new DatagramEndpoint(sending, { size: 0 })).toThrow(RangeError);
  expect(() => new DatagramEndpoint(sending, { gso: 1 as never })).toThrow(TypeError);
  expect(() => new DatagramEndpoint(sending, { onFailure: 1 as never })).toThrow(TypeError);
  expect(() => new DatagramEndpoint(sending, { columns: ['x' as never] })).toThrow(TypeError);
  const sender = new DatagramEndpoint(sending, { size: 10 });
  expect(() => sender.push(new Uint8Array(11), to)).toThrow(RangeError);
  expect(() => sender.push('x' as never, to)).toThrow(TypeError);
  expect(() => sender.push(new Uint8Array(1))).toThrow(TypeError);
  for (const meta of [null, 1, 'x']) {
    expect(() => sender.push(new Uint8Array(1), to, meta as never)).toThrow('"meta"');
    expect(() => sender.pushRun(new Uint8Array(1), 1, to, meta as never)).toThrow('"meta"');
  }
  // The column is missing: nothing stays queued.
  expect(() => sender.push(new Uint8Array(1), to, { ecn: 1 })).toThrow(TypeError);
  expect(sender.pending).toBe(0);
  expect(() => sender.bytes(0)).toThrow(RangeError);
  sender.push(new Uint8Array(1), to);
  sending.close();
  expect(() => sender.trySend()).toThrow(/EBADF/);
  expect(() => sender.tryReceive()).toThrow(/EBADF/);
  expect(sender.pending).toBe(1);
});

/** A backend whose system refuses to cut with this error, and each datagram that `alone` names as well. */
function refusing(code: string, alone: (number: number) => boolean): typeof Socket {
  const { driver } = Socket;
  const refused = -(driver.errors[code] as number);
  const { Socket: Class } = makeBackend({
    ...driver,
    sendBatch(handle, batch, count, flags) {
      let going = 0;
      while (going < count) {
        const bytes = batch.data.subarray(going * batch.size, going * batch.size + 4);
        if ((batch.segments[going] as number) > 0 || alone(numberOf(bytes))) break;
        going++;
      }
      if (going === 0) return refused;
      return driver.sendBatch?.(handle, batch, going, flags) as number;
    },
  });
  return Class as unknown as typeof Socket;
}

const refusals: [code: string, alone: number[], gso: boolean, sent: number[]][] = [
  ['EIO', [], false, [0, 1, 2, 3, 4, 5]],
  ['EINVAL', [], false, [0, 1, 2, 3, 4, 5]],
  // A datagram of the run was wrong: the run itself may not have been.
  ['EINVAL', [4], true, [0, 1, 2, 3, 5]],
  ['EMSGSIZE', [], true, [0, 1, 2, 3, 4, 5]],
  ['EMSGSIZE', [0, 1, 2, 3, 4, 5], true, []],
  // The system had no room for the run, and would have none for its pieces.
  ['ENOBUFS', [], true, [0, 5]],
];

for (const [code, alone, gso, expected] of refusals) {
  test(`${code} of a run${alone.length > 0 ? `, and of ${alone}` : ''}: ${expected.length} of 6 leave in order`, async () => {
    const Class = refusing(code, (number) => alone.includes(number));
    using sending = new Class(Domain.IPV4, Type.DGRAM);
    using receiving = bound();
    const failed: number[] = [];
    const sender = new DatagramEndpoint(sending, {
      onFailure: ({ error, bytes, outcome }) => {
        expect(error.code).toBe(code);
        expect(outcome).toBe(code === 'ENOBUFS' ? 'refused' : 'failed');
        failed.push(numberOf(bytes.slice()));
      },
    });
    const receiver = new DatagramEndpoint(receiving);
    const to = receiving.localAddr();
    sender.push(numbered(0, 50), to);
    for (let i = 1; i < 5; i++) sender.push(numbered(i, 100), to);
    sender.push(numbered(5, 200), to);
    expect(sender.trySend()).toBe(true);
    const arrived = expected.length > 0 ? await receiveAll(receiver, expected.length) : [];
    expect(arrived.map(numberOf)).toEqual(expected);
    expect([...failed, ...expected].toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    const { sent, refused, refusedRuns } = sender.statistics;
    expect([sent, refused + sender.statistics.failed]).toEqual([expected.length, failed.length]);
    expect(refusedRuns[code as 'EIO']).toBe(1);
    expect(sender.path.gso).toBe(gso);
  });
}

test('receiving and sending by an endpoint allocates no more than its views', () => {
  using socket = bound();
  socket.connect(socket.localAddr());
  const endpoint = new DatagramEndpoint(socket, { size: 100, columns: ['ecn'] });
  const bytes = numbered(1, 64);
  const cycle = (times: number): number => {
    let moved = 0;
    for (let i = 0; i < times; i++) {
      for (let k = 0; k < 8; k++) endpoint.push(bytes);
      endpoint.trySend();
      moved += endpoint.tryReceive() ?? 0;
      for (let k = 0; k < endpoint.length; k++) moved += endpoint.lengthOf(k) === 64 ? 0 : 1;
    }
    return moved;
  };
  const allocated = (): number => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    expect(cycle(5000)).toBe(5000 * 8);
    return (process.memoryUsage().heapUsed - before) / 5000;
  };
  const rounds = Array.from({ length: 8 }, allocated).filter((figure) => figure >= 0);
  // One small object for the run that may grow.
  expect(Math.min(...rounds)).toBeLessThan(256);
});

test('callbacks that push, send or throw do not lose or repeat a datagram', async () => {
  const Class = refusing('EPERM', (number) => number < 10);
  using sending = new Class(Domain.IPV4, Type.DGRAM);
  using receiving = bound();
  const receiver = new DatagramEndpoint(receiving);
  const to = receiving.localAddr();
  const failed: number[] = [];
  const sender = new DatagramEndpoint(sending, {
    gso: false,
    onFailure({ bytes }) {
      const number = numberOf(bytes.slice());
      failed.push(number);
      expect(sender.push(numbered(number + 10), to)).toBe(true);
      expect(sender.trySend()).toBe(false);
      if (number === 2) throw new Error('of the callback');
    },
  });
  for (let i = 0; i < 4; i++) sender.push(numbered(i), to);
  expect(() => sender.trySend()).toThrow('of the callback');
  expect(sender.pending).toBe(4);
  expect(sender.trySend()).toBe(true);
  expect(failed).toEqual([0, 1, 2, 3]);
  const arrived = await receiveAll(receiver, 4);
  expect(arrived.map(numberOf)).toEqual([10, 11, 12, 13]);
  expect(sender.statistics).toMatchObject({ sent: 4, failed: 4, refused: 0 });
});
