/** Receives messages whole, whatever their length, and tells an empty message from the end. */
import type { ReceivedControlMessage, SockAddr, Socket } from '@sock/core';
import { driverOf } from '../node-address.js';

/** Bytes of a buffer that holds any datagram of IPv4 and IPv6. */
export const DATAGRAM_ROOM = 65536;

const NOTHING = new Uint8Array(0);
const CONTROL_ROOM = 512;

/** A message of a socket that keeps message boundaries. */
export interface WholeMessage {
  readonly bytes: Buffer;
  readonly from: SockAddr;
  /** Whether the end of the message is lost, because it was longer than the room for it. */
  readonly truncated: boolean;
}

/** Closes the descriptors that came with a message to an object that has no way to pass them on. */
function closeRights(control: readonly ReceivedControlMessage[]): void {
  for (const part of control) {
    if (part.kind === 'rights') for (const fd of part.fds) fd.close();
  }
}

/** The bytes that the next message needs; `undefined` if there is no message. */
function roomFor(socket: Socket): number | undefined {
  const { system, constants } = driverOf(socket);
  const { MSG_PEEK: peek = 0, MSG_TRUNC: trunc = 0 } = constants;
  if (system === 'linux' || system === 'android') {
    // With MSG_TRUNC Linux returns the real length: recv(2).
    return socket.tryRecvFrom(NOTHING, peek | trunc)?.[0];
  }
  return Math.max(DATAGRAM_ROOM, socket.recvBufferSize());
}

/**
 * Receives the next message, in a buffer of its own.
 * @param packets whether the socket is of type seqpacket, which has an end
 * @returns `undefined` if no message is there yet, `null` at the end
 * @throws {SockError} as `tryRecvmsg`
 */
export function receiveWhole(socket: Socket, packets: boolean): WholeMessage | null | undefined {
  const room = roomFor(socket);
  if (room === undefined) return undefined;
  if (room === 0 && packets) return receiveEmpty(socket);
  const buffer = Buffer.allocUnsafe(room);
  const message = socket.tryRecvmsg({ buffers: [buffer], control: CONTROL_ROOM });
  if (message === undefined) return undefined;
  closeRights(message.control);
  const { length, address, flags } = message;
  if (length === 0 && packets) return null;
  return { bytes: buffer.subarray(0, length), from: address, truncated: flags.isTruncated };
}

/**
 * Receives from a socket whose next message is empty, or that is at its end: recvmsg(2) returns 0 for both.
 * Only a message has the credentials of its sender, which SO_PASSCRED asks for. unix(7)
 */
function receiveEmpty(socket: Socket): WholeMessage | null | undefined {
  if (socket.domain() !== 'unix' || socket.supports('passcred').level === 'unsupported')
    return null;
  const passcred = socket.passcred();
  if (!passcred) socket.setPasscred(true);
  try {
    const message = socket.tryRecvmsg({ buffers: [NOTHING], control: CONTROL_ROOM });
    if (message === undefined) return undefined;
    closeRights(message.control);
    if (!message.control.some(({ kind }) => kind === 'credentials')) return null;
    return { bytes: Buffer.alloc(0), from: message.address, truncated: false };
  } finally {
    if (!passcred) socket.setPasscred(false);
  }
}
