/**
 * Streams of sockets by the Web Platform Tests, whose files of `streams/` were gone through one by one. What a file
 * expects of a byte source that waits, of a sink that waits, or of what a reader sees of them is tested here or in
 * streams.test.ts. A socket is in the place of the controller that a file drives by hand: the peer sends, ends, or goes.
 *
 * Gone through and applied:
 * - readable-byte-streams/: general, read-min, tee, bad-buffers-and-views, detached-buffers, non-transferable-buffers,
 *   templated, respond-after-enqueue, enqueue-with-detached-buffer
 * - readable-streams/: async-iterator, cancel, default-reader
 * - writable-streams/: aborting, backpressure, close, error, general, write, byte-length-queuing-strategy
 * - piping/: abort, close-propagation-*, error-propagation-*, flow-control, general, pipe-through
 *
 * Not applied, because they are about the engine's classes and say nothing of a source or sink: constructor,
 * construct-byob-request, properties, brand-checks, patched-global, bad-strategies, bad-underlying-sinks and -sources,
 * count-queuing-strategy, reentrant-strategy, start, then-interception, transferable, idlharness, crashtests. Of
 * general, read-min and tee: what a source does twice or wrongly on purpose (`respond` twice, `enqueue` of a detached
 * view, `autoAllocateChunkSize`, `respondWithNewView`), as the source of a socket does either `respond` or `enqueue`,
 * once for each `pull`.
 */
import { Domain, Socket, Type } from '@sock/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let here: Socket;
let there: Socket;
beforeEach(() => {
  [here, there] = Socket.pair(Domain.UNIX, Type.STREAM);
});
afterEach(() => {
  here.close();
  there.close();
});

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const text = (view: Uint8Array | undefined): string => new TextDecoder().decode(view);
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

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

  test("cancel during a pull ends it: the bytes that come then are nobody's", async () => {
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
    const [one, two] = here
      .streams()
      .readable.tee()
      .map((branch) => branch.getReader({ mode: 'byob' })) as [
      ReadableStreamBYOBReader,
      ReadableStreamBYOBReader,
    ];
    const whole = atLeast(one, new Uint8Array(3), 3);
    const part = two.read(new Uint8Array(1));
    there.send(bytes('a'));
    expect(text((await part).value)).toBe('a');
    there.send(bytes('bc'));
    expect(text((await whole).value)).toBe('abc');
    expect(text((await two.read(new Uint8Array(2))).value)).toBe('bc');
  });
});

describe('readable-byte-streams/tee', () => {
  test('nothing is received until a branch reads', async () => {
    const [one] = here.streams().readable.tee();
    there.send(bytes('later'));
    await turn();
    const buffer = new Uint8Array(8);
    expect(here.peek(buffer)).toBe(5);
    expect(text((await one.getReader().read()).value)).toBe('later');
  });

  test('branches with views get copies: one may change its bytes', async () => {
    const [one, two] = here
      .streams()
      .readable.tee()
      .map((branch) => branch.getReader({ mode: 'byob' })) as [
      ReadableStreamBYOBReader,
      ReadableStreamBYOBReader,
    ];
    const reads = [one.read(new Uint8Array(4)), two.read(new Uint8Array(4))] as const;
    there.send(bytes('abcd'));
    const first = (await reads[0]).value as Uint8Array;
    first.fill(0);
    expect(text((await reads[1]).value as Uint8Array)).toBe('abcd');
  });

  test('a branch with views and one without get every byte', async () => {
    const [one, two] = here.streams().readable.tee();
    const byob = one.getReader({ mode: 'byob' });
    const plain = two.getReader();
    for (const part of ['a', 'bc', 'def']) {
      const reads = [byob.read(new Uint8Array(8)), plain.read()] as const;
      there.send(bytes(part));
      expect(text((await reads[0]).value as Uint8Array)).toBe(part);
      expect(text((await reads[1]).value)).toBe(part);
    }
    there.shutdown('write');
    expect((await byob.read(new Uint8Array(8))).done).toBe(true);
    expect((await plain.read()).done).toBe(true);
  });

  test('one cancelled branch leaves the other; both together cancel with both reasons', async () => {
    const { readable, writable } = here.streams();
    const [one, two] = readable.tee();
    const cancelled = one.cancel('one');
    there.send(bytes('x'));
    const reader = two.getReader();
    expect(text((await reader.read()).value)).toBe('x');
    await reader.cancel('two');
    await cancelled;
    await writable.close();
    expect(here.closed).toBe(true);
  });

  test('an error errors both branches', async () => {
    const [one, two] = here.streams().readable.tee();
    const reads = Promise.allSettled([
      one.getReader({ mode: 'byob' }).read(new Uint8Array(4)),
      two.getReader().read(),
    ]);
    await turn();
    here.close();
    for (const result of await reads) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'EBADF' } });
    }
  });
});

describe('readable-streams/async-iterator', () => {
  test('break cancels, and with preventCancel it does not', async () => {
    const { readable, writable } = here.streams();
    there.send(bytes('one'));
    for await (const chunk of readable.values({ preventCancel: true })) {
      expect(text(chunk)).toBe('one');
      break;
    }
    expect(readable.locked).toBe(false);
    there.send(bytes('two'));
    for await (const chunk of readable) {
      expect(text(chunk)).toBe('two');
      break;
    }
    expect(await readable.getReader().read()).toEqual({ done: true, value: undefined });
    await writable.close();
    expect(here.closed).toBe(true);
  });

  test('an error is thrown in the loop', async () => {
    const { readable } = here.streams({ timeout: 10 });
    const loop = (async () => {
      for await (const _ of readable) throw new Error('nobody sends');
    })();
    await expect(loop).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });
});

describe('writable-streams', () => {
  test('desiredSize falls by what is queued, in bytes, and is back when it was sent', async () => {
    const writer = here.streams({ highWaterMark: 1000 }).writable.getWriter();
    expect(writer.desiredSize).toBe(1000);
    const write = writer.write(new Uint8Array(300));
    expect(writer.desiredSize).toBe(700);
    await write;
    expect(writer.desiredSize).toBe(1000);
    await writer.close();
    expect(writer.desiredSize).toBe(0);
  });

  test('ready waits while more is queued than the high water mark', async () => {
    const writer = here.streams({ highWaterMark: 1000 }).writable.getWriter();
    const large = new Uint8Array(8 << 20);
    const write = writer.write(large);
    expect(writer.desiredSize).toBeLessThan(0);
    let ready = false;
    const waiting = writer.ready.then(() => {
      ready = true;
    });
    await turn();
    expect(ready).toBe(false);
    await there.recvExactAsync(new Uint8Array(large.length));
    await Promise.all([write, waiting]);
  });

  test('an errored writable has no desiredSize, and refuses everything with its error', async () => {
    const writer = here.streams().writable.getWriter();
    there.close();
    await expect(writer.write(bytes('x'))).rejects.toMatchObject({ code: 'EPIPE' });
    expect(writer.desiredSize).toBe(null);
    await expect(writer.ready).rejects.toMatchObject({ code: 'EPIPE' });
    await expect(writer.write(bytes('y'))).rejects.toMatchObject({ code: 'EPIPE' });
    await expect(writer.close()).rejects.toMatchObject({ code: expect.any(String) });
    await expect(writer.abort()).resolves.toBe(undefined);
  });

  test('nothing can be written after close, and a second close is refused', async () => {
    const writer = here.streams().writable.getWriter();
    const write = writer.write(bytes('last'));
    const close = writer.close();
    await expect(writer.write(bytes('late'))).rejects.toThrow(TypeError);
    await expect(writer.close()).rejects.toThrow(TypeError);
    await Promise.all([write, close, writer.closed]);
    const buffer = new Uint8Array(8);
    expect(await there.recvAsync(buffer)).toBe(4);
    expect(await there.recvAsync(buffer)).toBe(0);
  });

  test('close has ready fulfilled at once, and releasing the lock does not change its result', async () => {
    const { writable } = here.streams({ highWaterMark: 1 });
    const writer = writable.getWriter();
    const large = new Uint8Array(4 << 20);
    const write = writer.write(large);
    const close = writer.close();
    await writer.ready;
    writer.releaseLock();
    await expect(writable.close()).rejects.toThrow(TypeError);
    await there.recvExactAsync(new Uint8Array(large.length));
    await Promise.all([write, close]);
    expect(writable.getWriter().desiredSize).toBe(0);
    expect(await there.recvAsync(new Uint8Array(1))).toBe(0);
  });

  test('abort after close does nothing: the peer gets everything and the end, and no reset', async () => {
    const { readable, writable } = here.streams();
    const writer = writable.getWriter();
    await writer.write(bytes('all'));
    await writer.close();
    await writer.abort(new Error('late'));
    there.send(bytes('answer'));
    expect(text((await readable.getReader().read()).value)).toBe('answer');
    const buffer = new Uint8Array(8);
    expect(await there.recvAsync(buffer)).toBe(3);
    expect(await there.recvAsync(buffer)).toBe(0);
  });

  test('abort while a close waits for its writes rejects them all with the reason', async () => {
    const { readable, writable } = here.streams();
    const writer = writable.getWriter();
    const reason = new Error('enough');
    const results = Promise.allSettled([
      writer.write(new Uint8Array(16 << 20)),
      writer.write(bytes('x')),
      writer.close(),
      writer.closed,
      readable.getReader().read(),
    ]);
    await turn();
    await writer.abort(reason);
    for (const result of await results) {
      expect(result).toMatchObject({ status: 'rejected', reason });
    }
    expect(here.closed).toBe(true);
  });

  test('a released writer leaves its writes, and the next one writes after them', async () => {
    const { writable } = here.streams();
    const first = writable.getWriter();
    const write = first.write(bytes('one '));
    first.releaseLock();
    await expect(first.closed).rejects.toThrow(TypeError);
    const second = writable.getWriter();
    await second.write(bytes('two'));
    await write;
    await second.close();
    const buffer = new Uint8Array(7);
    await there.recvExactAsync(buffer);
    expect(text(buffer)).toBe('one two');
  });

  test('chunks of any kind of buffer are written, also empty ones', async () => {
    const writer = here.streams().writable.getWriter();
    await writer.write(new ArrayBuffer(0) as never);
    await writer.write(Uint8Array.of(1, 2).buffer as never);
    await writer.write(new DataView(Uint8Array.of(0, 3, 4, 0).buffer, 1, 2) as never);
    await writer.write(new Uint16Array([0x0505]) as never);
    await writer.close();
    const buffer = new Uint8Array(6);
    await there.recvExactAsync(buffer);
    expect([...buffer]).toEqual([1, 2, 3, 4, 5, 5]);
  });

  test('a chunk whose size is no size errors both streams, and closes the socket', async () => {
    const throwing = {
      get byteLength(): number {
        throw new Error('of the chunk');
      },
    };
    for (const chunk of [
      { byteLength: NaN },
      { byteLength: -1 },
      { byteLength: Infinity },
      throwing,
    ]) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { readable, writable } = one.streams();
      const results = Promise.allSettled([
        readable.getReader().read(),
        writable.getWriter().write(chunk as never),
      ]);
      for (const { status, reason } of (await results) as PromiseRejectedResult[]) {
        expect([status, reason instanceof TypeError]).toEqual(['rejected', true]);
      }
      expect(one.closed).toBe(true);
      other.close();
    }
  });

  test('a buffer that is detached before its turn errors the streams', async () => {
    const writer = here.streams().writable.getWriter();
    const second = bytes('gone');
    const results = Promise.allSettled([
      writer.write(new Uint8Array(4 << 20)),
      writer.write(second),
    ]);
    structuredClone(second.buffer, { transfer: [second.buffer] });
    await there.recvExactAsync(new Uint8Array(4 << 20));
    const [first, other] = await results;
    expect(first?.status).toBe('fulfilled');
    expect(other).toMatchObject({
      status: 'rejected',
      reason: { code: 'ERR_INVALID_ARG_VALUE' },
    });
    expect(here.closed).toBe(true);
  });
});

describe('piping', () => {
  test('does not read while the destination has no room', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const sink = new WritableStream({ write: () => held }, { highWaterMark: 1 });
    there.send(bytes('one'));
    const piping = here.streams().readable.pipeTo(sink);
    await turn();
    there.send(bytes('two'));
    await turn();
    const buffer = new Uint8Array(8);
    expect(here.peek(buffer)).toBe(3);
    release();
    there.shutdown('write');
    await piping;
  });

  test('into a closed writable cancels the readable and rejects; with preventCancel it does not cancel', async () => {
    const closed = async (): Promise<WritableStream> => {
      const stream = new WritableStream();
      await stream.close();
      return stream;
    };
    const { readable, writable } = here.streams();
    await expect(readable.pipeTo(await closed(), { preventCancel: true })).rejects.toThrow(
      TypeError,
    );
    there.send(bytes('x'));
    const reader = readable.getReader();
    expect(text((await reader.read()).value)).toBe('x');
    reader.releaseLock();
    await expect(readable.pipeTo(await closed())).rejects.toThrow(TypeError);
    await writable.close();
    expect(here.closed).toBe(true);
  });

  test('an error of the socket aborts the destination with it', async () => {
    const aborted: unknown[] = [];
    const sink = new WritableStream({ abort: (reason) => void aborted.push(reason) });
    const piping = here.streams({ timeout: 10 }).readable.pipeTo(sink);
    await expect(piping).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(aborted).toMatchObject([{ code: 'ETIMEDOUT' }]);
  });

  test('pipeThrough carries bytes through a transform and back to a socket', async () => {
    const { readable, writable } = here.streams();
    const upper = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => controller.enqueue(bytes(text(chunk).toUpperCase())),
    });
    const piping = readable.pipeThrough(upper).pipeTo(writable);
    there.send(bytes('hello'));
    const buffer = new Uint8Array(5);
    await there.recvExactAsync(buffer);
    expect(text(buffer)).toBe('HELLO');
    there.shutdown('write');
    await piping;
    expect(here.closed).toBe(true);
  });
});
