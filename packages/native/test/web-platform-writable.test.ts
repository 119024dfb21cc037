/** The sink of a socket by the Web Platform Tests of writable-streams/. web-platform-streams.test.ts has the list of all files. */
import { Domain, Socket, Type } from '@sock/native';
import { describe, expect, test } from 'vitest';
import { bytes, here, reasonOf, text, there, turn } from './stream-pair.js';

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

describe('writable-streams/aborting', () => {
  test('an abort before the stream has started rejects the write, ready and closed, and writes nothing', async () => {
    const { readable, writable } = here.streams();
    const writer = writable.getWriter();
    const reason = new Error('enough');
    const results = Promise.allSettled([
      writer.write(bytes('never')),
      writer.ready,
      writer.closed,
      readable.getReader().read(),
    ]);
    await writer.abort(reason);
    // `ready` was fulfilled when it was read: the stream had room.
    for (const result of (await results).filter((_, index) => index !== 1)) {
      expect(result).toMatchObject({ status: 'rejected', reason });
    }
    await expect(writer.ready).rejects.toBe(reason);
    await expect(there.recvAsync(new Uint8Array(8))).resolves.toBe(0);
    expect(here.closed).toBe(true);
  });

  test('close and abort at once, before the stream has started: the abort wins', async () => {
    const writer = here.streams().writable.getWriter();
    const reason = new Error('enough');
    const results = Promise.allSettled([writer.close(), writer.closed]);
    await writer.abort(reason);
    for (const result of await results) {
      expect(result).toMatchObject({ status: 'rejected', reason });
    }
    expect(here.closed).toBe(true);
  });

  test('close and abort at once, after the start: the close wins, and the peer gets the end', async () => {
    const { readable, writable } = here.streams();
    await turn();
    const writer = writable.getWriter();
    const order: string[] = [];
    await Promise.all([
      writer.close().then(() => order.push('close')),
      writer.abort(new Error('late')).then(() => order.push('abort')),
      writer.closed.then(() => order.push('closed')),
    ]);
    expect(order).toEqual(['close', 'abort', 'closed']);
    expect(await there.recvAsync(new Uint8Array(1))).toBe(0);
    there.send(bytes('answer'));
    expect(text((await readable.getReader().read()).value)).toBe('answer');
  });

  test('the writes settle in their order, the abort after them', async () => {
    const writer = here.streams().writable.getWriter();
    await writer.ready;
    const reason = new Error('enough');
    const order: number[] = [];
    const writes = [16 << 20, 1, 1].map(async (size, index) => {
      const error = await reasonOf(writer.write(new Uint8Array(size)));
      order.push(index);
      return error;
    });
    await turn();
    const abort = writer.abort(reason).then(() => order.push(3));
    await expect(writer.write(bytes('late'))).rejects.toBe(reason);
    await abort;
    expect(await Promise.all(writes)).toEqual([reason, reason, reason]);
    expect(order).toEqual([0, 1, 2, 3]);
  });

  test('two aborts at once have one result; another after them does nothing', async () => {
    const { writable } = here.streams();
    const writer = writable.getWriter();
    const results = await Promise.allSettled([writer.abort('one'), writer.abort('two')]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(await writer.abort('three')).toBe(undefined);
    await expect(writer.closed).rejects.toBe('one');
  });

  test('without a reason, the stored error is undefined for both streams', async () => {
    const { readable, writable } = here.streams();
    const read = Promise.allSettled([readable.getReader().read()]);
    await writable.abort();
    expect(await read).toEqual([{ status: 'rejected', reason: undefined }]);
    await expect(writable.getWriter().closed).rejects.toBe(undefined);
    expect(here.closed).toBe(true);
  });

  test('a locked stream and a released writer refuse the abort, and the socket stays open', async () => {
    const { writable } = here.streams();
    const writer = writable.getWriter();
    await expect(writable.abort()).rejects.toThrow(TypeError);
    writer.releaseLock();
    await expect(writer.abort()).rejects.toThrow(TypeError);
    await expect(writer.write(bytes('x'))).rejects.toThrow(TypeError);
    await expect(writer.close()).rejects.toThrow(TypeError);
    expect(() => writer.desiredSize).toThrow(TypeError);
    await writable.getWriter().write(bytes('open'));
    const buffer = new Uint8Array(8);
    expect(text(buffer.subarray(0, await there.recvAsync(buffer)))).toBe('open');
  });

  test('a lock that is released during the abort: the abort ends, and a new writer has its reason', async () => {
    const { writable } = here.streams();
    const writer = writable.getWriter();
    await writer.ready;
    const reason = new Error('enough');
    const refused = reasonOf(writer.write(new Uint8Array(16 << 20)));
    await turn();
    const { closed } = writer;
    const abort = writer.abort(reason);
    writer.releaseLock();
    const next = writable.getWriter();
    await expect(next.ready).rejects.toBe(reason);
    await expect(closed).rejects.toThrow(TypeError);
    await abort;
    expect(await refused).toBe(reason);
    await expect(next.closed).rejects.toBe(reason);
  });

  test("the caller's signal before the abort: its reason stays, and the abort rejects with it", async () => {
    const controller = new AbortController();
    const writer = here.streams({ signal: controller.signal }).writable.getWriter();
    await writer.ready;
    const reason = new Error('of the signal');
    const results = Promise.allSettled([writer.write(new Uint8Array(16 << 20)), writer.closed]);
    await turn();
    controller.abort(reason);
    await expect(writer.abort(new Error('late'))).rejects.toBe(reason);
    for (const result of await results) {
      expect(result).toMatchObject({ status: 'rejected', reason });
    }
  });

  test('an abort before the signal: its reason stays', async () => {
    const controller = new AbortController();
    const writer = here.streams({ signal: controller.signal }).writable.getWriter();
    await writer.ready;
    const reason = new Error('of the abort');
    const results = Promise.allSettled([writer.write(new Uint8Array(16 << 20)), writer.closed]);
    await turn();
    const abort = writer.abort(reason);
    controller.abort(new Error('late'));
    await abort;
    for (const result of await results) {
      expect(result).toMatchObject({ status: 'rejected', reason });
    }
  });
});

describe('writable-streams/write, bad-underlying-sinks, general', () => {
  test('a write that fails rejects the writes behind it, the close, ready and closed with its error', async () => {
    const writer = here.streams({ highWaterMark: 1 }).writable.getWriter();
    await writer.ready;
    const results = Promise.allSettled([
      writer.write(new Uint8Array(16 << 20)),
      writer.write(bytes('x')),
      writer.ready,
      writer.close(),
      writer.closed,
    ]);
    await turn();
    there.close();
    const all = await results;
    const { reason } = all[0] as PromiseRejectedResult;
    expect(reason).toMatchObject({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) });
    // A close that waits fulfills `ready` at once.
    for (const [index, result] of all.entries()) {
      if (index === 2) expect(result.status).toBe('fulfilled');
      else
        expect([result.status, (result as PromiseRejectedResult).reason]).toEqual([
          'rejected',
          reason,
        ]);
    }
    await expect(writer.ready).rejects.toBe(reason);
    expect(here.closed).toBe(true);
  });

  test('a write while the socket is closed by hand fails with EBADF, and so does the close', async () => {
    for (const how of ['write', 'close'] as const) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { readable, writable } = one.streams();
      const writer = writable.getWriter();
      await writer.ready;
      one.close();
      const failed = how === 'write' ? writer.write(bytes('x')) : writer.close();
      const error = await reasonOf(failed);
      expect(error).toMatchObject({ code: 'EBADF' });
      await expect(writer.closed).rejects.toBe(error);
      await expect(writer.ready).rejects.toBe(error);
      await expect(readable.getReader().read()).rejects.toMatchObject({ code: 'EBADF' });
      other.close();
    }
  });

  test('a long queue of small writes arrives whole and in order', async () => {
    const writer = here.streams().writable.getWriter();
    const size = 1000;
    for (let index = 0; index < size; index++) void writer.write(Uint8Array.of(index));
    const closing = writer.close();
    const all = new Uint8Array(size);
    await there.recvExactAsync(all);
    await closing;
    expect([...all]).toEqual(Array.from({ length: size }, (_, index) => index & 255));
    expect(await there.recvAsync(new Uint8Array(1))).toBe(0);
  });

  test('write and close fulfill with undefined, whatever the system call returned', async () => {
    const writer = here.streams().writable.getWriter();
    expect(await writer.write(bytes('abc'))).toBe(undefined);
    expect(await writer.close()).toBe(undefined);
    expect(await writer.closed).toBe(undefined);
  });

  test('with a high water mark of 0 every write is over it, and is sent', async () => {
    const { writable } = here.streams({ highWaterMark: 0 });
    const writer = writable.getWriter();
    expect(writer.desiredSize).toBe(0);
    const writes = [writer.write(bytes('a')), writer.write(bytes('bc'))];
    expect(writer.desiredSize).toBe(-3);
    await Promise.all(writes);
    expect(writer.desiredSize).toBe(0);
    const buffer = new Uint8Array(3);
    await there.recvExactAsync(buffer);
    expect(text(buffer)).toBe('abc');
  });

  test('ready rejects before closed when a lock is released, and a second release does nothing', async () => {
    const { writable } = here.streams({ highWaterMark: 1 });
    const writer = writable.getWriter();
    await writer.ready;
    const write = writer.write(new Uint8Array(4 << 20));
    const order: string[] = [];
    const both = [
      writer.ready.catch(() => order.push('ready')),
      writer.closed.catch(() => order.push('closed')),
    ];
    writer.releaseLock();
    await Promise.all(both);
    expect(order).toEqual(['ready', 'closed']);
    expect(writable.locked).toBe(false);
    const next = writable.getWriter();
    writer.releaseLock();
    expect(writable.locked).toBe(true);
    await there.recvExactAsync(new Uint8Array(4 << 20));
    await Promise.all([write, next.ready]);
  });
});

describe('writable-streams/garbage-collection', () => {
  test('a write under way is finished, although nobody holds the socket and its streams', async () => {
    const [peer, write] = ((): [Socket, Promise<void>] => {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      return [
        other,
        one
          .streams()
          .writable.getWriter()
          .write(new Uint8Array(4 << 20)),
      ];
    })();
    await turn();
    globalThis.gc?.();
    await turn();
    await peer.recvExactAsync(new Uint8Array(4 << 20));
    await write;
    peer.close();
  });
});
