/** `sock: {...}` in the calls that create sockets, observed on those sockets. */
import { execFileSync } from 'node:child_process';
import nodeDgram from 'node:dgram';
import { getEventListeners, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import nodeNet from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { Domain, Socket, Timestamping, Type } from '@sock/native';
import {
  intoNetServer,
  listenFds,
  notify,
  resolve,
  SockAddr,
  SockAgent,
  sockConnector,
  sockRef,
} from '@sock/std';
import dgram, { createSocket } from '@sock/std/dgram';
import net, { connect, createServer } from '@sock/std/net';
import { Agent, fetch as undiciFetch } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const it of open.splice(0)) it.close();
});
const portOf = (server: nodeNet.Server): number => (server.address() as nodeNet.AddressInfo).port;

test("the modules have all exports of node's modules", () => {
  expect(Object.keys(net)).toEqual(expect.arrayContaining(Object.keys(nodeNet)));
  expect(Object.keys(dgram)).toEqual(expect.arrayContaining(Object.keys(nodeDgram)));
});

test('createServer: options before bind, and a second server on the same port', async () => {
  const first = createServer({ sock: { reusePort: true } }).listen(0, '127.0.0.1');
  open.push(first);
  await once(first, 'listening');
  expect(sockRef(first).reusePort()).toBe(true);
  const second = createServer().listen({
    port: portOf(first),
    host: '127.0.0.1',
    sock: { reusePort: true },
  } as never);
  open.push(second);
  await once(second, 'listening');
  expect(portOf(second)).toBe(portOf(first));
  const third = createServer().listen(portOf(first), '127.0.0.1');
  const [error] = (await once(third, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('EADDRINUSE');
});

test('connect: options before the connection, by address, by name and by each family tried', async () => {
  const server = createServer((socket) => socket.end('served')).listen(0);
  open.push(server);
  await once(server, 'listening');
  for (const host of ['127.0.0.1', '::1', 'localhost']) {
    const socket = connect({
      host,
      port: portOf(server),
      sock: { tcpUserTimeout: 4321, tosV4: 0x10 },
    });
    await once(socket, 'connect');
    expect(sockRef(socket).tcpUserTimeout()).toBe(4321);
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toBe('served');
    socket.destroy();
  }
});

test('connect: localAddress, timeout and signal work as in node', async () => {
  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  const socket = connect({
    host: '127.0.0.1',
    port: portOf(server),
    localAddress: '127.0.0.7',
    timeout: 30,
    sock: { nodelay: true },
  });
  await once(socket, 'connect');
  expect(socket.localAddress).toBe('127.0.0.7');
  await once(socket, 'timeout');
  socket.destroy();
  const controller = new AbortController();
  const aborted = connect({
    host: '127.0.0.1',
    port: portOf(server),
    signal: controller.signal,
    sock: { nodelay: true },
  } as never);
  controller.abort();
  const [error] = (await once(aborted, 'error')) as [Error];
  expect(error.name).toBe('AbortError');
});

test('connect: a refused connection and a failing option are errors of the socket', async () => {
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const port = portOf(gone);
  gone.close();
  await once(gone, 'close');
  const socket = connect({ host: '127.0.0.1', port, sock: { nodelay: true } });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException & { port: number }];
  expect([error.code, error.syscall, error.port]).toEqual(['ECONNREFUSED', 'connect', port]);
  const failing = connect({ host: '127.0.0.1', port, sock: { tcpCongestion: 'no-such-thing' } });
  const [refused] = (await once(failing, 'error')) as [NodeJS.ErrnoException];
  expect(refused.code).toBe('ENOENT');
});

test('unknown and unsupported names are refused before anything is opened', () => {
  expect(() => connect({ port: 1, sock: { nonsense: 1 } as never })).toThrow(
    /options.sock.nonsense/,
  );
  expect(() => createServer({ sock: { isListener: true } as never })).toThrow(TypeError);
  expect(() => createSocket({ type: 'udp4', sock: 'x' as never })).toThrow(TypeError);
});

test('dgram: options before bind', async () => {
  const first = createSocket({ type: 'udp4', sock: { reusePort: true, ttl: 9 } });
  const second = createSocket({ type: 'udp4', sock: { reusePort: true } });
  open.push(first, second);
  first.bind(0, '127.0.0.1');
  await once(first, 'listening');
  expect(sockRef(first).ttl()).toBe(9);
  second.bind(first.address().port, '127.0.0.1');
  await once(second, 'listening');
  second.close();
  open.pop();
  const plain = createSocket('udp4');
  open.push(plain);
  plain.send('hello', first.address().port, '127.0.0.1');
  const [message] = (await once(first, 'message')) as [Buffer];
  expect(message.toString()).toBe('hello');
});

test('an http agent and an undici connector have the options on their connections', async () => {
  const seen: number[] = [];
  const server = http.createServer((_, response) => response.end('answered'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({ close: () => server.close() });
  const agent = new SockAgent({ keepAlive: true, sock: { tcpUserTimeout: 1234 } });
  const answer = await new Promise<string>((done, fail) => {
    http
      .get({ port: portOf(server), host: '127.0.0.1', agent }, (response) => {
        seen.push(sockRef(response.socket).tcpUserTimeout() ?? 0);
        response.setEncoding('utf8').on('data', done);
      })
      .on('error', fail);
  });
  expect([answer, seen]).toEqual(['answered', [1234]]);
  agent.destroy();
  const dispatcher = new Agent({ connect: sockConnector({ tcpUserTimeout: 2345 }) });
  const response = await undiciFetch(`http://127.0.0.1:${portOf(server)}`, { dispatcher });
  expect(await response.text()).toBe('answered');
  await dispatcher.close();
  server.closeAllConnections();
});

test('tls, http2 and ws run on converted Sockets', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sock-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const make = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
  ];
  execFileSync('openssl', [...make, '-subj', '/CN=localhost', '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  const credentials = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });

  const listening = (): Socket => {
    const socket = new Socket(Domain.IPV4, Type.STREAM);
    socket.bind(SockAddr.ipv4('127.0.0.1', 0));
    socket.listen(8);
    return socket;
  };
  const secure = tls.createServer(credentials, (socket) => socket.end('secret'));
  intoNetServer(listening(), { server: secure });
  open.push(secure);
  await once(secure, 'listening');
  const client = tls.connect({
    socket: connect({ host: '127.0.0.1', port: portOf(secure), sock: { nodelay: true } }),
    rejectUnauthorized: false,
  });
  const [secret] = (await once(client, 'data')) as [Buffer];
  expect(secret.toString()).toBe('secret');
  expect(sockRef(client).nodelay()).toBe(true);
  client.destroy();

  const h2 = http2.createServer((_, response) => response.end('two'));
  intoNetServer(listening(), { server: h2 });
  await once(h2, 'listening');
  const session = http2.connect(`http://127.0.0.1:${portOf(h2)}`);
  const stream = session.request({ ':path': '/' });
  const [two] = (await once(stream, 'data')) as [Buffer];
  expect(two.toString()).toBe('two');
  session.destroy();
  h2.close();

  const web = http.createServer();
  intoNetServer(listening(), { server: web });
  await once(web, 'listening');
  const sockets = new WebSocketServer({ server: web });
  sockets.on('connection', (socket) =>
    socket.on('message', (data) => socket.send(`echo ${String(data)}`)),
  );
  const ws = new WebSocket(`ws://127.0.0.1:${portOf(web)}`);
  await once(ws, 'open');
  ws.send('hi');
  const [echo] = (await once(ws, 'message')) as [Buffer];
  expect(echo.toString()).toBe('echo hi');
  ws.terminate();
  sockets.close();
  web.close();
});

test('listenFds adopts the passed descriptors once, and only if LISTEN_PID is this process', () => {
  expect(listenFds({ env: {} })).toEqual([]);
  expect(listenFds({ env: { LISTEN_FDS: '1', LISTEN_PID: '1' } })).toEqual([]);
  const script = `
    const { listenFds, intoNetServer } = await import('@sock/std');
    process.env.LISTEN_PID = String(process.pid);
    const [{ socket, name }] = listenFds();
    console.log(JSON.stringify([name, socket.isListener(), process.env.LISTEN_FDS === undefined]));
    intoNetServer(socket).close();
  `;
  const socket = new Socket(Domain.IPV4, Type.STREAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  socket.listen(1);
  open.push(socket);
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit', socket.asRawFd()],
    env: { ...process.env, LISTEN_FDS: '1', LISTEN_FDNAMES: 'web' },
  });
  expect(JSON.parse(output.toString())).toEqual(['web', true, true]);
});

test('notify sends to NOTIFY_SOCKET', () => {
  expect(notify('READY=1', { env: {} })).toBe(false);
  const manager = new Socket(Domain.UNIX, Type.DGRAM);
  open.push(manager);
  manager.bind(SockAddr.abstract(`sock-notify-${process.pid}`));
  expect(notify('READY=1', { env: { NOTIFY_SOCKET: `@sock-notify-${process.pid}` } })).toBe(true);
  const buffer = new Uint8Array(64);
  expect(new TextDecoder().decode(buffer.subarray(0, manager.recv(buffer)))).toBe('READY=1');
});

test('resolve returns addresses of the requested family', async () => {
  const addresses = await resolve('localhost', 80, { family: 4 });
  expect(addresses.map(String)).toContain('127.0.0.1:80');
  await expect(resolve('no-such-host.invalid', 80)).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/);
  await expect(resolve('localhost', 80, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  const [linkLocal] = await resolve('fe80::1%7', 80);
  expect(linkLocal?.toString()).toBe('[fe80::1%7]:80');
  await expect(resolve('fe80::1%no-such', 80)).rejects.toMatchObject({ code: 'ENODEV' });
  await expect(resolve('localhost', 65536)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  const abort = new AbortController();
  const cut = SockAddr.resolve('localhost', 80, { signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(cut).rejects.toThrow('enough');
  const { signal } = new AbortController();
  await SockAddr.resolve('127.0.0.1', 80, { signal });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('times of transmission are refused on streams, as node does not read its error queue', () => {
  const sock = { timestamping: Timestamping.TX_SOFTWARE | Timestamping.SOFTWARE };
  const refused = expect.objectContaining({ code: 'ERR_SOCK_UNSUPPORTED' }) as Error;
  expect(() => net.connect({ port: 9, sock })).toThrow(refused);
  expect(() => net.createServer({ sock })).toThrow(refused);
  expect(() => net.createServer().listen({ port: 0, sock })).toThrow(refused);
});
