import { LITTLE_ENDIAN } from '../address/byte-order.js';

/** The states of a TCP connection by the system's number: Linux's include/net/tcp_states.h. */
export const TCP_STATES = [
  'unknown',
  'established',
  'synSent',
  'synReceived',
  'finWait1',
  'finWait2',
  'timeWait',
  'close',
  'closeWait',
  'lastAck',
  'listen',
  'closing',
  'newSynReceived',
] as const;
const CONGESTION_STATES = ['open', 'disorder', 'cwr', 'recovery', 'loss'] as const;

/** The state of a TCP connection, RFC 9293 and Linux's `TCP_NEW_SYN_RECV`. */
export type TcpState = (typeof TCP_STATES)[number];

/** How congestion control sees a connection: `TCP_CA_...` */
export type TcpCongestionState = (typeof CONGESTION_STATES)[number];

/** How the fields of `struct tcp_info` are converted. Times become milliseconds. */
const kinds = {
  u16: (view: DataView, at: number) => view.getUint16(at, LITTLE_ENDIAN),
  u32: (view: DataView, at: number) => view.getUint32(at, LITTLE_ENDIAN),
  u64: (view: DataView, at: number) => Number(view.getBigUint64(at, LITTLE_ENDIAN)),
  /** All ones mean "no limit". */
  rate: (view: DataView, at: number) => {
    const rate = view.getBigUint64(at, LITTLE_ENDIAN);
    return rate === 0xffff_ffff_ffff_ffffn ? Number.POSITIVE_INFINITY : Number(rate);
  },
  us32: (view: DataView, at: number) => view.getUint32(at, LITTLE_ENDIAN) / 1000,
  us64: (view: DataView, at: number) => Number(view.getBigUint64(at, LITTLE_ENDIAN)) / 1000,
} as const;
const sizes: Readonly<Record<keyof typeof kinds, number>> = {
  u16: 2,
  u32: 4,
  u64: 8,
  rate: 8,
  us32: 4,
  us64: 8,
};

/** Offsets in Linux's `struct tcp_info`, which only ever grows at its end. */
const fields = {
  rto: [8, 'us32'],
  ato: [12, 'us32'],
  sendMss: [16, 'u32'],
  receiveMss: [20, 'u32'],
  unacked: [24, 'u32'],
  sacked: [28, 'u32'],
  lost: [32, 'u32'],
  retrans: [36, 'u32'],
  lastDataSent: [44, 'u32'],
  lastDataReceived: [52, 'u32'],
  lastAckReceived: [56, 'u32'],
  pathMtu: [60, 'u32'],
  receiveSlowStartThreshold: [64, 'u32'],
  rtt: [68, 'us32'],
  rttVariance: [72, 'us32'],
  sendSlowStartThreshold: [76, 'u32'],
  congestionWindow: [80, 'u32'],
  advertisedMss: [84, 'u32'],
  reordering: [88, 'u32'],
  receiveRtt: [92, 'us32'],
  receiveSpace: [96, 'u32'],
  totalRetrans: [100, 'u32'],
  pacingRate: [104, 'rate'],
  maxPacingRate: [112, 'rate'],
  bytesAcked: [120, 'u64'],
  bytesReceived: [128, 'u64'],
  segmentsOut: [136, 'u32'],
  segmentsIn: [140, 'u32'],
  notSentBytes: [144, 'u32'],
  minRtt: [148, 'us32'],
  dataSegmentsIn: [152, 'u32'],
  dataSegmentsOut: [156, 'u32'],
  deliveryRate: [160, 'u64'],
  busyTime: [168, 'us64'],
  receiveWindowLimited: [176, 'us64'],
  sendBufferLimited: [184, 'us64'],
  delivered: [192, 'u32'],
  deliveredCe: [196, 'u32'],
  bytesSent: [200, 'u64'],
  bytesRetransmitted: [208, 'u64'],
  duplicateSacks: [216, 'u32'],
  reorderingSeen: [220, 'u32'],
  outOfOrderPackets: [224, 'u32'],
  sendWindow: [228, 'u32'],
  receiveWindow: [232, 'u32'],
  rehashes: [236, 'u32'],
  totalRtos: [240, 'u16'],
  totalRtoRecoveries: [242, 'u16'],
} as const satisfies Readonly<Record<string, readonly [number, keyof typeof kinds]>>;

/** The fields that every kernel with this option has (Linux 2.6). */
type Always =
  | 'rto'
  | 'ato'
  | 'sendMss'
  | 'receiveMss'
  | 'unacked'
  | 'sacked'
  | 'lost'
  | 'retrans'
  | 'lastDataSent'
  | 'lastDataReceived'
  | 'lastAckReceived'
  | 'pathMtu'
  | 'receiveSlowStartThreshold'
  | 'rtt'
  | 'rttVariance'
  | 'sendSlowStartThreshold'
  | 'congestionWindow'
  | 'advertisedMss'
  | 'reordering'
  | 'receiveRtt'
  | 'receiveSpace'
  | 'totalRetrans';

type Field = keyof typeof fields;

/**
 * The system's data on a TCP connection: `struct tcp_info`, tcp(7). Times are milliseconds,
 * rates bytes a second, `congestionWindow` and the other counts segments. Fields that the running
 * kernel does not have are left out.
 */
export type TcpInfo = {
  readonly state: TcpState;
  readonly congestionState: TcpCongestionState;
  /** Retransmissions of the oldest unacknowledged segment. */
  readonly retransmits: number;
  /** Unanswered window or keep-alive probes. */
  readonly probes: number;
  readonly backoff: number;
  /** Options that both ends agreed on. */
  readonly options: {
    readonly timestamps: boolean;
    readonly sack: boolean;
    readonly windowScaling: boolean;
    readonly ecn: boolean;
    /** Data in the SYN was acknowledged: TCP Fast Open. */
    readonly synData: boolean;
  };
  /** Shifts of the window. */
  readonly sendWindowScale: number;
  readonly receiveWindowScale: number;
} & { readonly [name in Always]: number } & {
  readonly [name in Exclude<Field, Always>]?: number;
};

/** Reads the fields of `struct tcp_info` that the system filled in. */
export function tcpInfoOf(bytes: Uint8Array): TcpInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const byte = (at: number): number => bytes[at] ?? 0;
  const options = byte(5);
  // Two bit-fields of four bits. Their order follows the byte order.
  const [low, high] = [byte(6) & 15, byte(6) >> 4];
  const numbers: Partial<Record<Field, number>> = {};
  for (const [name, [at, kind]] of Object.entries(fields) as [
    Field,
    readonly [number, keyof typeof kinds],
  ][]) {
    if (at + sizes[kind] <= bytes.length) numbers[name] = kinds[kind](view, at);
  }
  return {
    state: TCP_STATES[byte(0)] ?? 'unknown',
    congestionState: CONGESTION_STATES[byte(1)] ?? 'open',
    retransmits: byte(2),
    probes: byte(3),
    backoff: byte(4),
    options: {
      timestamps: (options & 1) !== 0,
      sack: (options & 2) !== 0,
      windowScaling: (options & 4) !== 0,
      ecn: (options & 8) !== 0,
      synData: (options & 32) !== 0,
    },
    sendWindowScale: LITTLE_ENDIAN ? low : high,
    receiveWindowScale: LITTLE_ENDIAN ? high : low,
    ...(numbers as { readonly [name in Always]: number }),
  };
}
