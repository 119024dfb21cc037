/**
 * Sends one message over each kind of socket that carries messages, to show which kinds this kernel has.
 *
 *   node --import tsx examples/kinds/kinds.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Domain, Protocol, SockAddr, SockError, Socket, Type } from '@sock/native';
import { Command } from 'commander';
import { table } from '../../tools/terminal.mjs';

interface Kind {
  readonly name: string;
  readonly type: Type;
  readonly protocol?: Protocol;
  /** Where the receiver binds. */
  readonly address: SockAddr;
  prepare?(sender: Socket): void;
  /** A remark about the two ends, made once the message has arrived. */
  remark?(sender: Socket, receiver: Socket): string;
}

// linux/vm_sockets.h
const VMADDR_CID_LOCAL = 1;
const VMADDR_PORT_ANY = 0xffffffff;
// linux/mptcp.h
const SOL_MPTCP = 284;
const MPTCP_INFO = 1;

const [stream, dgram, seqpacket] = [Type.STREAM, Type.DGRAM, Type.SEQPACKET];
const [ipv4, ipv6] = [SockAddr.ipv4('127.0.0.1', 0), SockAddr.ipv6('::1', 0)];
const directory = mkdtempSync(join(tmpdir(), 'kinds-'));
process.once('exit', () => rmSync(directory, { recursive: true }));

const kinds: readonly Kind[] = [
  { name: 'TCP', type: stream, address: ipv4 },
  { name: 'TCP over IPv6', type: stream, address: ipv6 },
  { name: 'UDP', type: dgram, address: ipv4 },
  {
    name: 'UDP-Lite',
    type: dgram,
    protocol: Protocol.UDPLITE,
    address: ipv4,
    // The checksum covers the header only: a damaged payload still arrives.
    prepare: (sender) => sender.setUdpliteSendCscov(8),
    remark: (sender) => `checksum of ${sender.udpliteSendCscov()} bytes`,
  },
  {
    name: 'Multipath TCP',
    type: stream,
    protocol: Protocol.MPTCP,
    address: ipv4,
    remark: (sender) => (isMultipath(sender) ? 'multipath' : 'fell back to TCP'),
  },
  { name: 'unix stream, by path', type: stream, address: SockAddr.unix(join(directory, 'stream')) },
  {
    name: 'unix stream, abstract',
    type: stream,
    address: SockAddr.abstract(`kinds-${process.pid}`),
  },
  { name: 'unix datagram, autobind', type: dgram, address: SockAddr.unix('') },
  {
    name: 'unix seqpacket, by path',
    type: seqpacket,
    address: SockAddr.unix(join(directory, 'seqpacket')),
    remark: (_, receiver) => `from process ${receiver.peercred().pid}`,
  },
  {
    name: 'vsock stream',
    type: stream,
    address: SockAddr.vsock(VMADDR_CID_LOCAL, VMADDR_PORT_ANY),
  },
];

/** Sends a message from one socket to another. Both are closed when this returns. */
function exchange(kind: Kind): string {
  const { type, protocol, address } = kind;
  const domain = Domain.forAddress(address);
  using receiver = new Socket(domain, type, protocol);
  using sender = new Socket(domain, type, protocol);
  kind.prepare?.(sender);
  receiver.bind(address);
  if (type === dgram) {
    sender.connect(receiver.localAddr());
    return deliver(kind, sender, receiver);
  }
  receiver.listen(1);
  sender.connect(receiver.localAddr());
  const [connection] = receiver.accept();
  using accepted = connection;
  return deliver(kind, sender, accepted);
}

function deliver({ remark }: Kind, sender: Socket, receiver: Socket): string {
  const message = Buffer.from('hello');
  const buffer = Buffer.alloc(16);
  receiver.setReadTimeout(5000);
  sender.send(message);
  const arrived = buffer.subarray(0, receiver.recv(buffer));
  if (!arrived.equals(message)) return `'${arrived}' arrived`;
  return remark === undefined ? 'works' : `works, ${remark(sender, receiver)}`;
}

/** MPTCP_INFO is not in the option table. The kernel refuses it on a connection that fell back to plain TCP. */
function isMultipath(socket: Socket): boolean {
  try {
    return socket.getsockoptRaw(SOL_MPTCP, MPTCP_INFO, 64).length > 0;
  } catch {
    return false;
  }
}

new Command('kinds.ts')
  .description('Sends a message over each kind of socket and shows which kinds work here.')
  .parse();

const rows = kinds.map((kind) => {
  const { name, type, protocol, address } = kind;
  const call = [Domain.forAddress(address), type, ...(protocol === undefined ? [] : [protocol])];
  try {
    return [name, call.join(' '), exchange(kind)];
  } catch (error) {
    if (!(error instanceof SockError)) throw error;
    return [name, call.join(' '), `not here: ${error.syscall} ${error.code}`];
  }
});
console.log(table(['kind', 'domain, type, protocol', 'on this system'], rows));
