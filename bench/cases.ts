/** The cases of the benchmark and the targets of @sock. */

/** A case of either kind. */
export interface Case {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** Describes one operation, or the thing that is counted. */
  readonly about: string;
}

/** A case that each side runs in a loop. */
export interface CallCase extends Case {
  /** The number of operations in a round. */
  readonly count: number;
  /** The name of the case without the technique. */
  readonly plain?: string;
}

const call = (name: string, count: number, about: string, plain?: string): CallCase => ({
  name,
  unit: 'ns',
  better: 'lower',
  about,
  count,
  ...(plain === undefined ? {} : { plain }),
});

export const callCases: readonly CallCase[] = [
  call('udp-64', 60_000, 'send and recv of 64 B on a UDP socket connected to itself'),
  call('udp-64-recvfrom', 60_000, 'sendto and recvfrom of 64 B; nobody reads the address'),
  call('tcp-64', 30_000, 'send and recv of 64 B over a TCP connection'),
  call('tcp-64k', 4_000, 'send and recv of 64 KiB over a TCP connection'),
  call('getsockopt', 300_000, 'getsockopt of SO_KEEPALIVE'),
  call('socket-close', 30_000, 'socket and close'),
];

/** Techniques that save copies or packets, each with the case to compare with. Only C and @sock/native have them. */
export const copyCases: readonly CallCase[] = [
  call('file-64k-read', 4_000, 'pread of 64 KiB of a file, send and recv'),
  call('file-64k-sendfile', 4_000, 'sendfile(2) of 64 KiB and recv', 'file-64k-read'),
  call('tcp-64k-zerocopy', 4_000, 'tcp-64k with MSG_ZEROCOPY and its completion', 'tcp-64k'),
  call('tcp-8x128', 8_000, '8 sends of 128 B over TCP, and recv of them all'),
  call('tcp-8x128-cork', 8_000, 'tcp-8x128 between TCP_CORK on and off', 'tcp-8x128'),
  call('udp-64-busy-poll', 60_000, 'udp-64 with SO_BUSY_POLL of 50 us', 'udp-64'),
  call('udp-64-incoming-cpu', 60_000, 'udp-64 with SO_INCOMING_CPU', 'udp-64'),
];

/** What a process does once, measured from the import. */
export const startCase: Case = {
  name: 'start-up',
  unit: 'ms',
  better: 'lower',
  about: 'from the import of the backend to the first datagram sent, in a process of its own',
};

/** The most or the least that a side's figure may be: as a multiple of another side's, or as it is. */
export interface Target {
  readonly case: string;
  readonly side: 'sock-native' | 'sock-async' | 'sock-std' | 'wasi-node';
  /** Left out: the figure itself, in the unit of the case. */
  readonly versus?: 'c' | 'node' | 'bun' | 'rust' | 'sock-native' | 'wasmtime';
  readonly most?: number;
  readonly least?: number;
}

type Other = NonNullable<Target['versus']>;

const most = (name: string, factor: number, versus: Other = 'c'): Target => ({
  case: name,
  side: 'sock-native',
  versus,
  most: factor,
});
const least = (name: string, factor: number, versus: Other): Target => ({
  case: name,
  side: 'sock-native',
  versus,
  least: factor,
});
const wasiMost = (name: string, factor: number, versus: Other = 'sock-native'): Target => ({
  ...most(name, factor, versus),
  side: 'wasi-node',
});
const wasiLeast = (name: string, factor: number): Target => ({
  ...least(name, factor, 'sock-native'),
  side: 'wasi-node',
});

export const targets: readonly Target[] = [
  most('udp-64', 1.1),
  most('udp-64-recvfrom', 1.2),
  most('tcp-64', 1.05),
  most('tcp-64k', 1.03),
  most('getsockopt', 1.25),
  least('udp-flood', 3, 'node'),
  least('udp-flood', 0.9, 'c'),
  least('udp-bulk', 15, 'node'),
  least('udp-bulk', 0.9, 'c'),
  ...['udp-flood-meta', 'udp-bulk-meta'].flatMap((name) => [
    least(name, 0.9, 'c'),
    least(name, 0.9, 'rust'),
    least(name, 10, 'node'),
  ]),
  // Node's `dgram` without the meta data.
  { case: 'udp-flood-meta', side: 'sock-std', versus: 'node', least: 1 },
  least('udp-flood-loop', 0.9, 'c'),
  { case: 'udp-flood-loop', side: 'sock-async', versus: 'sock-native', least: 0.9 },
  ...[64, 1000, 8000].flatMap((connections) => [
    least(`echo-${connections}`, 0.9, 'c'),
    least(`echo-${connections}`, connections === 64 ? 1.5 : 2, 'node'),
    least(`echo-${connections}`, 1, 'bun'),
  ]),
  // What the asynchronous forms cost: against the Poller of the same backend, and against node.
  ...[1, 64, 1000].flatMap((connections): Target[] => [
    { case: `echo-${connections}`, side: 'sock-async', versus: 'sock-native', least: 0.9 },
    { case: `echo-${connections}`, side: 'sock-async', versus: 'node', least: 1.3 },
  ]),
  { case: 'relay', side: 'sock-async', versus: 'c', least: 0.9 },
  { case: 'relay', side: 'sock-async', versus: 'node', least: 2 },
  { case: 'http-file', side: 'sock-std', versus: 'node', least: 2 },
  least('accept-rate', 2, 'node'),
  most('memory-idle-8000', 1 / 5, 'node'),
  most('echo-growth', 1),
  wasiMost('udp-64', 1.25),
  wasiMost('tcp-64', 1.2),
  wasiMost('tcp-64k', 1.5),
  wasiMost('getsockopt', 1.6),
  wasiMost('socket-close', 1.4),
  wasiLeast('echo-64', 0.7),
  wasiLeast('echo-1000', 0.7),
  ...['udp-64', 'udp-64-recvfrom', 'tcp-64', 'tcp-64k', 'getsockopt'].map((name) =>
    wasiMost(name, 1, 'wasmtime'),
  ),
  { case: 'start-up', side: 'wasi-node', most: 50 },
];
