/** Checks that a backend says what it lacks: the call throws an error with the reason. */
import {
  type ColumnName,
  DatagramBatch,
  Domain,
  Interest,
  interfaceNames,
  optionRow,
  type OptionRow,
  Poller as CorePoller,
  SockAddr,
  type Socket,
  type Support,
  supportOf,
  Type,
} from '@sock/core';
import { equal, fail, ok, rejectsCode } from './assert.js';
import type { Backend, Case } from './case.js';
import type { Context } from './context.js';
import { sampleOf } from './option-sample.js';

const byte = new Uint8Array(1);
const batch = new DatagramBatch({ count: 1, size: 1 });
const peer = SockAddr.ipv4('127.0.0.1', 9);

/** The columns of a DatagramBatch. */
export const columnNames: readonly ColumnName[] = [
  'ecn',
  'tos',
  'destination',
  'interface',
  'ttl',
  'timestamp',
  'hardwareTimestamp',
  'drops',
  'source',
  'transmitTime',
];

type Call = (socket: Socket, t: Context) => unknown;

const calls: Readonly<Record<string, Call>> = {
  new: (_, t) => t.open(Domain.IPV4, Type.STREAM),
  newRaw: (_, t) => t.track(t.Socket.newRaw(Domain.IPV4, Type.STREAM)),
  pair: (_, t) => t.Socket.pair(Domain.IPV4, Type.STREAM).map((socket) => t.track(socket)),
  bind: (socket) => socket.bind(peer),
  connect: (socket) => socket.connect(peer),
  connectTimeout: (socket) => socket.connectTimeout(peer, 1000),
  tryConnect: (socket) => socket.tryConnect(peer),
  listen: (socket) => socket.listen(1),
  accept: (socket) => socket.accept(),
  acceptRaw: (socket) => socket.acceptRaw(),
  accept4: (socket) => socket.accept4(0),
  tryAccept: (socket) => socket.tryAccept(),
  acceptBatch: (socket) => socket.acceptBatch(),
  tryAcceptBatch: (socket) => socket.tryAcceptBatch(),
  localAddr: (socket) => socket.localAddr(),
  peerAddr: (socket) => socket.peerAddr(),
  tryClone: (socket, t) => t.track(socket.tryClone()),
  nonblocking: (socket) => socket.nonblocking(),
  setNonblocking: (socket) => socket.setNonblocking(true),
  setCloexec: (socket) => socket.setCloexec(true),
  setNoInherit: (socket) => socket.setNoInherit(true),
  shutdown: (socket) => socket.shutdown('both'),
  recv: (socket) => socket.recv(byte),
  recvOutOfBand: (socket) => socket.recvOutOfBand(byte),
  recvWithFlags: (socket) => socket.recvWithFlags(byte, 0),
  recvVectored: (socket) => socket.recvVectored([byte]),
  recvVectoredWithFlags: (socket) => socket.recvVectoredWithFlags([byte], 0),
  peek: (socket) => socket.peek(byte),
  recvFrom: (socket) => socket.recvFrom(byte),
  recvFromWithFlags: (socket) => socket.recvFromWithFlags(byte, 0),
  recvFromVectored: (socket) => socket.recvFromVectored([byte]),
  recvFromVectoredWithFlags: (socket) => socket.recvFromVectoredWithFlags([byte], 0),
  peekFrom: (socket) => socket.peekFrom(byte),
  tryRecv: (socket) => socket.tryRecv(byte),
  tryRecvFrom: (socket) => socket.tryRecvFrom(byte),
  send: (socket) => socket.send(byte),
  sendWithFlags: (socket) => socket.sendWithFlags(byte, 0),
  sendVectored: (socket) => socket.sendVectored([byte]),
  sendVectoredWithFlags: (socket) => socket.sendVectoredWithFlags([byte], 0),
  sendOutOfBand: (socket) => socket.sendOutOfBand(byte),
  sendTo: (socket) => socket.sendTo(byte, peer),
  sendToWithFlags: (socket) => socket.sendToWithFlags(byte, peer, 0),
  sendToVectored: (socket) => socket.sendToVectored([byte], peer),
  sendToVectoredWithFlags: (socket) => socket.sendToVectoredWithFlags([byte], peer, 0),
  trySend: (socket) => socket.trySend(byte),
  trySendTo: (socket) => socket.trySendTo(byte, peer),
  sendmsg: (socket) => socket.sendmsg({ buffers: [byte] }),
  trySendmsg: (socket) => socket.trySendmsg({ buffers: [byte] }),
  recvmsg: (socket) => socket.recvmsg({ buffers: [byte] }),
  tryRecvmsg: (socket) => socket.tryRecvmsg({ buffers: [byte] }),
  peekSender: (socket) => socket.peekSender(),
  sendfile: (socket) => socket.sendfile(0),
  attachFilter: (socket) => socket.attachFilter([{ code: 6 }]),
  attachReusePortFilter: (socket) => socket.attachReusePortFilter([{ code: 6 }]),
  attachReuseportFilter: (socket) => socket.attachReuseportFilter([{ code: 6 }]),
  recvBatch: (socket) => socket.recvBatch(batch),
  tryRecvBatch: (socket) => socket.tryRecvBatch(batch),
  sendBatch: (socket) => socket.sendBatch(batch),
  trySendBatch: (socket) => socket.trySendBatch(batch),
  ...Object.fromEntries(
    columnNames.map((name) => [
      `DatagramBatch.${name}`,
      (socket: Socket) =>
        socket.recvBatch(new DatagramBatch({ count: 1, size: 1, columns: [name] })),
    ]),
  ),
  acceptAsync: (socket) => socket.acceptAsync(),
  acceptBatchAsync: (socket) => socket.acceptBatchAsync(),
  connections: (socket) => socket.connections(),
  connectAsync: (socket) => socket.connectAsync(peer),
  recvAsync: (socket) => socket.recvAsync(byte),
  recvExactAsync: (socket) => socket.recvExactAsync(byte),
  recvFromAsync: (socket) => socket.recvFromAsync(byte),
  datagrams: (socket) => socket.datagrams(byte),
  recvmsgAsync: (socket) => socket.recvmsgAsync({ buffers: [byte] }),
  recvBatchAsync: (socket) => socket.recvBatchAsync(batch),
  sendAsync: (socket) => socket.sendAsync(byte),
  sendAllAsync: (socket) => socket.sendAllAsync(byte),
  sendToAsync: (socket) => socket.sendToAsync(byte, peer),
  sendmsgAsync: (socket) => socket.sendmsgAsync({ buffers: [byte] }),
  sendBatchAsync: (socket) => socket.sendBatchAsync(batch),
  streams: (socket) => socket.streams(),
  ifNameToIndex: (_, t) => interfaceNames(t.Socket.driver).ifNameToIndex('lo'),
  ifIndexToName: (_, t) => interfaceNames(t.Socket.driver).ifIndexToName(1),
  ifNameIndex: (_, t) => interfaceNames(t.Socket.driver).ifNameIndex(),
  read: (socket) => socket.read(byte),
  write: (socket) => socket.write(byte),
  setTcpKeepalive: (socket) => socket.setTcpKeepalive({ time: 1000 }),
  asRawFd: (socket) => socket.asRawFd(),
  intoRawFd: (socket) => socket.intoRawFd(),
  fromRawFd: (socket, t) => t.Socket.fromRawFd(socket.asRawFd()),
  getsockoptRaw: (socket) => socket.getsockoptRaw(1, 1, 4),
  setsockoptRaw: (socket) => socket.setsockoptRaw(1, 1, new Uint8Array(4)),
  edgeTriggered: (socket, t) => {
    class Poller extends CorePoller {
      static override readonly driver = t.Socket.driver;
    }
    using poller = new Poller();
    poller.register(socket, 0, Interest.READABLE | Interest.EDGE);
  },
  'Type.nonblocking': (_, t) => t.open(Domain.IPV4, Type.nonblocking(Type.STREAM)),
  'Type.cloexec': (_, t) => t.open(Domain.IPV4, Type.cloexec(Type.STREAM)),
  'Type.noInherit': (_, t) => t.open(Domain.IPV4, Type.noInherit(Type.STREAM)),
  'Type.registeredIo': (_, t) => t.open(Domain.IPV4, Type.registeredIo(Type.STREAM)),
  dualStack: (_, t) => t.open(Domain.IPV6, Type.STREAM).setOnlyV6(false),
  unix: (_, t) => t.open(Domain.UNIX, Type.STREAM),
  vsock: (_, t) => t.open(Domain.VSOCK, Type.STREAM),
  packet: (_, t) => t.open(Domain.PACKET, Type.RAW),
  netlink: (_, t) => t.open(Domain.NETLINK, Type.RAW),
  raw: (_, t) => t.open(Domain.IPV4, Type.RAW),
  seqpacket: (_, t) => t.open(Domain.IPV4, Type.SEQPACKET),
};

/** The first of a case's needs that the backend lacks. */
export function missingOf(backend: Backend, { needs = [] }: Case): string | undefined {
  return needs.find((name) =>
    name.startsWith('MSG_')
      ? backend.MSG[name.slice('MSG_'.length)] === undefined
      : supportOf(backend.Socket.driver, name).level === 'unsupported',
  );
}

/** Fails unless the call that the backend lacks throws `ERR_SOCK_UNSUPPORTED` with the reason, or rejects with it. */
export async function proveUnsupported(t: Context, name: string): Promise<void> {
  if (name.startsWith('MSG_')) {
    equal(t.Socket.driver.constants[name], undefined, `the number of ${name}`);
    return;
  }
  const support: Support = supportOf(t.Socket.driver, name);
  equal(support.level, 'unsupported', `support of ${name}`);
  const { reason = '' } = support;
  ok(reason.length > 5, `the support table gives no reason why ${name} is unsupported`);
  const row = optionRow(name);
  const call = row === undefined ? calls[name] : optionCall(row, name);
  if (call === undefined) return fail(`no call is known for ${name}`);
  const socket = t.socket(socketFor(row));
  const { message } = await rejectsCode('ERR_SOCK_UNSUPPORTED', async () => call(socket, t), name);
  ok(message.includes(t.backend.name), `the message names the backend: ${message}`);
  ok(message.includes(reason), `the message gives the reason (${reason}): ${message}`);
}

function socketFor(row: OptionRow | undefined): 'tcp4' | 'udp4' | 'tcp6' | 'udp6' {
  const fits = row?.on?.find((link) => link !== 'unix');
  if (fits !== undefined) return fits;
  if (row?.group === 'ipv6') return 'udp6';
  return row?.group === 'ipv4' ? 'udp4' : 'tcp4';
}

function optionCall(row: OptionRow, name: string): Call {
  const getter =
    row.access !== 'set' && (name === row.name || row.aliases?.includes(name) === true);
  const parameters = getter ? [] : sampleOf(row);
  return (socket) =>
    (socket as unknown as Record<string, (...a: unknown[]) => unknown>)[name]?.(...parameters);
}
