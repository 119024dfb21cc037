/**
 * The conversions of @sock/std and its drop-in modules in the runtime that runs this program: Node, Bun or Deno.
 * Prints a line of JSON for each check. tools/runtimes.mjs runs it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import dgram from 'node:dgram';
import http from 'node:http';
import net from 'node:net';
import process from 'node:process';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import {
  DatagramEmitter,
  DuplexSocket,
  intoDgramSocket,
  intoNetServer,
  intoNetSocket,
  joinAll,
  SockAddr as ResolvingSockAddr,
  SockAgent,
  socketFrom,
  sockRef,
} from '@sock/std';
import * as dropInDgram from '@sock/std/dgram';
import * as dropInNet from '@sock/std/net';

const isNode = process.versions.bun === undefined && process.versions.deno === undefined;
const checks = [];
const check = (name, run) => checks.push({ name, run });
/** A check of both ways: what the runtime's own class adopts, and the Duplex path. */
const checkBoth = (name, run) => {
  for (const duplex of [false, true]) {
    check(`${name}${duplex ? ', by the Duplex path' : ''}`, () => run({ duplex }));
  }
};

function listener(domain = Domain.IPV4, address = SockAddr.ipv4('127.0.0.1', 0)) {
  const socket = new Socket(domain, Type.STREAM);
  socket.bind(address);
  socket.listen(16);
  return socket;
}

function datagrams() {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  return socket;
}

async function text(stream) {
  let all = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) all += chunk;
  return all;
}

const rest = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const closed = (object) => new Promise((resolve) => object.close(resolve));
const sockets = () => readdirSync('/proc/self/fd').length;
/** How many descriptors there are above `most`, once the runtime has closed what it closes later: 0 is right. */
async function excess(most) {
  const end = Date.now() + 5000;
  while (sockets() > most && Date.now() < end) await rest(20);
  return Math.max(0, sockets() - most);
}

checkBoth('an http server answers fetch', async (options) => {
  const socket = listener();
  const { port } = socket.localAddr();
  const server = http.createServer((request, response) => response.end(`hello ${request.url}`));
  intoNetServer(socket, { server, ...options });
  assert.equal(socket.closed, true);
  await once(server, 'listening');
  assert.equal(server.listening, true);
  assert.equal(server.address().port, port);
  for (const path of ['/one', '/two']) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    assert.equal(await response.text(), `hello ${path}`);
  }
  const post = await fetch(`http://127.0.0.1:${port}/post`, {
    method: 'POST',
    body: 'x'.repeat(99),
  });
  assert.equal(await post.text(), 'hello /post');
  server.close();
  assert.equal(server.listening, false);
});

checkBoth('a net server echoes a mebibyte', async (options) => {
  const socket = listener();
  const to = socket.localAddr();
  const server = intoNetServer(socket, { allowHalfOpen: true, ...options }, (peer) =>
    peer.pipe(peer),
  );
  await once(server, 'listening');
  const client = new Socket(Domain.IPV4, Type.STREAM);
  client.connect(to);
  const stream = intoNetSocket(client, options);
  assert.equal(stream.remotePort, to.port);
  assert.equal(stream.remoteAddress, '127.0.0.1');
  const sent = 'abcdefgh'.repeat(1 << 17);
  stream.end(sent);
  assert.equal((await text(stream)) === sent, true);
  assert.equal(stream.bytesWritten, sent.length);
  assert.equal(stream.bytesRead, sent.length);
  await closed(server);
});

checkBoth('a stream that is still connecting', async (options) => {
  const socket = listener();
  const to = socket.localAddr();
  const server = intoNetServer(socket, options, (peer) => peer.end('hello'));
  await once(server, 'listening');
  const client = new Socket(Domain.IPV4, Type.STREAM);
  client.tryConnect(to);
  const stream = intoNetSocket(client, options);
  if (stream.connecting) await once(stream, 'connect');
  assert.equal(await text(stream), 'hello');
  await closed(server);
});

checkBoth('a connection that is refused', async (options) => {
  const free = listener();
  const to = free.localAddr();
  free.close();
  const client = new Socket(Domain.IPV4, Type.STREAM);
  try {
    client.tryConnect(to);
  } catch (error) {
    // The loopback may report it at once.
    assert.equal(error.code, 'ECONNREFUSED');
    client.close();
    return;
  }
  const [error] = await once(intoNetSocket(client, options), 'error');
  assert.equal(error.code, 'ECONNREFUSED');
});

checkBoth('a pair of unix sockets', async (options) => {
  const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM).map((socket) =>
    intoNetSocket(socket, options),
  );
  one.end('to the other');
  other.end('to the one');
  assert.deepEqual(await Promise.all([text(other), text(one)]), ['to the other', 'to the one']);
});

checkBoth('a server on an abstract name', async (options) => {
  const name = `sock-conversions-${process.pid}-${options.duplex}`;
  const socket = listener(Domain.UNIX, SockAddr.abstract(name));
  const to = socket.localAddr();
  const server = intoNetServer(socket, options, (peer) => peer.end('hello'));
  await once(server, 'listening');
  const client = new Socket(Domain.UNIX, Type.STREAM);
  client.connect(to);
  assert.equal(await text(intoNetSocket(client, options)), 'hello');
  await closed(server);
});

checkBoth('timeout, destroy and close', async (options) => {
  const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
  const stream = intoNetSocket(one, options);
  let timeouts = 0;
  stream.setTimeout(20, () => (timeouts += 1));
  await once(stream, 'timeout');
  assert.equal(timeouts, 1);
  stream.destroy();
  await once(stream, 'close');
  assert.equal(stream.destroyed, true);
  await other.readable({ timeout: 5000 });
  assert.equal(other.recv(new Uint8Array(1)), 0);
  other.close();
});

checkBoth('datagrams go and come back', async (options) => {
  const socket = datagrams();
  const { port } = socket.localAddr();
  const bound = intoDgramSocket(socket, options);
  assert.equal(socket.closed, true);
  assert.equal(bound instanceof dgram.Socket, true);
  await once(bound, 'listening');
  assert.equal(bound.address().port, port);
  const other = intoDgramSocket(new Socket(Domain.IPV4, Type.DGRAM), options);
  const sent = new Promise((resolve, reject) => {
    other.send('there', port, '127.0.0.1', (error, count) =>
      error ? reject(error) : resolve(count),
    );
  });
  const [message, from] = await once(bound, 'message');
  assert.equal(await sent, 5);
  assert.equal(String(message), 'there');
  assert.equal(from.size, 5);
  bound.send(Buffer.from('and back again'), 4, 4, from.port, from.address);
  const [answer] = await once(other, 'message');
  assert.equal(String(answer), 'back');
  bound.send(['in ', 'parts'], from.port, from.address);
  const [parts] = await once(other, 'message');
  assert.equal(String(parts), 'in parts');
  bound.setTTL(9);
  bound.setBroadcast(true);
  assert.equal(bound.getRecvBufferSize() > 0, true);
  await Promise.all([closed(bound), closed(other)]);
  assert.throws(() => bound.send('x', port), { code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' });
});

checkBoth('connected datagrams', async (options) => {
  const receiver = datagrams();
  const sender = new Socket(Domain.IPV4, Type.DGRAM);
  sender.connect(receiver.localAddr());
  const [bound, other] = [intoDgramSocket(receiver, options), intoDgramSocket(sender, options)];
  await once(other, 'listening');
  other.send('hello');
  const [message] = await once(bound, 'message');
  assert.equal(String(message), 'hello');
  assert.equal(other.remoteAddress().port, bound.address().port);
  await Promise.all([closed(bound), closed(other)]);
});

checkBoth('a dgram.Socket connects by itself, and disconnects', async (options) => {
  const bound = intoDgramSocket(datagrams(), options);
  await once(bound, 'listening');
  const other = intoDgramSocket(new Socket(Domain.IPV4, Type.DGRAM), options);
  other.connect(bound.address().port, '127.0.0.1');
  await once(other, 'connect');
  other.send('hello');
  assert.equal(String((await once(bound, 'message'))[0]), 'hello');
  other.disconnect();
  assert.throws(() => other.remoteAddress(), { code: 'ERR_SOCKET_DGRAM_NOT_CONNECTED' });
  await Promise.all([closed(bound), closed(other)]);
});

check('a dgram.Socket reports a port in use, as node does', async () => {
  const taken = datagrams();
  const { port } = taken.localAddr();
  const socket = intoDgramSocket(new Socket(Domain.IPV4, Type.DGRAM), { duplex: true });
  socket.bind(port, '127.0.0.1');
  const [error] = await once(socket, 'error');
  assert.equal(error.message, `bind EADDRINUSE 127.0.0.1:${port}`);
  assert.equal(error.syscall, 'bind');
  await closed(socket);
  taken.close();
});

check('unix datagrams', async () => {
  const [one, other] = Socket.pair(Domain.UNIX, Type.DGRAM).map((socket) =>
    intoDgramSocket(socket),
  );
  assert.equal(one instanceof DatagramEmitter, true);
  one.send('hello');
  assert.equal(String((await once(other, 'message'))[0]), 'hello');
  await Promise.all([closed(one), closed(other)]);
});

check('a signal closes a dgram.Socket', async () => {
  const controller = new AbortController();
  const socket = intoDgramSocket(datagrams(), { signal: controller.signal });
  setTimeout(() => controller.abort(), 10);
  await once(socket, 'close');
});

check('sockRef sets options of live objects, and socketFrom duplicates them', async () => {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect(server.address().port, '127.0.0.1');
  await once(client, 'connect');
  const view = sockRef(client);
  assert.equal(sockRef(client), view);
  view.setTcpUserTimeout(5000);
  const duplicate = socketFrom(client);
  assert.equal(duplicate.tcpUserTimeout(), 5000);
  assert.equal(duplicate.peerAddr().port, server.address().port);
  assert.equal(sockRef(server).isListener(), true);
  const bound = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(bound, 'listening');
  assert.equal(sockRef(bound).localAddr().port, bound.address().port);
  client.destroy();
  await once(client, 'close');
  assert.equal(view.closed, true);
  duplicate.close();
  bound.close();
  server.close();
  assert.throws(() => sockRef(net.createServer()), { code: 'ERR_SOCK_NO_HANDLE' });
});

check('the drop-in net sets options before it binds and connects', async () => {
  const server = dropInNet.createServer({ sock: { reusePort: true } }, (peer) => peer.pipe(peer));
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address();
  // Only a socket that had SO_REUSEPORT before it was bound lets another one bind.
  const second = dropInNet.createServer({ sock: { reusePort: true } });
  second.listen(port, '127.0.0.1');
  await once(second, 'listening');
  await closed(second);
  const client = dropInNet.connect({ port, host: '127.0.0.1', sock: { tcpUserTimeout: 5000 } });
  await once(client, 'connect');
  if (isNode) assert.equal(sockRef(client).tcpUserTimeout(), 5000);
  else assert.equal(client instanceof DuplexSocket, true);
  client.end('hello');
  assert.equal(await text(client), 'hello');
  await closed(server);
});

check('the drop-in net connects from an address, and reports a refused connection', async () => {
  const server = net.createServer((peer) => peer.end(peer.remoteAddress));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const sock = { nodelay: true };
  const client = dropInNet.connect({ port, host: '127.0.0.1', localAddress: '127.0.0.9', sock });
  assert.equal(await text(client), '127.0.0.9');
  await closed(server);
  const [error] = await once(dropInNet.connect({ port, host: '127.0.0.1', sock }), 'error');
  assert.equal(error.code, 'ECONNREFUSED');
  const [address] = await ResolvingSockAddr.resolve('localhost', port, { family: 4 });
  assert.equal(address.port, port);
});

for (const happyEyeballs of [false, true]) {
  const title = happyEyeballs ? 'the drop-in net with happyEyeballs' : 'the drop-in net';
  const sock = { tcpUserTimeout: 5000, happyEyeballs };
  const lookup = (host, { family, all }, callback) => {
    const known = [
      { address: '127.0.0.8', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ].filter((found) => !family || found.family === family);
    if (host !== 'db.example' || known.length === 0) {
      const message = `getaddrinfo ENOTFOUND ${host}`;
      callback(Object.assign(new Error(message), { code: 'ENOTFOUND' }));
    } else if (all) callback(null, known);
    else callback(null, known[0].address, 4);
  };

  check(`${title} connects to localhost, with the options`, async () => {
    const server = net.createServer((peer) => peer.pipe(peer));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    const client = dropInNet.connect({ port, host: 'localhost', sock, noDelay: true });
    assert.equal(client.connecting, true);
    assert.equal(client.pending, true);
    // Written before the connection is there.
    client.write('hello ');
    await once(client, 'connect');
    assert.equal(client.remoteAddress, '127.0.0.1');
    assert.equal(client.remotePort, port);
    assert.equal(client.connecting, false);
    if (isNode) assert.equal(sockRef(client).tcpUserTimeout(), 5000);
    client.end('again');
    assert.equal(await text(client), 'hello again');
    await closed(server);
  });

  check(`${title} asks the given lookup, and tries every address`, async () => {
    const server = net.createServer((peer) => peer.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    const client = dropInNet.connect({ port, host: 'db.example', lookup, sock });
    const attempts = [];
    const looked = [];
    client.on('lookup', (error, address) => looked.push(address));
    client.on('connectionAttempt', (address) => attempts.push(address));
    assert.equal(await text(client), 'hello');
    // Without happyEyeballs node's own class does it, and versions differ in what they tell.
    if (!isNode || happyEyeballs) {
      assert.deepEqual(looked, ['127.0.0.8', '127.0.0.1']);
      assert.deepEqual(attempts, ['127.0.0.8', '127.0.0.1']);
      const addresses = attempts.map((address) => `${address}:${port}`);
      assert.deepEqual(client.autoSelectFamilyAttemptedAddresses, addresses);
    }
    await closed(server);
  });

  check(`${title} reports a name without addresses, and a connection that is refused`, async () => {
    const free = listener();
    const { port } = free.localAddr();
    free.close();
    const unknown = dropInNet.connect({ port, host: 'other.example', lookup, sock });
    assert.equal((await once(unknown, 'error'))[0].code, 'ENOTFOUND');
    const refused = dropInNet.connect({ port, host: 'localhost', family: 4, sock });
    assert.equal((await once(refused, 'error'))[0].code, 'ECONNREFUSED');
    assert.throws(() => dropInNet.connect({ port: 65536, host: 'localhost', sock }), RangeError);
  });

  check(`${title} stops connecting when it is destroyed or aborted`, async () => {
    let answer;
    const later = (host, options, callback) => {
      answer = () => lookup(host, options, callback);
    };
    const before = sockets();
    const destroyed = dropInNet.connect({ port: 80, host: 'db.example', lookup: later, sock });
    await rest(5);
    destroyed.destroy();
    await once(destroyed, 'close');
    answer();
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = dropInNet.connect({
      port: 80,
      host: 'db.example',
      lookup: later,
      sock,
      signal,
    });
    await rest(5);
    controller.abort();
    assert.equal((await once(aborted, 'error'))[0].name, 'AbortError');
    answer();
    await rest(20);
    assert.equal(aborted.destroyed, true);
    assert.equal(await excess(before + 2), 0);
  });
}

check('SockAgent connects by name', async () => {
  const server = http.createServer((request, response) => response.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const agent = new SockAgent({ sock: { tcpUserTimeout: 5000 } });
  const [response] = await once(http.get({ host: 'localhost', port, agent }), 'response');
  assert.equal(await text(response), 'hello');
  agent.destroy();
  await closed(server);
});

check('the drop-in dgram sets options before it binds', async () => {
  const sock = { reusePort: true, tosV4: 16 };
  const one = dropInDgram.createSocket({ type: 'udp4', sock });
  one.bind(0, '127.0.0.1');
  await once(one, 'listening');
  const other = dropInDgram.createSocket({ type: 'udp4', sock });
  other.bind(one.address().port, '127.0.0.1');
  await once(other, 'listening');
  const sender = dropInDgram.createSocket({ type: 'udp4', sock: { tosV4: 16 } });
  const received = Promise.race([once(one, 'message'), once(other, 'message')]);
  sender.send('hello', one.address().port, '127.0.0.1');
  assert.equal(String((await received)[0]), 'hello');
  await Promise.all([one, other, sender].map(closed));
});

check('rinfo has the fields that were asked for', async () => {
  const rinfo = ['localAddress', 'interface', 'ecn', 'timestamp'];
  const socket = new Socket(Domain.IPV6, Type.DGRAM);
  socket.bind(SockAddr.ipv6('::', 0));
  const made = dropInDgram.createSocket({ type: 'udp6', rinfo });
  made.bind(0);
  const receivers = [intoDgramSocket(socket, { rinfo }), made];
  await Promise.all(receivers.map((receiver) => once(receiver, 'listening')));
  for (const receiver of receivers) {
    const sender = dropInDgram.createSocket({ type: 'udp4', sock: { tosV4: 1 } });
    const received = once(receiver, 'message');
    sender.send('hello', receiver.address().port, '127.0.0.1');
    const [, { localAddress, interface: by, ecn, timestamp }] = await received;
    assert.deepEqual([localAddress, by.name, ecn], ['::ffff:127.0.0.1', 'lo', 1]);
    assert.ok(Math.abs(Number(timestamp) / 1e6 - Date.now()) < 5000);
    await Promise.all([receiver, sender].map(closed));
  }
  const wrong = { type: 'udp4', rinfo: ['ecm'] };
  assert.throws(() => dropInDgram.createSocket(wrong), { code: 'ERR_INVALID_ARG_VALUE' });
});

check('a group is joined on every interface, until the socket closes', async () => {
  const group = '239.7.7.7';
  const socket = datagrams();
  const loopback = { index: 1, name: 'lo', loopback: true };
  const has = ({ interfaces }) =>
    assert.ok(interfaces.some(({ index, name }) => index === loopback.index && name === 'lo'));
  const joined = joinAll(socket, group);
  has(joined);
  socket.close();
  assert.ok(joined.closed);
  for (const make of [
    () => dgram.createSocket('udp4'),
    () => dropInDgram.createSocket('udp4'),
    () => dropInDgram.createSocket({ type: 'udp4', rinfo: ['ecn'] }),
    () => intoDgramSocket(new Socket(Domain.IPV4, Type.DGRAM)),
  ]) {
    const receiver = make();
    receiver.bind(0);
    await once(receiver, 'listening');
    const of = joinAll(receiver, group);
    has(of);
    const sender = new Socket(Domain.IPV4, Type.DGRAM);
    sender.setMulticastIfV4('127.0.0.1');
    const received = once(receiver, 'message');
    sender.sendTo(new Uint8Array(3), SockAddr.ipv4(group, receiver.address().port));
    assert.equal((await received)[0].length, 3);
    sender.close();
    await closed(receiver);
    assert.ok(of.closed);
  }
});

check('no descriptor is left', async () => {
  const run = async () => {
    const socket = listener();
    const to = socket.localAddr();
    const server = intoNetServer(socket, {}, (peer) => peer.end('hello'));
    await once(server, 'listening');
    const client = new Socket(Domain.IPV4, Type.STREAM);
    client.connect(to);
    const stream = intoNetSocket(client);
    sockRef(server);
    await text(stream);
    await closed(server);
    const bound = intoDgramSocket(datagrams());
    await once(bound, 'listening');
    await closed(bound);
  };
  for (let i = 0; i < 5; i++) await run();
  await rest(50);
  const before = sockets();
  for (let i = 0; i < 50; i++) await run();
  assert.equal(await excess(before + 5), 0);
});

let unexpected = (error) => {
  throw error;
};
process.on('uncaughtException', (error) => unexpected(error));
for (const { name, run } of checks) {
  let timer;
  const failure = new Promise((_, reject) => {
    unexpected = reject;
    timer = setTimeout(() => reject(new Error('no result after 10 s')), 10_000);
  });
  try {
    await Promise.race([run(), failure]);
    console.log(JSON.stringify({ name, outcome: 'passed' }));
  } catch (error) {
    console.log(JSON.stringify({ name, outcome: 'failed', detail: error?.stack ?? String(error) }));
  }
  clearTimeout(timer);
}
console.log(JSON.stringify({ end: true }));
process.exit();
