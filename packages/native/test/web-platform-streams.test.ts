/**
 * Streams of sockets by the Web Platform Tests. A socket is in the place of the controller that a file drives by hand:
 * the peer sends, ends, or goes. A test here is about what reaches our source or sink (a pull, a cancel, a write, a
 * close, an abort, the view of a reader), and about what a reader or writer sees of it.
 *
 * What was read: each file below, whole, in the copy that nodejs/node keeps in test/fixtures/wpt/streams/. Where the
 * index of the copy held several versions, it was one of them, not always the newest, and both of default-reader,
 * templated and resources/rs-test-templates. Tests that a newer version of a file may have added are missing here. The
 * repository web-platform-tests/wpt itself was too large to fetch; of it only writable-streams/backpressure was read.
 *
 * "streams" is this file, "tee", "readers", "writable" and "piping" are web-platform-tee.test.ts and so on, and "older" is
 * streams.test.ts. "The engine's" are expectations that the stream class meets by itself, whatever its source or sink.
 *
 * readable-byte-streams/
 * - general: streams (general), older (the readable). Not: autoAllocateChunkSize, respondWithNewView, `respond` twice,
 *   with too much or after a cancel, `enqueue` after `close`, strategies with a size: our source does none of it.
 * - read-min: streams (read-min). A negative minimum is the engine's.
 * - tee: tee, streams (read-min). Not: a source whose cancel throws; ours does not.
 * - bad-buffers-and-views, non-transferable-buffers: streams (bad-buffers-and-views) for what a reader passes. Not: what a
 *   source passes to `enqueue` and `respondWithNewView`, as ours passes only its own memory.
 * - templated, with the templates rsEmpty and rsEmptyReader: streams (general), readers (default-reader); the invalid modes of
 *   getReader are the engine's. ThrowAfterCloseOrError is about a source that goes on: ours stops (readers, "a cancel in
 *   the turn in which bytes come").
 * - enqueue-with-detached-buffer, respond-after-enqueue: do not apply. Nobody but the stream has the view of a request, and
 *   our source answers a request once, by `enqueue` or by `respond`.
 * - construct-byob-request, patched-global, crashtests/: the engine's (a locked stream cannot be teed: tee).
 *
 * readable-streams/
 * - async-iterator: readers (async-iterator); the shape of the iterator is the engine's.
 * - cancel: readers (default-reader, cancel), streams (general). Not: a cancel that throws or waits, as ours does neither.
 * - default-reader: readers (default-reader); direct construction is the engine's.
 * - tee: applies by its twin for bytes above. `pull` without a read does not: a stream of bytes does not pull ahead.
 * - general, templated: streams (general: when a pull comes), readers (default-reader: closed and errored). Constructors and
 *   strategies are the engine's.
 * - garbage-collection: readers (garbage-collection) for a read that waits. Without a read our source notices neither the
 *   end nor an error, as it receives only for a read.
 * - bad-underlying-sources: does not apply, except an `enqueue` after a cancel (as ThrowAfterCloseOrError above).
 * - count-queuing-strategy-integration, patched-global: the engine's.
 *
 * writable-streams/
 * - aborting: writable (aborting, writable-streams), older (the writable). Not: a sink whose abort, close or start throws or
 *   waits. `controller.error` before the abort is the caller's signal here.
 * - close: writable (writable-streams, aborting). A close that fails: writable (write). Not: a close that takes time, as
 *   shutdown(2) does not.
 * - write, general, bad-underlying-sinks: writable (write, bad-underlying-sinks, general). `this` of the methods,
 *   subclasses and constructors are the engine's.
 * - error: writable (the signal before and after an abort).
 * - bad-strategies, byte-length-queuing-strategy, count-queuing-strategy: writable (a chunk whose size is no size, a high
 *   water mark of 0, a close behind writes). A strategy of the caller does not reach our sink.
 * - garbage-collection: writable (garbage-collection).
 * - backpressure: does not apply. the controllers of Node have no `releaseBackpressure`.
 * - constructor, properties, start, reentrant-strategy, floating-point-total-queue-size: the engine's. Our start does not
 *   wait, and our size calls nothing.
 *
 * piping/
 * - abort, close-propagation-backward, close-propagation-forward, error-propagation-backward, error-propagation-forward,
 *   flow-control, general, multiple-propagation, pipe-through, transform-streams: piping, older (pipeTo), with a socket as
 *   the source, the destination or both. Not: a cancel or abort that rejects; the truthy and falsy values of the options
 *   and the brand checks, which are the engine's.
 * - then-interception, throwing-options, general-addition: the engine's.
 *
 * Not read: transferable/, transform-streams/, idlharness, queuing-strategies, readable-streams/ from, owning-type,
 * bad-strategies, constructor, reentrant-strategies, floating-point-total-queue-size, read-task-handling,
 * cross-realm-crash, the crashtests of the other folders, and the rest of resources/. By their names they make no use of a source of bytes or a sink.
 */
import { Domain, Socket, Type } from '@sock/native';
import { describe, expect, test } from 'vitest';
import { bytes, here, reasonOf, teedReaders, text, there, turn } from './stream-pair.js';

/** Whether the engine knows `read(view, { min })`: the first versions of Node 20 do not. */
async function knowsMin(): Promise<boolean> {
  const stream = new ReadableStream<Uint8Array>({
    type: 'bytes',
    start: (controller) => controller.enqueue(new Uint8Array(1)),
  });
  const reader = stream.getReader({ mode: 'byob' });
  const read = atLeast(reader, new Uint8Array(2), 2).then(() => false);
  const is = await Promise.race([read, turn().then(() => true)]);
  await reader.cancel();
  return is;
}

/** `read(view, { min })`, which the types of the oldest Node lack. */
function atLeast<T extends ArrayBufferView>(
  reader: ReadableStreamBYOBReader,
  view: T,
  min: number,
): Promise<ReadableStreamReadResult<T>> {
  const read = reader.read.bind(reader) as unknown as (
    view: T,
    options: { min: number },
  ) => Promise<ReadableStreamReadResult<T>>;
  return read(view, { min });
}

describe('readable-byte-streams/general', () => {
  test('closed is pending until the end, and then fulfilled', async () => {
    const reader = here.streams().readable.getReader();
    let closed = false;
    const closing = reader.closed.then(() => {
      closed = true;
    });
    there.send(bytes('x'));
    await reader.read();
    expect(closed).toBe(false);
    there.shutdown('write');
    expect(await reader.read()).toEqual({ done: true, value: undefined });
    await closing;
  });

  test('every read with a view that waits at the end is done, with its buffer and no bytes', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const reads = [reader.read(new Uint8Array(16)), reader.read(new Uint8Array(32))];
    await turn();
    there.shutdown('write');
    for (const [index, size] of [16, 32].entries()) {
      const { done, value } = (await reads[index]) as ReadableStreamReadResult<Uint8Array>;
      expect([done, value?.byteLength, value?.buffer.byteLength]).toEqual([true, 0, size]);
    }
    const after = await reader.read(new Uint8Array(8));
    expect([after.done, after.value?.buffer.byteLength]).toEqual([true, 8]);
    await reader.closed;
  });

  test('a view keeps its class, its place and the bytes around it', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const buffer = Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9).buffer;
    there.send(Uint8Array.of(1, 2));
    const { value } = await reader.read(new DataView(buffer, 2, 4));
    expect(value).toBeInstanceOf(DataView);
    expect([value?.byteOffset, value?.byteLength]).toEqual([2, 2]);
    expect([...new Uint8Array(value?.buffer as ArrayBuffer)]).toEqual([9, 9, 1, 2, 9, 9, 9, 9]);
  });

  test('views of four bytes are filled by four arrivals', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const read = reader.read(new Uint32Array(1));
    for (let i = 0; i < 4; i++) {
      there.send(Uint8Array.of(1));
      await turn();
    }
    expect([...((await read).value as Uint32Array)]).toEqual([0x01010101]);
  });

  test('one arrival serves several reads with views, each up to its length', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const reads = [2, 2, 8].map((size) => reader.read(new Uint8Array(size)));
    there.send(bytes('abcde'));
    const results = await Promise.all(reads);
    expect(results.map(({ value }) => text(value as Uint8Array))).toEqual(['ab', 'cd', 'e']);
  });

  test('an error rejects the reads that wait, later ones and closed, all with the same reason', async () => {
    for (const mode of ['byob', undefined] as const) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const abort = new AbortController();
      const { readable } = one.streams({ signal: abort.signal });
      const reason = new Error('enough');
      const reader = readable.getReader(mode === undefined ? undefined : ({ mode } as never));
      const read = (): Promise<unknown> =>
        (reader as ReadableStreamBYOBReader).read(new Uint8Array(4));
      const reads = Promise.allSettled([read(), read(), reader.closed]);
      await turn();
      abort.abort(reason);
      for (const result of await reads) {
        expect(result).toMatchObject({ status: 'rejected', reason });
      }
      await expect(read()).rejects.toBe(reason);
      other.close();
    }
  });

  test('a lock that is released rejects its reads, and the next reader gets the bytes', async () => {
    const { readable } = here.streams();
    const first = readable.getReader({ mode: 'byob' });
    const read = first.read(new Uint8Array(8));
    await turn();
    first.releaseLock();
    await expect(read).rejects.toThrow(TypeError);
    const second = readable.getReader();
    const next = second.read();
    there.send(bytes('one'));
    expect(text((await next).value)).toBe('one');
    second.releaseLock();
    const third = readable.getReader({ mode: 'byob' });
    const last = third.read(new Uint8Array(8));
    there.send(bytes('two'));
    expect(text((await last).value)).toBe('two');
  });

  test('bytes that come after a lock was released are not lost, whatever reads next', async () => {
    for (const order of [
      ['byob', 'default', 'byob', 'default'],
      ['default', 'byob', 'byob', 'default'],
    ] as const) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { readable } = one.streams();
      const all: number[] = [];
      for (const [index, mode] of order.entries()) {
        const reader =
          mode === 'byob' ? readable.getReader({ mode: 'byob' }) : readable.getReader();
        const read = reader.read(new Uint8Array(4) as never).then(
          ({ value }) => all.push(...(value as Uint8Array)),
          () => {},
        );
        await turn();
        reader.releaseLock();
        await read;
        other.send(Uint8Array.of(index));
        await turn();
      }
      other.shutdown('write');
      for await (const chunk of readable) all.push(...chunk);
      expect(all).toEqual([0, 1, 2, 3]);
      one.close();
      other.close();
    }
  });

  test('a cancel ends the reads that wait, and the writable still sends', async () => {
    const { readable, writable } = here.streams();
    const reader = readable.getReader({ mode: 'byob' });
    const reads = [reader.read(new Uint8Array(4)), reader.read(new Uint8Array(4))];
    await turn();
    await reader.cancel(new Error('enough'));
    for (const read of reads) expect(await read).toEqual({ done: true, value: undefined });
    await reader.closed;
    await writable.getWriter().write(bytes('still'));
    const buffer = new Uint8Array(5);
    await there.recvExactAsync(buffer);
    expect(text(buffer)).toBe('still');
  });

  test('cancel of a closed or errored stream does nothing, or rejects with its error', async () => {
    const { readable } = here.streams();
    there.shutdown('write');
    const reader = readable.getReader();
    await reader.read();
    await reader.cancel();
    here.close();
    const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
    const streams = one.streams();
    one.close();
    const errored = streams.readable.getReader();
    await expect(errored.read()).rejects.toMatchObject({ code: 'EBADF' });
    await expect(errored.cancel()).rejects.toMatchObject({ code: 'EBADF' });
    other.close();
  });

  test('the end inside an element errors the stream, and the socket is closed with the other half', async () => {
    for (const writableFirst of [true, false]) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { readable, writable } = one.streams();
      if (writableFirst) await writable.close();
      const reader = readable.getReader({ mode: 'byob' });
      const read = reader.read(new Uint16Array(2));
      other.send(Uint8Array.of(1, 2, 3).subarray(0, 1));
      await turn();
      other.shutdown('write');
      await expect(read).rejects.toThrow(TypeError);
      await expect(reader.closed).rejects.toThrow(TypeError);
      if (!writableFirst) await writable.close();
      expect(one.closed).toBe(true);
      other.close();
    }
  });

  test('nothing is received until somebody reads, and after that only what a read needs', async () => {
    const { readable } = here.streams();
    there.send(bytes('kept'));
    await turn();
    const reader = readable.getReader();
    await turn();
    expect(here.peek(new Uint8Array(8))).toBe(4);
    expect(text((await reader.read()).value)).toBe('kept');
    there.send(bytes('more'));
    await turn();
    expect(here.peek(new Uint8Array(8))).toBe(4);
  });

  test('bytes that a released reader left are read without another receive, in parts and with any reader', async () => {
    const { readable } = here.streams();
    const first = readable.getReader();
    const refused = reasonOf(first.read());
    await turn();
    first.releaseLock();
    expect(await refused).toBeInstanceOf(TypeError);
    there.send(bytes('abcdefg'));
    await turn();
    there.send(bytes('later'));
    const second = readable.getReader({ mode: 'byob' });
    expect(text((await second.read(new Uint8Array(2))).value)).toBe('ab');
    const { value } = await second.read(new Uint16Array(1));
    expect(text(new Uint8Array(value?.buffer as ArrayBuffer))).toBe('cd');
    second.releaseLock();
    expect(text((await readable.getReader().read()).value)).toBe('efg');
    expect(here.peek(new Uint8Array(8))).toBe(5);
  });

  test('what is left of an element and what comes next fill the next view together', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    there.send(Uint8Array.of(1, 0, 2));
    expect([...((await reader.read(new Uint16Array(2))).value as Uint16Array)]).toEqual([1]);
    const read = reader.read(new Uint16Array(1));
    await turn();
    there.send(Uint8Array.of(0));
    expect([...((await read).value as Uint16Array)]).toEqual([2]);
  });

  test('the end after half an element that a read has left errors the next read of whole elements', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    there.send(Uint8Array.of(1, 0, 2));
    await reader.read(new Uint16Array(2));
    there.shutdown('write');
    await expect(reader.read(new Uint16Array(1))).rejects.toThrow(TypeError);
    await expect(reader.closed).rejects.toThrow(TypeError);
  });

  test('a view that waits is filled for the reader that comes after its own, whatever the size of its view', async () => {
    for (const [size, parts] of [
      [3, ['abc']],
      [2, ['ab', 'c']],
    ] as const) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { readable } = one.streams();
      const first = readable.getReader({ mode: 'byob' });
      const refused = reasonOf(first.read(new Uint8Array(3)));
      await turn();
      first.releaseLock();
      const second = readable.getReader({ mode: 'byob' });
      const read = second.read(Uint8Array.of(7, 7, 7).subarray(0, size));
      expect(await refused).toBeInstanceOf(TypeError);
      other.send(bytes('abc'));
      const got = [text((await read).value)];
      if (parts.length > 1) got.push(text((await second.read(new Uint8Array(3))).value));
      expect(got).toEqual(parts);
      one.close();
      other.close();
    }
  });

  test('half an element of a released reader goes to the next reader, with or without a view', async () => {
    for (const next of ['view', 'none'] as const) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { readable } = one.streams();
      const first = readable.getReader({ mode: 'byob' });
      const refused = reasonOf(first.read(new Uint16Array(1)));
      await turn();
      other.send(Uint8Array.of(0x11));
      await turn();
      first.releaseLock();
      expect(await refused).toBeInstanceOf(TypeError);
      if (next === 'view') {
        const read = readable.getReader({ mode: 'byob' }).read(new Uint16Array(1));
        await turn();
        other.send(Uint8Array.of(0x22));
        const { value } = await read;
        expect([...new Uint8Array(value?.buffer as ArrayBuffer)]).toEqual([0x11, 0x22]);
      } else {
        const reader = readable.getReader();
        const read = reader.read();
        await turn();
        other.send(Uint8Array.of(0x22));
        const values = [await read, await reader.read()];
        expect(values.map(({ value }) => [...(value as Uint8Array)])).toEqual([[0x11], [0x22]]);
      }
      one.close();
      other.close();
    }
  });

  test('two reads without a view after half an element get both halves, or the error of the engine', async () => {
    const { readable, writable } = here.streams();
    const first = readable.getReader({ mode: 'byob' });
    const refused = reasonOf(first.read(new Uint16Array(1)));
    await turn();
    there.send(Uint8Array.of(0x11));
    await turn();
    first.releaseLock();
    expect(await refused).toBeInstanceOf(TypeError);
    const reader = readable.getReader();
    const reads = [reader.read(), reader.read()];
    await turn();
    there.send(Uint8Array.of(0x22));
    expect((await reads[0])?.value).toEqual(Uint8Array.of(0x11));
    // Node loses the second read in a failed assertion. The stream must not go on as if nothing was lost.
    const closed = reader.closed.then(
      () => 'closed',
      (error: { code?: unknown }) => error.code,
    );
    const second = reads[1]?.then(({ value }) => [...(value as Uint8Array)]);
    const outcome = await Promise.race([closed, second]);
    if (outcome !== 'ERR_INTERNAL_ASSERTION') expect(outcome).toEqual([0x22]);
    else {
      await expect(reader.read()).rejects.toMatchObject({ code: 'ERR_INTERNAL_ASSERTION' });
      await expect(writable.getWriter().closed).rejects.toMatchObject({ code: outcome });
      expect(here.closed).toBe(true);
    }
  });

  test('the end while a view of a released reader waits ends the next read, which keeps its buffer', async () => {
    const { readable } = here.streams();
    const first = readable.getReader({ mode: 'byob' });
    const refused = reasonOf(first.read(new Uint8Array(3)));
    await turn();
    first.releaseLock();
    expect(await refused).toBeInstanceOf(TypeError);
    const read = readable.getReader({ mode: 'byob' }).read(Uint8Array.of(4, 5, 6));
    there.shutdown('write');
    const { done, value } = await read;
    expect([done, value?.byteLength, value?.buffer.byteLength]).toEqual([true, 0, 3]);
  });

  test('a read after cancel is done at once, and nothing is received for it', async () => {
    for (const mode of ['byob', undefined] as const) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      other.send(bytes('kept'));
      const { readable } = one.streams();
      const reader = readable.getReader(mode === undefined ? undefined : ({ mode } as never));
      expect(await reader.cancel('enough')).toBe(undefined);
      const read = await (reader as ReadableStreamBYOBReader).read(new Uint8Array(4));
      expect(read.done).toBe(true);
      await reader.closed;
      await expect(readable.cancel()).rejects.toThrow(TypeError);
      reader.releaseLock();
      expect(await readable.cancel()).toBe(undefined);
      expect(one.peek(new Uint8Array(8))).toBe(4);
      one.close();
      other.close();
    }
  });
});

describe('readable-byte-streams/bad-buffers-and-views, detached-buffers, non-transferable-buffers', () => {
  test('what is no view, or an empty or detached one, is refused, and nothing is received', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const detached = new Uint8Array(4);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    const memory = new WebAssembly.Memory({ initial: 1 });
    for (const view of [
      undefined,
      {},
      { buffer: new ArrayBuffer(10), byteOffset: 0, byteLength: 10 },
      new ArrayBuffer(4),
      new Uint8Array(0),
      new Uint8Array(new ArrayBuffer(10), 0, 0),
      detached,
      new Uint8Array(memory.buffer, 0, 4),
    ]) {
      await expect(reader.read(view as never)).rejects.toThrow(TypeError);
    }
    there.send(bytes('kept'));
    expect(text((await reader.read(new Uint8Array(8))).value)).toBe('kept');
  });

  test('a read transfers the buffer at once, also at the end of the stream', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    there.shutdown('write');
    const first = new Uint8Array(3);
    const read = reader.read(first);
    expect(first.byteLength).toBe(0);
    expect((await read).done).toBe(true);
    const second = Uint8Array.of(1, 2, 3);
    const { done, value } = await reader.read(second);
    expect([done, value?.byteLength, second.byteLength]).toEqual([true, 0, 0]);
    await expect(reader.read(second)).rejects.toThrow(TypeError);
  });
});

describe.skipIf(!(await knowsMin()))('readable-byte-streams/read-min', () => {
  test('a minimum of 0 or of more than the view is refused', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    await expect(atLeast(reader, new Uint8Array(1), 0)).rejects.toThrow(TypeError);
    await expect(atLeast(reader, new Uint8Array(1), 2)).rejects.toThrow(RangeError);
    await expect(atLeast(reader, new Uint16Array(1), 2)).rejects.toThrow(RangeError);
    await expect(atLeast(reader, new DataView(new ArrayBuffer(1)), 2)).rejects.toThrow(RangeError);
    there.send(bytes('kept'));
    expect(text((await reader.read(new Uint8Array(8))).value)).toBe('kept');
  });

  test('a read waits for its minimum over several arrivals, and the next gets what is more', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const reads = [atLeast(reader, new Uint8Array(3), 3), reader.read(new Uint8Array(4))];
    for (const part of ['a', 'b', 'cd']) {
      there.send(bytes(part));
      await turn();
    }
    expect(text((await reads[0])?.value)).toBe('abc');
    expect(text((await reads[1])?.value)).toBe('d');
  });

  test('the minimum counts elements, and more than it may come', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const read = atLeast(reader, new Uint16Array(4), 2);
    there.send(Uint8Array.of(1, 1, 2));
    await turn();
    there.send(Uint8Array.of(2, 3, 3, 4));
    expect([...((await read).value as Uint16Array)]).toEqual([0x0101, 0x0202, 0x0303]);
    expect([...((await reader.read(new Uint8Array(4))).value as Uint8Array)]).toEqual([4]);
  });

  test('the end before the minimum is done with what came', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const read = atLeast(reader, new Uint8Array(3), 3);
    there.send(Uint8Array.of(1));
    await turn();
    there.shutdown('write');
    const { done, value } = await read;
    expect(done).toBe(true);
    expect([...(value as Uint8Array)]).toEqual([1]);
    await reader.closed;
  });

  test('the end inside an element fails, also before the minimum', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const read = atLeast(reader, new Uint16Array(2), 2);
    there.send(Uint8Array.of(1, 2, 3));
    await turn();
    there.shutdown('write');
    await expect(read).rejects.toThrow(TypeError);
    await expect(reader.closed).rejects.toThrow(TypeError);
  });

  test('the end right after the minimum leaves the read not done, and the next one is', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const read = atLeast(reader, new DataView(new ArrayBuffer(3)), 3);
    there.send(Uint8Array.of(1, 2));
    await turn();
    there.send(Uint8Array.of(3));
    there.shutdown('write');
    const { done, value } = await read;
    expect([done, value instanceof DataView, value?.byteLength]).toEqual([false, true, 3]);
    const end = await atLeast(reader, new Uint8Array(3), 1);
    expect([end.done, end.value?.byteLength, end.value?.buffer.byteLength]).toEqual([true, 0, 3]);
    await reader.closed;
  });

  test('cancel and an error end a read that has a part of its minimum', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const read = atLeast(reader, new Uint8Array(3), 3);
    there.send(Uint8Array.of(1));
    await turn();
    await reader.cancel();
    expect(await read).toEqual({ done: true, value: undefined });
    const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
    const failing = atLeast(
      one.streams().readable.getReader({ mode: 'byob' }),
      new Uint8Array(3),
      3,
    );
    other.send(Uint8Array.of(1));
    await turn();
    one.close();
    await expect(failing).rejects.toMatchObject({ code: 'EBADF' });
    other.close();
  });

  test('one branch of a tee has a minimum, the other gets each arrival', async () => {
    const [one, two] = teedReaders();
    const whole = atLeast(one, new Uint8Array(3), 3);
    const part = two.read(new Uint8Array(1));
    there.send(bytes('a'));
    expect(text((await part).value)).toBe('a');
    there.send(bytes('bc'));
    expect(text((await whole).value)).toBe('abc');
    expect(text((await two.read(new Uint8Array(2))).value)).toBe('bc');
  });
});
