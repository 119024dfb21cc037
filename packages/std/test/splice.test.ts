/** Bytes from one stream to another, through a pipe of the system and through a buffer. */
import { setMaxListeners } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Spliced } from '@sock/core';
import { Domain, SockAddr, type SockError, Socket, Type } from '@sock/native';
import { splice } from '@sock/std';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type AnySocket, wasiSocket } from './paths.js';

const LIMIT = { timeout: 20_000 };
const native = Socket as unknown as AnySocket;

// The first wait opens the poller of this thread, which stays.
beforeAll(async () => {
  const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
  await expect(one.readable({ timeout: 1 })).rejects.toThrow('ETIMEDOUT');
  for (const socket of [one, other]) socket.close();
});

/** A connection over loopback. */
async function connection(SocketOf: AnySocket): Promise<[Socket, Socket]> {
  const listener = new SocketOf(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(1);
  const client = new SocketOf(Domain.IPV4, Type.STREAM);
  const [[server]] = await Promise.all([
    listener.acceptAsync(LIMIT),
    client.connectAsync(listener.localAddr(), LIMIT),
  ]);
  listener.close();
  return [client, server];
}

/** The bytes of a stream up to its end, as a length and a sum that depends on their order. */
async function received(socket: Socket): Promise<[length: number, sum: number]> {
  const buffer = new Uint8Array(50_000);
  let [length, sum] = [0, 0];
  for (;;) {
    const count = await socket.recvAsync(buffer, LIMIT);
    if (count === 0) return [length, sum];
    for (let i = 0; i < count; i++) sum = (Math.imul(sum, 31) + (buffer[i] as number)) | 0;
    length += count;
  }
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) | 0;
  return sum;
}

const bytes = Uint8Array.from(
  { length: 3_000_017 },
  (_, index) => (index * 7 + (index >> 9)) & 255,
);
const openFds = (): number => readdirSync('/proc/self/fd').length;

describe.each([
  ['native', native, native],
  ['wasi', wasiSocket, wasiSocket],
  ['native to wasi', native, wasiSocket],
])('%s', (_, FromOf, ToOf) => {
  test('a proxy in both directions: each byte in order, half-close kept', async () => {
    const [client, front] = await connection(FromOf);
    const [back, server] = await connection(ToOf);
    const blocking = [front, back].map((socket) => socket.nonblocking());
    const there = splice(front, back);
    const returned = splice(back, front);
    const progress = { bytes: 0 };
    const sending = client.sendAllAsync(bytes, { ...LIMIT, progress });
    const got = received(server);
    await sending;
    client.shutdown('write');
    expect(await got).toEqual([bytes.length, sumOf(bytes)]);
    expect(await there).toBe(bytes.length);
    // One direction has ended: the other one goes on.
    const answer = received(client);
    await server.sendAllAsync(bytes.subarray(5), LIMIT);
    server.shutdown('write');
    expect(await answer).toEqual([bytes.length - 5, sumOf(bytes.subarray(5))]);
    expect(await returned).toBe(bytes.length - 5);
    expect([front, back].map((socket) => socket.nonblocking())).toEqual(blocking);
    for (const socket of [client, front, back, server]) socket.close();
  });

  test('an abort, a time-out and a close end it, and the sockets stay as they were', async () => {
    const [client, front] = await connection(FromOf);
    const [back, server] = await connection(ToOf);
    const controller = new AbortController();
    const progress = { bytes: -1 };
    const running = splice(front, back, { signal: controller.signal, progress });
    await client.sendAllAsync(bytes.subarray(0, 100), LIMIT);
    expect(await server.recvExactAsync(new Uint8Array(100), LIMIT)).toBe(100);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(progress.bytes).toBe(100);
    await expect(splice(front, back, { timeout: 20 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect([front.closed, back.closed]).toEqual([false, false]);
    // It can go on.
    const again = splice(front, back);
    await client.sendAllAsync(bytes.subarray(0, 10), LIMIT);
    expect(await server.recvExactAsync(new Uint8Array(10), LIMIT)).toBe(10);
    front.close();
    await expect(again).rejects.toMatchObject({ code: 'EBADF' });
    for (const socket of [client, back, server]) socket.close();
  });
});

test('a receiver that is gone is an error, and no descriptor is left', async () => {
  const before = openFds();
  const [one, from] = Socket.pair(Domain.UNIX, Type.STREAM);
  const [to, gone] = Socket.pair(Domain.UNIX, Type.STREAM);
  gone.close();
  one.send(Uint8Array.of(1, 2, 3));
  await expect(splice(from, to)).rejects.toMatchObject({ code: 'EPIPE' });
  for (const socket of [one, from, to]) socket.close();
  expect(openFds()).toBe(before);
});

test('idle flows share a pipe, and those that are held up have one each', async () => {
  const before = openFds();
  const pairs = Array.from({ length: 50 }, () => [
    ...Socket.pair(Domain.UNIX, Type.STREAM),
    ...Socket.pair(Domain.UNIX, Type.STREAM),
  ]) as [Socket, Socket, Socket, Socket][];
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const options = { signal: controller.signal };
  const flows = pairs.flatMap(([, from, to]) => [
    splice(from, to, options),
    splice(to, from, options),
  ]);
  for (const flow of flows) flow.catch(() => {});
  for (const [near, , , far] of pairs) {
    near.send(Uint8Array.of(1));
    expect(await far.recvExactAsync(new Uint8Array(1), LIMIT)).toBe(1);
  }
  expect(openFds()).toBe(before + 4 * pairs.length + 2);
  for (const [near] of pairs.slice(0, 5)) {
    await expect(near.sendAllAsync(bytes, { timeout: 50 })).rejects.toThrow('ETIMEDOUT');
  }
  // What they hold arrives once the receiver reads again.
  expect(openFds()).toBeGreaterThanOrEqual(before + 4 * pairs.length + 10);
  const [near, , , far] = pairs[0] as [Socket, Socket, Socket, Socket];
  near.close();
  expect((await received(far))[0]).toBeGreaterThan(100_000);
  controller.abort();
  await Promise.allSettled(flows);
  for (const socket of pairs.flat()) socket.close();
  expect(openFds()).toBe(before);
});

test('small and large messages in turn arrive in order, slow receivers too', async () => {
  const [client, front] = await connection(native);
  const [back, server] = await connection(native);
  server.setRecvBufferSize(65_536);
  back.setSendBufferSize(65_536);
  const running = splice(front, back);
  const sizes = [1, 64, 4095, 4096, 4097, 1, 300_000, 64, 64, 1_000_000, 5, 4096, 4096, 2];
  const sum = sizes.reduce((total, size) => total + size);
  const got = (async () => {
    const buffer = new Uint8Array(10_000);
    const parts: Uint8Array[] = [];
    for (let count; (count = await server.recvAsync(buffer, LIMIT)) > 0;) {
      parts.push(buffer.slice(0, count));
      if (parts.length % 20 === 0) await delay(5);
    }
    return Buffer.concat(parts);
  })();
  for (let at = 0, round = 0; round < 5; round++) {
    for (const size of sizes) {
      await client.sendAllAsync(bytes.subarray(at % 1000, (at % 1000) + size), LIMIT);
      at += size;
      if (size < 5000) await delay(1);
    }
  }
  client.shutdown('write');
  expect(await running).toBe(5 * sum);
  const all = await got;
  const wanted: Uint8Array[] = [];
  for (let at = 0, round = 0; round < 5; round++) {
    for (const size of sizes) {
      wanted.push(bytes.subarray(at % 1000, (at % 1000) + size));
      at += size;
    }
  }
  expect(all.equals(Buffer.concat(wanted))).toBe(true);
  for (const socket of [client, front, back, server]) socket.close();
});

test.each(['close', 'intoRawFd', 'peer resets', 'receiver resets'])(
  'in the middle, held up: %s',
  async (how) => {
    const before = openFds();
    const [client, front] = await connection(native);
    const [back, server] = await connection(native);
    for (const socket of [front, server]) socket.setRecvBufferSize(65_536);
    for (const socket of [client, back]) socket.setSendBufferSize(65_536);
    const progress = { bytes: 0 };
    const running = splice(front, back, { progress });
    const result = running.then(
      () => 'done',
      (error: unknown) => (error as SockError).code,
    );
    // The receiver reads nothing, so that the flow waits to send.
    const filling = client.sendAllAsync(Buffer.alloc(30_000_000), { timeout: 300 });
    await expect(filling).rejects.toThrow('ETIMEDOUT');
    expect(progress.bytes).toBeGreaterThan(0);
    if (how === 'close') back.close();
    if (how === 'intoRawFd') Socket.fromRawFd(back.intoRawFd()).close();
    if (how === 'peer resets') {
      client.setLinger(0);
      client.close();
      // It shows when the flow has sent what it holds.
      received(server).catch(() => {});
    }
    if (how === 'receiver resets') {
      server.setLinger(0);
      server.close();
    }
    expect(await result).toMatch(how.includes('resets') ? /^(?:ECONNRESET|EPIPE)$/ : /^EBADF$/);
    for (const socket of [client, front, back, server]) socket.close();
    expect(openFds()).toBe(before);
  },
);

test('a close, a release and a move while it waits for data', async () => {
  for (const end of [
    (socket: Socket) => socket.close(),
    (socket: Socket) => Socket.fromRawFd(socket.intoRawFd()).close(),
  ]) {
    const [one, from] = Socket.pair(Domain.UNIX, Type.STREAM);
    const [to, other] = Socket.pair(Domain.UNIX, Type.STREAM);
    const first = splice(from, to);
    const second = splice(to, from);
    end(from);
    await expect(first).rejects.toMatchObject({ code: 'EBADF' });
    await expect(second).rejects.toMatchObject({ code: 'EBADF' });
    expect(Object.hasOwn(from, 'endWaits') || Object.hasOwn(to, 'endWaits')).toBe(false);
    for (const socket of [one, to, other]) socket.close();
  }
});

test('a borrowed view that is closed, and waits of others on the same socket', async () => {
  const [one, from] = Socket.pair(Domain.UNIX, Type.STREAM);
  const [to, other] = Socket.pair(Domain.UNIX, Type.STREAM);
  const view = Socket.borrowRawFd(from.asRawFd());
  const running = splice(view, to);
  const readable = from.readable(LIMIT);
  one.send(Uint8Array.of(7));
  await readable;
  expect(await other.recvExactAsync(new Uint8Array(1), LIMIT)).toBe(1);
  view.close();
  await expect(running).rejects.toMatchObject({ code: 'EBADF' });
  expect(from.closed).toBe(false);
  for (const socket of [one, from, to, other]) socket.close();
});

test.each([
  ['native', native],
  ['wasi', wasiSocket],
])('%s: a progress object that several calls share, or that is changed', async (_, SocketOf) => {
  const progress = { bytes: 0 };
  const flows = await Promise.all(
    [1, 2].map(async () => {
      const [client, front] = await connection(SocketOf);
      const [back, server] = await connection(SocketOf);
      return { client, front, back, server, running: splice(front, back, { progress }) };
    }),
  );
  for (const { client, server } of flows) {
    await client.sendAllAsync(bytes.subarray(0, 1000), LIMIT);
    await server.recvExactAsync(new Uint8Array(1000), LIMIT);
    client.shutdown('write');
    progress.bytes = -1;
  }
  expect(await Promise.all(flows.map(({ running }) => running))).toEqual([1000, 1000]);
  for (const { client, front, back, server } of flows) {
    for (const socket of [client, front, back, server]) socket.close();
  }
});

test('a full receiver holds the sender up, and timers run', async () => {
  const [one, from] = Socket.pair(Domain.UNIX, Type.STREAM);
  const [to, slow] = Socket.pair(Domain.UNIX, Type.STREAM);
  const progress = { bytes: 0 };
  const running = splice(from, to, { progress });
  await expect(one.sendAllAsync(bytes, { timeout: 200 })).rejects.toMatchObject({
    code: 'ETIMEDOUT',
  });
  expect(progress.bytes).toBeGreaterThan(0);
  expect(progress.bytes).toBeLessThan(bytes.length);
  one.close();
  const [length] = await received(slow);
  expect(await running).toBe(length);
  for (const socket of [from, to, slow]) socket.close();
});

test.runIf(process.platform === 'linux')('the bytes stay in the system', async () => {
  const [one, from] = Socket.pair(Domain.UNIX, Type.STREAM);
  const [to, other] = Socket.pair(Domain.UNIX, Type.STREAM);
  const calls = vi.spyOn(Socket.driver as Required<typeof Socket.driver>, 'splice');
  const copies = vi.spyOn(Socket.driver, 'recv');
  one.send(bytes.subarray(0, 10_000));
  one.close();
  expect(await splice(from, to)).toBe(10_000);
  expect(calls).toHaveLastReturnedWith(Spliced.END);
  expect(copies).not.toHaveBeenCalled();
  calls.mockRestore();
  copies.mockRestore();
  for (const socket of [from, to, other]) socket.close();
});

test.runIf(process.platform === 'linux')(
  'of kTLS, a short receive does not show that nothing is left',
  async () => {
    for (const ulp of [null, 'tls']) {
      const [client, front] = await connection(native);
      const [back, server] = await connection(native);
      vi.spyOn(front, 'tcpUlp').mockReturnValue(ulp);
      const receive = vi.spyOn(Socket.driver, 'recv');
      const fd = front.asRawFd();
      const running = splice(front, back);
      for (let i = 0; i < 4; i++) {
        client.send(Uint8Array.of(i));
        await server.recvExactAsync(new Uint8Array(1), LIMIT);
      }
      await delay(20);
      const inVain = receive.mock.results.filter(
        ({ value }, index) => receive.mock.calls[index]?.[0] === fd && (value as number) < 0,
      );
      receive.mockRestore();
      // The first byte comes through the pipe, which shows nothing. Of kTLS each byte is followed by such a call.
      expect(inVain.length).toBe(ulp === null ? 1 : 4);
      front.close();
      await expect(running).rejects.toMatchObject({ code: 'EBADF' });
      for (const socket of [client, back, server]) socket.close();
    }
  },
);

test('wrong arguments', async () => {
  const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
  const udp = new Socket(Domain.IPV4, Type.DGRAM);
  const type = { code: 'ERR_INVALID_ARG_TYPE' };
  await expect(splice(null as never, one)).rejects.toMatchObject(type);
  await expect(splice(one, {} as never)).rejects.toMatchObject(type);
  await expect(splice(one, other, null as never)).rejects.toMatchObject(type);
  await expect(splice(one, other, { progress: 1 as never })).rejects.toMatchObject(type);
  await expect(splice(one, other, { timeout: '1' as never })).rejects.toMatchObject(type);
  await expect(splice(one, other, { signal: {} as never })).rejects.toMatchObject(type);
  await expect(splice(udp, one)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
  const reason = new Error('before');
  const aborted = { signal: AbortSignal.abort(reason) };
  await expect(splice(one, other, aborted)).rejects.toBe(reason);
  for (const socket of [one, other, udp]) socket.close();
  await expect(splice(one, other)).rejects.toMatchObject({ code: 'EBADF' });
});
