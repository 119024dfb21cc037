/** Conversions into node's objects, by a descriptor and by the Duplex path. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import { promisify } from 'node:util';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { intoDgramSocket, intoNetServer, intoNetSocket } from '@sock/std';
import { afterEach, describe, expect, test } from 'vitest';
import { adoptedPaths, connected, nodePath } from './paths.js';

const run = promisify(execFile);
const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const it of open.splice(0)) it.close();
});

describe.each([nodePath, ...adoptedPaths])('through $name', (path) => {
  test('a large transfer to a slow reader keeps memory bounded and its checksum', async () => {
    const size = 256 << 20;
    const chunk = Buffer.alloc(1 << 20, 'x');
    const { server, port } = await path.listen((socket) => {
      let left = size;
      const more = (): void => {
        while (left > 0) {
          left -= chunk.length;
          if (!socket.write(chunk)) {
            socket.once('drain', more);
            return;
          }
        }
        socket.end();
      };
      more();
    });
    open.push(server);
    const client = await connected(path, port);
    const sent = createHash('sha256');
    for (let i = 0; i < size; i += chunk.length) sent.update(chunk);
    const arrived = createHash('sha256');
    let bytes = 0;
    let pauses = 0;
    let largest = 0;
    for await (const piece of client as AsyncIterable<Buffer>) {
      arrived.update(piece);
      bytes += piece.length;
      if (pauses < 20 && bytes > pauses * (size / 20)) {
        pauses += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
        largest = Math.max(largest, process.memoryUsage().arrayBuffers);
      }
    }
    expect(bytes).toBe(size);
    expect(arrived.digest('hex')).toBe(sent.digest('hex'));
    expect(largest).toBeLessThan(128 << 20);
  }, 120_000);

  test('addresses and byte counts match the connection', async () => {
    const sockets: net.Socket[] = [];
    const { server, port } = await path.listen((socket) => {
      sockets.push(socket);
    });
    open.push(server);
    const accepted = once(server, 'connection');
    expect(server.address()).toMatchObject({ port, family: 'IPv4', address: '127.0.0.1' });
    const client = await connected(path, port);
    expect([client.remotePort, client.remoteAddress, client.remoteFamily]).toEqual([
      port,
      '127.0.0.1',
      'IPv4',
    ]);
    expect(client.readyState).toBe('open');
    await accepted;
    const data = once(sockets[0] as net.Socket, 'data');
    client.write('four');
    await data;
    expect(client.bytesWritten).toBe(4);
    expect(sockets[0]?.bytesRead).toBe(4);
    expect(sockets[0]?.remotePort).toBe(client.localPort);
    const count = await new Promise((resolve, reject) =>
      server.getConnections((error, number) => (error ? reject(error) : resolve(number))),
    );
    expect(count).toBe(1);
    client.destroy();
  });

  test('an http server answers fetch and curl', async () => {
    const server = http.createServer((request, response) =>
      response.end(`you asked for ${request.url}`),
    );
    const { port } = await path.listen(undefined, { server });
    expect(server.address()).toMatchObject({ port });
    const url = `http://127.0.0.1:${port}/this`;
    expect(await (await fetch(url)).text()).toBe('you asked for /this');
    const { stdout } = await run('curl', ['-sS', '--max-time', '10', url]);
    expect(stdout).toBe('you asked for /this');
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
});

test('a connection that is refused after the conversion is an error of the stream', async () => {
  const gone = new Socket(Domain.IPV4, Type.STREAM);
  gone.bind(SockAddr.ipv4('127.0.0.1', 0));
  const nobody = gone.localAddr();
  gone.close();
  for (const duplex of [false, true]) {
    const socket = new Socket(Domain.IPV4, Type.STREAM);
    socket.setNonblocking(true);
    socket.bind(SockAddr.ipv4('127.0.0.1', 0));
    try {
      socket.connect(nobody);
    } catch {
      // EINPROGRESS, or refused at once.
    }
    const stream = intoNetSocket(socket, { duplex });
    const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  }
});

describe('sockets of the wrong kind are refused with a description, and stay usable', () => {
  const cases: [string, () => Socket, (socket: Socket) => unknown, RegExp][] = [
    [
      'a listener into a net.Socket',
      () => listener(),
      intoNetSocket,
      /a listening ipv4 stream socket/,
    ],
    [
      'a datagram socket into a server',
      () => bound(Type.DGRAM),
      intoNetServer,
      /a bound ipv4 dgram socket/,
    ],
    [
      'a bound stream into a server',
      () => bound(Type.STREAM),
      intoNetServer,
      /a bound ipv4 stream socket/,
    ],
    [
      'a stream into a dgram.Socket',
      () => bound(Type.STREAM),
      intoDgramSocket,
      /a bound ipv4 stream socket/,
    ],
    [
      'an unbound stream into a net.Socket',
      () => new Socket(Domain.IPV4, Type.STREAM),
      intoNetSocket,
      /an unbound ipv4 stream socket/,
    ],
  ];
  function bound(type: Type): Socket {
    const socket = new Socket(Domain.IPV4, type);
    socket.bind(SockAddr.ipv4('127.0.0.1', 0));
    return socket;
  }
  function listener(): Socket {
    const socket = bound(Type.STREAM);
    socket.listen(1);
    return socket;
  }
  test.each(cases)('%s', (_, make, into, message) => {
    const socket = make();
    open.push(socket);
    expect(() => into(socket)).toThrow(TypeError);
    expect(() => into(socket)).toThrow(message);
    expect(socket.closed).toBe(false);
    expect(socket.localAddr().isIpv4()).toBe(true);
  });
  test('a closed socket', () => {
    const socket = new Socket(Domain.IPV4, Type.STREAM);
    socket.close();
    for (const into of [intoNetSocket, intoNetServer, intoDgramSocket]) {
      expect(() => into(socket)).toThrow(/a closed socket/);
    }
  });
});

describe.each([false, true])('datagram sockets, duplex: %s', (duplex) => {
  const make = (): Socket => new Socket(Domain.IPV4, Type.DGRAM);

  test('a bound socket emits listening, receives and sends', async () => {
    const socket = make();
    socket.bind(SockAddr.ipv4('127.0.0.1', 0));
    const { port } = socket.localAddr();
    const made = intoDgramSocket(socket, { duplex });
    open.push(made);
    expect(socket.closed).toBe(true);
    await once(made, 'listening');
    expect(made.address()).toMatchObject({ address: '127.0.0.1', family: 'IPv4', port });
    const peer = dgram.createSocket('udp4');
    open.push(peer);
    made.on('message', (message, from) =>
      made.send(`${message.toString()}!`, from.port, from.address),
    );
    peer.send('hello', port, '127.0.0.1');
    const [message, from] = (await once(peer, 'message')) as [Buffer, dgram.RemoteInfo];
    expect([message.toString(), from.port]).toEqual(['hello!', port]);
  });

  test('a connected socket sends to its peer without an address', async () => {
    const peer = make();
    peer.bind(SockAddr.ipv4('127.0.0.1', 0));
    open.push(peer);
    const socket = make();
    socket.connect(peer.localAddr());
    const made = intoDgramSocket(socket, { duplex });
    open.push(made);
    expect(made.remoteAddress()).toMatchObject({ port: peer.localAddr().port });
    await new Promise<void>((resolve, reject) =>
      made.send('direct', (error) => (error === null ? resolve() : reject(error))),
    );
    await peer.readable({ timeout: 2000 });
    expect(peer.recv(new Uint8Array(16))).toBe(6);
  });
});

test('an unbound datagram socket binds as in node, and keeps its options', async () => {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.setTtl(7);
  const made = intoDgramSocket(socket);
  open.push(made);
  made.bind(0, '127.0.0.1');
  await once(made, 'listening');
  expect(made.address().port).toBeGreaterThan(0);
});

test('unix datagrams and sequenced packets, which node does not support', async () => {
  const [one, other] = Socket.pair(Domain.UNIX, Type.DGRAM);
  const left = intoDgramSocket(one);
  const right = intoDgramSocket(other);
  open.push(left, right);
  left.send('across');
  const [message] = (await once(right, 'message')) as [Buffer];
  expect(message.toString()).toBe('across');
  const [first, second] = Socket.pair(Domain.UNIX, Type.SEQPACKET);
  const stream = intoNetSocket(first);
  second.send(new TextEncoder().encode('packet'));
  const [data] = (await once(stream, 'data')) as [Buffer];
  expect(data.toString()).toBe('packet');
  stream.destroy();
  second.close();
});

test("unix streams and listeners become node's own objects", async () => {
  const listener = new Socket(Domain.UNIX, Type.STREAM);
  listener.bind(SockAddr.abstract(`sock-std-${process.pid}`));
  listener.listen(1);
  const address = listener.localAddr();
  const server = intoNetServer(listener, {}, (socket) => socket.end('bye'));
  open.push(server);
  const client = new Socket(Domain.UNIX, Type.STREAM);
  client.connect(address);
  const stream = intoNetSocket(client);
  const [data] = (await once(stream, 'data')) as [Buffer];
  expect(data.toString()).toBe('bye');
});
