/** Waiting on many sockets at once. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import {
  DatagramBatch,
  Domain,
  Events,
  Interest,
  Poller,
  SockAddr,
  Socket,
  Type,
} from '@sock/native';
import { expect, test } from 'vitest';

const native = JSON.stringify(createRequire(import.meta.url).resolve('@sock/native'));
const byte = new Uint8Array(1);

function datagramSocket(): Socket {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  socket.connect(socket.localAddr());
  return socket;
}

function tokens(events: Events): number[] {
  return Array.from({ length: events.length }, (_, index) => events.token(index)).sort(
    (a, b) => a - b,
  );
}

test('poll fills the tokens of the sockets that are ready, and only those', () => {
  using poller = new Poller();
  using first = datagramSocket();
  using second = datagramSocket();
  poller.register(first, 7, Interest.READABLE);
  poller.register(second, 0xffffffff, Interest.READABLE | Interest.WRITABLE);
  const events = new Events();
  expect(poller.poll(events, 0)).toBe(1);
  expect(events.token(0)).toBe(0xffffffff);
  expect([events.isReadable(0), events.isWritable(0)]).toEqual([false, true]);
  first.send(byte);
  expect(poller.poll(events, 1000)).toBe(2);
  expect(tokens(events)).toEqual([7, 0xffffffff]);
});

test('level-triggered tells the state again; edge-triggered and one-shot tell it once', () => {
  using poller = new Poller();
  using level = datagramSocket();
  using edge = datagramSocket();
  using once = datagramSocket();
  poller.register(level, 1, Interest.READABLE);
  poller.register(edge, 2, Interest.READABLE | Interest.EDGE);
  poller.register(once, 3, Interest.READABLE | Interest.ONE_SHOT);
  for (const socket of [level, edge, once]) socket.send(byte);
  const events = new Events();
  poller.poll(events, 1000);
  expect(tokens(events)).toEqual([1, 2, 3]);
  poller.poll(events, 0);
  expect(tokens(events)).toEqual([1]);
  edge.send(byte);
  once.send(byte);
  poller.poll(events, 0);
  expect(tokens(events)).toEqual([1, 2]);
  poller.reregister(once, 4, Interest.READABLE | Interest.ONE_SHOT);
  poller.poll(events, 0);
  expect(tokens(events)).toEqual([1, 4]);
});

test('a full batch leaves the rest to the next poll', () => {
  using poller = new Poller();
  const sockets = Array.from({ length: 5 }, datagramSocket);
  for (const [token, socket] of sockets.entries())
    poller.register(socket, token, Interest.WRITABLE | Interest.EDGE);
  const events = new Events(2);
  const seen: number[] = [];
  while (poller.poll(events, 0) > 0) seen.push(...tokens(events));
  expect(seen.sort()).toEqual([0, 1, 2, 3, 4]);
  for (const socket of sockets) socket.close();
});

test('closing a registered socket deregisters it, though a duplicate keeps the description open', () => {
  using poller = new Poller();
  const socket = datagramSocket();
  using clone = socket.tryClone();
  poller.register(socket, 1, Interest.WRITABLE);
  socket.close();
  expect(poller.size).toBe(0);
  expect(poller.poll(new Events(), 0)).toBe(0);
  poller.register(clone, 2, Interest.WRITABLE);
  expect(poller.poll(new Events(), 0)).toBe(1);
});

test('refuses what is registered already, what is not, what is closed, and wrong arguments', () => {
  using poller = new Poller();
  using socket = datagramSocket();
  const code = (run: () => void): unknown => {
    try {
      run();
    } catch (error) {
      return (error as { code: unknown }).code;
    }
    return undefined;
  };
  poller.register(socket, 1, Interest.READABLE);
  expect(code(() => poller.register(socket, 1, Interest.READABLE))).toBe('EEXIST');
  poller.deregister(socket);
  expect(code(() => poller.deregister(socket))).toBe('ENOENT');
  expect(code(() => poller.reregister(socket, 1, Interest.READABLE))).toBe('ENOENT');
  expect(code(() => poller.register({} as Socket, 1, 1))).toBe('ERR_INVALID_ARG_TYPE');
  expect(code(() => poller.register(socket, -1, 1))).toBe('ERR_OUT_OF_RANGE');
  expect(code(() => poller.register(socket, 1, 0))).toBe('ERR_OUT_OF_RANGE');
  expect(code(() => poller.register(socket, 1, 1024))).toBe('ERR_OUT_OF_RANGE');
  expect(code(() => poller.poll(new Events(), Number.NaN))).toBe('ERR_INVALID_ARG_TYPE');
  expect(code(() => poller.poll([] as never))).toBe('ERR_INVALID_ARG_TYPE');
  expect(code(() => new Events(0))).toBe('ERR_OUT_OF_RANGE');
  const closed = new Poller();
  closed.close();
  closed.close();
  expect(closed.closed).toBe(true);
  expect(code(() => closed.poll(new Events(), 0))).toBe('EBADF');
  expect(code(() => closed.register(socket, 1, 1))).toBe('EBADF');
});

test('wake ends the poll, from this thread and from another', async () => {
  using poller = new Poller();
  poller.wake();
  expect(poller.poll(new Events())).toBe(0);
  const thread = new Worker(
    `import(${native}).then(({ Poller }) => {
       setTimeout(() => Poller.wakeFd(require('node:worker_threads').workerData), 100);
     });`,
    { eval: true, workerData: poller.wakerFd() },
  );
  // Longer than the test may take: only the wake ends it.
  expect(poller.poll(new Events())).toBe(0);
  await new Promise((resolve) => thread.once('exit', resolve));
});

test('attached, it calls back with a batch on the event loop until it is detached', async () => {
  using poller = new Poller();
  using socket = datagramSocket();
  poller.register(socket, 5, Interest.READABLE);
  const batches: number[][] = [];
  await new Promise<void>((resolve) => {
    poller.attach((events) => {
      batches.push(tokens(events));
      socket.recv(byte);
      if (batches.length < 3) socket.send(byte);
      else resolve();
    });
    socket.send(byte);
  });
  expect(batches).toEqual([[5], [5], [5]]);
  poller.detach();
  poller.detach();
  socket.send(byte);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(batches.length).toBe(3);
  expect(poller.poll(new Events(), 0)).toBe(1);
});

test('closed inside its own handler, it stops', async () => {
  const poller = new Poller();
  using socket = datagramSocket();
  poller.register(socket, 5, Interest.WRITABLE);
  let calls = 0;
  poller.attach(() => {
    calls += 1;
    poller.close();
  });
  expect(() => poller.attach(() => {})).toThrow(/EEXIST/);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(calls).toBe(1);
});

test('sockets that are ready together come in one call', async () => {
  using poller = new Poller();
  const sockets = Array.from({ length: 20 }, datagramSocket);
  for (const [token, socket] of sockets.entries()) {
    poller.register(socket, token, Interest.READABLE);
    socket.send(byte);
  }
  const batches: number[][] = [];
  const events = new Events(32);
  await new Promise<void>((resolve) => {
    poller.attach((given) => {
      expect(given).toBe(events);
      batches.push(tokens(given));
      resolve();
    }, events);
  });
  expect(batches).toEqual([sockets.map((_, token) => token)]);
  for (const socket of sockets) socket.close();
  expect(poller.size).toBe(0);
});

/** The epoll instances of this process, with the descriptors that each waits for. */
function epolls(): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      if (!readlinkSync(`/proc/self/fd/${name}`).includes('[eventpoll]')) continue;
      const lines = readFileSync(`/proc/self/fdinfo/${name}`, 'utf8').matchAll(/^tfd:\s+(\d+)/gm);
      found.set(
        Number(name),
        [...lines].map(([, descriptor]) => Number(descriptor)),
      );
    } catch {
      // The descriptor of the folder itself is closed by now.
    }
  }
  return found;
}

// With the thread of SOCK_EVENT_LOOP=thread nothing of this is so.
const byLibuv = process.platform === 'linux' && process.env['SOCK_EVENT_LOOP'] !== 'thread';

test.runIf(byLibuv)('the loop waits for a poller only while events are rare', async () => {
  const before = epolls();
  using poller = new Poller();
  using socket = datagramSocket();
  poller.register(socket, 5, Interest.READABLE);
  const own = [...epolls().keys()].find((descriptor) => !before.has(descriptor)) as number;
  const isWaitedFor = (): boolean => [...epolls().values()].some((waits) => waits.includes(own));
  const seen: Record<string, boolean> = {};
  let calls = 0;
  let quiet = (): void => {};
  poller.attach(() => {
    calls++;
    socket.recv(byte);
    if (calls === 1) seen['at first'] = isWaitedFor();
    if (calls === 200) seen['when there are always events'] = isWaitedFor();
    if (calls < 200) socket.send(byte);
    else quiet();
  });
  for (const when of ['afterwards', 'afterwards again']) {
    calls = 0;
    await new Promise<void>((resolve) => {
      quiet = resolve;
      socket.send(byte);
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    seen[when] = isWaitedFor();
  }
  expect(seen).toEqual({
    'at first': true,
    'when there are always events': false,
    afterwards: true,
    'afterwards again': true,
  });
});

test('64 sockets with more datagrams than one turn takes are served alike, and timers run', async () => {
  using poller = new Poller();
  const sockets = Array.from({ length: 64 }, datagramSocket);
  const out = new DatagramBatch({ count: 40, size: 64, addresses: false });
  for (let i = 0; i < 40; i++) out.push(new Uint8Array(64));
  for (const [token, socket] of sockets.entries()) {
    poller.register(socket, token, Interest.READABLE);
    // Unequal: what is in the queue must not decide who is served.
    for (let i = 0; i <= token % 4; i++) socket.sendBatch(out);
  }
  const batch = new DatagramBatch({ count: 16, size: 64, addresses: false });
  const served = sockets.map(() => 0);
  let [total, turns, most, before] = [0, 0, 0, 0];
  let timers = 0;
  const timer = setInterval(() => timers++, 1);
  const turn = (): void => {
    turns++;
    most = Math.max(most, total - before);
    before = total;
    if (total < 50_000) setImmediate(turn);
  };
  setImmediate(turn);
  await new Promise<void>((resolve) => {
    poller.attach((events) => {
      for (let i = 0; i < events.length; i++) {
        const token = events.token(i);
        const socket = sockets[token] as Socket;
        const count = socket.tryRecvBatch(batch) ?? 0;
        served[token] = (served[token] as number) + count;
        total += count;
        // As many as were taken come, and a few more while there is room.
        if (count < 16) socket.sendBatch(out);
        batch.length = count;
        socket.sendBatch(batch);
      }
      if (total >= 50_000) resolve();
    });
  });
  clearInterval(timer);
  poller.close();
  for (const socket of sockets) socket.close();
  expect(Math.max(...served)).toBeLessThanOrEqual(2 * Math.min(...served));
  expect(timers).toBeGreaterThan(0);
  // At most 16 polls of 64 events, one batch each.
  if (byLibuv) expect(most).toBeLessThanOrEqual(16 * 64 * 16);
  expect(turns).toBeGreaterThan(50_000 / (1000 * 64 * 16));
});

test('no datagram of another thread is forgotten, whenever it comes', async () => {
  using poller = new Poller();
  using socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  poller.register(socket, 5, Interest.READABLE);
  const served = new Int32Array(new SharedArrayBuffer(4));
  const bursts = 1500;
  // The sender waits until all was received, and then for a while that ends anywhere in the receiver's turn.
  const thread = new Worker(
    `import(${native}).then(({ Domain, SockAddr, Socket, Type }) => {
       const { workerData: { port, served, bursts } } = require('node:worker_threads');
       const socket = new Socket(Domain.IPV4, Type.DGRAM);
       const to = SockAddr.ipv4('127.0.0.1', port);
       const byte = new Uint8Array(1);
       let random = 1;
       let sent = 0;
       for (let burst = 0; burst < bursts; burst++) {
         random = (random * 48271) % 0x7fffffff;
         for (let i = burst % 4 === 0 ? 1 + (random % 100) : 1; i > 0; i--, sent++) socket.sendTo(byte, to);
         for (let seen; (seen = Atomics.load(served, 0)) < sent;) Atomics.wait(served, 0, seen);
         for (let spin = random % 3000; spin > 0; spin--) Atomics.load(served, 0);
       }
       require('node:worker_threads').parentPort.postMessage(sent);
     });`,
    { eval: true, workerData: { port: socket.localAddr().port, served, bursts } },
  );
  poller.attach(() => {
    if (socket.tryRecv(byte) === undefined) return;
    Atomics.add(served, 0, 1);
    Atomics.notify(served, 0);
  });
  const sent = await new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
  expect(served[0]).toBe(sent);
  expect(sent).toBeGreaterThan(bursts);
});

test('tells of errors, of a peer that sends no more and of urgent bytes', () => {
  using poller = new Poller();
  using listener = new Socket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(1);
  using client = new Socket(Domain.IPV4, Type.STREAM);
  client.connect(listener.localAddr());
  const [accepted] = listener.accept();
  using server = accepted;
  const events = new Events();
  poller.register(server, 1, Interest.READABLE | Interest.PRIORITY);
  client.sendOutOfBand(byte);
  expect(poller.poll(events, 5000)).toBe(1);
  expect(events.isPriority(0)).toBe(true);
  expect([events.isReadClosed(0), events.isError(0)]).toEqual([false, false]);
  server.recvOutOfBand(byte);
  client.shutdown('write');
  expect(poller.poll(events, 5000)).toBe(1);
  expect([events.isReadable(0), events.isReadClosed(0)]).toEqual([true, true]);
  poller.deregister(server);

  // Bound but not listening, so nobody else can use the port.
  using bound = new Socket(Domain.IPV4, Type.STREAM);
  bound.bind(SockAddr.ipv4('127.0.0.1', 0));
  using refused = new Socket(Domain.IPV4, Type.STREAM);
  refused.setNonblocking(true);
  try {
    refused.tryConnect(bound.localAddr());
    poller.register(refused, 2, Interest.WRITABLE);
    expect(poller.poll(events, 5000)).toBe(1);
    expect(events.isError(0)).toBe(true);
    expect(refused.takeError()?.code).toBe('ECONNREFUSED');
  } catch (error) {
    // The loopback may report it at once.
    expect((error as { code: unknown }).code).toBe('ECONNREFUSED');
  }
});

test('a socket that gives its descriptor away is deregistered', () => {
  using poller = new Poller();
  using other = new Poller();
  const socket = datagramSocket();
  poller.register(socket, 1, Interest.WRITABLE);
  other.register(socket, 2, Interest.WRITABLE);
  using again = Socket.fromRawFd(socket.intoRawFd());
  expect([poller.size, other.size]).toEqual([0, 0]);
  expect(poller.poll(new Events(), 0)).toBe(0);
  other.register(again, 3, Interest.WRITABLE);
  expect(other.poll(new Events(), 0)).toBe(1);
});

test('polls in a Worker, which another thread wakes, and lets it end once unreferenced', async () => {
  const thread = new Worker(
    `import(${native}).then(({ Events, Interest, Poller, Socket }) => {
       const { parentPort } = require('node:worker_threads');
       const poller = new Poller();
       parentPort.postMessage(poller.wakerFd());
       parentPort.postMessage(poller.poll(new Events()));
       const socket = new Socket('ipv4', 'dgram');
       poller.register(socket, 1, Interest.PRIORITY);
       poller.attach(() => {});
       poller.unref();
     });`,
    { eval: true },
  );
  const messages: unknown[] = [];
  const ended = new Promise((resolve) => thread.once('exit', resolve));
  await new Promise<void>((resolve) => {
    thread.on('message', (message: number) => {
      messages.push(message);
      if (messages.length === 1) Poller.wakeFd(message);
      else resolve();
    });
  });
  expect(messages[1]).toBe(0);
  // It ends by itself: nothing keeps it alive.
  expect(await ended).toBe(0);
});

test('works in a Worker, and ends with it', async () => {
  const thread = new Worker(
    `import(${native}).then(({ Poller, Interest, Socket }) => {
       const poller = new Poller();
       const socket = new Socket('ipv4', 'dgram');
       poller.register(socket, 1, Interest.WRITABLE);
       poller.attach((events) => require('node:worker_threads').parentPort.postMessage(events.token(0)));
     });`,
    { eval: true },
  );
  expect(await new Promise((resolve) => thread.once('message', resolve))).toBe(1);
  await thread.terminate();
});
