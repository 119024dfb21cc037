import type { ReceivedControlMessage, Socket } from '@sock/core';
import { fail } from './assert.js';

/** Bytes of a control buffer that holds all control messages of a case. */
const ROOM = 512;
/** Longer than a datagram takes on one machine, in milliseconds. */
const ARRIVAL = 5000;

/** The operations that {@link received} uses. */
export const needsControl = ['sendmsg', 'recvmsg', 'setReadTimeout'] as const;

type Kind = ReceivedControlMessage['kind'];
type OfKind<K extends Kind> = ReceivedControlMessage<Socket> & { readonly kind: K };

/** The next message, with its data. */
export function received(socket: Socket, { size = 4096, control = ROOM, flags = 0 } = {}) {
  socket.setReadTimeout(ARRIVAL);
  const buffer = new Uint8Array(size);
  const message = socket.recvmsg({ buffers: [buffer], control }, flags);
  return { ...message, data: buffer.subarray(0, message.length) };
}

/** The control message of this kind. Fails unless there is exactly one. */
export function only<K extends Kind>(
  list: readonly ReceivedControlMessage<Socket>[],
  kind: K,
): OfKind<K> {
  const found = list.filter((message): message is OfKind<K> => message.kind === kind);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    return fail(`${found.length} of ${list.map((message) => message.kind).join()} are ${kind}`);
  }
  return first;
}

/** The number in a control message of kind `raw`. */
export function rawNumber(
  list: readonly ReceivedControlMessage<Socket>[],
  level: number,
  type: number,
): number {
  for (const message of list) {
    if (message.kind === 'raw' && message.level === level && message.type === type) {
      return new Uint32Array(message.data.slice(0, 4).buffer)[0] as number;
    }
  }
  return fail(`no control message ${level}, ${type} in ${list.map(({ kind }) => kind).join()}`);
}
