/** `connect` of WinterTC's Sockets API: the statements of the draft, on each backend. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import net, { type AddressInfo, type Server } from 'node:net';
import tls from 'node:tls';
import type { Socket as NativeSocket } from '@sock/native';
import { binding, connect as nativeConnect, Socket, SocketError } from '@sock/std/sockets';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from './certificate.js';
import { wasiSocket } from './paths.js';

let credentials: ReturnType<typeof makeCertificate>;
beforeAll(() => {
  credentials = makeCertificate();
});

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const it of open.splice(0)) it.close();
});

async function serve(
  onConnection: (socket: net.Socket) => void,
  options: net.ServerOpts = {},
): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer(options, (socket) => {
    sockets.add(socket.on('error', () => undefined));
    onConnection(socket);
  });
  return listening(server, sockets);
}

async function listening(server: Server, sockets: Set<net.Socket>): Promise<number> {
  open.push({
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function serveTls(
  onConnection: (socket: tls.TLSSocket) => void,
  options: tls.TlsOptions = {},
): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = tls.createServer({ ...credentials, ...options }, (socket) => {
    sockets.add(socket.on('error', () => undefined));
    onConnection(socket);
  });
  return listening(
    server.on('tlsClientError', () => undefined),
    sockets,
  );
}

const text = (bytes: unknown): string => new TextDecoder().decode(bytes as Uint8Array);

async function readAll(socket: Socket): Promise<string> {
  let all = '';
  for await (const chunk of socket.readable as unknown as AsyncIterable<Uint8Array>)
    all += text(chunk);
  return all;
}

const failure = (promise: Promise<unknown>): Promise<Error & { code?: string }> =>
  promise.then(
    () => new Error('it was fulfilled'),
    (error: Error) => error,
  );

const backends = [
  ['@sock/native', () => nativeConnect],
  ['@sock/wasi', () => binding(wasiSocket as unknown as typeof NativeSocket).connect],
] as const;

describe.each(backends)('over %s', (_, find) => {
  const connect = find();

  test('returns at once; opened tells where, and bytes go both ways', async () => {
    const port = await serve((socket) => socket.pipe(socket));
    const socket = connect({ hostname: 'localhost', port });
    expect(socket).toBeInstanceOf(Socket);
    expect([socket.upgraded, socket.secureTransport]).toEqual([false, 'off']);
    const writer = socket.writable.getWriter();
    const writes = [
      'Hello, ',
      new TextEncoder().encode('World'),
      new DataView(new TextEncoder().encode('!').buffer),
    ];
    // Before it is open.
    for (const chunk of writes) void writer.write(chunk);
    const { remoteAddress, localAddress, alpn } = await socket.opened;
    expect(remoteAddress).toBe(`127.0.0.1:${port}`);
    expect(localAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(alpn).toBe(null);
    await writer.close();
    expect(await readAll(socket)).toBe('Hello, World!');
    expect(await socket.closed).toBe(undefined);
  });

  test('an address as text', async () => {
    const port = await serve((socket) => socket.end('hello'));
    const socket = connect(`127.0.0.1:${port}`);
    expect(await readAll(socket)).toBe('hello');
  });

  test('the parts of a URL, and null for options: as Web IDL converts them', async () => {
    const port = await serve((socket) => socket.end('hello'));
    const { hostname, port: text } = new URL(`http://127.0.0.1:${port}/`);
    const address = { hostname, port: text as unknown as number };
    expect(await readAll(connect(address, null as unknown as undefined))).toBe('hello');
  });

  test('reads into the buffers of the reader', async () => {
    const port = await serve((socket) => socket.end('abcdef'));
    const reader = connect(`127.0.0.1:${port}`).readable.getReader({ mode: 'byob' });
    const first = await reader.read(new Uint8Array(4));
    const second = await reader.read(new Uint8Array(4));
    expect([text(first.value), text(second.value)]).toEqual(['abcd', 'ef']);
    const end = await reader.read(new Uint8Array(4));
    expect([end.done, end.value?.length]).toEqual([true, 0]);
  });

  test('a connection that fails: opened, closed and both streams reject with a SocketError', async () => {
    const port = await serve(() => undefined);
    for (const it of open.splice(0)) it.close();
    await new Promise(setImmediate);
    const socket = connect(`127.0.0.1:${port}`);
    const writer = socket.writable.getWriter();
    const errors = await Promise.all([
      failure(socket.opened),
      failure(socket.closed),
      failure(socket.readable.getReader().read()),
      failure(writer.write('x')),
      failure(writer.closed),
    ]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(SocketError);
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toMatch(/^SocketError: connect ECONNREFUSED/);
      expect(error.code).toBe('ECONNREFUSED');
    }
  });

  test('close: what was written is sent, both streams end, and closed is returned', async () => {
    let received = '';
    const ended = new Promise<void>((resolve) => {
      void serve((socket) => {
        socket.on('data', (data) => {
          received += String(data);
        });
        socket.on('end', resolve);
      }).then((port) => ports.push(port));
    });
    const ports: number[] = [];
    while (ports.length === 0) await new Promise(setImmediate);
    const socket = connect(`127.0.0.1:${ports[0]}`);
    await socket.opened;
    const writer = socket.writable.getWriter();
    for (let count = 0; count < 5; count++) void writer.write(`${count}`).catch(() => undefined);
    const reader = socket.readable.getReader();
    const read = reader.read();
    expect(socket.close()).toBe(socket.closed);
    expect(await read).toEqual({ done: true, value: undefined });
    await socket.closed;
    await expect(writer.closed).rejects.toBeInstanceOf(SocketError);
    await ended;
    expect(received).toBe('01234');
    expect(await socket.close()).toBe(undefined);
  });

  test('close with a reason, before it is open and after', async () => {
    const port = await serve(() => undefined);
    const reason = new Error('enough');
    const pending = connect(`127.0.0.1:${port}`);
    await pending.close(reason);
    expect(await failure(pending.opened)).toBe(reason);
    const socket = connect(`127.0.0.1:${port}`);
    await socket.opened;
    const [read, writer] = [socket.readable.getReader().read(), socket.writable.getWriter()];
    await socket.close(reason);
    expect(await failure(read)).toBe(reason);
    expect(await failure(writer.closed)).toBe(reason);
  });

  test('close with a reason does not wait for a peer that reads nothing', async () => {
    const port = await serve((socket) => socket.pause());
    const socket = connect(`127.0.0.1:${port}`);
    await socket.opened;
    const writer = socket.writable.getWriter();
    const write = writer.write(new Uint8Array(50_000_000));
    void socket.close();
    const first = await Promise.race([
      socket.closed,
      new Promise((done) => setTimeout(done, 50, 'waits')),
    ]);
    expect(first).toBe('waits');
    const reason = new Error('enough');
    await socket.close(reason);
    expect(await failure(write)).toBeInstanceOf(Error);
  });

  test('without allowHalfOpen the end of the peer closes the writable and the socket', async () => {
    const port = await serve((socket) => socket.end('bye'), { allowHalfOpen: true });
    const socket = connect(`127.0.0.1:${port}`);
    expect(await readAll(socket)).toBe('bye');
    await socket.closed;
    await expect(socket.writable.getWriter().closed).resolves.toBe(undefined);
  });

  test('with allowHalfOpen the writable stays open after the end of the peer', async () => {
    let received = '';
    const port = await serve(
      (socket) => {
        socket.end('bye');
        socket.on('data', (data) => {
          received += String(data);
        });
      },
      { allowHalfOpen: true },
    );
    const socket = connect(`127.0.0.1:${port}`, { allowHalfOpen: true });
    expect(await readAll(socket)).toBe('bye');
    const writer = socket.writable.getWriter();
    await writer.write('still here');
    await writer.close();
    await socket.closed;
    while (received !== 'still here') await new Promise(setImmediate);
  });

  test('cancelling the readable and closing the writable does not settle closed', async () => {
    const port = await serve((socket) => socket.resume(), { allowHalfOpen: true });
    const socket = connect(`127.0.0.1:${port}`, { allowHalfOpen: true });
    await socket.opened;
    await socket.readable.cancel();
    await socket.writable.close();
    const first = await Promise.race([
      socket.closed,
      new Promise((done) => setTimeout(done, 30, 'open')),
    ]);
    expect(first).toBe('open');
    await socket.close();
  });

  test('a chunk of a wrong type is the error of its write', async () => {
    const port = await serve((socket) => socket.resume());
    const socket = connect(`127.0.0.1:${port}`);
    const writer = socket.writable.getWriter();
    await expect(writer.write(5)).rejects.toThrow(TypeError);
    void writer.write('more').catch(() => undefined);
    await socket.close();
  });

  test('a reset is the error of the read and of closed', async () => {
    const port = await serve((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const socket = connect(`127.0.0.1:${port}`);
    const writer = socket.writable.getWriter();
    await writer.write('x');
    const error = await failure(socket.readable.getReader().read());
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(error).toBeInstanceOf(SocketError);
    expect(await failure(socket.closed)).toBe(error);
  });

  test('ten megabytes there and back', async () => {
    const port = await serve((socket) => socket.pipe(socket), { allowHalfOpen: true });
    const socket = connect(`127.0.0.1:${port}`, { allowHalfOpen: true });
    const size = 10_000_000;
    const source = new ReadableStream({
      start(controller) {
        const chunk = new Uint8Array(100_000).map((_value, index) => index);
        for (let sent = 0; sent < size; sent += chunk.length) controller.enqueue(chunk);
        controller.close();
      },
    });
    const sending = source.pipeTo(socket.writable);
    let received = 0;
    let wrong = 0;
    for await (const chunk of socket.readable as unknown as AsyncIterable<Uint8Array>) {
      for (let index = 0; index < chunk.length; index += 997) {
        if (chunk[index] !== ((received + index) % 100_000) % 256) wrong += 1;
      }
      received += chunk.length;
    }
    await sending;
    await socket.closed;
    expect([received, wrong]).toEqual([size, 0]);
  });

  test('secureTransport on: opened after the handshake, with the protocol that was negotiated', async () => {
    const port = await serveTls((socket) => socket.pipe(socket), { ALPNProtocols: ['b', 'c'] });
    const options = { tls: { ca: credentials.cert }, alpn: ['a', 'b'] };
    const socket = connect({ hostname: 'localhost', port }, { secureTransport: 'on', ...options });
    expect(socket.secureTransport).toBe('on');
    const writer = socket.writable.getWriter();
    await writer.write('secret');
    expect((await socket.opened).alpn).toBe('b');
    await writer.close();
    expect(await readAll(socket)).toBe('secret');
    await socket.closed;
  });

  test('secureTransport on: a certificate that is not trusted, or of another host', async () => {
    const port = await serveTls((socket) => socket.resume());
    const untrusted = connect(`localhost:${port}`, { secureTransport: 'on' });
    expect(await failure(untrusted.opened)).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const sni = 'other.example';
    const other = connect(`localhost:${port}`, {
      secureTransport: 'on',
      sni,
      tls: { ca: credentials.cert },
    });
    expect(await failure(other.closed)).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(await failure(other.opened)).toBeInstanceOf(SocketError);
  });

  test('secureTransport on: a server that never answers the handshake, and a time-out', async () => {
    const port = await serve(() => undefined);
    const socket = connect(`127.0.0.1:${port}`, { secureTransport: 'on', timeout: 100 });
    expect((await failure(socket.opened)).cause).toMatchObject({ name: 'TimeoutError' });
    const closing = connect(`127.0.0.1:${port}`, { secureTransport: 'on' });
    setTimeout(() => closing.close(), 50);
    expect(await failure(closing.opened)).toBeInstanceOf(SocketError);
    await closing.closed;
  });

  test('startTls: plain text first, then TLS on the same connection', async () => {
    const port = await serve((socket) => {
      socket.once('data', (data) => {
        socket.write(`you said ${String(data)}`);
        socket.once('data', () => {
          socket.write('go ahead');
          const secure = new tls.TLSSocket(socket, { ...credentials, isServer: true });
          secure.on('error', () => undefined).pipe(secure);
        });
      });
    });
    const socket = connect(`localhost:${port}`, {
      secureTransport: 'starttls',
      tls: { ca: credentials.cert },
    });
    const writer = socket.writable.getWriter();
    const reader = socket.readable.getReader();
    await writer.write('hello');
    expect(text((await reader.read()).value)).toBe('you said hello');
    await writer.write('STARTTLS');
    expect(text((await reader.read()).value)).toBe('go ahead');
    const pending = reader.read();
    const secure = socket.startTls();
    expect([socket.upgraded, secure.upgraded, secure.secureTransport]).toEqual([true, false, 'on']);
    await secure.opened;
    await socket.closed;
    // The reader and the writer of the first work no longer.
    expect(await pending).toEqual({ done: true, value: undefined });
    await expect(writer.write('x')).rejects.toBeInstanceOf(SocketError);
    const secureWriter = secure.writable.getWriter();
    await secureWriter.write('secret');
    await secureWriter.close();
    expect(await readAll(secure)).toBe('secret');
    await secure.closed;
    expect(() => socket.startTls()).toThrow(SocketError);
    expect(() => secure.startTls()).toThrow(SocketError);
  });

  test('startTls on a socket that is not for it', async () => {
    const port = await serve(() => undefined);
    const socket = connect(`127.0.0.1:${port}`);
    expect(() => socket.startTls()).toThrow('secureTransport must be set to "starttls"');
    await socket.close();
    const closed = connect(`127.0.0.1:${port}`, { secureTransport: 'starttls' });
    await closed.close();
    expect(() => closed.startTls()).toThrow('SocketError: the socket is closed');
  });

  test('startTls of a connection that fails, and of one that is closed meanwhile', async () => {
    const port = await serve(() => undefined);
    const closing = connect(`127.0.0.1:${port}`, { secureTransport: 'starttls' });
    const secure = closing.startTls();
    await secure.close();
    await closing.closed.catch(() => undefined);
    expect(await failure(secure.opened)).toBeInstanceOf(SocketError);
    for (const it of open.splice(0)) it.close();
    await new Promise(setImmediate);
    const socket = connect(`127.0.0.1:${port}`, { secureTransport: 'starttls' });
    expect(await failure(socket.startTls().opened)).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('arguments that are wrong throw a SocketError', () => {
  test.each<[string, unknown, unknown]>([
    ['no port', 'localhost', {}],
    ['an address without brackets', '::1:80', {}],
    ['no host', ':80', {}],
    ['a port out of range', 'localhost:65536', {}],
    ['a port that is no number', { hostname: 'localhost', port: 'http' }, {}],
    ['a port as text that is out of range', { hostname: 'localhost', port: '65536' }, {}],
    ['a port with a fraction', { hostname: 'localhost', port: 80.5 }, {}],
    ['no port in an object', { hostname: 'localhost' }, {}],
    ['an empty text', '', {}],
    ['a URL', 'tcp://localhost:80', {}],
    ['empty brackets', '[]:80', {}],
    ['empty brackets as hostname', { hostname: '[]', port: 80 }, {}],
    ['no hostname', { port: 80 }, {}],
    ['no address', undefined, {}],
    ['an unknown secureTransport', 'localhost:80', { secureTransport: 'maybe' }],
    ['alpn without TLS', 'localhost:80', { alpn: ['h2'] }],
    ['sni without TLS', 'localhost:80', { sni: 'x' }],
    ['alpn that is no list', 'localhost:80', { secureTransport: 'on', alpn: 'h2' }],
    ['options that are no object', 'localhost:80', 5],
  ])('%s', (_, address, options) => {
    expect(() => nativeConnect(address as string, options as object)).toThrow(SocketError);
  });

  test('the class cannot be constructed', () => {
    const Class = Socket as unknown as new (token: unknown) => Socket;
    expect(() => new Class(undefined)).toThrow('Illegal constructor');
  });
});

test('a signal ends the attempt', async () => {
  const controller = new AbortController();
  const lookup = () => undefined;
  const socket = nativeConnect('any:80', { lookup, signal: controller.signal });
  controller.abort(new Error('enough'));
  expect((await failure(socket.opened)).message).toBe('SocketError: enough');
});

test.runIf(process.platform === 'linux')('no descriptor is left', async () => {
  const port = await serve((socket) => socket.end('x').resume());
  const count = (): number => readdirSync('/proc/self/fd').length;
  const round = async (turns: number): Promise<void> => {
    const socket = nativeConnect(`127.0.0.1:${port}`, { secureTransport: 'starttls' });
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    const last = turns % 2 === 0 || socket.upgraded ? socket : socket.startTls();
    await last.close();
    await socket.close();
  };
  await round(3);
  const before = count();
  for (let turns = 0; turns < 60; turns++) await round(turns % 12).catch(() => undefined);
  for (let turn = 0; turn < 200 && count() > before; turn++)
    await new Promise((done) => setTimeout(done, 5));
  expect(count()).toBeLessThanOrEqual(before);
});
