/**
 * Streams of sockets by the expectations of the Streams standard (the Web Platform Tests of readable byte streams,
 * writable streams and piping), as far as they apply to a source and a sink that wait.
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { describe, expect, test } from 'vitest';
import { bytes, here, text, there } from './stream-pair.js';

const MiB = 1 << 20;
/** MiB through `pipeTo`; a GiB with SOCK_STREAM_MIB=1024. */
const PIPED = Number(process.env['SOCK_STREAM_MIB'] ?? 256);
/**
 * What the program may grow by meanwhile: the queues of the system are not the program's. Node 24 and 26 collect the
 * chunks later than Node 20: a GiB grows them by 75 MiB, and 256 MiB by as much.
 */
const GROWTH = 112 * MiB;

describe('the readable', () => {
  test('is a stream of bytes: the buffer of a BYOB read is transferred, and comes back in the result', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const buffer = new ArrayBuffer(16);
    const read = reader.read(new Uint8Array(buffer, 4, 8));
    expect(buffer.byteLength).toBe(0);
    there.send(bytes('hello'));
    const { done, value } = await read;
    expect(done).toBe(false);
    expect(text(value)).toBe('hello');
    expect([value?.byteOffset, value?.buffer.byteLength]).toEqual([4, 16]);
  });

  test('fills views of larger elements only by whole elements', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const read = reader.read(new Uint16Array(4));
    there.send(Uint8Array.of(1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    there.send(Uint8Array.of(2, 3));
    const { value } = await read;
    expect(value?.length).toBe(1);
    // The byte of the half element was kept.
    const next = await reader.read(new Uint8Array(4));
    expect([...(next.value as Uint8Array)]).toEqual([3]);
  });

  test('errors a read of two-byte elements when the stream ends inside an element', async () => {
    const reader = here.streams().readable.getReader({ mode: 'byob' });
    const read = reader.read(new Uint16Array(1));
    there.send(Uint8Array.of(1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    there.shutdown('write');
    await expect(read).rejects.toThrow(TypeError);
  });

  test('keeps the order of reads that wait, and of what a released reader left', async () => {
    const { readable } = here.streams();
    const reader = readable.getReader();
    const reads = [reader.read(), reader.read()];
    there.send(bytes('one'));
    expect(text((await reads[0])?.value)).toBe('one');
    there.send(bytes('two'));
    expect(text((await reads[1])?.value)).toBe('two');
    const left = reader.read();
    reader.releaseLock();
    await expect(left).rejects.toThrow(TypeError);
    there.send(bytes('three'));
    const next = await readable.getReader().read();
    expect(text(next.value)).toBe('three');
  });

  test('ends every read that waits when it is cancelled', async () => {
    const { readable } = here.streams();
    const reader = readable.getReader();
    const reads = [reader.read(), reader.read()];
    await reader.cancel();
    for (const read of reads) expect(await read).toEqual({ done: true, value: undefined });
    await reader.closed;
  });

  test('can be teed: both branches get every byte', async () => {
    const [one, other] = here.streams().readable.tee();
    there.send(bytes('twice'));
    there.shutdown('write');
    const all = async (stream: ReadableStream<Uint8Array>): Promise<string> => {
      let result = '';
      for await (const chunk of stream) result += text(chunk);
      return result;
    };
    expect(await Promise.all([all(one), all(other)])).toEqual(['twice', 'twice']);
  });

  test('copies little chunks out of its room, and gives large ones with the room', async () => {
    const reader = here.streams({ chunkSize: 1024 }).readable.getReader();
    there.send(new Uint8Array(10));
    expect((await reader.read()).value?.buffer.byteLength).toBe(10);
    there.send(new Uint8Array(1000));
    expect((await reader.read()).value?.buffer.byteLength).toBe(1024);
  });
});

describe('the writable', () => {
  test('writes in order, and its close waits for the writes', async () => {
    const writer = here.streams().writable.getWriter();
    const order: string[] = [];
    const large = new Uint8Array(4 * MiB).fill(7);
    const writes = [
      writer.write(large).then(() => order.push('large')),
      writer.write(bytes('end')).then(() => order.push('small')),
      writer.close().then(() => order.push('close')),
    ];
    const all = new Uint8Array(large.length + 3);
    await there.recvExactAsync(all);
    expect(await there.recvAsync(new Uint8Array(1))).toBe(0);
    await Promise.all(writes);
    expect(order).toEqual(['large', 'small', 'close']);
    expect(text(all.subarray(-3))).toBe('end');
  });

  test('rejects the writes that wait with the reason of the abort', async () => {
    const writer = here.streams().writable.getWriter();
    const reason = new Error('enough');
    const writes = [writer.write(new Uint8Array(16 * MiB)), writer.write(bytes('x'))];
    const results = Promise.allSettled(writes);
    await writer.abort(reason);
    for (const result of await results)
      expect(result).toMatchObject({ status: 'rejected', reason });
    await expect(writer.closed).rejects.toBe(reason);
  });

  test('errors both streams when the peer is gone', async () => {
    const { readable, writable } = here.streams();
    there.close();
    const writer = writable.getWriter();
    await expect(writer.write(bytes('x'))).rejects.toMatchObject({ code: 'EPIPE' });
    await expect(writer.closed).rejects.toMatchObject({ code: 'EPIPE' });
    await expect(readable.getReader().read()).rejects.toMatchObject({ code: 'EPIPE' });
    expect(here.closed).toBe(true);
  });
});

describe('pipeTo', () => {
  test('with preventClose leaves the writing half open', async () => {
    const { writable } = here.streams();
    await new Blob(['first ']).stream().pipeTo(writable, { preventClose: true });
    await new Blob(['second']).stream().pipeTo(writable);
    const all = new Uint8Array(12);
    await there.recvExactAsync(all);
    expect(text(all)).toBe('first second');
    expect(await there.recvAsync(new Uint8Array(1))).toBe(0);
  });

  test('aborts the writable when its source errors, but not with preventAbort', async () => {
    const failing = (): ReadableStream<Uint8Array> =>
      new ReadableStream({ pull: (controller) => controller.error(new Error('of the source')) });
    const { writable } = here.streams();
    await expect(failing().pipeTo(writable, { preventAbort: true })).rejects.toThrow(
      'of the source',
    );
    expect(here.closed).toBe(false);
    await expect(failing().pipeTo(writable)).rejects.toThrow('of the source');
    expect(here.closed).toBe(true);
  });

  test('cancels the readable when its destination errors, but not with preventCancel', async () => {
    const full = (): WritableStream =>
      new WritableStream({
        write() {
          throw new Error('of the destination');
        },
      });
    const { readable } = here.streams();
    there.send(bytes('x'));
    const kept = readable.pipeTo(full(), { preventCancel: true });
    await expect(kept).rejects.toThrow('of the destination');
    there.send(bytes('y'));
    const piping = readable.pipeTo(full());
    await expect(piping).rejects.toThrow('of the destination');
    expect(await readable.getReader().read()).toEqual({ done: true, value: undefined });
  });

  test('ends by its signal, with the reason on both sides', async () => {
    const { readable } = here.streams();
    const controller = new AbortController();
    const piping = readable.pipeTo(new WritableStream(), { signal: controller.signal });
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 10);
    await expect(piping).rejects.toBe(reason);
  });

  test(`moves ${PIPED} MiB past a slow reader, in bounded memory`, async () => {
    using listener = new Socket(Domain.IPV4, Type.STREAM);
    listener.bind(SockAddr.ipv4('127.0.0.1', 0));
    listener.listen(1);
    const client = new Socket(Domain.IPV4, Type.STREAM);
    client.connect(listener.localAddr());
    const [server] = listener.accept();
    const chunk = new Uint8Array(MiB);
    let left = PIPED;
    const source = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left === 0) controller.close();
        else controller.enqueue(chunk);
        left--;
      },
    });
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let most = 0;
    let received = 0;
    const sink = new WritableStream<Uint8Array>({
      async write(part) {
        received += part.length;
        most = Math.max(most, process.memoryUsage.rss() - before);
        if (received % (8 * MiB) < part.length)
          await new Promise((resolve) => setTimeout(resolve, 2));
      },
    });
    const answering = server.streams();
    await Promise.all([source.pipeTo(client.streams().writable), answering.readable.pipeTo(sink)]);
    expect(received).toBe(PIPED * MiB);
    // ASan keeps what is freed, to find its later use: there the memory says nothing.
    if (process.env['ASAN_OPTIONS'] === undefined) expect(most).toBeLessThan(GROWTH);
    server.close();
    client.close();
  }, 300_000);
});
