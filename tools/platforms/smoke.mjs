/**
 * What runs where the whole contract would say more of the emulator than of us: each part of the backend
 * once. Says what it finds as guest.mjs does.
 */
import assert from 'node:assert';
import { writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
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

const any4 = SockAddr.ipv4('127.0.0.1', 0);
const any6 = SockAddr.ipv6('::1', 0);
const enc = (s) => new TextEncoder().encode(s);
const dec = (b, n) => new TextDecoder().decode(b.subarray(0, n));
const from = Number(process.argv[2] ?? 0);
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);
let index = -1;

function datagrams() {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(any4);
  return socket;
}

if (!isMainThread) {
  // Ended while it waits in both ways: see below.
  const socket = datagrams();
  const poller = new Poller();
  poller.register(socket, 1, Interest.READABLE);
  poller.attach(() => {});
  socket.readable().catch(() => {});
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, no window
  parentPort.postMessage('waits');
  await new Promise(() => {});
}

async function t(name, f) {
  index++;
  if (index < from) return;
  say({ index, name });
  try {
    await f();
    say({ name, outcome: 'passed' });
  } catch (error) {
    say({ name, outcome: 'failed', detail: String(error), stack: error.stack });
  }
}

say({
  version: process.versions.bun ?? process.versions.deno ?? process.version,
  platform: process.platform,
  arch: process.arch,
});
for (const [n, d, a] of [
  ['4', Domain.IPV4, any4],
  ['6', Domain.IPV6, any6],
])
  await t('tcp' + n, () => {
    const l = new Socket(d, Type.STREAM);
    l.bind(a);
    l.listen(4);
    const c = new Socket(d, Type.STREAM);
    c.connect(l.localAddr());
    const [s, p] = l.accept();
    assert(p.equals(c.localAddr()));
    c.send(enc('hi'));
    const b = new Uint8Array(8);
    assert.equal(dec(b, s.recv(b)), 'hi');
    assert.equal(s.tryRecv(b), undefined);
    c.close();
    assert.equal(s.recv(b), 0);
    l.close();
    s.close();
  });
await t('udp', () => {
  const a = new Socket(Domain.IPV4, Type.DGRAM),
    b = new Socket(Domain.IPV4, Type.DGRAM);
  a.bind(any4);
  b.bind(any4);
  a.sendTo(enc('x1'), b.localAddr());
  const buf = new Uint8Array(4);
  const [n, f] = b.recvFrom(buf);
  assert.equal(dec(buf, n), 'x1');
  assert(f.equals(a.localAddr()));
  assert.equal(b.tryRecvFrom(buf), undefined);
});
await t('options', () => {
  const s = new Socket(Domain.IPV4, Type.STREAM);
  s.setKeepalive(true);
  assert.equal(s.keepalive(), true);
  s.setLinger(3000);
  assert.equal(s.linger(), 3000);
  s.setReadTimeout(1500);
  assert.equal(s.readTimeout(), 1500);
  assert.equal(s.type(), 'stream');
  assert.equal(s.domain(), 'ipv4');
  assert.equal(s.protocol(), 'tcp');
  s.setTtl(9);
  assert.equal(s.ttl(), 9);
  assert.equal(s.takeError(), null);
  s.setTcpKeepalive({ time: 5000 });
});
await t('batch', () => {
  const a = new Socket(Domain.IPV4, Type.DGRAM),
    b = new Socket(Domain.IPV4, Type.DGRAM);
  a.bind(any4);
  b.bind(any4);
  for (let i = 0; i < 3; i++) a.sendTo(enc('m' + i), b.localAddr());
  const batch = new DatagramBatch({ count: 8, size: 64 });
  assert.equal(b.recvBatch(batch), 3);
});
await t('connectTimeout', () => {
  const l = new Socket(Domain.IPV4, Type.STREAM);
  l.bind(any4);
  l.listen(4);
  const c = new Socket(Domain.IPV4, Type.STREAM);
  c.connectTimeout(l.localAddr(), 2000);
  assert.equal(c.nonblocking(), false);
});
await t('refused', () => {
  const l = new Socket(Domain.IPV4, Type.STREAM);
  l.bind(any4);
  const to = l.localAddr();
  l.close();
  const c = new Socket(Domain.IPV4, Type.STREAM);
  try {
    c.connect(to);
    assert.fail('connected');
  } catch (e) {
    assert.equal(e.code, 'ECONNREFUSED');
    assert.equal(e.errno, process.platform === 'win32' ? -4078 : -111);
  }
  const d = new Socket(Domain.IPV4, Type.STREAM);
  assert.throws(() => d.connectTimeout(to, 5000), { code: 'ECONNREFUSED' });
});
await t('nonblocking', () => {
  const s = new Socket(Domain.IPV4, Type.DGRAM);
  s.bind(any4);
  s.setNonblocking(true);
  assert.equal(s.nonblocking(), true);
  assert.throws(() => s.recv(new Uint8Array(1)), { code: 'EAGAIN' });
  const c = s.tryClone();
  assert.equal(c.nonblocking(), true);
  c.setNonblocking(false);
  assert.equal(s.nonblocking(), false);
});
await t('poller.poll', () => {
  const a = new Socket(Domain.IPV4, Type.DGRAM),
    b = new Socket(Domain.IPV4, Type.DGRAM);
  a.bind(any4);
  b.bind(any4);
  const p = new Poller(),
    ev = new Events();
  p.register(b, 7, Interest.READABLE);
  assert.equal(p.poll(ev, 50), 0);
  a.sendTo(enc('z'), b.localAddr());
  assert.equal(p.poll(ev, 1000), 1);
  assert.equal(ev.token(0), 7);
  assert(ev.isReadable(0));
  assert.equal(p.poll(ev, 1000), 1, 'level');
  b.recv(new Uint8Array(4));
  assert.equal(p.poll(ev, 50), 0);
  p.wake();
  assert.equal(p.poll(ev, 5000), 0);
  p.close();
});
await t('readable', async () => {
  const a = new Socket(Domain.IPV4, Type.DGRAM),
    b = new Socket(Domain.IPV4, Type.DGRAM);
  a.bind(any4);
  b.bind(any4);
  setTimeout(() => a.sendTo(enc('z'), b.localAddr()), 30);
  await b.readable();
  assert.equal(b.recv(new Uint8Array(4)), 1);
  await assert.rejects(b.readable({ timeout: 40 }));
});
await t('attach', async () => {
  const a = new Socket(Domain.IPV4, Type.DGRAM),
    b = new Socket(Domain.IPV4, Type.DGRAM);
  a.bind(any4);
  b.bind(any4);
  const p = new Poller();
  p.register(b, 5, Interest.READABLE);
  let got = 0;
  await new Promise((r) => {
    p.attach((e) => {
      for (let i = 0; i < e.length; i++) {
        b.recv(new Uint8Array(4));
        if (++got === 3) r();
      }
    });
    for (let i = 0; i < 3; i++) setTimeout(() => a.sendTo(enc('z'), b.localAddr()), 10 * i);
  });
  p.close();
});
await t('a Worker ends while it waits', async () => {
  for (let round = 0; round < 3; round++) {
    const worker = new Worker(process.argv[1]);
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    await worker.terminate();
  }
});
await t('a poller is woken by its number', () => {
  const poller = new Poller();
  Poller.wakeFd(poller.wakerFd());
  assert.equal(poller.poll(new Events(), 5000), 0);
  assert.throws(() => Poller.wakeFd(12345677), { code: 'EBADF' });
  poller.close();
});
await t('an attached poller is detached, and closed, by what it calls', async () => {
  const [a, b, poller] = [datagrams(), datagrams(), new Poller()];
  const send = () => a.sendTo(enc('z'), b.localAddr());
  poller.register(b, 1, Interest.READABLE);
  await new Promise((resolve) => {
    poller.attach(() => {
      poller.detach();
      resolve();
    });
    send();
  });
  assert.equal(poller.poll(new Events(), 1000), 1);
  b.recv(new Uint8Array(1));
  assert.equal(poller.poll(new Events(), 20), 0);
  await new Promise((resolve) => {
    poller.attach(() => {
      poller.close();
      resolve();
    });
    send();
  });
});
await t('sockets that come and go are waited for by numbers that come again', async () => {
  const a = datagrams();
  for (let round = 0; round < 100; round++) {
    const socket = datagrams();
    const wait = socket.readable({ timeout: 5000 });
    a.sendTo(enc('z'), socket.localAddr());
    await wait;
    socket.close();
  }
});
await t('one shot', () => {
  const [a, b, poller, events] = [datagrams(), datagrams(), new Poller(), new Events()];
  poller.register(b, 3, Interest.READABLE | Interest.ONE_SHOT);
  a.sendTo(enc('z'), b.localAddr());
  assert.equal(poller.poll(events, 1000), 1);
  assert.equal(poller.poll(events, 50), 0);
  poller.reregister(b, 4, Interest.READABLE);
  assert.equal(poller.poll(events, 1000), 1);
  assert.equal(events.token(0), 4);
  poller.close();
});
say({ end: true });
process.exit(0);
