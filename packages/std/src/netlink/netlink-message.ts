/** Messages of netlink(7): a header, then a structure that depends on the type, then attributes. */
import { endianness } from 'node:os';
import { Domain, SockAddr, SockError, type Socket, Type, type WaitOptions } from '@sock/core';
import { nativeSocket, type SocketClass } from '../native-backend.js';

export const LITTLE = endianness() === 'LE';
const HEADER = 16;

// linux/netlink.h
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST = 0x1;
const NLM_F_DUMP = 0x300;

/** The kernel puts at most 32 KiB into one datagram. */
export const ROOM = 65_536;

export interface NetlinkMessage {
  readonly type: number;
  readonly sequence: number;
  /** The bytes after the header. */
  readonly payload: DataView;
}

/** A netlink socket with a port id, which the kernel needs to send to it. @throws {SockError} `ERR_SOCK_UNSUPPORTED` */
export function netlinkSocket(
  operation: string,
  protocol: number,
  SocketOf: SocketClass = nativeSocket(),
): Socket {
  const { name, system } = SocketOf.driver;
  if (name !== 'native' || system !== 'linux') {
    throw new SockError('ERR_SOCK_UNSUPPORTED', {
      syscall: operation,
      message: `${operation} ERR_SOCK_UNSUPPORTED: @sock/${name} on ${system}: netlink is a part of linux`,
    });
  }
  const Netlink = SocketOf as unknown as new (domain: Domain, type: Type, by: number) => Socket;
  const socket = new Netlink(Domain.NETLINK, Type.RAW, protocol as never);
  try {
    socket.bind(SockAddr.netlink());
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** The messages of one datagram. A length that does not fit ends the iteration. */
export function* messagesIn(datagram: Uint8Array): Generator<NetlinkMessage> {
  const view = viewOf(datagram);
  for (let at = 0; at + HEADER <= datagram.length;) {
    const length = view.getUint32(at, LITTLE);
    if (length < HEADER || length > datagram.length - at) return;
    yield {
      type: view.getUint16(at + 4, LITTLE),
      sequence: view.getUint32(at + 8, LITTLE),
      payload: viewOf(datagram.subarray(at + HEADER, at + length)),
    };
    at += align(length);
  }
}

/** The sequence number of a request: each has a socket of its own. */
const SEQUENCE = 1;

function dumpRequest(type: number, request: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + request.length);
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length, LITTLE);
  view.setUint16(4, type, LITTLE);
  view.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, LITTLE);
  view.setUint32(8, SEQUENCE, LITTLE);
  bytes.set(request, HEADER);
  return bytes;
}

/** Adds the entries of one datagram. @returns whether it was the last */
function addEntries(found: DataView[], datagram: Uint8Array, sender: SockAddr): boolean {
  if (!isKernel(sender)) return false;
  for (const message of messagesIn(datagram)) {
    if (message.sequence !== SEQUENCE) continue;
    if (isLast(message)) return true;
    found.push(message.payload);
  }
  return false;
}

/** All entries that the kernel answers a dump request with. */
export async function dump(
  socket: Socket,
  type: number,
  request: Uint8Array,
  wait: WaitOptions,
): Promise<DataView[]> {
  await socket.sendToAsync(dumpRequest(type, request), SockAddr.netlink(0), wait);
  const found: DataView[] = [];
  for (;;) {
    const buffer = new Uint8Array(ROOM);
    const [length, sender] = await socket.recvFromAsync(buffer, wait);
    if (addEntries(found, buffer.subarray(0, length), sender)) return found;
  }
}

/** {@link dump} without waiting: the kernel answers each call of a dump inside the call. netlink(7) */
export function dumpNow(socket: Socket, type: number, request: Uint8Array): DataView[] {
  socket.sendTo(dumpRequest(type, request), SockAddr.netlink(0));
  const found: DataView[] = [];
  for (;;) {
    const buffer = new Uint8Array(ROOM);
    const received = socket.tryRecvFrom(buffer);
    if (received === undefined) return found;
    if (addEntries(found, buffer.subarray(0, received[0]), received[1])) return found;
  }
}

/** Whether a message is the last of a dump. Throws if the message reports that the dump failed. */
function isLast({ type, payload }: NetlinkMessage): boolean {
  if (type !== NLMSG_ERROR && type !== NLMSG_DONE) return false;
  // `struct nlmsgerr` and NLMSG_DONE both begin with a negative errno, or with 0.
  const errno = payload.byteLength >= 4 ? payload.getInt32(0, LITTLE) : 0;
  if (errno < 0) {
    throw new SockError('EIO', {
      errno,
      message: `netlink: the kernel refused the request with error ${-errno}`,
    });
  }
  return true;
}

/** Whether the kernel sent it. Other processes can send to a netlink socket too. */
export const isKernel = (sender: SockAddr): boolean => sender.asNetlinkAddress()?.[0] === 0;

/** The `struct rtattr`s that start at an offset, by type. */
export function attributesOf(payload: DataView, offset: number): ReadonlyMap<number, DataView> {
  const found = new Map<number, DataView>();
  for (let at = offset; at + 4 <= payload.byteLength;) {
    const length = payload.getUint16(at, LITTLE);
    if (length < 4 || length > payload.byteLength - at) break;
    // Two bits of the type are flags.
    const type = payload.getUint16(at + 2, LITTLE) & 0x3fff;
    found.set(type, new DataView(payload.buffer, payload.byteOffset + at + 4, length - 4));
    at += align(length);
  }
  return found;
}

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const bytesOf = (view: DataView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** The text of an IP address of 4 or 16 bytes. */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return SockAddr.ipv6(groups.join(':'), 0).address;
}

const align = (length: number): number => (length + 3) & ~3;
