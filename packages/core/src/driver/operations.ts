/** The operations that are not options, where they are, and how well WASI does each. */
import type { Support } from '../driver.js';
import type { System } from '../options/option-row.js';

/** What is known of an operation. */
export interface OperationRow {
  /** Left out: all. */
  readonly systems?: readonly System[];
  readonly wasi: Support;
}

const native: OperationRow = { wasi: { level: 'native' } };
const emulated = (reason: string): OperationRow => ({ wasi: { level: 'emulated', reason } });
const missing = (what: string): OperationRow => ({
  wasi: { level: 'unsupported', reason: `wasi:sockets 0.2 has no ${what}` },
});
const windows = (what: string): OperationRow => ({ systems: ['win32'], ...missing(what) });

const TYPE_FLAGS: readonly System[] = ['linux', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'cygwin'];
const lookAhead = emulated('a look-ahead buffer in the component');
const pieces = emulated('one call over a joined buffer');
const counted = emulated('reference counts in the component');
const oneByOne = emulated('one datagram after the other');
const inherit = emulated('a component has no exec: nothing is inherited');

export const operations = {
  new: native,
  newRaw: inherit,
  pair: missing('socket pairs'),
  bind: native,
  connect: native,
  connectTimeout: native,
  tryConnect: native,
  listen: native,
  accept: native,
  acceptRaw: inherit,
  accept4: { systems: TYPE_FLAGS, ...missing('flags of accepted sockets') },
  tryAccept: native,
  localAddr: native,
  peerAddr: native,
  tryClone: counted,
  nonblocking: native,
  setNonblocking: native,
  setCloexec: missing('exec'),
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
  sendmsg: missing('control messages'),
  trySendmsg: missing('control messages'),
  recvmsg: missing('control messages'),
  tryRecvmsg: missing('control messages'),
  peekSender: lookAhead,
  sendfile: missing('files'),
  attachFilter: missing('packet filters'),
  attachReusePortFilter: missing('packet filters'),
  attachReuseportFilter: missing('packet filters'),
  recvBatch: oneByOne,
  tryRecvBatch: oneByOne,
  sendBatch: oneByOne,
  trySendBatch: oneByOne,
  read: native,
  write: native,
  ifNameToIndex: missing('network interfaces'),
  ifIndexToName: missing('network interfaces'),
  ifNameIndex: missing('network interfaces'),
  readable: native,
  writable: native,
  /** `Poller`, and its `Interest.EDGE`. */
  poller: emulated('all sockets are polled at each wait'),
  edgeTriggered: missing('readiness that is told once for each change'),
  setTcpKeepalive: native,
  asRawFd: emulated('a number of the component, not a descriptor of the host'),
  intoRawFd: emulated('a number of the component, not a descriptor of the host'),
  fromRawFd: emulated('a number of the component, not a descriptor of the host'),
  getsockoptRaw: missing('raw options'),
  setsockoptRaw: missing('raw options'),
  'Type.nonblocking': { systems: TYPE_FLAGS, ...emulated('the component waits, or not') },
  'Type.cloexec': { systems: TYPE_FLAGS, ...inherit },
  'Type.noInherit': windows('handles that programs inherit'),
  'Type.registeredIo': windows('registered I/O'),
  /** `setOnlyV6(false)`: an IPv6 socket that takes IPv4-mapped peers. */
  dualStack: missing('IPv6 sockets that take IPv4 peers'),
  /** Domains, types and protocols that a socket can be made with. */
  unix: missing('unix domain sockets'),
  vsock: missing('VM sockets'),
  packet: missing('packet sockets'),
  netlink: missing('netlink sockets'),
  raw: missing('raw sockets'),
  seqpacket: missing('sequenced packets'),
} as const satisfies Readonly<Record<string, OperationRow>>;

/** The name of an operation that `supports()` knows. */
export type OperationName = keyof typeof operations;
