/** Teed streams of sockets by the Web Platform Tests of readable-byte-streams/tee. web-platform-streams.test.ts has the list of all files. */
import { Domain, Socket, Type } from '@sock/native';
import { describe, expect, test } from 'vitest';
import { bytes, here, teedReaders, text, there, turn } from './stream-pair.js';

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
    const [one, two] = teedReaders();
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

  test('the end ends the reads of both branches, and a view comes back', async () => {
    for (const [modes, order] of [
      [
        ['byob', 'byob'],
        [0, 1],
      ],
      [
        ['default', 'byob'],
        [0, 1],
      ],
      [
        ['byob', 'default'],
        [1, 0],
      ],
      [
        ['default', 'default'],
        [0, 1],
      ],
    ] as const) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const readers = one
        .streams()
        .readable.tee()
        .map((branch, index) =>
          modes[index] === 'byob' ? branch.getReader({ mode: 'byob' }) : branch.getReader(),
        );
      const reads: Promise<ReadableStreamReadResult<Uint8Array>>[] = [];
      for (const index of order) reads[index] = readers[index]!.read(new Uint8Array(4) as never);
      await turn();
      other.shutdown('write');
      for (const [index, { done, value }] of (await Promise.all(reads)).entries()) {
        expect(done).toBe(true);
        expect(value?.buffer.byteLength).toBe(modes[index] === 'byob' ? 4 : undefined);
      }
      await Promise.all(readers.map(({ closed }) => closed));
      one.close();
      other.close();
    }
  });

  test('bytes and the end at once: each branch gets the bytes, and then the end', async () => {
    for (const mode of ['byob', undefined] as const) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const readers = one
        .streams()
        .readable.tee()
        .map((branch) => branch.getReader((mode && { mode }) as never)) as [
        ReadableStreamBYOBReader,
        ReadableStreamBYOBReader,
      ];
      const reads = readers.flatMap((reader) => [
        reader.read(new Uint8Array(4)),
        reader.read(new Uint8Array(4)),
      ]);
      await turn();
      other.send(bytes('x'));
      other.shutdown('write');
      const results = await Promise.all(reads);
      expect(results.map(({ done }) => done)).toEqual([false, true, false, true]);
      expect([text(results[0]?.value), text(results[2]?.value)]).toEqual(['x', 'x']);
      one.close();
      other.close();
    }
  });

  test('one branch is read to the end, and then the other', async () => {
    const [one, two] = teedReaders();
    there.send(bytes('ab'));
    there.shutdown('write');
    for (const reader of [one, two]) {
      expect(text((await reader.read(new Uint8Array(1))).value)).toBe('a');
      expect(text((await reader.read(new Uint8Array(1))).value)).toBe('b');
      expect((await reader.read(new Uint8Array(1))).done).toBe(true);
      await reader.closed;
    }
  });

  test('both branches read with views, one is cancelled: the other gets the bytes', async () => {
    for (const index of [0, 1]) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const readers = one
        .streams()
        .readable.tee()
        .map((branch) => branch.getReader({ mode: 'byob' }));
      const reads = readers.map((reader) => reader.read(new Uint8Array(4)));
      await turn();
      const cancelled = readers[index]!.cancel();
      expect(await reads[index]).toEqual({ done: true, value: undefined });
      other.send(bytes('rest'));
      expect(text((await reads[1 - index])?.value)).toBe('rest');
      other.shutdown('write');
      expect((await readers[1 - index]!.read(new Uint8Array(4))).done).toBe(true);
      await cancelled;
      one.close();
      other.close();
    }
  });

  test('both branches are cancelled, one after the other, while they read: the receive ends', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { readable, writable } = one.streams();
      const readers = readable.tee().map((branch) => branch.getReader({ mode: 'byob' }));
      const reads = readers.map((reader) => reader.read(new Uint8Array(4)));
      await turn();
      const cancels: Promise<void>[] = [];
      for (const index of order) {
        cancels.push(readers[index]!.cancel(index));
        expect(await reads[index]).toEqual({ done: true, value: undefined });
        await turn();
      }
      await Promise.all(cancels);
      expect(() => other.send(bytes('x'))).toThrow(expect.objectContaining({ code: 'EPIPE' }));
      await writable.close();
      expect(one.closed).toBe(true);
      other.close();
    }
  });

  test('a branch changes from views to none and back', async () => {
    const [branch] = here.streams().readable.tee();
    for (const mode of ['byob', 'default', 'byob'] as const) {
      const reader = mode === 'byob' ? branch.getReader({ mode: 'byob' }) : branch.getReader();
      const read = reader.read(new Uint8Array(8) as never);
      await turn();
      there.send(bytes(mode));
      expect(text((await read).value)).toBe(mode);
      reader.releaseLock();
    }
  });

  test('an error before or after the tee rejects the closed and the cancel of both branches', async () => {
    for (const isBefore of [true, false]) {
      const reason = new Error('enough');
      for (const how of ['closed', 'cancel'] as const) {
        const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
        const controller = new AbortController();
        const { readable } = one.streams({ signal: controller.signal });
        if (isBefore) controller.abort(reason);
        const branches = readable.tee();
        if (!isBefore) controller.abort(reason);
        const results = branches.map((branch) =>
          how === 'cancel' ? branch.cancel() : branch.getReader({ mode: 'byob' }).closed,
        );
        for (const result of await Promise.allSettled(results)) {
          expect(result).toMatchObject({ status: 'rejected', reason });
        }
        other.close();
      }
    }
  });

  test('a locked stream cannot be teed', () => {
    const { readable } = here.streams();
    readable.getReader();
    expect(() => readable.tee()).toThrow(TypeError);
  });
});
