/**
 * Batches of datagrams, sent and received one by one: wasi:sockets takes many at once, but the interface of the
 * component takes one.
 */
import type { BatchArrays } from '@sock/core';
import { errors } from '../component/numbers.js';
import type { Socket } from '../component/interfaces/sock-socket-socket.js';
import { ADDRESS_SIZE, readAddress, writeAddress } from './address.js';

/** The result of a call: the number of datagrams, and the error that ended it before the last one. */
interface Outcome {
  readonly done: number;
  readonly error?: unknown;
}

/** Whether the arrays have room for so many. The arrays of a batch that was transferred have none. */
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

/** Waits only for the first datagram. */
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

/** Sends a datagram with a segment size in pieces of that size. */
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
