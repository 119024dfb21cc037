/** Readers and loops over streams of sockets by the Web Platform Tests of readable-streams/. web-platform-streams.test.ts has the list of all files. */
import { Domain, Socket, Type } from '@sock/native';
import { describe, expect, test } from 'vitest';
import { bytes, here, text, there, turn } from './stream-pair.js';

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

  test('break, return and throw in the loop each cancel the receiving half, once', async () => {
    for (const how of ['break', 'return', 'throw'] as const) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { readable, writable } = one.streams();
      other.send(bytes('x'));
      const loop = async (): Promise<void> => {
        for await (const _ of readable) {
          if (how === 'break') break;
          if (how === 'return') return;
          throw new Error('of the loop');
        }
      };
      if (how === 'throw') await expect(loop()).rejects.toThrow('of the loop');
      else await loop();
      expect(readable.locked).toBe(false);
      expect(() => other.send(bytes('y'))).toThrow(expect.objectContaining({ code: 'EPIPE' }));
      await writable.close();
      expect(one.closed).toBe(true);
      other.close();
    }
  });

  test('return without a read receives nothing, and cancels unless preventCancel', async () => {
    const { readable } = here.streams();
    there.send(bytes('kept'));
    const kept = readable.values({ preventCancel: true });
    expect(await kept.return?.()).toEqual({ done: true, value: undefined });
    expect(await kept.next()).toEqual({ done: true, value: undefined });
    expect(here.peek(new Uint8Array(8))).toBe(4);
    const iterator = readable.values();
    await iterator.return?.();
    await readable.getReader().closed;
    expect(() => there.send(bytes('y'))).toThrow(expect.objectContaining({ code: 'EPIPE' }));
  });

  test('an error is thrown by one next, and the loop is over after it', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const { readable } = here.streams({ signal: controller.signal });
    const iterator = readable.values();
    there.send(bytes('x'));
    const results = Promise.allSettled([iterator.next(), iterator.next(), iterator.next()]);
    await turn();
    controller.abort(reason);
    expect(await results).toMatchObject([
      { status: 'fulfilled', value: { done: false } },
      { status: 'rejected', reason },
      { status: 'fulfilled', value: { done: true } },
    ]);
    await expect(readable.getReader().closed).rejects.toBe(reason);
  });

  test('what a reader left is the first chunk, and the end while next waits ends the loop', async () => {
    const { readable } = here.streams();
    there.send(bytes('one'));
    const reader = readable.getReader();
    expect(text((await reader.read()).value)).toBe('one');
    reader.releaseLock();
    const chunks: string[] = [];
    const loop = (async () => {
      for await (const chunk of readable) chunks.push(text(chunk));
    })();
    there.send(bytes('two'));
    await turn();
    there.shutdown('write');
    await loop;
    expect(chunks).toEqual(['two']);
    await readable.getReader().closed;
  });
});

describe('readable-streams/default-reader, cancel, garbage-collection', () => {
  test('every read that waits, and every later one, is done at the end; the stream stays locked', async () => {
    const { readable } = here.streams();
    const reader = readable.getReader();
    const reads = [reader.read(), reader.read()];
    await turn();
    there.shutdown('write');
    for (const read of [...reads, reader.read()]) {
      expect(await read).toEqual({ done: true, value: undefined });
    }
    await reader.closed;
    expect(() => readable.getReader()).toThrow(TypeError);
    const { closed } = reader;
    reader.releaseLock();
    expect(reader.closed).not.toBe(closed);
    await expect(reader.closed).rejects.toThrow(TypeError);
    await readable.getReader().closed;
  });

  test('a second reader of an errored stream gets its error', async () => {
    const { readable } = here.streams();
    const first = readable.getReader();
    const results = Promise.allSettled([first.read(), first.closed]);
    await turn();
    here.close();
    const [{ reason }] = (await results) as [PromiseRejectedResult, PromiseRejectedResult];
    expect(reason).toMatchObject({ code: 'EBADF' });
    first.releaseLock();
    const second = readable.getReader({ mode: 'byob' });
    await expect(second.read(new Uint8Array(1))).rejects.toBe(reason);
    await expect(second.closed).rejects.toBe(reason);
  });

  test('a cancel of a released reader or of a locked stream is refused, and ends nothing', async () => {
    const { readable } = here.streams();
    const first = readable.getReader();
    await expect(readable.cancel()).rejects.toThrow(TypeError);
    first.releaseLock();
    await expect(first.cancel()).rejects.toThrow(TypeError);
    const second = readable.getReader();
    first.releaseLock();
    there.send(bytes('x'));
    expect(text((await second.read()).value)).toBe('x');
  });

  test('a cancel in the turn in which bytes come drops them, and leaves nothing unhandled', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listener);
    for (let turns = 0; turns < 6; turns++) {
      for (const view of [undefined, new Uint8Array(4)]) {
        const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
        const { readable, writable } = one.streams();
        const reader =
          view === undefined ? readable.getReader() : readable.getReader({ mode: 'byob' });
        other.send(bytes('x'));
        const read = reader.read(view as never);
        for (let index = 0; index < turns; index++) await Promise.resolve();
        await reader.cancel();
        const { done, value } = await read;
        if (!done) expect(text(value as Uint8Array)).toBe('x');
        await reader.closed;
        // The other half goes on.
        await writable.getWriter().write(bytes('y'));
        expect(await other.recvAsync(new Uint8Array(4))).toBe(1);
        one.close();
        other.close();
      }
    }
    await turn();
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
  });

  test('a read that waits gets its bytes, although nobody holds the socket and its streams', async () => {
    const [peer, read] = ((): [Socket, Promise<ReadableStreamReadResult<Uint8Array>>] => {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      return [other, one.streams().readable.getReader().read()];
    })();
    await turn();
    globalThis.gc?.();
    await turn();
    peer.send(bytes('alive'));
    expect(text((await read).value)).toBe('alive');
    peer.close();
  });
});

describe('readers of every kind, in any order', () => {
  /** Numbers that are the same in each run, from 0 to below 1 (the generator of Park and Miller). */
  function randomOf(seed: number): () => number {
    let state = seed;
    return () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
  }

  test.each([1, 2, 3, 4, 5, 6])(
    'schedule %i: no byte is lost, doubled or out of order',
    async (seed) => {
      const random = randomOf(seed);
      const { readable } = here.streams({ chunkSize: 16 });
      const all: number[] = [];
      let sent = 0;
      const send = (): void => {
        const part = Uint8Array.from({ length: 1 + Math.floor(random() * 12) }, () => sent++);
        there.send(part);
      };
      for (let round = 0; round < 60; round++) {
        const kind = Math.floor(random() * 3);
        const reader = kind === 0 ? readable.getReader() : readable.getReader({ mode: 'byob' });
        const reads: Promise<unknown>[] = [];
        // One read at a time without a view: two after half an element are more than Node can do.
        const most = kind === 0 ? 1 : 3;
        for (let count = 1 + Math.floor(random() * most); count > 0; count--) {
          const size = 1 + Math.floor(random() * 8);
          const view = kind === 2 ? new Uint16Array(size) : new Uint8Array(size);
          const read = reader.read(view as never) as Promise<ReadableStreamReadResult<Uint8Array>>;
          reads.push(
            read.then(
              ({ value }) => {
                const { buffer, byteOffset, byteLength } = value as Uint8Array;
                all.push(...new Uint8Array(buffer, byteOffset, byteLength));
              },
              () => {},
            ),
          );
          if (random() < 0.4) send();
          if (random() < 0.2) await new Promise((resolve) => setImmediate(resolve));
        }
        if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
        reader.releaseLock();
        if (random() < 0.3) send();
        await Promise.all(reads);
      }
      there.shutdown('write');
      for await (const chunk of readable) all.push(...chunk);
      expect(all).toEqual(Array.from({ length: sent }, (_, index) => index & 255));
    },
  );
});
