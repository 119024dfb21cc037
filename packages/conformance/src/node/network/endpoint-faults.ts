/** A DatagramEndpoint on a network with faults: each datagram is sent, refused or failed, and none is in no count. */
import {
  DatagramEndpoint,
  type DatagramEndpointInit,
  SockAddr,
  type Socket,
  Type,
} from '@sock/core';
import { deepEqual, equal, ok } from '../../assert.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';
import { eventually } from '../../silence.js';
import { lacksCommand, lacksNamespaces, lacksNft } from '../lacks.js';
import { type End, Namespace, WIRE, wired } from '../namespace.js';
import type { NodeBackend } from '../program.js';

type Failures = Map<string, { count: number; mtus: Set<number | undefined> }>;

/** An endpoint, and what it said of the datagrams that did not leave. */
interface Side {
  readonly socket: Socket;
  readonly endpoint: DatagramEndpoint;
  readonly failures: Failures;
  readonly reports: string[];
}

type Version = 'ipv4' | 'ipv6';

function open(namespace: Namespace, version: Version, init: DatagramEndpointInit = {}): Side {
  const socket = namespace.open(version, Type.DGRAM);
  socket.bind(version === 'ipv4' ? SockAddr.ipv4('0.0.0.0', 0) : SockAddr.ipv6('::', 0));
  socket.setRecvBufferSize(4 << 20);
  const failures: Failures = new Map();
  const reports: string[] = [];
  const endpoint = new DatagramEndpoint(socket, {
    size: 1400,
    ...init,
    onFailure({ outcome, error, mtu, bytes, address }) {
      ok(bytes.length > 0 && address !== undefined, 'the failure names the datagram');
      const key = `${outcome} ${error.code}`;
      const entry = failures.get(key) ?? { count: 0, mtus: new Set() };
      entry.count++;
      entry.mtus.add(mtu);
      failures.set(key, entry);
    },
    onReport: ({ error, origin }) => reports.push(`${error.code} ${origin}`),
  });
  return { socket, endpoint, failures, reports };
}

const addressOf = (end: End, version: Version, port: number): SockAddr =>
  version === 'ipv4' ? SockAddr.ipv4(end.v4, port) : SockAddr.ipv6(end.v6, port);

/** Pushes datagrams of these lengths and sends them. Checks that each is in one count, and in the right call. */
async function send({ endpoint, failures }: Side, to: SockAddr, lengths: number[]): Promise<void> {
  const before = { ...endpoint.statistics };
  for (const length of lengths) {
    if (endpoint.push(new Uint8Array(length), to)) continue;
    await endpoint.flush({ timeout: 5000 });
    ok(endpoint.push(new Uint8Array(length), to), 'room after the flush');
  }
  await endpoint.flush({ timeout: 5000 });
  const { sent, refused, failed } = endpoint.statistics;
  const done = sent - before.sent + refused - before.refused + failed - before.failed;
  deepEqual([done, endpoint.pending], [lengths.length, 0]);
  let told = 0;
  for (const { count } of failures.values()) told += count;
  equal(told, refused + failed, 'each that did not leave was told');
}

/** Receives until `count` datagrams have arrived. */
async function arrive({ endpoint }: Side, count: number): Promise<void> {
  while (endpoint.statistics.received < count) await endpoint.receive({ timeout: 5000 });
  equal(endpoint.statistics.received, count);
}

const many = (count: number, length: number): number[] =>
  Array.from({ length: count }, () => length);
const noNetem = (): string | undefined =>
  lacksNamespaces() ??
  lacksCommand(
    'unshare',
    '--net',
    'tc',
    'qdisc',
    'add',
    'dev',
    'lo',
    'root',
    'netem',
    'loss',
    '1%',
  );

const NEEDS = ['sendBatch', 'recvBatch', 'recvmsg', 'udpSegment', 'setRecvErrV4'] as const;
const METHODS = ['trySendBatch', 'tryRecvBatch'] as const;

interface Fault {
  readonly name: string;
  readonly lacks?: () => string | undefined;
  run(t: Context, backend: NodeBackend): Promise<void>;
}

/** MTUs, and a length that fits and one that does not. */
const SMALL = { ipv4: [1000, 900, 1200], ipv6: [1280, 1200, 1300] } as const;

const faults: readonly Fault[] = [
  ...(['ipv4', 'ipv6'] as const).map((version): Fault => ({
    name: `an interface of small MTU: what is too long fails with EMSGSIZE and the MTU, the rest leaves (${version})`,
    async run(t, backend) {
      const [here, there] = wired(t, backend);
      const [mtu, fits, long] = SMALL[version];
      here.namespace.run('ip', 'link', 'set', WIRE, 'mtu', String(mtu));
      const sender = open(here.namespace, version);
      const receiver = open(there.namespace, version);
      const to = addressOf(there, version, receiver.socket.localAddr().port);
      const mixed = Array.from({ length: 40 }, (_, index) => (index % 4 < 2 ? fits : long));
      await send(sender, to, [...many(30, long), ...many(30, fits), ...mixed]);
      const { sent, failed, tooBig } = sender.endpoint.statistics;
      deepEqual([sent, failed, tooBig], [50, 50, 50]);
      deepEqual([...sender.failures], [['failed EMSGSIZE', { count: 50, mtus: new Set([mtu]) }]]);
      equal(sender.endpoint.pathMtu(to), mtu);
      await arrive(receiver, 50);
      // The runs were too long, but the device cuts: the endpoint goes on making runs.
      ok(sender.endpoint.path.gso, 'runs are still made');
    },
  })),
  {
    name: 'a device without checksums of its own: the kernel cuts runs for it, or EIO ends them; each datagram leaves',
    lacks: () =>
      lacksNamespaces() ?? lacksCommand('unshare', '--net', 'ip', 'tuntap', 'add', 'mode', 'tun'),
    async run(t, backend) {
      const namespace = new Namespace(t, backend);
      namespace.run('ip', 'tuntap', 'add', 'tun0', 'mode', 'tun');
      namespace.run('ip', 'address', 'add', '10.84.0.1/24', 'dev', 'tun0');
      namespace.run('ip', 'link', 'set', 'tun0', 'up');
      const sender = open(namespace, 'ipv4');
      ok(sender.endpoint.path.gso, 'the system itself cuts');
      await send(sender, SockAddr.ipv4('10.84.0.2', 9), many(100, 1000));
      const { sent, runs, refusedRuns } = sender.endpoint.statistics;
      equal(sent, 100);
      // Linux 6.11 and later make the checksums themselves.
      if (sender.endpoint.path.gso) deepEqual([runs, refusedRuns.EIO], [2, 0]);
      else ok(runs === 0 && refusedRuns.EIO > 0, JSON.stringify(refusedRuns));
    },
  },
  ...[true, false].map((gso): Fault => ({
    name: `a full queue: ENOBUFS is refused and told, and what was sent arrives (${gso ? 'runs' : 'single'})`,
    async run(t, backend) {
      const [here, there] = wired(t, backend);
      const limits = ['rate', '8mbit', 'burst', '3000', 'limit', '20000'];
      here.namespace.run('tc', 'qdisc', 'replace', 'dev', WIRE, 'root', 'tbf', ...limits);
      const sender = open(here.namespace, 'ipv4', { gso });
      const receiver = open(there.namespace, 'ipv4');
      sender.socket.setSendBufferSize(4 << 20);
      const to = addressOf(there, 'ipv4', receiver.socket.localAddr().port);
      await send(sender, to, many(200, 1000));
      const { sent, refused, failed } = sender.endpoint.statistics;
      ok(refused > 0 && failed === 0, JSON.stringify(sender.endpoint.statistics));
      equal(sender.failures.get('refused ENOBUFS')?.count, refused);
      if (!gso) await arrive(receiver, sent);
    },
  })),
  {
    name: 'loss on the way is no failure: all are sent, and fewer arrive',
    lacks: lacksNft,
    async run(t, backend) {
      const [here, there] = wired(t, backend);
      const rules = `
        add table inet faults
        add chain inet faults input { type filter hook input priority 0; }
        add rule inet faults input udp dport 1-65535 numgen random mod 4 0 drop
      `;
      there.namespace.feed(rules, 'nft', '-f', '-');
      const sender = open(here.namespace, 'ipv4', { gso: false });
      const receiver = open(there.namespace, 'ipv4', { gro: false });
      const to = addressOf(there, 'ipv4', receiver.socket.localAddr().port);
      await send(sender, to, many(400, 1000));
      equal(sender.endpoint.statistics.sent, 400);
      await eventually('some arrive', () => receiver.endpoint.tryReceive());
      while (receiver.endpoint.tryReceive() !== undefined);
      const { received } = receiver.endpoint.statistics;
      ok(received > 200 && received < 400, `${received} arrived`);
    },
  },
  {
    name: 'loss and reordering by netem: all are sent, and each arrives at most once',
    lacks: noNetem,
    async run(t, backend) {
      const [here, there] = wired(t, backend);
      const faulty = ['netem', 'loss', '10%', 'delay', '2ms', '1ms', 'reorder', '25%'];
      here.namespace.run('tc', 'qdisc', 'replace', 'dev', WIRE, 'root', ...faulty);
      const sender = open(here.namespace, 'ipv4');
      const receiver = open(there.namespace, 'ipv4');
      const to = addressOf(there, 'ipv4', receiver.socket.localAddr().port);
      await send(sender, to, many(400, 1000));
      const { sent } = sender.endpoint.statistics;
      await eventually('some arrive', () => receiver.endpoint.tryReceive());
      ok(receiver.endpoint.statistics.received <= sent, 'none arrives twice');
    },
  },
  {
    name: 'a firewall that refuses: EPERM fails and is told',
    lacks: lacksNft,
    async run(t, backend) {
      const [here, there] = wired(t, backend);
      const rules = `
        add table inet faults
        add chain inet faults output { type filter hook output priority 0; }
        add rule inet faults output udp length 1008 drop
      `;
      here.namespace.feed(rules, 'nft', '-f', '-');
      const sender = open(here.namespace, 'ipv4', { gso: false });
      const receiver = open(there.namespace, 'ipv4');
      const to = addressOf(there, 'ipv4', receiver.socket.localAddr().port);
      await send(sender, to, [...many(10, 900), ...many(5, 1000), ...many(10, 900)]);
      const { sent, failed } = sender.endpoint.statistics;
      deepEqual([sent, failed], [20, 5]);
      equal(sender.failures.get('failed EPERM')?.count, 5);
      await arrive(receiver, 20);
    },
  },
  {
    name: 'a receiver that vanishes: its refusals are reported, and the datagrams to others leave',
    async run(t, backend) {
      const [here, there] = wired(t, backend);
      const sender = open(here.namespace, 'ipv4');
      const receiver = open(there.namespace, 'ipv4');
      const stays = open(there.namespace, 'ipv4');
      const to = addressOf(there, 'ipv4', receiver.socket.localAddr().port);
      const other = addressOf(there, 'ipv4', stays.socket.localAddr().port);
      await send(sender, to, many(10, 100));
      await arrive(receiver, 10);
      receiver.socket.close();
      await send(sender, to, many(10, 100));
      await eventually('a report', () => {
        sender.endpoint.tryReceive();
        return sender.reports.length > 0 ? true : undefined;
      });
      await send(sender, other, many(10, 100));
      await arrive(stays, 10);
      deepEqual([...new Set(sender.reports)], ['ECONNREFUSED icmp']);
      const { sent, failed, refused, reports } = sender.endpoint.statistics;
      deepEqual([sent, failed, refused, reports], [30, 0, 0, sender.reports.length]);
    },
  },
  {
    name: 'an interface that goes down: what is pushed then fails, and later datagrams leave',
    async run(t, backend) {
      const [here, there] = wired(t, backend);
      const sender = open(here.namespace, 'ipv4');
      const receiver = open(there.namespace, 'ipv4');
      const to = addressOf(there, 'ipv4', receiver.socket.localAddr().port);
      await send(sender, to, many(10, 100));
      here.namespace.run('ip', 'link', 'set', WIRE, 'down');
      await send(sender, to, many(10, 100));
      equal(sender.failures.get('failed ENETUNREACH')?.count, 10);
      here.namespace.run('ip', 'link', 'set', WIRE, 'up');
      await send(sender, to, many(10, 100));
      equal(sender.endpoint.statistics.sent, 20);
      await arrive(receiver, 20);
    },
  },
];

export const endpointFaults = (backend: NodeBackend): Case[] =>
  faults.map(({ name, lacks = lacksNamespaces, run }) => ({
    name: `endpoint: ${name}`,
    methods: METHODS,
    needs: NEEDS,
    lacks,
    timeout: 20_000,
    run: (t) => run(t, backend),
  }));
