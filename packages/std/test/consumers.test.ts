/** Other libraries on converted Sockets: TLS, HTTP/2, WebSockets, undici, curl, on every path. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import tls from 'node:tls';
import { sockConnector, SockHttpsAgent, sockRef } from '@sock/std';
import { Agent, fetch as undiciFetch } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { makeCertificate } from './certificate.js';
import { adoptedPaths, nodePath } from './paths.js';

const run = promisify(execFile);
let folder: string;
let credentials: ReturnType<typeof makeCertificate>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sock-tls-'));
  credentials = makeCertificate();
  writeFileSync(join(folder, 'cert.pem'), credentials.cert);
  writeFileSync(join(folder, 'payload'), 'x'.repeat(1 << 20));
});
afterAll(() => rmSync(folder, { recursive: true }));

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const it of open.splice(0)) it.close();
});

describe.each([nodePath, ...adoptedPaths])('through $name', (path) => {
  test('a TLS server, and a TLS client over a converted Socket', async () => {
    const server = tls.createServer(credentials, (socket) => socket.pipe(socket));
    const { port } = await path.listen(undefined, { server });
    open.push(server);
    const client = tls.connect({
      socket: path.dial(port),
      ca: credentials.cert,
      servername: 'localhost',
    });
    await once(client, 'secureConnect');
    expect(client.authorized).toBe(true);
    client.end('secret');
    let echoed = '';
    for await (const piece of client.setEncoding('utf8') as AsyncIterable<string>) echoed += piece;
    expect(echoed).toBe('secret');
  });

  test('an HTTPS server answers curl, which sends it a megabyte', async () => {
    const server = https.createServer(credentials, (request, response) => {
      let size = 0;
      request.on('data', (data: Buffer) => {
        size += data.length;
      });
      request.on('end', () => response.end(`${size} bytes`));
    });
    const { port } = await path.listen(undefined, { server });
    open.push({ close: () => (server.closeAllConnections(), server.close()) });
    const trust = ['--cacert', join(folder, 'cert.pem')];
    const body = ['--data-binary', `@${join(folder, 'payload')}`, '-H', 'Expect:'];
    const url = `https://127.0.0.1:${port}/`;
    const { stdout } = await run('curl', ['-sS', '--max-time', '20', ...trust, ...body, url]);
    expect(stdout).toBe(`${1 << 20} bytes`);
  });

  test('an HTTP/2 server and session, many streams at a time', async () => {
    const server = http2.createServer((request, response) => response.end(request.url));
    const { port } = await path.listen(undefined, { server: server as unknown as net.Server });
    const session = http2.connect(`http://127.0.0.1:${port}`, {
      createConnection: () => path.dial(port),
    });
    const ask = async (name: string): Promise<string> => {
      let text = '';
      const stream = session.request({ ':path': name }).setEncoding('utf8');
      for await (const piece of stream as AsyncIterable<string>) text += piece;
      return text;
    };
    const names = Array.from({ length: 20 }, (_, index) => `/${index}`);
    expect(await Promise.all(names.map(ask))).toEqual(names);
    session.close();
    await once(session, 'close');
    server.close();
  });

  test('WebSockets', async () => {
    const web = http.createServer();
    const { port } = await path.listen(undefined, { server: web });
    const server = new WebSocketServer({ server: web });
    open.push({ close: () => (web.closeAllConnections(), web.close()) });
    server.on('connection', (socket) =>
      socket.on('message', (data) => socket.send(`echo ${String(data)}`)),
    );
    const client = new WebSocket(`ws://127.0.0.1:${port}`, {
      createConnection: () => path.dial(port),
    });
    await once(client, 'open');
    client.send('hi');
    const [echo] = (await once(client, 'message')) as [Buffer];
    expect(echo.toString()).toBe('echo hi');
    client.close();
    await once(client, 'close');
    server.close();
  });

  test('undici, and an http.Agent that connects with converted Sockets', async () => {
    const server = http.createServer((request, response) =>
      response.end(`${request.url} for ${request.headers['user-agent']}`),
    );
    const { port } = await path.listen(undefined, { server });
    open.push({ close: () => (server.closeAllConnections(), server.close()) });
    const dispatcher = new Agent({
      connect: (_, callback) => {
        const socket = path.dial(port);
        if (socket.connecting) socket.once('connect', () => callback(null, socket));
        else process.nextTick(callback, null, socket);
      },
    });
    const url = `http://127.0.0.1:${port}/a`;
    const headers = { 'user-agent': 'undici' };
    expect(await (await undiciFetch(url, { dispatcher, headers })).text()).toBe('/a for undici');
    await dispatcher.close();
    const answer = await new Promise<string>((resolve, reject) => {
      const options = {
        createConnection: () => path.dial(port),
        headers: { 'user-agent': 'http' },
      };
      http
        .get(url, options, (response) => response.setEncoding('utf8').on('data', resolve))
        .on('error', reject);
    });
    expect(answer).toBe('/a for http');
  });

  test('a request that is not HTTP is answered with 400', async () => {
    const server = http.createServer();
    const { port } = await path.listen(undefined, { server });
    open.push({ close: () => (server.closeAllConnections(), server.close()) });
    const client = path.dial(port).setEncoding('utf8');
    client.write('no request\r\n\r\n');
    const [answer] = (await once(client, 'data')) as [string];
    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request/);
    client.destroy();
  });
});

test("HTTPS by an agent and by undici's connector, with options on the connections", async () => {
  const server = https.createServer(credentials, (_, response) => response.end('answered'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({ close: () => (server.closeAllConnections(), server.close()) });
  const url = `https://127.0.0.1:${(server.address() as net.AddressInfo).port}/`;
  const agent = new SockHttpsAgent({ ca: credentials.cert, sock: { tcpUserTimeout: 1234 } });
  const [answer, timeout] = await new Promise<[string, number | null]>((resolve, reject) => {
    https
      .get(url, { agent }, (response) => {
        const seen = sockRef(response.socket).tcpUserTimeout();
        response.setEncoding('utf8').on('data', (text: string) => resolve([text, seen]));
      })
      .on('error', reject);
  });
  expect([answer, timeout]).toEqual(['answered', 1234]);
  agent.destroy();
  const connector = sockConnector({ tcpUserTimeout: 2345 }, { ca: credentials.cert });
  const dispatcher = new Agent({ connect: connector as never });
  expect(await (await undiciFetch(url, { dispatcher })).text()).toBe('answered');
  await dispatcher.close();
  const untrusting = new Agent({ connect: sockConnector({ tcpUserTimeout: 1 }) as never });
  await expect(undiciFetch(url, { dispatcher: untrusting })).rejects.toThrow('fetch failed');
  await untrusting.close();
});
