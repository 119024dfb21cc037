/** The columns of batches, against what CPython's recvmsg sees of the same datagrams. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type ColumnName, DatagramBatch, Domain, MSG, SockAddr, Socket, Type } from '@sock/native';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

const SEED = 20_261_128;
const DATAGRAMS = 10_000;
/** Datagrams of one batch: more than one system call carries, so that columns cross its limit. */
const MOST = 100;
const RECEIVED = ['ecn', 'tos', 'destination', 'interface', 'ttl', 'timestamp', 'drops'] as const;

type Received = (typeof RECEIVED)[number];
type Seen = Partial<Record<Received, number | string>> & {
  data: string;
  address: string;
  flags: number;
};

/** CPython. It inherits `fd`, if there is one, as descriptor 3. */
class Python {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(fd?: number) {
    const script = fileURLToPath(new URL('../oracle/columns.py', import.meta.url));
    this.#child = spawn(process.env['PYTHON'] ?? 'python3', [script], {
      stdio: ['pipe', 'pipe', 'inherit', ...(fd === undefined ? [] : [fd])],
    });
    const input = this.#child.stdout as NodeJS.ReadableStream;
    this.#lines = createInterface({ input })[Symbol.asyncIterator]();
  }

  async ask<T>(request: object): Promise<T> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the oracle ended');
    return JSON.parse(value) as T;
  }

  close(): void {
    this.#child.stdin?.end();
  }
}

const python = new Python();
afterAll(() => python.close());

interface Kind {
  readonly name: 'IPv4' | 'IPv6' | 'mapped';
  readonly family: 4 | 6;
  readonly dual: boolean;
}
const KINDS: readonly Kind[] = [
  { name: 'IPv4', family: 4, dual: false },
  { name: 'IPv6', family: 6, dual: false },
  { name: 'mapped', family: 6, dual: true },
];

/** An address of the loopback network: the kernel answers to all of 127.0.0.0/8, and to ::1 alone. */
const loopback = ({ name }: Kind, host: number): string =>
  name === 'IPv6' ? '::1' : `${name === 'mapped' ? '::ffff:' : ''}127.0.0.${host}`;

const addressOf = (kind: Kind, host: number, port: number): SockAddr =>
  kind.family === 4
    ? SockAddr.ipv4(loopback(kind, host), port)
    : SockAddr.ipv6(loopback(kind, host), port);

interface Datagram {
  readonly length: number;
  readonly tos: number;
  readonly ecn: number;
  readonly ttl: number;
  readonly to: number;
  readonly from: number | undefined;
}

interface Round {
  readonly kind: Kind;
  readonly receive: readonly Received[];
  readonly send: readonly ColumnName[];
  readonly datagrams: readonly Datagram[];
}

const byte = fc.integer({ min: 0, max: 255 });
const host = fc.integer({ min: 1, max: 250 });
const rounds = fc.record({
  kind: fc.constantFrom(...KINDS),
  receive: fc.subarray([...RECEIVED], { minLength: 1 }),
  send: fc.subarray<ColumnName>(['ecn', 'tos', 'ttl', 'source']),
  datagrams: fc.array(
    fc.record({
      length: fc.integer({ min: 0, max: 200 }),
      tos: byte,
      ecn: fc.integer({ min: 0, max: 3 }),
      ttl: byte,
      to: host,
      from: fc.option(host, { nil: undefined }),
    }),
    { minLength: 1, maxLength: MOST },
  ),
});

function open({ family, dual }: Kind): Socket {
  const socket = new Socket(family === 4 ? Domain.IPV4 : Domain.IPV6, Type.DGRAM);
  if (family === 6) socket.setOnlyV6(!dual);
  socket.bind(family === 4 ? SockAddr.ipv4('0.0.0.0', 0) : SockAddr.ipv6('::', 0));
  socket.setRecvBufferSize(1 << 20);
  socket.setReadTimeout(10_000);
  return socket;
}

function fill(batch: DatagramBatch, { kind, datagrams }: Round, port: number): void {
  batch.length = 0;
  datagrams.forEach(({ length, tos, ecn, ttl, to, from }, index) => {
    batch.push(new Uint8Array(length).fill(index), addressOf(kind, to, port));
    if (batch.tos !== undefined) batch.tos[index] = tos;
    if (batch.ecn !== undefined) batch.ecn[index] = ecn;
    if (batch.ttl !== undefined) batch.ttl[index] = ttl;
    if (from !== undefined && batch.hasSource) {
      batch.setSource(index, addressOf(kind, from, 0));
    }
  });
}

/** What the columns say of a datagram, in the words of the oracle. */
function seenIn(batch: DatagramBatch, index: number, names: readonly Received[]): Seen {
  const all: Record<Received, () => number | string | undefined> = {
    ecn: () => batch.ecn?.[index],
    tos: () => batch.tos?.[index],
    ttl: () => batch.ttl?.[index],
    interface: () => batch.interfaces?.[index],
    drops: () => batch.drops?.[index],
    timestamp: () => batch.timestamps?.[index]?.toString(),
    destination: () => batch.destination(index)?.address,
  };
  const seen: Record<string, unknown> = {
    data: Buffer.from(batch.bytes(index)).toString('hex'),
    address: batch.address(index).address,
    flags: batch.flags[index],
  };
  for (const name of names) if (batch.has(index, name)) seen[name] = all[name]();
  return seen as unknown as Seen;
}

/** What the oracle says of the columns that the batch has: an option may bring more than was asked for. */
function only(seen: Seen, names: readonly Received[]): Seen {
  const { data, address, flags } = seen;
  const some: Record<string, unknown> = { data, address, flags };
  for (const name of names) if (seen[name] !== undefined) some[name] = seen[name];
  return some as unknown as Seen;
}

async function disagreements(round: Round): Promise<unknown[]> {
  const { kind, receive, send, datagrams } = round;
  using ours = open(kind);
  using sender = open(kind);
  const received = new DatagramBatch({ count: MOST, size: 256, columns: receive });
  const options = received.enable(ours);
  const sent = new DatagramBatch({ count: MOST, size: 256, columns: send });
  const port = await python.ask<number>({ open: kind.family, dual: kind.dual, options });
  const begin = BigInt(Date.now()) * 1_000_000n;
  for (const to of [ours.localAddr().port, port]) {
    fill(sent, round, to);
    expect(sender.sendBatch(sent)).toBe(datagrams.length);
  }
  expect(ours.recvBatch(received)).toBe(datagrams.length);
  const theirs = await python.ask<Seen[]>({ receive: datagrams.length });
  const wrong: unknown[] = [];
  for (const [index, seen] of theirs.entries()) {
    const mine = seenIn(received, index, receive);
    const other = only(seen, receive);
    // The two sockets got a copy each, so the times differ. The test below compares the times of one datagram.
    for (const side of [mine, other]) {
      if (side.timestamp === undefined) continue;
      const late = BigInt(side.timestamp) - begin;
      side.timestamp = late > -2_000_000n && late < 60_000_000_000n ? 'now' : String(late);
    }
    try {
      expect(mine).toEqual(other);
    } catch {
      wrong.push({ kind: kind.name, index, mine, other, datagram: datagrams[index] });
    }
  }
  return wrong;
}

test(`${DATAGRAMS} datagrams with random columns say what they say to CPython`, async () => {
  let done = 0;
  const kinds = new Set<string>();
  for (const round of fc.sample(rounds, { numRuns: 4000, seed: SEED })) {
    if (done >= DATAGRAMS) break;
    expect(await disagreements(round)).toEqual([]);
    done += round.datagrams.length;
    kinds.add(round.kind.name);
  }
  expect(done).toBeGreaterThanOrEqual(DATAGRAMS);
  expect(kinds.size).toBe(3);
}, 300_000);

for (const kind of KINDS) {
  test(`a ${kind.name} datagram that both read has the same columns, times included`, async () => {
    using receiver = open(kind);
    using sender = open(kind);
    const received = new DatagramBatch({ count: 1, size: 256, columns: RECEIVED });
    received.enable(receiver);
    const both = new Python(receiver.asRawFd());
    for (let i = 0; i < 100; i++) {
      const { port } = receiver.localAddr();
      sender.sendTo(Uint8Array.of(i), addressOf(kind, 1 + (i % 200), port));
      expect(receiver.recvBatch(received, MSG['PEEK'])).toBe(1);
      const mine = seenIn(received, 0, RECEIVED);
      const theirs = await both.ask<Seen>({ fd: 3 });
      expect(mine).toEqual(theirs);
      expect(mine.timestamp).toMatch(/^\d{19}$/);
    }
    both.close();
  });
}

test('the comparison finds a column that is one off', async () => {
  const [round] = fc.sample(
    rounds.filter(({ receive }) => receive.includes('ttl')),
    { numRuns: 1, seed: SEED },
  ) as unknown as [Round];
  const real = DatagramBatch.prototype.has;
  const spoiled = new Set<Uint8Array>();
  DatagramBatch.prototype.has = function (this: DatagramBatch, index, column) {
    if (this.ttl !== undefined && !spoiled.has(this.ttl)) {
      spoiled.add(this.ttl);
      this.ttl[0] = (this.ttl[0] as number) ^ 1;
    }
    return real.call(this, index, column);
  };
  try {
    expect(await disagreements(round)).toHaveLength(1);
  } finally {
    DatagramBatch.prototype.has = real;
  }
});

test('what the kernel cannot do here', () => {
  using socket = open(KINDS[0] as Kind);
  const batch = new DatagramBatch({
    count: 1,
    size: 8,
    columns: ['hardwareTimestamp', 'transmitTime', 'source', 'timestamp'],
  });
  batch.enable(socket);
  const { port } = socket.localAddr();
  const once = (): void => {
    expect(socket.sendBatch(batch)).toBe(1);
    expect(socket.recvBatch(batch)).toBe(1);
  };
  // The loopback device has no clock: only the kernel's own time comes.
  batch.push(Uint8Array.of(1), SockAddr.ipv4('127.0.0.1', port));
  once();
  expect([batch.has(0, 'hardwareTimestamp'), batch.has(0, 'timestamp')]).toEqual([false, true]);
  // The loopback device has no queue, so a datagram leaves at once whatever its transmit time is.
  batch.length = 0;
  batch.push(Uint8Array.of(1), SockAddr.ipv4('127.0.0.1', port));
  (batch.transmitTimes as BigUint64Array)[0] = process.hrtime.bigint() + 3_600_000_000_000n;
  once();
  // A source address has to be one of this system: EINVAL of ip_route_output_key.
  batch.length = 0;
  batch.push(Uint8Array.of(1), SockAddr.ipv4('127.0.0.1', port));
  batch.setSource(0, SockAddr.ipv4('192.0.2.77', 0));
  expect(() => socket.sendBatch(batch)).toThrow(/sendmmsg (EINVAL|ENETUNREACH|EADDRNOTAVAIL)/);
});
