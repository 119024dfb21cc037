/** What the documentation of `net` states, checked on `node:net` and on `@sock/std/net`. */
import { once } from 'node:events';
import nodeNet from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import stdNet from '@sock/std/net';
import { afterEach, describe, expect, test } from 'vitest';

const open: { close?(): unknown; destroy?(): unknown }[] = [];
afterEach(() => {
  for (const it of open.splice(0)) {
    if (it.destroy === undefined) it.close?.();
    else it.destroy();
  }
});

const variants: [string, typeof nodeNet, object][] = [
  ['node:net', nodeNet, {}],
  ['@sock/std/net', stdNet as unknown as typeof nodeNet, {}],
  [
    '@sock/std/net with options',
    stdNet as unknown as typeof nodeNet,
    { sock: { keepalive: true } },
  ],
];

describe.each(variants)('%s', (_, net, extra) => {
  async function serve(
    onConnection: (socket: nodeNet.Socket) => void = (socket) => socket.resume(),
    options: nodeNet.ServerOpts = {},
  ): Promise<[nodeNet.Server, number]> {
    const server = net.createServer({ ...options, ...extra }, onConnection);
    server.listen({ port: 0, host: '127.0.0.1' });
    open.push(server);
    await once(server, 'listening');
    return [server, (server.address() as nodeNet.AddressInfo).port];
  }
  function dial(port: number, options: object = {}, listener?: () => void): nodeNet.Socket {
    const socket = net.connect({ port, host: '127.0.0.1', ...options, ...extra }, listener);
    open.push(socket);
    return socket;
  }

  test('server.address() is the address, family and port', async () => {
    const [server, port] = await serve();
    expect(server.address()).toEqual({ address: '127.0.0.1', family: 'IPv4', port });
  });
  test('server.address() is null before listening and after closing', async () => {
    const server = net.createServer({ ...extra });
    expect(server.address()).toBeNull();
    server.listen(0);
    await once(server, 'listening');
    server.close();
    expect(server.address()).toBeNull();
  });
  test('server.listening is whether it listens', async () => {
    const server = net.createServer({ ...extra });
    expect(server.listening).toBe(false);
    server.listen(0);
    await once(server, 'listening');
    expect(server.listening).toBe(true);
    server.close();
    expect(server.listening).toBe(false);
  });
  test('the listening listener is called once', async () => {
    let calls = 0;
    const server = net.createServer({ ...extra });
    open.push(server);
    await new Promise<void>((resolve) => {
      server.listen(0, () => {
        calls += 1;
        resolve();
      });
    });
    expect(calls).toBe(1);
  });
  test('without a host it listens on :: and accepts IPv4 too', async () => {
    const server = net.createServer({ ...extra }, (socket) => socket.end());
    open.push(server);
    server.listen(0);
    await once(server, 'listening');
    const { port, family } = server.address() as nodeNet.AddressInfo;
    expect(family).toBe('IPv6');
    await once(dial(port), 'connect');
  });
  test('ipv6Only refuses IPv4', async () => {
    const server = net.createServer({ ...extra });
    open.push(server);
    server.listen({ port: 0, host: '::', ipv6Only: true });
    await once(server, 'listening');
    const { port } = server.address() as nodeNet.AddressInfo;
    const [error] = (await once(dial(port), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
  test('a port in use is EADDRINUSE, an event', async () => {
    const [, port] = await serve();
    const server = net.createServer({ ...extra });
    server.listen({ port, host: '127.0.0.1' });
    const [error] = (await once(server, 'error')) as [NodeJS.ErrnoException & { port: number }];
    expect([error.code, error.port]).toEqual(['EADDRINUSE', port]);
    expect(server.listening).toBe(false);
  });
  test('listening twice throws ERR_SERVER_ALREADY_LISTEN', async () => {
    const [server] = await serve();
    expect(() => server.listen(0)).toThrow(
      expect.objectContaining({ code: 'ERR_SERVER_ALREADY_LISTEN' }) as Error,
    );
  });
  test('a port out of range throws ERR_SOCKET_BAD_PORT', () => {
    for (const port of [-1, 65536]) {
      expect(() => net.createServer({ ...extra }).listen({ port })).toThrow(
        expect.objectContaining({ code: 'ERR_SOCKET_BAD_PORT' }) as Error,
      );
      expect(() => net.connect({ port, ...extra })).toThrow(
        expect.objectContaining({ code: 'ERR_SOCKET_BAD_PORT' }) as Error,
      );
    }
  });
  test('an address of another machine is EADDRNOTAVAIL', async () => {
    const server = net.createServer({ ...extra });
    server.listen({ port: 0, host: '192.0.2.1' });
    const [error] = (await once(server, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EADDRNOTAVAIL');
  });
  test('an address with a zone that is the name of an interface', async () => {
    const server = net.createServer({ ...extra });
    server.listen({ port: 0, host: 'fe80::5150%lo' });
    const [error] = (await once(server, 'error')) as [NodeJS.ErrnoException];
    expect([error.code, error.syscall]).toEqual(['EADDRNOTAVAIL', 'listen']);
  });
  test('the options of one listen do not apply to the next', async () => {
    const server = net.createServer();
    server.listen({ port: 0, host: '127.0.0.1', ...extra });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    expect(Object.hasOwn(server, '_listen2')).toBe(false);
    server.listen(0, '127.0.0.1');
    open.push(server);
    await once(server, 'listening');
  });
  test('close() stops listening and emits close when the last connection has ended', async () => {
    const [server, port] = await serve((socket) => socket.pipe(socket));
    const accepted = once(server, 'connection');
    const client = dial(port);
    await accepted;
    let closed = false;
    server.close(() => {
      closed = true;
    });
    // A round trip on the remaining connection.
    client.write('?');
    await once(client, 'data');
    expect(closed).toBe(false);
    client.end();
    await once(server, 'close');
    expect(closed).toBe(true);
  });
  test('close() of a server that does not listen passes an error to its callback', async () => {
    const server = net.createServer({ ...extra });
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) =>
      server.close(resolve),
    );
    expect(error?.code).toBe('ERR_SERVER_NOT_RUNNING');
  });
  test('an abort signal closes the server', async () => {
    const controller = new AbortController();
    const server = net.createServer({ ...extra });
    server.listen({ port: 0, host: '127.0.0.1', signal: controller.signal });
    await once(server, 'listening');
    controller.abort();
    await once(server, 'close');
  });
  test('getConnections counts', async () => {
    const [server, port] = await serve((socket) => socket.end('accepted'));
    const both = [dial(port, { allowHalfOpen: true }), dial(port, { allowHalfOpen: true })];
    await Promise.all(both.map((it) => once(it, 'data')));
    expect(
      await new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    ).toBe(2);
  });
  test('maxConnections drops further connections', async () => {
    const [server, port] = await serve();
    server.maxConnections = 1;
    await once(dial(port), 'connect');
    const dropped = once(server, 'drop');
    dial(port).on('error', () => {});
    expect(((await dropped) as [{ localPort: number }])[0].localPort).toBe(port);
  });
  test('pauseOnConnect keeps the data until the socket is resumed', async () => {
    const [server, port] = await serve(() => {}, { pauseOnConnect: true });
    const connection = once(server, 'connection');
    const client = dial(port);
    await new Promise<void>((resolve) => client.write('later', () => resolve()));
    const [socket] = (await connection) as [nodeNet.Socket];
    expect([socket.isPaused(), socket.readableFlowing, socket.bytesRead]).toEqual([true, false, 0]);
    const data = once(socket, 'data');
    socket.resume();
    expect(String((await data)[0])).toBe('later');
  });
  test('allowHalfOpen keeps the other half open', async () => {
    const [, port] = await serve(
      (socket) => {
        socket.resume().on('end', () => setImmediate(() => socket.end('after your end')));
      },
      { allowHalfOpen: true },
    );
    const client = dial(port, { allowHalfOpen: true });
    client.end();
    const [data] = (await once(client, 'data')) as [Buffer];
    expect(data.toString()).toBe('after your end');
  });
  test('without allowHalfOpen the socket ends when its peer does', async () => {
    const [, port] = await serve((socket) => socket.end());
    const client = dial(port);
    client.resume();
    await once(client, 'close');
    expect(client.writableEnded).toBe(true);
  });
  test('a server listens on a unix path, a client connects to it, and address() returns it', async () => {
    const path = join(tmpdir(), `sock-std-${process.pid}-${Math.random().toString(36).slice(2)}`);
    const server = net.createServer({ ...extra }, (socket) => socket.end('by path'));
    open.push(server);
    server.listen({ path });
    await once(server, 'listening');
    expect(server.address()).toBe(path);
    const client = net.connect({ path });
    const [data] = (await once(client, 'data')) as [Buffer];
    expect(data.toString()).toBe('by path');
    client.destroy();
    rmSync(path, { force: true });
  });
  test('a path where nobody listens is ENOENT', async () => {
    const client = net.connect({ path: '/nonexistent/sock', ...extra });
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ENOENT');
  });

  test('connect emits connect, then ready', async () => {
    const [, port] = await serve();
    const order: string[] = [];
    const client = dial(port);
    for (const event of ['connect', 'ready']) client.on(event, () => order.push(event));
    await once(client, 'ready');
    expect(order).toEqual(['connect', 'ready']);
  });
  test('the connect listener is called once', async () => {
    const [, port] = await serve();
    await new Promise<void>((resolve) => dial(port, {}, resolve));
  });
  test('connecting and pending are true until it is connected', async () => {
    const [, port] = await serve();
    const client = dial(port);
    expect([client.connecting, client.pending, client.readyState]).toEqual([true, true, 'opening']);
    await once(client, 'connect');
    expect([client.connecting, client.pending, client.readyState]).toEqual([false, false, 'open']);
  });
  test('a host name emits lookup with its address', async () => {
    const [, port] = await serve();
    const client = dial(port, { host: 'localhost', family: 4 });
    const [error, address, family, host] = (await once(client, 'lookup')) as unknown[];
    expect([error, address, family, host]).toEqual([null, '127.0.0.1', 4, 'localhost']);
  });
  test('the lookup option is used', async () => {
    const [, port] = await serve();
    const asked: string[] = [];
    const client = dial(port, {
      host: 'anything.invalid',
      autoSelectFamily: false,
      lookup: (host: string, _options: unknown, callback: (...values: unknown[]) => void) => {
        asked.push(host);
        callback(null, '127.0.0.1', 4);
      },
    });
    await once(client, 'connect');
    expect(asked).toEqual(['anything.invalid']);
  });
  test('autoSelectFamily tries the next address', async () => {
    const [, port] = await serve();
    const client = dial(port, {
      host: 'both.invalid',
      autoSelectFamily: true,
      lookup: (_host: string, _options: unknown, callback: (...values: unknown[]) => void) => {
        callback(null, [
          { address: '::1', family: 6 },
          { address: '127.0.0.1', family: 4 },
        ]);
      },
    });
    await once(client, 'connect');
    expect(client.remoteAddress).toBe('127.0.0.1');
  });
  test('a refused connection has code, syscall, address and port', async () => {
    const [server, port] = await serve();
    server.close();
    await once(server, 'close');
    const [error] = (await once(dial(port), 'error')) as [
      NodeJS.ErrnoException & { address: string; port: number },
    ];
    expect([error.code, error.syscall, error.address, error.port]).toEqual([
      'ECONNREFUSED',
      'connect',
      '127.0.0.1',
      port,
    ]);
  });
  test('localAddress and localPort are bound before connect', async () => {
    const [, port] = await serve();
    const client = dial(port, { localAddress: '127.0.0.5' });
    await once(client, 'connect');
    expect(client.localAddress).toBe('127.0.0.5');
    expect(client.localPort).toBeGreaterThan(0);
  });
  test('addresses and families match on both ends', async () => {
    const [server, port] = await serve();
    const accepted = once(server, 'connection');
    const client = dial(port);
    await once(client, 'connect');
    const [socket] = (await accepted) as [nodeNet.Socket];
    expect([client.remoteAddress, client.remotePort, client.remoteFamily]).toEqual([
      '127.0.0.1',
      port,
      'IPv4',
    ]);
    expect([socket.remotePort, socket.localPort]).toEqual([client.localPort, port]);
    expect(client.address()).toEqual({
      address: '127.0.0.1',
      family: 'IPv4',
      port: client.localPort,
    });
  });
  test('bytesWritten counts bytes written, bytesRead bytes received', async () => {
    const [server, port] = await serve((socket) => socket.pipe(socket));
    void server;
    const client = dial(port);
    client.end('12345');
    client.resume();
    await once(client, 'close');
    expect([client.bytesWritten, client.bytesRead]).toEqual([5, 5]);
  });
  test('a write before the connection is made is queued', async () => {
    const got = new Promise<string>((resolve) => {
      void serve((socket) => socket.setEncoding('utf8').on('data', resolve)).then(([, port]) =>
        dial(port).write('early'),
      );
    });
    expect(await got).toBe('early');
  });
  test('write returns false above the high water mark, and drain follows', async () => {
    const [, port] = await serve();
    const client = dial(port);
    await once(client, 'connect');
    expect(client.write(Buffer.alloc(8 << 20))).toBe(false);
    await once(client, 'drain');
  });
  test('cork and uncork join writes', async () => {
    const pieces: number[] = [];
    const [server, port] = await serve();
    const connection = once(server, 'connection');
    const client = dial(port);
    await once(client, 'connect');
    client.cork();
    client.write('a');
    client.write('b');
    client.uncork();
    client.end();
    const [socket] = (await connection) as [nodeNet.Socket];
    socket.on('data', (data: Buffer) => pieces.push(data.length));
    await once(socket, 'end');
    expect(pieces).toEqual([2]);
  });
  test('with setEncoding data arrives as strings', async () => {
    const [, port] = await serve((socket) => socket.end('täxt'));
    const client = dial(port);
    client.setEncoding('utf8');
    const [data] = (await once(client, 'data')) as [string];
    expect(data).toBe('täxt');
  });
  test('the timeout option sets a time-out', async () => {
    const [, port] = await serve();
    const client = dial(port, { timeout: 30 });
    expect(client.timeout).toBe(30);
    await once(client, 'timeout');
    expect(client.destroyed).toBe(false);
  });
  test('destroy emits close without an error, with one it emits both', async () => {
    const [, port] = await serve();
    const quiet = dial(port);
    await once(quiet, 'connect');
    quiet.destroy();
    expect(await once(quiet, 'close')).toEqual([false]);
    const loud = dial(port);
    const problem = new Error('mine');
    const error = once(loud, 'error');
    loud.destroy(problem);
    expect(await error).toEqual([problem]);
  });
  test('end with data sends it and finishes', async () => {
    const got = new Promise<string>((resolve) => {
      void serve((socket) => {
        let text = '';
        socket.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        socket.on('end', () => resolve(text));
      }).then(([, port]) => dial(port).end('the last'));
    });
    expect(await got).toBe('the last');
  });
  test('an abort signal destroys the socket with an AbortError', async () => {
    const [, port] = await serve();
    const controller = new AbortController();
    const client = dial(port, { signal: controller.signal });
    await once(client, 'connect');
    controller.abort();
    const [error] = (await once(client, 'error')) as [Error];
    expect(error.name).toBe('AbortError');
  });
  test('setNoDelay, setKeepAlive, ref and unref return the socket', async () => {
    const [, port] = await serve();
    const client = dial(port);
    await once(client, 'connect');
    expect(client.setNoDelay(true).setKeepAlive(true, 1000).unref().ref()).toBe(client);
  });
  test('resetAndDestroy sends a reset', async () => {
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => {
      void serve((socket) => socket.resume().on('error', resolve)).then(async ([, port]) => {
        const client = dial(port);
        await once(client, 'connect');
        client.resetAndDestroy();
      });
    });
    expect((await failed).code).toBe('ECONNRESET');
  });
  test('for await reads to the end', async () => {
    const [, port] = await serve((socket) => socket.end(Buffer.alloc(100_000)));
    let bytes = 0;
    for await (const piece of dial(port) as AsyncIterable<Buffer>) bytes += piece.length;
    expect(bytes).toBe(100_000);
  });
  test('await using closes a server', async () => {
    const [server] = await serve();
    await server[Symbol.asyncDispose]();
    expect(server.listening).toBe(false);
  });
  test('isIP, BlockList and SocketAddress are exported', () => {
    expect([net.isIP('::1'), net.isIPv4('1.2.3.4'), net.isIPv6('x')]).toEqual([6, true, false]);
    const list = new net.BlockList();
    list.addAddress('1.2.3.4');
    expect(list.check('1.2.3.4')).toBe(true);
    expect(new net.SocketAddress({ port: 80 }).port).toBe(80);
  });
});
