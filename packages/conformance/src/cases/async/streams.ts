/** A connection as Web streams. Engines without them, or without streams of bytes, prove that `streams` says so. */
import { type Socket, Type } from '@sock/core';
import { deepEqual, equal, ok, rejectsCode, throwsCode } from '../../assert.js';
import { bytes, pattern, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { type Context, pause } from '../../context.js';
import { rejection, Signal } from '../../signal.js';

const MiB = 1 << 20;

interface Result {
  readonly done: boolean;
  readonly value?: Uint8Array;
}

interface Reader {
  read(view?: Uint8Array): Promise<Result>;
  cancel(reason?: unknown): Promise<void>;
  releaseLock(): void;
  readonly closed: Promise<void>;
}

interface Writer {
  readonly ready: Promise<void>;
  readonly closed: Promise<void>;
  readonly desiredSize: number | null;
  write(chunk: unknown): Promise<void>;
  close(): Promise<void>;
  abort(reason?: unknown): Promise<void>;
}

interface Streams {
  readonly readable: {
    getReader(options?: { mode: 'byob' }): Reader;
    pipeTo(destination: unknown, options?: object): Promise<void>;
  };
  readonly writable: { getWriter(): Writer };
}

const streamsOf = (socket: Socket, options?: object): Streams =>
  socket.streams(options) as unknown as Streams;

/** Whether the engine has streams of bytes. */
function engineHasStreams(): boolean {
  const { ReadableStream: Class } = globalThis as {
    ReadableStream?: new (source: object) => unknown;
  };
  try {
    if (Class === undefined) return false;
    void new Class({ type: 'bytes' });
    return true;
  } catch {
    return false;
  }
}

/** Whether the engine tells a sink of an abort while a write is under way. */
function engineSignalsAborts(): boolean {
  const { WritableStream: Class } = globalThis as unknown as {
    WritableStream: new (sink: object) => unknown;
  };
  let signals = false;
  void new Class({
    start: (controller: { readonly signal?: unknown }) => {
      signals = controller.signal !== undefined;
    },
  });
  return signals;
}

function streamsCase(example: Omit<Case, 'run'>, run: (t: Context) => Promise<void>): Case {
  return {
    ...example,
    async run(t) {
      if (engineHasStreams()) return run(t);
      const [one] = t.connectedPair();
      throwsCode('ERR_SOCK_UNSUPPORTED', () => one.streams());
      equal(one.closed, false);
    },
  };
}

/** Everything that a reader gets, as text. */
async function all(reader: Reader): Promise<string> {
  let result = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return result;
    result += text(value as Uint8Array);
  }
}

export const streams: readonly Case[] = [
  streamsCase(
    {
      name: 'streams carry bytes both ways, half-close, and close the socket when both are done',
      methods: ['streams'],
    },
    async (t) => {
      const [one, other] = t.connectedPair();
      const [here, there] = [streamsOf(one), streamsOf(other)];
      const writer = here.writable.getWriter();
      await writer.write(bytes('hello '));
      await writer.write(new DataView(bytes('there').buffer));
      await writer.close();
      equal(await all(there.readable.getReader()), 'hello there');
      equal(other.closed, false, 'the other half is still open');
      const answer = there.writable.getWriter();
      await answer.write(bytes('and back'));
      await answer.close();
      equal(other.closed, true, 'both halves are done');
      equal(await all(here.readable.getReader()), 'and back');
      equal(one.closed, true);
    },
  ),
  streamsCase(
    { name: 'a BYOB reader gets the bytes into its own buffer', methods: ['streams'] },
    async (t) => {
      const [one, other] = t.connectedPair();
      const reader = streamsOf(other).readable.getReader({ mode: 'byob' });
      const read = reader.read(new Uint8Array(new ArrayBuffer(8), 2, 4));
      one.send(bytes('abcdef'));
      const { value, done } = await read;
      equal(done, false);
      equal(text(value as Uint8Array), 'abcd');
      equal(value?.byteOffset, 2);
      equal(value?.buffer.byteLength, 8);
      const rest = await reader.read(new Uint8Array(8));
      equal(text(rest.value as Uint8Array), 'ef');
      const last = reader.read(new Uint8Array(8));
      one.shutdown('write');
      const end = await last;
      equal(end.done, true);
      equal(end.value?.length, 0, 'the buffer comes back');
      await reader.closed;
    },
  ),
  streamsCase(
    { name: 'nothing is received until somebody reads', methods: ['streams'] },
    async (t) => {
      const [one, other] = t.connectedPair();
      const { readable } = streamsOf(other);
      one.send(bytes('x'));
      await pause(30);
      equal(other.tryRecv(new Uint8Array(4)), 1, 'the byte is still in the queue of the system');
      one.send(bytes('y'));
      const { value } = await readable.getReader().read();
      equal(text(value as Uint8Array), 'y');
    },
  ),
  streamsCase(
    {
      name: 'the writable holds its writers back while nobody receives',
      methods: ['streams'],
      timeout: 60_000,
    },
    async (t) => {
      const [one, other] = t.connectedPair();
      const writer = streamsOf(one, { highWaterMark: 65_536 }).writable.getWriter();
      equal(writer.desiredSize, 65_536);
      const chunk = new Uint8Array(65_536);
      let written = 0;
      let waits = false;
      const writing = (async () => {
        while (!waits && written < 256 * MiB) {
          await writer.ready;
          if (waits) return;
          void writer.write(chunk).catch(() => {});
          written += chunk.length;
        }
      })();
      for (let last = -1; last !== written; await pause(100)) last = written;
      ok(written < 256 * MiB, 'the writer was held back');
      waits = true;
      const closing = writer.close();
      let received = 0;
      const room = new Uint8Array(65_536);
      for (let count; (count = await other.recvAsync(room, { timeout: 20_000 })) > 0;) {
        received += count;
      }
      await writing;
      await closing;
      equal(received, written);
    },
  ),
  streamsCase(
    { name: 'cancelling the readable leaves the writable', methods: ['streams', 'closed'] },
    async (t) => {
      const [one, other] = t.connectedPair();
      const { readable, writable } = streamsOf(other);
      const reader = readable.getReader();
      const read = reader.read();
      await reader.cancel('enough');
      deepEqual((await read).done, true);
      equal(other.closed, false);
      const writer = writable.getWriter();
      await writer.write(bytes('still here'));
      await writer.close();
      equal(other.closed, true);
      const buffer = new Uint8Array(10);
      await one.recvExactAsync(buffer, { timeout: 5000 });
      equal(text(buffer), 'still here');
    },
  ),
  streamsCase(
    {
      name: 'aborting the writable errors the readable, closes the socket, and the peer sees an error',
      methods: ['streams', 'closed'],
      needs: ['setLinger'],
    },
    async (t) => {
      const [one, other] = t.connectedPair();
      const { readable, writable } = streamsOf(other);
      const reason = new Error('enough');
      const read = rejection(readable.getReader().read());
      const writer = writable.getWriter();
      await writer.write(bytes('half of it'));
      await writer.abort(reason);
      equal(await read, reason);
      equal(other.closed, true);
      await one.readable({ timeout: 5000 });
      const buffer = new Uint8Array(64);
      await rejectsCode('ECONNRESET', async () => {
        for (;;) if ((await one.recvAsync(buffer, { timeout: 5000 })) === 0) return;
      });
    },
  ),
  streamsCase(
    { name: 'a write that waits ends at once when the writable is aborted', methods: ['streams'] },
    async (t) => {
      const [one, other] = t.connectedPair();
      const writer = streamsOf(one).writable.getWriter();
      const reason = new Error('enough');
      const data = new Uint8Array(64 * MiB);
      // Windows takes one write of any length into its buffer. Then the next one waits.
      void writer.write(data).catch(() => {});
      const write = writer.write(data).catch((error: unknown) => error);
      await pause(20);
      const aborting = writer.abort(reason);
      if (engineSignalsAborts()) equal(await write, reason);
      // An engine that does not know the signal waits for the write, which then fails as the peer is gone.
      else other.close();
      await write;
      await aborting.catch(() => {});
      equal(one.closed, true);
    },
  ),
  streamsCase(
    { name: 'a signal errors both streams with its reason', methods: ['streams'] },
    async (t) => {
      const [one] = t.connectedPair();
      const signal = new Signal();
      const { readable, writable } = streamsOf(one, { signal });
      const reader = readable.getReader();
      const writer = writable.getWriter();
      const reason = new Error('enough');
      const read = rejection(reader.read());
      signal.abort(reason);
      equal(await read, reason);
      equal(await rejection(writer.write(bytes('x'))), reason);
      equal(await rejection(writer.closed), reason);
      equal(one.closed, true);
      equal(signal.listeners, 0, 'listeners');
    },
  ),
  streamsCase(
    { name: 'timeout errors both streams with ETIMEDOUT', methods: ['streams'] },
    async (t) => {
      const [one] = t.connectedPair();
      const { readable, writable } = streamsOf(one, { timeout: 30 });
      await rejectsCode('ETIMEDOUT', () => readable.getReader().read());
      await rejectsCode('ETIMEDOUT', () => writable.getWriter().write(bytes('x')));
      equal(one.closed, true);
    },
  ),
  streamsCase(
    { name: 'closing the socket errors both streams with EBADF', methods: ['streams', 'close'] },
    async (t) => {
      const [one] = t.connectedPair();
      const { readable, writable } = streamsOf(one);
      const read = rejectsCode('EBADF', () => readable.getReader().read());
      one.close();
      await read;
      await rejectsCode('EBADF', () => writable.getWriter().write(bytes('x')));
    },
  ),
  streamsCase(
    {
      name: 'a chunk that is no buffer errors the writable with a TypeError',
      methods: ['streams'],
    },
    async (t) => {
      for (const chunk of [undefined, null, 5, 'text', {}, []]) {
        const [one] = t.connectedPair();
        const writer = streamsOf(one).writable.getWriter();
        await rejectsCode('ERR_INVALID_ARG_TYPE', () => writer.write(chunk));
        ok((await rejection(writer.closed)) instanceof TypeError, String(chunk));
        equal(one.closed, true);
      }
    },
  ),
  streamsCase(
    { name: 'keepOpen leaves the socket open', methods: ['streams', 'closed'] },
    async (t) => {
      const [one, other] = t.connectedPair();
      const { readable, writable } = streamsOf(one, { keepOpen: true });
      await writable.getWriter().close();
      other.shutdown('write');
      equal(await all(readable.getReader()), '');
      equal(one.closed, false);
    },
  ),
  streamsCase(
    {
      name: 'pipeTo from a socket to a socket moves every byte and the end',
      methods: ['streams'],
      timeout: 60_000,
    },
    async (t) => {
      const [source, into] = t.connectedPair();
      const [outOf, sink] = t.connectedPair();
      const data = pattern(t.backend.name === 'wasi' ? 200_000 : 4 * MiB);
      const piping = streamsOf(into).readable.pipeTo(streamsOf(outOf).writable);
      const sending = source.sendAllAsync(data).then(() => source.shutdown('write'));
      const received = new Uint8Array(data.length);
      await sink.recvExactAsync(received, { timeout: 50_000 });
      equal(await sink.recvAsync(new Uint8Array(1), { timeout: 5000 }), 0, 'the end');
      await piping;
      await sending;
      deepEqual(received, data);
    },
  ),
  {
    name: 'streams of a socket that is no stream throw EPROTOTYPE',
    methods: ['streams'],
    run(t) {
      throwsCode('EPROTOTYPE', () => t.open('ipv4', Type.DGRAM).streams());
    },
  },
];
