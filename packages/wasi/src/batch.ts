/** Batches of datagrams, one after the other: wasi:sockets takes many at once, the component's interface one. */
import type { BatchArrays } from '@sock/core';
import { errors } from '../component/numbers.js';
import type { Socket } from '../component/interfaces/sock-socket-socket.js';
import { ADDRESS_SIZE, readAddress, writeAddress } from './address.js';

/** What a call came to: how many datagrams, and what ended it before the last of them. */
interface Outcome {
  readonly done: number;
  readonly error?: unknown;
}

/** Whether the arrays have room for so many; those of a batch that was transferred away have none. */
export function fits(batch: BatchArrays, count: number): boolean {
  const { data, lengths, flags, segments, addresses, size } = batch;
  return (
    data.length >= count * size &&
    [lengths, flags, segments].every(({ length }) => length >= count) &&
    (addresses === undefined || addresses.length >= count * ADDRESS_SIZE)
  );
}

const addressesOf = ({ addresses }: BatchArrays): DataView | undefined =>
  addresses && new DataView(addresses.buffer, addresses.byteOffset, addresses.byteLength);

function each(count: number, call: (index: number) => void): Outcome {
  for (let index = 0; index < count; index++) {
    try {
      call(index);
    } catch (error) {
      return { done: index, error };
    }
  }
  return { done: count };
}

/** Waits for the first only. */
export function recvBatch(
  socket: Socket,
  batch: BatchArrays,
  count: number,
  flags: number,
  dontwait: number,
): Outcome {
  const addresses = addressesOf(batch);
  return each(count, (index) => {
    const message = socket.recvMessage(batch.size, index === 0 ? flags : flags | dontwait);
    batch.data.set(message.data, index * batch.size);
    batch.lengths[index] = message.data.length;
    batch.flags[index] = message.flags;
    batch.segments[index] = 0;
    if (addresses) writeAddress(addresses, message.from, index * ADDRESS_SIZE);
  });
}

/** A datagram with a segment size is sent in pieces of it. */
export function sendBatch(
  socket: Socket,
  batch: BatchArrays,
  count: number,
  flags: number,
): Outcome {
  const addresses = addressesOf(batch);
  return each(count, (index) => {
    const length = batch.lengths[index] as number;
    // As the component's own errors come.
    // oxlint-disable-next-line no-throw-literal
    if (length > batch.size) throw { payload: errors['EINVAL'] };
    const piece = batch.segments[index] || length || 1;
    const to = addresses && readAddress(addresses, index * ADDRESS_SIZE);
    let sent = 0;
    do {
      const start = index * batch.size + sent;
      const bytes = batch.data.subarray(start, start + Math.min(piece, length - sent));
      if (to) socket.sendTo(bytes, flags, to);
      else socket.send(bytes, flags);
      sent += bytes.length;
    } while (sent < length);
  });
}
