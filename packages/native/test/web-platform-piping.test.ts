/** Pipes from and to sockets by the Web Platform Tests of piping/. web-platform-streams.test.ts has the list of all files. */
import { Domain, Socket, Type } from '@sock/native';
import { describe, expect, test } from 'vitest';
import { bytes, here, reasonOf, text, there, turn } from './stream-pair.js';

/** A sink that notes what happens to it. Each write waits until it is released. */
function slowSink(): {
  readonly sink: WritableStream<Uint8Array>;
  readonly events: unknown[];
  release(): void;
} {
  const events: unknown[] = [];
  let release = (): void => {};
  const sink = new WritableStream<Uint8Array>({
    write(chunk) {
      events.push(text(chunk));
      return new Promise((resolve) => {
        release = resolve;
      });
    },
    close: () => void events.push('close'),
    abort: (reason) => void events.push(reason),
  });
  return { sink, events, release: () => release() };
}

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

/** A source of the given chunks that keeps the reasons of its cancels, and stays open unless it is to close. */
function sourceOf(chunks: Uint8Array[], close = false): [ReadableStream<Uint8Array>, unknown[]] {
  const cancelled: unknown[] = [];
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      if (close) controller.close();
    },
    cancel: (reason) => void cancelled.push(reason),
  });
  return [stream, cancelled];
}

const brokenPipe = { code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) };

describe('piping/close-propagation-forward', () => {
  test('a source that is closed closes the writing half, and both streams are unlocked', async () => {
    const { readable, writable } = here.streams();
    const [source] = sourceOf([], true);
    const piping = source.pipeTo(writable);
    expect([source.locked, writable.locked]).toEqual([true, true]);
    expect(await piping).toBe(undefined);
    expect([source.locked, writable.locked]).toEqual([false, false]);
    await writable.getWriter().closed;
    expect(await there.recvAsync(new Uint8Array(1))).toBe(0);
    there.send(bytes('open'));
    expect(text((await readable.getReader().read()).value)).toBe('open');
  });

  test('the end of the peer closes the destination after its last write', async () => {
    const { sink, events, release } = slowSink();
    const piping = here.streams().readable.pipeTo(sink);
    there.send(bytes('last'));
    there.shutdown('write');
    await turn();
    expect(events).toEqual(['last']);
    release();
    await piping;
    expect(events).toEqual(['last', 'close']);
  });

  test('the pipe is done only when the last chunk was sent, also with preventClose', async () => {
    for (const preventClose of [false, true]) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { writable } = one.streams();
      const [source] = sourceOf([new Uint8Array(4 << 20), bytes('end')], true);
      let done = false;
      const piping = source.pipeTo(writable, { preventClose }).then(() => {
        done = true;
      });
      await turn();
      expect(done).toBe(false);
      await other.recvExactAsync(new Uint8Array((4 << 20) + 3));
      await piping;
      if (preventClose) await writable.close();
      expect(await other.recvAsync(new Uint8Array(1))).toBe(0);
      one.close();
      other.close();
    }
  });

  test('a close that fails rejects the pipe with its error', async () => {
    const { writable } = here.streams();
    await turn();
    here.close();
    const error = await reasonOf(sourceOf([], true)[0].pipeTo(writable));
    expect(error).toMatchObject({ code: 'EBADF' });
    await expect(writable.getWriter().closed).rejects.toBe(error);
  });

  test('a destination that errors while the last writes wait rejects the pipe, and nobody cancels', async () => {
    const [source, cancelled] = sourceOf([new Uint8Array(16 << 20), bytes('end')], true);
    const piping = reasonOf(source.pipeTo(here.streams({ highWaterMark: 32 << 20 }).writable));
    await turn();
    there.close();
    expect(await piping).toMatchObject(brokenPipe);
    expect(cancelled).toEqual([]);
    await source.getReader().closed;
  });
});

describe('piping/close-propagation-backward', () => {
  test('a writable that is closed cancels its source with the TypeError of the pipe, unless preventCancel', async () => {
    for (const preventCancel of [false, true]) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { writable } = one.streams();
      await writable.close();
      const [source, cancelled] = sourceOf([bytes('x')]);
      const error = await reasonOf(source.pipeTo(writable, { preventCancel }));
      expect(error).toBeInstanceOf(TypeError);
      expect(cancelled).toEqual(preventCancel ? [] : [error]);
      expect(await other.recvAsync(new Uint8Array(1))).toBe(0);
      one.close();
      other.close();
    }
  });
});

describe('piping/error-propagation-backward', () => {
  test('a writable that has errored cancels its source with its error, unless preventCancel', async () => {
    for (const how of ['write', 'abort', 'preventCancel'] as const) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { writable } = one.streams();
      let reason: unknown = new Error('enough');
      if (how === 'abort') void writable.abort(reason);
      else {
        other.close();
        const writer = writable.getWriter();
        reason = await reasonOf(writer.write(bytes('x')));
        expect(reason).toMatchObject(brokenPipe);
        writer.releaseLock();
      }
      const [source, cancelled] = sourceOf([bytes('y')]);
      const piping = source.pipeTo(writable, { preventCancel: how === 'preventCancel' });
      await expect(piping).rejects.toBe(reason);
      expect(cancelled).toEqual(how === 'preventCancel' ? [] : [reason]);
      other.close();
    }
  });

  test('a peer that goes during the pipe cancels the source with the error of the write', async () => {
    const cancelled: unknown[] = [];
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1 << 20)),
      cancel: (reason) => void cancelled.push(reason),
    });
    const { readable, writable } = here.streams();
    const piping = reasonOf(source.pipeTo(writable));
    await turn();
    there.close();
    const error = await piping;
    expect(error).toMatchObject(brokenPipe);
    expect(cancelled).toEqual([error]);
    await expect(readable.getReader().read()).rejects.toBe(error);
    expect(here.closed).toBe(true);
  });

  test('an idle pipe ends when the readable of its socket fails, also with a high water mark of 0', async () => {
    for (const highWaterMark of [65536, 0]) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const controller = new AbortController();
      const { writable } = one.streams({ highWaterMark, signal: controller.signal });
      const [source, cancelled] = sourceOf([]);
      const piping = source.pipeTo(writable);
      const reason = new Error('enough');
      setTimeout(() => controller.abort(reason), 10);
      await expect(piping).rejects.toBe(reason);
      expect(cancelled).toEqual([reason]);
      expect(one.closed).toBe(true);
      other.close();
    }
  });

  test("a destination that errors cancels a readable that waits: its socket's reading half ends", async () => {
    const { readable, writable } = here.streams();
    const reason = new Error('of the destination');
    const sink = new WritableStream({
      start: (controller) => void setTimeout(() => controller.error(reason), 10),
    });
    await expect(readable.pipeTo(sink)).rejects.toBe(reason);
    expect(() => there.send(bytes('x'))).toThrow(expect.objectContaining({ code: 'EPIPE' }));
    await writable.close();
    expect(here.closed).toBe(true);
  });
});

describe('piping/error-propagation-forward', () => {
  test('an error after a chunk aborts the destination only after that write, unless preventAbort', async () => {
    for (const preventAbort of [false, true]) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { sink, events, release } = slowSink();
      const controller = new AbortController();
      const { readable } = one.streams({ signal: controller.signal });
      other.send(bytes('Hello'));
      const piping = reasonOf(readable.pipeTo(sink, { preventAbort }));
      await turn();
      const reason = new Error('enough');
      controller.abort(reason);
      await turn();
      expect(events).toEqual(['Hello']);
      release();
      expect(await piping).toBe(reason);
      expect(events).toEqual(preventAbort ? ['Hello'] : ['Hello', reason]);
      other.close();
    }
  });

  test('an error of the source aborts the writable after the chunks before it: the peer has them', async () => {
    const reason = new Error('of the source');
    let fail = (): void => {};
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes('Hello'));
        fail = () => controller.error(reason);
      },
    });
    const piping = reasonOf(source.pipeTo(here.streams().writable));
    await turn();
    fail();
    expect(await piping).toBe(reason);
    const buffer = new Uint8Array(8);
    expect(text(buffer.subarray(0, await there.recvAsync(buffer)))).toBe('Hello');
    expect(here.closed).toBe(true);
  });
});

describe('piping/multiple-propagation', () => {
  test('an errored readable into an errored, a closed and a closing writable rejects with its own error', async () => {
    const pairs: Socket[] = [];
    const pair = (): Socket => {
      const both = Socket.pair(Domain.UNIX, Type.STREAM);
      pairs.push(...both);
      return both[0];
    };
    for (const state of ['errored', 'closed', 'closing'] as const) {
      const reason = new Error('of the readable');
      const { readable } = pair().streams({ signal: AbortSignal.abort(reason) });
      const { writable } = pair().streams();
      let close: Promise<unknown> = Promise.resolve();
      if (state === 'errored') await writable.abort(new Error('of the writable'));
      if (state === 'closed') await writable.close();
      if (state === 'closing') close = Promise.allSettled([writable.close()]);
      await expect(readable.pipeTo(writable)).rejects.toBe(reason);
      if (state === 'closing') expect(await close).toEqual([{ status: 'rejected', reason }]);
    }
    for (const socket of pairs) socket.close();
  });

  test('a closed readable into a closed writable is fulfilled; into an errored one it rejects', async () => {
    for (const isErrored of [false, true]) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const [to, peer] = Socket.pair(Domain.UNIX, Type.STREAM);
      const { readable } = one.streams();
      other.shutdown('write');
      const reader = readable.getReader();
      await reader.read();
      reader.releaseLock();
      const { writable } = to.streams();
      const reason = new Error('enough');
      if (isErrored) await writable.abort(reason);
      else await writable.close();
      const piping = readable.pipeTo(writable);
      if (isErrored) await expect(piping).rejects.toBe(reason);
      else await piping;
      for (const socket of [one, other, to, peer]) socket.close();
    }
  });
});

describe('piping/abort', () => {
  test('a signal that is aborted already cancels the one and aborts the other with its reason', async () => {
    const [to, peer] = Socket.pair(Domain.UNIX, Type.STREAM);
    const from = here.streams();
    const { writable } = to.streams();
    there.send(bytes('kept'));
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    const prevent = { preventCancel: true, preventAbort: true };
    await expect(from.readable.pipeTo(writable, { signal, ...prevent })).rejects.toBe(reason);
    // Nothing was read, and both are as they were.
    expect(here.peek(new Uint8Array(8))).toBe(4);
    expect([here.closed, to.closed]).toEqual([false, false]);
    await expect(from.readable.pipeTo(writable, { signal })).rejects.toBe(reason);
    await from.readable.getReader().closed;
    await expect(writable.getWriter().closed).rejects.toBe(reason);
    expect(to.closed).toBe(true);
    await from.writable.close();
    expect(here.closed).toBe(true);
    peer.close();
  });

  test('what is no signal is refused, and neither stream is touched', async () => {
    const { readable, writable } = here.streams();
    for (const signal of [null, 'AbortSignal', true, -1]) {
      const options = { signal: signal as never };
      await expect(readable.pipeTo(new WritableStream(), options)).rejects.toThrow(TypeError);
      await expect(sourceOf([])[0].pipeTo(writable, options)).rejects.toThrow(TypeError);
    }
    expect([readable.locked, writable.locked, here.closed]).toEqual([false, false, false]);
  });

  test('a signal while the readable waits ends its receive, and what comes then is not read', async () => {
    const { readable, writable } = here.streams();
    const controller = new AbortController();
    const piping = reasonOf(readable.pipeTo(new WritableStream(), { signal: controller.signal }));
    await turn();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await piping).toBe(reason);
    expect(await readable.getReader().read()).toEqual({ done: true, value: undefined });
    await writable.close();
    expect(here.closed).toBe(true);
  });

  test('a signal while writes wait lets them finish: the peer gets every chunk that was read', async () => {
    const [source, cancelled] = sourceOf([new Uint8Array(4 << 20), bytes('b'), bytes('c')]);
    const { writable } = here.streams({ highWaterMark: (4 << 20) + 2 });
    const controller = new AbortController();
    let isDone = false;
    const piping = reasonOf(source.pipeTo(writable, { signal: controller.signal })).finally(() => {
      isDone = true;
    });
    await turn();
    const reason = new Error('enough');
    controller.abort(reason);
    await turn();
    expect(isDone).toBe(false);
    const all = new Uint8Array((4 << 20) + 2);
    await there.recvExactAsync(all);
    expect(text(all.subarray(-2))).toBe('bc');
    expect(await piping).toBe(reason);
    expect(cancelled).toEqual([reason]);
    expect(here.closed).toBe(true);
  });

  test('a signal after the end or the error of the readable changes nothing', async () => {
    for (const isError of [false, true]) {
      const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
      const of = new AbortController();
      const { readable } = one.streams({ signal: of.signal });
      const controller = new AbortController();
      const sink = new WritableStream();
      const options = { signal: controller.signal, preventClose: true, preventAbort: true };
      const piping = readable.pipeTo(sink, options);
      const settled = Promise.allSettled([piping]);
      await turn();
      const reason = new Error('of the socket');
      if (isError) of.abort(reason);
      else other.shutdown('write');
      const [result] = await settled;
      controller.abort(new Error('late'));
      if (isError) expect(result).toEqual({ status: 'rejected', reason });
      else expect(result.status).toBe('fulfilled');
      await sink.getWriter().write('open');
      one.close();
      other.close();
    }
  });

  test('a pipe of one branch of a tee cancels the socket only with the other branch', async () => {
    const { readable, writable } = here.streams();
    const [one, two] = readable.tee();
    const signal = AbortSignal.abort(new Error('enough'));
    const piping = reasonOf(one.pipeTo(new WritableStream(), { signal }));
    there.send(bytes('x'));
    const reader = two.getReader();
    expect(text((await reader.read()).value)).toBe('x');
    await reader.cancel();
    await piping;
    await writable.close();
    expect(here.closed).toBe(true);
  });
});

describe('piping/flow-control, general, pipe-through', () => {
  test('nothing is received for a destination that never has room; its error leaves the bytes', async () => {
    let fail = (): void => {};
    const reason = new Error('full');
    const sink = new WritableStream(
      {
        start(controller) {
          fail = () => controller.error(reason);
        },
      },
      { highWaterMark: 0 },
    );
    const { readable } = here.streams();
    there.send(bytes('kept'));
    const piping = reasonOf(readable.pipeTo(sink, { preventCancel: true }));
    await turn();
    expect(here.peek(new Uint8Array(8))).toBe(4);
    fail();
    expect(await piping).toBe(reason);
    expect(text((await readable.getReader().read()).value)).toBe('kept');
  });

  test('a source is not read while the peer takes nothing', async () => {
    let pulled = 0;
    const source = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(1 << 20));
        },
      },
      { highWaterMark: 0 },
    );
    const controller = new AbortController();
    const { writable } = here.streams({ signal: controller.signal });
    const piping = reasonOf(source.pipeTo(writable));
    await turn();
    const before = pulled;
    expect(before).toBeLessThan(4);
    await turn();
    expect(pulled).toBe(before);
    await there.recvExactAsync(new Uint8Array(4 << 20));
    await turn();
    expect(pulled).toBeGreaterThan(before);
    controller.abort('done');
    expect(await piping).toBe('done');
  });

  test('a locked stream refuses the pipe, and the other one is not locked', async () => {
    const { readable, writable } = here.streams();
    const reader = readable.getReader();
    const sink = new WritableStream();
    await expect(readable.pipeTo(sink)).rejects.toThrow(TypeError);
    expect(sink.locked).toBe(false);
    reader.releaseLock();
    const writer = writable.getWriter();
    await expect(readable.pipeTo(writable)).rejects.toThrow(TypeError);
    expect(readable.locked).toBe(false);
    writer.releaseLock();
    expect(here.closed).toBe(false);
  });

  test('the streams of a socket are a transform: the peer answers what goes through it', async () => {
    const [source] = sourceOf([bytes('one '), bytes('two')], true);
    const echo = there.streams();
    const echoing = echo.readable.pipeTo(echo.writable);
    let all = '';
    for await (const chunk of source.pipeThrough(here.streams())) all += text(chunk);
    expect(all).toBe('one two');
    await echoing;
    expect([here.closed, there.closed]).toEqual([true, true]);
  });

  test('a transform whose socket has errored rejects nothing that nobody handles', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listener);
    const streams = here.streams();
    here.close();
    const through = sourceOf([bytes('x')])[0].pipeThrough(streams);
    await turn();
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
    await expect(through.getReader().read()).rejects.toMatchObject({ code: 'EBADF' });
  });

  test('an identity transform between two sockets hands on the bytes and the end', async () => {
    const [to, peer] = Socket.pair(Domain.UNIX, Type.STREAM);
    const { readable } = here.streams();
    const { writable } = to.streams();
    const piping = readable.pipeThrough(new TransformStream()).pipeTo(writable);
    there.send(bytes('through'));
    there.shutdown('write');
    await piping;
    await writable.getWriter().closed;
    const buffer = new Uint8Array(16);
    expect(text(buffer.subarray(0, await peer.recvAsync(buffer)))).toBe('through');
    expect(await peer.recvAsync(buffer)).toBe(0);
    to.close();
    peer.close();
  });
});
