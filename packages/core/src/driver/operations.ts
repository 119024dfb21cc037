/** The operations that are not options: which systems have each, and how well WASI does it. */
import type { Support } from '../driver.js';
import type { System } from '../options/option-row.js';

/** One operation: everything that core knows of it. */
export interface OperationRow {
  /** The systems that have it. Left out: all. */
  readonly systems?: readonly System[];
  /** Where one of `systems` does it otherwise than natively, or another system lacks it for a reason of its own. */
  readonly supportOn?: Readonly<Partial<Record<System, Support>>>;
  readonly wasi: Support;
  /** The operation that this one is made of: a backend supports both alike, and says so of that one only. */
  readonly over?: string;
}

const native: OperationRow = { wasi: { level: 'native' } };
const emulated = (reason: string): OperationRow => ({ wasi: { level: 'emulated', reason } });
const missing = (what: string): OperationRow => ({
  wasi: { level: 'unsupported', reason: `wasi:sockets 0.2 does not offer ${what}` },
});
const windows = (what: string): OperationRow => ({ systems: ['win32'], ...missing(what) });

/** An operation that is made of another: mostly the asynchronous form of a `try` form. */
const formOf = (over: string, row: OperationRow = native): OperationRow => ({ ...row, over });

const controlMessages = missing('control messages');

const TYPE_FLAGS: readonly System[] = ['linux', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'cygwin'];
const UNIX: readonly System[] = [
  'linux',
  'darwin',
  'freebsd',
  'openbsd',
  'netbsd',
  'sunos',
  'cygwin',
];
/** What Windows has not, and why. */
const without = (reason: string): Pick<OperationRow, 'supportOn'> => ({
  supportOn: { win32: { level: 'unsupported', reason } },
});
/** Windows has SOCKETs: node:net takes none, so @sock/std makes a Duplex of one there. */
const socketNumber: OperationRow = {
  supportOn: {
    win32: { level: 'emulated', reason: 'a SOCKET, which node takes for no file descriptor' },
  },
  ...emulated('a number of the component, not a descriptor of the host'),
};
const lookAhead = emulated('a look-ahead buffer in the component');
const pieces = emulated('one call over a joined buffer');
const counted = emulated('reference counts in the component');
const packetFilters: OperationRow = { systems: ['linux'], ...missing('packet filters') };
const oneByOne = emulated('one datagram after the other');
const inherit = emulated('nothing is inherited, as a component cannot exec');

const column = (systems: readonly System[]): OperationRow => ({
  systems,
  ...missing('control messages'),
});

export const operations = {
  new: native,
  newRaw: inherit,
  pair: { systems: UNIX, ...missing('socket pairs') },
  bind: native,
  connect: native,
  connectTimeout: native,
  tryConnect: native,
  listen: native,
  accept: native,
  acceptRaw: inherit,
  accept4: { systems: TYPE_FLAGS, ...missing('flags of accepted sockets') },
  tryAccept: native,
  acceptBatch: formOf('accept'),
  tryAcceptBatch: formOf('tryAccept'),
  localAddr: native,
  peerAddr: native,
  tryClone: counted,
  nonblocking: native,
  setNonblocking: native,
  setCloexec: missing('exec(2)'),
  setNoInherit: windows('handles that programs inherit'),
  shutdown: native,
  recv: native,
  recvOutOfBand: missing('out-of-band data'),
  recvWithFlags: lookAhead,
  recvVectored: pieces,
  recvVectoredWithFlags: pieces,
  peek: lookAhead,
  recvFrom: native,
  recvFromWithFlags: lookAhead,
  recvFromVectored: pieces,
  recvFromVectoredWithFlags: pieces,
  peekFrom: lookAhead,
  tryRecv: native,
  tryRecvFrom: native,
  send: native,
  sendWithFlags: native,
  sendVectored: pieces,
  sendVectoredWithFlags: pieces,
  sendOutOfBand: missing('out-of-band data'),
  sendTo: native,
  sendToWithFlags: native,
  sendToVectored: pieces,
  sendToVectoredWithFlags: pieces,
  trySend: native,
  trySendTo: native,
  sendmsg: controlMessages,
  trySendmsg: controlMessages,
  recvmsg: controlMessages,
  tryRecvmsg: controlMessages,
  peekSender: lookAhead,
  sendfile: {
    systems: ['linux', 'darwin', 'freebsd'],
    ...without('TransmitFile takes a HANDLE, and node gives no HANDLE of an open file'),
    ...missing('files'),
  },
  attachFilter: packetFilters,
  attachReusePortFilter: packetFilters,
  attachReuseportFilter: { ...packetFilters, over: 'attachReusePortFilter' },
  recvBatch: oneByOne,
  tryRecvBatch: oneByOne,
  sendBatch: oneByOne,
  trySendBatch: oneByOne,
  /** The columns of a `DatagramBatch`. */
  'DatagramBatch.ecn': column(['linux', 'darwin', 'freebsd', 'win32']),
  'DatagramBatch.tos': column(['linux', 'darwin', 'freebsd', 'win32']),
  'DatagramBatch.destination': column(['linux', 'darwin', 'win32']),
  'DatagramBatch.interface': column(['linux', 'darwin', 'win32']),
  'DatagramBatch.ttl': column(['linux', 'darwin', 'freebsd', 'openbsd', 'netbsd', 'win32']),
  'DatagramBatch.timestamp': {
    ...column(['linux', 'darwin', 'freebsd', 'openbsd', 'netbsd']),
    wasi: {
      level: 'unsupported',
      reason:
        'wasi:sockets 0.2 does not say when a datagram came; a clock read later would not be its time',
    },
  },
  'DatagramBatch.hardwareTimestamp': column(['linux']),
  'DatagramBatch.drops': column(['linux']),
  'DatagramBatch.source': column(['linux', 'darwin', 'win32']),
  'DatagramBatch.transmitTime': column(['linux']),
  read: native,
  write: native,
  ifNameToIndex: missing('network interfaces'),
  ifIndexToName: missing('network interfaces'),
  ifNameIndex: missing('network interfaces'),
  readable: native,
  writable: native,
  acceptAsync: formOf('tryAccept'),
  acceptBatchAsync: formOf('tryAccept'),
  connections: formOf('tryAccept'),
  connectAsync: formOf('tryConnect'),
  recvAsync: formOf('tryRecv'),
  recvExactAsync: formOf('tryRecv'),
  recvFromAsync: formOf('tryRecvFrom'),
  datagrams: formOf('tryRecvFrom'),
  recvmsgAsync: formOf('tryRecvmsg', controlMessages),
  recvBatchAsync: formOf('tryRecvBatch', oneByOne),
  sendAsync: formOf('trySend'),
  sendAllAsync: formOf('trySend'),
  sendToAsync: formOf('trySendTo'),
  sendmsgAsync: formOf('trySendmsg', controlMessages),
  sendBatchAsync: formOf('trySendBatch', oneByOne),
  streams: native,
  /** `Poller`, and its `Interest.EDGE`. */
  poller: emulated('all sockets are polled at each wait'),
  edgeTriggered: {
    ...without('IOCTL_AFD_POLL reports states, not changes'),
    ...missing('edge-triggered readiness'),
  },
  setTcpKeepalive: native,
  asRawFd: socketNumber,
  intoRawFd: socketNumber,
  fromRawFd: socketNumber,
  getsockoptRaw: missing('raw options'),
  setsockoptRaw: missing('raw options'),
  'Type.nonblocking': { systems: TYPE_FLAGS, ...emulated('the component waits, or not') },
  'Type.cloexec': { systems: TYPE_FLAGS, ...inherit },
  'Type.noInherit': windows('handles that programs inherit'),
  'Type.registeredIo': windows('registered I/O'),
  /** `setOnlyV6(false)`: an IPv6 socket that also takes IPv4 peers. */
  dualStack: missing('IPv6 sockets that take IPv4 peers'),
  /** Domains, types and protocols that a socket can be made with. */
  unix: missing('unix domain sockets'),
  vsock: { systems: ['linux'], ...missing('VM sockets') },
  packet: { systems: ['linux'], ...missing('packet sockets') },
  netlink: { systems: ['linux'], ...missing('netlink sockets') },
  raw: missing('raw sockets'),
  seqpacket: {
    systems: ['linux', 'freebsd', 'openbsd', 'netbsd'],
    ...missing('sequenced packets'),
  },
} as const satisfies Readonly<Record<string, OperationRow>>;

/** The name of an operation that `supports()` knows. */
export type OperationName = keyof typeof operations;
