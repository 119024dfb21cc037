/**
 * Measures what each column of a DatagramBatch costs, and from how many datagrams on a run (UDP_SEGMENT) pays. With
 * `--docs` writes the tables into docs/datagrams.md. Each figure is the median of interleaved rounds in one process.
 *
 *   node bench/datagrams.mjs [--docs]
 */
import process from 'node:process';
import { DatagramBatch, Domain, SockAddr, Socket, Type } from '@sock/native';
import { publish } from './published.mjs';

const ROUNDS = 3000;
/** One call at a time: a longer stretch would hold the time of other programs as well. */
const REPEAT = 1;
const COUNT = 64;

const median = (values) => values.toSorted((one, other) => one - other)[values.length >> 1];
const nanoseconds = (since) => Number(process.hrtime.bigint() - since);

function bound() {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  socket.setRecvBufferSize(4 << 20);
  socket.setSendBufferSize(4 << 20);
  return socket;
}

/** Runs each of the measurements in turn, again and again; the median of each. */
function interleaved(measurements) {
  const figures = measurements.map(() => []);
  for (const measure of measurements) for (let i = 0; i < 20; i++) measure();
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < measurements.length; i++) {
      // Each round starts with another, so that none is always first.
      const at = (i + round) % measurements.length;
      figures[at].push(measurements[at]());
    }
  }
  return figures.map(median);
}

/** The time of receiving one datagram of 64 bytes into a batch with these columns, all of them read. */
function receiving(columns) {
  const socket = bound();
  socket.connect(socket.localAddr());
  const sent = new DatagramBatch({ count: COUNT, size: 64, addresses: false });
  for (let i = 0; i < COUNT; i++) sent.push(new Uint8Array(64));
  const received = new DatagramBatch({ count: COUNT, size: 64, addresses: false, columns });
  received.enable(socket);
  let seen = 0;
  return () => {
    let time = 0;
    for (let i = 0; i < REPEAT; i++) {
      socket.sendBatch(sent);
      const since = process.hrtime.bigint();
      const count = socket.recvBatch(received);
      for (let k = 0; k < count; k++) {
        seen += received.ecn?.[k] ?? 0;
        seen += received.tos?.[k] ?? 0;
        seen += received.ttl?.[k] ?? 0;
        seen += received.interfaces?.[k] ?? 0;
        seen += received.drops?.[k] ?? 0;
        if (columns.includes('timestamp')) seen += received.receivedAt(k);
        if (columns.includes('destination')) seen += received.destination(k).port;
      }
      time += nanoseconds(since) / count;
    }
    if (Number.isNaN(seen)) throw new Error('a column is no number');
    return time / REPEAT;
  };
}

/** The time of sending one datagram of 1,200 bytes in runs of this length. */
function sending(length) {
  const [sender, receiver] = [bound(), bound()];
  receiver.setUdpGro(true);
  sender.connect(receiver.localAddr());
  const slots = Math.ceil(48 / length);
  const batch = new DatagramBatch({ count: slots, size: 1200 * length, addresses: false });
  for (let i = 0; i < slots; i++) {
    batch.push(new Uint8Array(1200 * length), undefined, length === 1 ? 0 : 1200);
  }
  const into = new DatagramBatch({ count: COUNT, size: 65536, addresses: false });
  return () => {
    let time = 0;
    for (let i = 0; i < REPEAT; i++) {
      const since = process.hrtime.bigint();
      const sent = sender.sendBatch(batch);
      time += nanoseconds(since) / (slots * length);
      if (sent !== slots) throw new Error(`${sent} of ${slots} runs were sent`);
      while (receiver.tryRecvBatch(into) !== undefined);
    }
    return time / REPEAT;
  };
}

const sets = [
  [],
  ['ecn'],
  ['tos'],
  ['ttl'],
  ['destination'],
  ['interface'],
  ['drops'],
  ['timestamp'],
  ['ecn', 'destination', 'timestamp'],
  ['ecn', 'tos', 'ttl', 'destination', 'interface', 'drops', 'timestamp'],
];
const lengths = [1, 2, 3, 4, 8, 16, 24, 48];

const costs = interleaved(sets.map(receiving));
const runs = interleaved(lengths.map(sending));
const ratio = (value, base) => `${(value / base).toFixed(2)}x`;
const threshold = lengths.find((length, at) => length > 1 && runs[at] < 0.95 * runs[0]);

const tables = {
  columns: [
    '| Columns | Time of one datagram |',
    '| --- | --- |',
    ...sets.map((names, at) => {
      const name = names.length === 0 ? 'none' : names.map((it) => `\`${it}\``).join(', ');
      return `| ${name} | ${ratio(costs[at], costs[0])} |`;
    }),
  ],
  runs: [
    '| Datagrams in a run | Time of sending one |',
    '| --- | --- |',
    ...lengths.map((length, at) => `| ${length} | ${ratio(runs[at], runs[0])} |`),
    '',
    threshold === undefined
      ? 'In this measurement no run was faster.'
      : `In this measurement runs pay from ${threshold} datagrams on.`,
  ],
};

publish(tables);
