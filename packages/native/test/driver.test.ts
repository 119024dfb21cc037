/** The addon below @sock/core: what it guarantees to any caller, and how it behaves in Workers. */
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { DatagramBatch, Domain, Layout, optionRow, SockAddr, Socket, Type } from '@sock/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSockets } from './descriptors.js';

const driver = Socket.driver;
const { EAGAIN, EBADF, EEXIST, EINVAL, ENOTSOCK } = driver.errors as Record<string, number>;
const native = JSON.stringify(createRequire(import.meta.url).resolve('@sock/native'));

let before: string[];
beforeEach(() => {
  before = openSockets();
});
afterEach(() => {
  expect(openSockets()).toEqual(before);
});

/** Runs code in a Worker; `await started` inside it is the first message posted. */
function worker(code: string, workerData?: unknown): Worker {
  const thread = new Worker(
    `import(${native}).then(async ({ Socket, SockAddr, Domain, Type }) => {
       const { parentPort, workerData } = require('node:worker_threads');
       ${code}
     }).catch((error) => { setImmediate(() => { throw error; }); });`,
    { eval: true, workerData },
  );
  // Listens from the start: the last message and the end may come in one turn of the loop.
  exits.set(thread, new Promise((resolve) => thread.once('exit', resolve)));
  return thread;
}
const exits = new WeakMap<Worker, Promise<number>>();

const message = (from: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    from.once('message', resolve);
    from.once('error', reject);
  });
const ended = (of: Worker): Promise<number> => exits.get(of)!;

const bytes8 = (): Uint8Array => new Uint8Array(8);

describe('the addon', () => {
  test('answers arguments of wrong types with EINVAL and makes no system call', () => {
    const wrong = [undefined, null, {}, [], 'text', Symbol('s'), () => 0, new Uint16Array(4), 1n];
    // `pipe` has no arguments. `lookup` is no function of the addon.
    const entries = Object.entries(driver).filter(
      ([name, value]) =>
        typeof value === 'function' && !['onReady', 'watch', 'pipe', 'lookup'].includes(name),
    ) as [string, (...values: unknown[]) => unknown][];
    expect(entries.length).toBeGreaterThan(25);
    for (const [name, call] of entries) {
      expect(call(), `${name} without arguments`).toBe(-EINVAL!);
      for (const value of wrong) {
        expect(call(value, value, value, value), `${name}(${typeof value})`).toBe(-EINVAL!);
      }
    }
  });

  test('answers a closed handle with EBADF', () => {
    const bytes = new Uint8Array(8);
    expect(driver.recv(-1, bytes, 0)).toBe(-EBADF!);
    expect(driver.getOption(-1, optionRow('broadcast')!.id)).toBe(-EBADF!);
    expect(driver.accept(-1, 0)).toBe(-EBADF!);
    expect(driver.close(-1)).toBe(-EBADF!);
    expect(driver.watch(-1, 1, () => {})).toBe(-EBADF!);
  });

  test('leaves the check of the handle to libsock, in every call on one', () => {
    const buffers = [bytes8()];
    const batch = new DatagramBatch({ count: 1, size: 8 });
    const calls: Record<string, unknown[]> = {
      bind: [],
      connect: [],
      tryConnect: [],
      connectTimeout: [100],
      listen: [1],
      accept4: [0],
      acceptBatch: [0, 1, new Int32Array(1), new Uint8Array(128)],
      localAddress: [],
      peerAddress: [],
      duplicate: [],
      nonblocking: [],
      setNonblocking: [true],
      setCloexec: [true],
      shutdown: [0],
      recvVectored: [buffers, 0, false],
      sendVectored: [buffers, 0, false],
      recvMessage: [buffers, 0, bytes8()],
      sendMessage: [buffers, 0, false, new Uint8Array(0)],
      recvBatch: [batch, 1, 0],
      sendBatch: [batch, 1, 0],
      getOptionRaw: [1, 1, bytes8()],
      setOptionRaw: [1, 1, bytes8()],
      sendFile: [0, 0, 1],
      splice: [0, 0, 1, 1, 1],
      attachFilter: [bytes8(), false],
    };
    const functions = driver as unknown as Record<string, (...values: unknown[]) => number>;
    for (const [name, rest] of Object.entries(calls)) {
      for (const handle of [-1, -(2 ** 40), 2 ** 40]) {
        expect(functions[name]!(handle, ...rest), `${name}(${handle})`).toBe(-EBADF!);
      }
    }
  });

  test('keeps track of many handles, closed in another order than they were opened', () => {
    const handles = Array.from({ length: 500 }, () => {
      const { AF_INET, SOCK_DGRAM } = driver.constants;
      return driver.open(AF_INET as number, SOCK_DGRAM as number, 0, 0);
    });
    expect(new Set(handles).size).toBe(500);
    // 7 and 500 have no common factor: each index comes once.
    for (let i = 0; i < 500; i++) {
      const handle = handles[(i * 7) % 500] as number;
      expect(driver.adopt(handle)).toBe(-EEXIST!);
      expect(driver.close(handle)).toBe(0);
      expect(driver.close(handle)).toBe(-EBADF!);
    }
  });

  test('accepts no batch without room for it', () => {
    using listener = new Socket(Domain.IPV4, Type.STREAM);
    listener.bind(SockAddr.ipv4('127.0.0.1', 0));
    listener.listen(4);
    using client = new Socket(Domain.IPV4, Type.STREAM);
    client.connect(listener.localAddr());
    const fd = listener.asRawFd();
    const [handles, peers] = [new Int32Array(2), new Uint8Array(256)];
    const batch = (count: number, one: unknown = handles, other: unknown = peers): number =>
      driver.acceptBatch!(fd, 2, count, one as Int32Array, other as Uint8Array);
    expect(batch(0)).toBe(-EINVAL!);
    expect(batch(-1)).toBe(-EINVAL!);
    expect(batch(3)).toBe(-EINVAL!);
    expect(batch(2, new Int32Array(1))).toBe(-EINVAL!);
    expect(batch(2, new Float64Array(2))).toBe(-EINVAL!);
    expect(batch(2, handles, new Uint8Array(255))).toBe(-EINVAL!);
    expect(batch(2, handles, new Uint8Array(new ArrayBuffer(260), 1, 256))).toBe(-EINVAL!);
    expect(batch(2, handles, new Int32Array(64))).toBe(-EINVAL!);
    // The connection is still there.
    expect(batch(2)).toBe(1);
    expect(driver.close(handles[0] as number)).toBe(0);
    expect(batch(2)).toBe(-EAGAIN!);
  });

  test('accepts more connections in one call than it has room for on its stack', () => {
    using listener = new Socket(Domain.IPV4, Type.STREAM);
    listener.bind(SockAddr.ipv4('127.0.0.1', 0));
    listener.listen(256);
    const clients = Array.from({ length: 150 }, () => {
      const client = new Socket(Domain.IPV4, Type.STREAM);
      client.connect(listener.localAddr());
      return client;
    });
    const accepted = listener.acceptBatch(1024);
    expect(accepted.map(([, peer]) => String(peer))).toEqual(
      clients.map((client) => String(client.localAddr())),
    );
    expect(new Set(accepted.map(([connection]) => connection.asRawFd())).size).toBe(150);
    for (const [connection] of accepted) connection.close();
    for (const client of clients) client.close();
  });

  test('closes only what it owns', () => {
    expect(driver.close(0)).toBe(-EBADF!);
    expect(driver.release(0)).toBe(-EBADF!);
    using socket = new Socket(Domain.IPV4, Type.DGRAM);
    expect(driver.adopt(socket.asRawFd())).toBe(-EEXIST!);
    const file = openSync('/dev/null', 'r');
    expect(driver.adopt(file)).toBe(-ENOTSOCK!);
    closeSync(file);
    expect(driver.adopt(file)).toBe(-EBADF!);
  });

  test('refuses more buffers than the system takes and counts them from the start', () => {
    using socket = new Socket(Domain.IPV4, Type.DGRAM);
    const one = new Uint8Array(1);
    const most = Array.from({ length: 1025 }, () => one);
    expect(driver.sendVectored(socket.asRawFd(), most, 0, false)).toBe(-EINVAL!);
    expect(driver.sendVectored(socket.asRawFd(), [one, 'two' as never], 0, false)).toBe(-EINVAL!);
  });

  test('survives an address and a value with hostile lengths', () => {
    using socket = new Socket(Domain.UNIX, Type.DGRAM);
    const memory = new DataView(driver.memory);
    for (const family of [0, 1, 2, 3, 4, 5, 6, 0x8000, 0xffff]) {
      for (const length of [0, 1, 108, 109, 112, 113, 0x7fffffff, 0xffffffff]) {
        memory.setUint16(Layout.addressFamily, family, true);
        memory.setUint32(Layout.addressLength, length, true);
        // At most an abstract name of some length is bound. The system refuses everything else.
        new Uint8Array(driver.memory, Layout.addressData, Layout.addressDataSize).fill(0);
        const result = driver.connect(socket.asRawFd());
        expect(result).toBeLessThanOrEqual(0);
      }
    }
    for (let option = 0; option < 300; option++) {
      memory.setFloat64(Layout.valueNumber, Number.NaN, true);
      memory.setUint32(Layout.valueLength, 0xffffffff, true);
      expect(driver.setOption(socket.asRawFd(), option)).toBeLessThanOrEqual(0);
    }
    expect(driver.getOption(socket.asRawFd(), 0xffffffff)).toBeLessThan(0);
  });
});

describe('a Worker', () => {
  test('closes its sockets when it ends without having closed them', async () => {
    const thread = worker(
      `const sockets = Array.from({ length: 10 }, () => new Socket(Domain.IPV4, Type.DGRAM));
       globalThis.kept = sockets;
       parentPort.postMessage(sockets.length);`,
    );
    expect(await message(thread)).toBe(10);
    await ended(thread);
  });

  test('closes its sockets when it is terminated while it waits on them', async () => {
    const thread = worker(
      `const socket = new Socket(Domain.IPV4, Type.DGRAM);
       socket.bind(SockAddr.ipv4('127.0.0.1', 0));
       const waits = [socket.readable(), socket.readable()];
       parentPort.postMessage('waiting');
       await Promise.all(waits);`,
    );
    expect(await message(thread)).toBe('waiting');
    await thread.terminate();
  });

  test('is terminated at any moment of its waits and of its handlers, and closes its sockets', async () => {
    for (let round = 0; round < 10; round++) {
      const thread = worker(
        `const { Poller, Interest } = await import(${native});
         const [one, other] = Socket.pair(Domain.UNIX, Type.DGRAM);
         const poller = new Poller();
         poller.register(one, 1, Interest.WRITABLE);
         poller.attach(() => {
           if (workerData % 2 === 1) for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
         });
         for (let i = 0; i < 4; i++) one.readable().catch(() => {});
         parentPort.postMessage('waiting');
         for (;;) {
           await other.writable();
           other.trySend(new Uint8Array(1));
           await one.readable();
           one.tryRecv(new Uint8Array(1));
         }`,
        round,
      );
      expect(await message(thread)).toBe('waiting');
      await new Promise((resolve) => setTimeout(resolve, round % 5));
      await thread.terminate();
    }
  });

  test('that ends at once after an attach that failed leaves nothing on its loop', async () => {
    const thread = worker(
      `const { Events, Poller } = await import(${native});
       const events = new Events(4);
       structuredClone(events.data.buffer, { transfer: [events.data.buffer] });
       try {
         new Poller().attach(() => {}, events);
       } catch (error) {
         process.exit(error.code === 'EINVAL' ? 7 : 1);
       }`,
    );
    expect(await ended(thread)).toBe(7);
  });

  test("survives that the driver's own memory is taken from it", async () => {
    const thread = worker(
      `const { memory } = Socket.driver;
       const socket = new Socket(Domain.IPV4, Type.DGRAM);
       const call = (run) => { try { return run(); } catch {} };
       const taken = call(() => structuredClone(memory, { transfer: [memory] })) ?? call(() => memory.transfer());
       for (let i = 0; i < 100; i++) {
         call(() => socket.localAddr());
         call(() => socket.ttl());
         call(() => socket.setTtl(5));
         call(() => socket.bind(SockAddr.ipv4('127.0.0.1', 0)));
         call(() => Socket.pair(Domain.UNIX, Type.DGRAM));
       }
       parentPort.postMessage(taken?.byteLength ?? memory.byteLength);`,
    );
    expect(await message(thread)).toBeGreaterThanOrEqual(Layout.size);
    expect(await ended(thread)).toBe(0);
  });

  test('has a loop of its own: many Workers and this thread wait at once', async () => {
    using socket = new Socket(Domain.IPV4, Type.DGRAM);
    socket.bind(SockAddr.ipv4('127.0.0.1', 0));
    const { port } = socket.localAddr();
    const threads = Array.from({ length: 4 }, () =>
      worker(
        `using_(new Socket(Domain.IPV4, Type.DGRAM));
         async function using_(socket) {
           socket.connect(SockAddr.ipv4('127.0.0.1', workerData));
           for (let i = 0; i < 50; i++) {
             await socket.writable();
             socket.send(Uint8Array.of(i));
             await socket.readable({ timeout: 10_000 });
             socket.recv(new Uint8Array(1));
           }
           socket.close();
         }`,
        port,
      ),
    );
    const exits = Promise.all(threads.map(ended));
    const byte = new Uint8Array(1);
    for (let i = 0; i < 200; i++) {
      await socket.readable({ timeout: 10_000 });
      const [length, from] = socket.recvFrom(byte);
      expect(length).toBe(1);
      socket.sendTo(byte, from);
    }
    expect(await exits).toEqual([0, 0, 0, 0]);
  });
});
