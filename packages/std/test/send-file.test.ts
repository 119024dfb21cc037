/** Files as bodies of http responses, with node's and undici's clients and with bytes of our own. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { type FileToSend, sendFile, type SendFileOptions, type SentFile, sockRef } from '@sock/std';
import { Agent, request as fetchFrom } from 'undici';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { makeCertificate } from './certificate.js';
import { adoptedPaths, nodePath } from './paths.js';

const folder = mkdtempSync(join(tmpdir(), 'sock-send-file-'));
const bytes = randomBytes(3_000_017);
const path = join(folder, 'file');
writeFileSync(path, bytes);
const hasSystemCall = process.platform !== 'win32';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the handler of a server answered, or failed with. */
type Answer = SentFile | Error;

interface Served {
  readonly port: number;
  readonly answers: Answer[];
  /** The next answer. */
  next(): Promise<Answer>;
}

type Handler = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
) => Promise<SentFile> | SentFile;

async function serve(handler: Handler, server: net.Server = http.createServer()): Promise<Served> {
  const answers: Answer[] = [];
  const waiting: (() => void)[] = [];
  server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
    (async () => handler(request, response))()
      .catch((error: unknown) => error as Error)
      .then((answer) => {
        answers.push(answer);
        for (const told of waiting.splice(0)) told();
      })
      .catch(() => {});
  });
  if (!server.listening) server.listen(0, '127.0.0.1');
  if (server.address() === null) await once(server, 'listening');
  closing.push(() => {
    (server as http.Server).closeAllConnections?.();
    return new Promise((closed) => server.close(closed));
  });
  let read = 0;
  return {
    port: (server.address() as net.AddressInfo).port,
    answers,
    async next() {
      while (answers.length <= read) await new Promise<void>((told) => waiting.push(told));
      return answers[read++] as Answer;
    },
  };
}

const sending =
  (file: FileToSend = path, options: SendFileOptions = {}): Handler =>
  (_, response) =>
    sendFile(response, file, options);

interface Got {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

async function get(
  port: number,
  options: http.RequestOptions & { readonly from?: typeof http | typeof https } = {},
): Promise<Got> {
  const { from = http, ...rest } = options;
  const request = from.request({ port, host: '127.0.0.1', ...rest });
  request.end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) };
}

/** A client that reads whatever comes. */
async function raw(port: number): Promise<{ socket: net.Socket; all: Promise<Buffer> }> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  closing.push(() => socket.destroy());
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part)).on('error', () => {});
  const all = once(socket, 'close').then(() => Buffer.concat(parts));
  return { socket, all };
}

const copied = !hasSystemCall;

describe('what is sent', () => {
  test.each<[string, () => Promise<FileToSend> | FileToSend]>([
    ['a path', () => path],
    ['a URL', () => pathToFileURL(path)],
    ['a descriptor', () => openSync(path, 'r')],
    ['a FileHandle', () => open(path, 'r')],
  ])('%s', async (_, make) => {
    const file = await make();
    const before = readdirSync('/proc/self/fd').length;
    const { port, next } = await serve(sending(file));
    const agent = new http.Agent();
    const { body, headers } = await get(port, { agent });
    expect(body.equals(bytes)).toBe(true);
    expect(headers['content-length']).toBe(String(bytes.length));
    expect(headers['transfer-encoding']).toBe(undefined);
    expect(await next()).toEqual({ bytes: bytes.length, copied });
    // The caller's file is open, and its position is where it was.
    const first = Buffer.alloc(3);
    if (typeof file === 'number') {
      expect(readSync(file, first, 0, 3, null)).toBe(3);
      closeSync(file);
    } else if (typeof file === 'object' && 'fd' in file) {
      await file.read(first, 0, 3);
      await file.close();
    } else {
      agent.destroy();
      for (const close of closing.splice(0)) await close();
      expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before);
      return;
    }
    expect(first.equals(bytes.subarray(0, 3))).toBe(true);
  });

  test.each([
    [{ start: 5 }, 5, bytes.length],
    [{ end: 0 }, 0, 1],
    [{ start: 100, end: 199 }, 100, 200],
    [{ start: bytes.length - 1 }, bytes.length - 1, bytes.length],
    [{ start: bytes.length }, bytes.length, bytes.length],
    [{ start: 7, end: 1e12 }, 7, bytes.length],
    [{ start: 7, end: 6 }, 7, 7],
  ])('the part %j', async (options, from, to) => {
    const { port, next } = await serve((_, response) => {
      response.writeHead(206, { 'Content-Range': `bytes ${from}-${to - 1}/${bytes.length}` });
      return sendFile(response, path, options);
    });
    // A head without a length that was made before: the body goes in one chunk.
    const chunked = await get(port);
    expect(chunked.status).toBe(206);
    expect(chunked.headers['transfer-encoding']).toBe('chunked');
    expect(chunked.body.equals(bytes.subarray(from, to))).toBe(true);
    expect(await next()).toMatchObject({ bytes: to - from });
  });

  test('a Range request, as servers answer it', async () => {
    const { port } = await serve(({ headers }, response) => {
      const [, start, end] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? '') ?? [];
      response.statusCode = 206;
      response.setHeader('Content-Range', `bytes ${start}-${end}/${bytes.length}`);
      return sendFile(response, path, { start: Number(start), end: Number(end) });
    });
    const { status, headers, body } = await get(port, {
      headers: { Range: 'bytes=1000-2000999' },
    });
    expect(status).toBe(206);
    expect(headers['content-length']).toBe('2000000');
    expect(body.equals(bytes.subarray(1000, 2_001_000))).toBe(true);
  });

  test('an empty file', async () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    const { port, next } = await serve((request, response) => {
      if (request.url === '/chunked') response.flushHeaders();
      return sendFile(response, empty);
    });
    const { headers, body } = await get(port);
    expect([headers['content-length'], body.length]).toEqual(['0', 0]);
    expect(await next()).toEqual({ bytes: 0, copied: false });
    expect((await get(port, { path: '/chunked' })).body.length).toBe(0);
    expect(await next()).toEqual({ bytes: 0, copied: false });
  });

  test('bytes that were written before come before, much more than the socket takes', async () => {
    const before = Buffer.alloc(20_000_000, 'x');
    const { port, next } = await serve((request, response) => {
      if (request.url === '/length') {
        response.setHeader('Content-Length', before.length + bytes.length);
      }
      response.write(before);
      return sendFile(response, path);
    });
    for (const target of ['/', '/length']) {
      const { body } = await get(port, { path: target });
      expect(body.subarray(0, before.length).equals(before)).toBe(true);
      expect(body.subarray(before.length).equals(bytes)).toBe(true);
      expect(await next()).toEqual({ bytes: bytes.length, copied });
    }
  });

  test('corked by the program, and with strictContentLength', async () => {
    const { port } = await serve((_, response) => {
      response.strictContentLength = true;
      response.cork();
      response.socket?.cork();
      return sendFile(response, path);
    });
    expect((await get(port)).body.equals(bytes)).toBe(true);
  });

  test('trailers follow a file in chunks', async () => {
    const { port } = await serve((_, response) => {
      response.setHeader('Trailer', 'X-Sum');
      response.setHeader('Transfer-Encoding', 'chunked');
      response.addTrailers({ 'X-Sum': '7' });
      return sendFile(response, path);
    });
    const request = http.get({ port, host: '127.0.0.1' });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(response.trailers).toEqual({ 'x-sum': '7' });
  });

  test('HEAD, 204 and 304 send the head alone', async () => {
    const { port, next } = await serve((request, response) => {
      response.statusCode = Number(request.url?.slice(1));
      return sendFile(response, path);
    });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    closing.push(() => agent.destroy());
    const head = await get(port, { method: 'HEAD', path: '/200', agent });
    expect([head.headers['content-length'], head.body.length]).toEqual([String(bytes.length), 0]);
    for (const status of [204, 304]) {
      const got = await get(port, { path: `/${status}`, agent });
      expect([got.status, got.headers['content-length'], got.body.length]).toEqual([
        status,
        undefined,
        0,
      ]);
    }
    expect((await get(port, { path: '/200', agent })).body.equals(bytes)).toBe(true);
    for (const count of [0, 0, 0, bytes.length])
      expect(await next()).toMatchObject({ bytes: count });
  });

  test('HTTP/1.0: with a length, and up to the end of the connection', async () => {
    const { port } = await serve((request, response) => {
      if (request.url === '/none') response.flushHeaders();
      return sendFile(response, path);
    });
    for (const [target, length] of [
      ['/', String(bytes.length)],
      ['/none', undefined],
    ] as const) {
      const { socket, all } = await raw(port);
      socket.write(`GET ${target} HTTP/1.0\r\n\r\n`);
      const got = await all;
      const split = got.indexOf('\r\n\r\n');
      expect(/content-length: (\d+)/i.exec(got.toString('latin1', 0, split))?.[1]).toBe(length);
      expect(got.subarray(split + 4).equals(bytes)).toBe(true);
    }
  });
});

describe('the connection', () => {
  test('stays for the next requests: 3 in a row, then one of node alone', async () => {
    const { port } = await serve((request, response) => {
      if (request.url !== '/node') return sendFile(response, path);
      response.end(String(request.socket.remotePort));
      return { bytes: 0, copied: false };
    });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    closing.push(() => agent.destroy());
    const first = await get(port, { path: '/node', agent });
    for (let i = 0; i < 3; i++) expect((await get(port, { agent })).body.equals(bytes)).toBe(true);
    const last = await get(port, { path: '/node', agent });
    expect(last.body.toString()).toBe(first.body.toString());
  });

  test("undici's client, pipelining", async () => {
    const { port } = await serve(sending());
    const dispatcher = new Agent({ connections: 1, pipelining: 4 });
    closing.push(() => dispatcher.destroy());
    const bodies = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { body } = await fetchFrom(`http://127.0.0.1:${port}/`, { dispatcher });
        return Buffer.from(await body.arrayBuffer());
      }),
    );
    for (const body of bodies) expect(body.equals(bytes)).toBe(true);
  });

  test('requests in one packet are answered in order, also by node', async () => {
    const { port, answers } = await serve(({ url }, response) => {
      if (url === '/file') return sendFile(response, path, { end: 99_999 });
      response.end(`node ${url}\n`);
      return { bytes: 0, copied: false };
    });
    const { socket, all } = await raw(port);
    const urls = ['/a', '/file', '/b', '/file', '/file', '/c'];
    socket.write(
      urls
        .map((url, index) => {
          const close = index === urls.length - 1 ? 'Connection: close\r\n' : '';
          return `GET ${url} HTTP/1.1\r\nHost: x\r\n${close}\r\n`;
        })
        .join(''),
    );
    let got = await all;
    for (const url of urls) {
      const split = got.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(got.toString('latin1', 0, split))?.[1]);
      const body = got.subarray(split + 4, split + 4 + length);
      const wanted = url === '/file' ? bytes.subarray(0, 100_000) : Buffer.from(`node ${url}\n`);
      expect(body.equals(wanted)).toBe(true);
      got = got.subarray(split + 4 + length);
    }
    expect(got.length).toBe(0);
    await vi.waitFor(() => expect(answers.length).toBe(urls.length));
  });

  /** So small that the file does not fit into the buffers of both sides. */
  const SMALL = 65_536;

  /** A client that asks, and reads when it is told to. */
  async function slowClient(port: number): Promise<Socket> {
    const client = new Socket(Domain.IPV4, Type.STREAM);
    closing.push(() => client.close());
    client.setRecvBufferSize(SMALL);
    await client.connectAsync(SockAddr.ipv4('127.0.0.1', port));
    client.send(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    return client;
  }

  test('what the program writes to the connection meanwhile comes after the file', async () => {
    const progress = { bytes: 0 };
    const { port, next } = await serve((request, response) => {
      sockRef(request.socket).setSendBufferSize(SMALL);
      const done = sendFile(response, path, { progress });
      const timer = setInterval(() => {
        if (progress.bytes === 0) return;
        clearInterval(timer);
        request.socket.write('after');
      }, 1);
      return done;
    });
    const client = await slowClient(port);
    await vi.waitFor(() => expect(progress.bytes).toBeGreaterThan(0));
    await delay(20);
    expect(progress.bytes).toBeLessThan(bytes.length);
    const parts: Buffer[] = [];
    let got = Buffer.alloc(0);
    while (!got.subarray(-5).equals(Buffer.from('after'))) {
      const part = Buffer.alloc(SMALL);
      parts.push(part.subarray(0, await client.recvAsync(part, { timeout: 5000 })));
      got = Buffer.concat(parts);
    }
    const at = got.indexOf('\r\n\r\n') + 4;
    expect(got.subarray(at, -5).equals(bytes)).toBe(true);
    expect(await next()).toMatchObject({ bytes: bytes.length });
  });

  test('an idle time-out of the socket counts from the last bytes', async () => {
    const server = http.createServer();
    server.timeout = 200;
    const { port, next } = await serve((request, response) => {
      sockRef(request.socket).setSendBufferSize(SMALL);
      return sendFile(response, path);
    }, server);
    const client = await slowClient(port);
    const buffer = new Uint8Array(SMALL);
    const began = performance.now();
    // Never idle for as long as the time-out, and slower than it in all.
    for (let got = 0; got < bytes.length; got += await client.recvAsync(buffer)) await delay(10);
    expect(performance.now() - began).toBeGreaterThan(2 * server.timeout);
    expect(await next()).toMatchObject({ bytes: bytes.length });
  });

  test.each([nodePath, ...adoptedPaths].map((each) => [each.name, each] as const))(
    'of a server on %s',
    async (name, { listen }) => {
      const server = http.createServer();
      const { port } = await listen(undefined, { server });
      const { next } = await serve(sending(), server);
      expect((await get(port)).body.equals(bytes)).toBe(true);
      const hasDescriptor = !name.includes('Duplex');
      expect(await next()).toEqual({ bytes: bytes.length, copied: copied || !hasDescriptor });
    },
  );

  test('https and http2 copy', async () => {
    const { key, cert } = makeCertificate();
    const secure = await serve(sending(), https.createServer({ key, cert }));
    const got = await get(secure.port, { from: https, rejectUnauthorized: false } as object);
    expect(got.body.equals(bytes)).toBe(true);
    expect(await secure.next()).toEqual({ bytes: bytes.length, copied: true });

    const second = await serve(
      (request, response) => {
        if (request.url === '/part') return sendFile(response, path, { start: 1, end: 100_000 });
        return sendFile(response, path);
      },
      http2.createServer() as unknown as net.Server,
    );
    const session = http2.connect(`http://127.0.0.1:${second.port}`);
    closing.push(() => session.destroy());
    for (const [headers, wanted] of [
      [{ ':path': '/' }, bytes],
      [{ ':path': '/part' }, bytes.subarray(1, 100_001)],
      [{ ':path': '/', ':method': 'HEAD' }, Buffer.alloc(0)],
    ] as const) {
      const parts: Buffer[] = [];
      for await (const part of session.request(headers)) parts.push(part as Buffer);
      expect(Buffer.concat(parts).equals(wanted)).toBe(true);
      expect(await second.next()).toMatchObject({ bytes: wanted.length });
    }
  });

  test.each(['plain', 'copied'])('responses that share a progress object: %s', async (how) => {
    const progress = { bytes: 0 };
    const { port, next } = await serve((_, response) => {
      if (how === 'copied') {
        const { write } = response;
        response.write = (...values: never[]) => Reflect.apply(write, response, values) as boolean;
      }
      return sendFile(response, path, { progress });
    });
    const all = await Promise.all([1, 2, 3].map(() => get(port)));
    expect(all.map(({ body }) => body.equals(bytes))).toEqual([true, true, true]);
    for (let i = 0; i < 3; i++) {
      expect(await next()).toEqual({ bytes: bytes.length, copied: copied || how === 'copied' });
    }
  });

  test('a middleware that replaces write sees the bytes', async () => {
    let seen = 0;
    const { port, next } = await serve((_, response) => {
      const { write } = response;
      response.write = function (this: http.ServerResponse, chunk: Uint8Array) {
        seen += chunk.length;
        return Reflect.apply(write, this, [chunk]) as boolean;
      } as typeof write;
      return sendFile(response, path);
    });
    expect((await get(port)).body.equals(bytes)).toBe(true);
    expect(await next()).toEqual({ bytes: bytes.length, copied: true });
    expect(seen).toBe(bytes.length);
  });
});

describe.runIf(hasSystemCall)('without a copy', () => {
  test('node writes the head alone, and sendfile(2) the rest: 200 MiB with the same hash', async () => {
    const large = join(folder, 'large');
    const file = openSync(large, 'w');
    const hash = createHash('sha1');
    for (let i = 0; i < 200; i++) {
      const part = randomBytes(1_048_576);
      hash.update(part);
      writeSync(file, part);
    }
    closeSync(file);
    const wanted = hash.digest('hex');
    const calls = vi.spyOn(Socket.driver as Required<typeof Socket.driver>, 'sendFile');
    let written = Number.NaN;
    const { port, next } = await serve(async (request, response) => {
      const sent = await sendFile(response, large);
      written = request.socket.bytesWritten;
      return sent;
    });
    const request = http.get({ port, host: '127.0.0.1' });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const got = createHash('sha1');
    for await (const part of response) got.update(part as Buffer);
    expect(got.digest('hex')).toBe(wanted);
    expect(await next()).toEqual({ bytes: 200 * 1_048_576, copied: false });
    expect(written).toBeLessThan(300);
    const sum = calls.mock.results.reduce(
      (total, { value }) => total + Math.max(0, value as number),
      0,
    );
    expect(sum).toBe(200 * 1_048_576);
    calls.mockRestore();
    rmSync(large);
  });

  test('where the system refuses sendfile(2) for the file, the bytes are copied', async () => {
    const { EINVAL = 0 } = Socket.driver.errors;
    const calls = vi.spyOn(Socket.driver as Required<typeof Socket.driver>, 'sendFile');
    calls.mockImplementation(() => -EINVAL);
    const { port, next } = await serve((request, response) => {
      if (request.url === '/chunked') response.flushHeaders();
      return sendFile(response, path);
    });
    try {
      for (const target of ['/', '/chunked']) {
        expect((await get(port, { path: target })).body.equals(bytes)).toBe(true);
        expect(await next()).toEqual({ bytes: bytes.length, copied: true });
      }
    } finally {
      calls.mockRestore();
    }
  });

  test.runIf(hasStrace())('strace sees no byte of the file in read, write or send', () => {
    const log = join(folder, 'strace');
    const fixture = join(import.meta.dirname, 'fixtures', 'send-file.mjs');
    execFileSync(
      'strace',
      [
        '-f',
        '-qq',
        '-e',
        'trace=read,pread64,readv,preadv,write,writev,sendto,sendmsg,sendfile',
        '-o',
        log,
        process.execPath,
        fixture,
        path,
      ],
      { env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } },
    );
    const sums = new Map<string, number>();
    const tid = readFileSync(log, 'utf8');
    let counts = false;
    for (const line of tid.split('\n')) {
      // Between the two marks the child does nothing but serve.
      if (line.includes('write(1, "begin')) counts = true;
      if (line.includes('write(1, "end')) counts = false;
      const [, call = '', result = '0'] = /^\d+ +(\w+)\(.* = (\d+)$/.exec(line) ?? [];
      if (counts && call !== '') sums.set(call, (sums.get(call) ?? 0) + Number(result));
    }
    expect(sums.get('sendfile')).toBe(bytes.length);
    sums.delete('sendfile');
    const others = [...sums.values()].reduce((total, value) => total + value, 0);
    expect(others).toBeLessThan(bytes.length / 100);
  });
});

function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('failures', () => {
  test('before anything is sent leave the response to the program', async () => {
    const controller = new AbortController();
    const reason = new Error('no');
    controller.abort(reason);
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const fd = openSync(fifo, 'r+');
    closing.push(() => closeSync(fd));
    const closed = await open(path, 'r');
    await closed.close();
    const cases: [unknown, object, object | Error][] = [
      [join(folder, 'none'), {}, { code: 'ENOENT' }],
      [folder, {}, { code: 'ERR_INVALID_ARG_VALUE' }],
      [fd, {}, { code: 'ERR_INVALID_ARG_VALUE' }],
      [987_654, {}, { code: 'EBADF' }],
      [closed, {}, { code: 'EBADF' }],
      [null, {}, { code: 'ERR_INVALID_ARG_TYPE' }],
      [{}, {}, { code: 'ERR_INVALID_ARG_TYPE' }],
      [-1, {}, { code: 'ERR_OUT_OF_RANGE' }],
      [path, { start: bytes.length + 1 }, { code: 'ERR_OUT_OF_RANGE' }],
      [path, { start: -1 }, { code: 'ERR_OUT_OF_RANGE' }],
      [path, { start: 1.5 }, { code: 'ERR_OUT_OF_RANGE' }],
      [path, { start: 5, end: 3 }, { code: 'ERR_OUT_OF_RANGE' }],
      [path, { start: '1' }, { code: 'ERR_INVALID_ARG_TYPE' }],
      [path, { end: Number.NaN }, { code: 'ERR_OUT_OF_RANGE' }],
      [path, { progress: 1 }, { code: 'ERR_INVALID_ARG_TYPE' }],
      [path, { timeout: 0 }, { code: 'ERR_OUT_OF_RANGE' }],
      [path, { signal: {} }, { code: 'ERR_INVALID_ARG_TYPE' }],
      [path, { Socket: {} }, { code: 'ERR_INVALID_ARG_TYPE' }],
      [path, null as never, { code: 'ERR_INVALID_ARG_TYPE' }],
      [path, { signal: controller.signal }, reason],
    ];
    const { port, next } = await serve(async (_, response) => {
      for (const [file, options, error] of cases) {
        const attempt = sendFile(response, file as never, options as never);
        const thrown = await attempt.then(
          () => undefined,
          (failure: unknown) => failure,
        );
        if (error === reason) expect(thrown).toBe(reason);
        else expect(thrown, JSON.stringify(options)).toMatchObject(error);
      }
      response.setHeader('Content-Length', 7);
      const mismatch = { code: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH' };
      await expect(sendFile(response, path)).rejects.toMatchObject(mismatch);
      expect(response.headersSent).toBe(false);
      response.writeHead(404, { 'Content-Length': 4 });
      await expect(sendFile(response, path)).rejects.toMatchObject(mismatch);
      response.end('none');
      await expect(sendFile(response, path)).rejects.toMatchObject({
        code: 'ERR_STREAM_WRITE_AFTER_END',
      });
      return { bytes: 0, copied: false };
    });
    const { status, body } = await get(port);
    expect([status, body.toString()]).toEqual([404, 'none']);
    expect(await next()).toEqual({ bytes: 0, copied: false });
    for (const wrong of [null, 1, {}, new net.Socket()]) {
      await expect(sendFile(wrong as never, path)).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
      });
    }
  });

  test.runIf(hasSystemCall)('a named pipe is refused at once, and takes no thread', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // As many as node has threads for files: the next file would wait for ever.
    for (let i = 0; i < 5; i++) {
      const { port, next } = await serve(async (_, response) => {
        try {
          return await sendFile(response, pipe);
        } catch (error) {
          response.end();
          throw error;
        }
      });
      await get(port);
      expect(await next()).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    }
  });

  test('the response is reserved while it is sent', async () => {
    const { port, next } = await serve(async (_, response) => {
      const done = sendFile(response, path);
      const state = expect.objectContaining({ code: 'ERR_INVALID_STATE' }) as Error;
      expect(() => response.write('x')).toThrow(state);
      expect(() => response.end()).toThrow(state);
      await expect(sendFile(response, path)).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' });
      const sent = await done;
      expect(Object.hasOwn(response, 'write') || Object.hasOwn(response, 'end')).toBe(false);
      return sent;
    });
    expect((await get(port)).body.equals(bytes)).toBe(true);
    expect(await next()).toMatchObject({ bytes: bytes.length });
  });

  const sparse = join(folder, 'sparse');
  const LARGE = 1_000_000_000;
  const big = openSync(sparse, 'w+');
  ftruncateSync(big, LARGE);
  afterAll(() => closeSync(big));

  /** A client that reads a little and then nothing. */
  async function stalled(port: number): Promise<{ socket: net.Socket; closed: Promise<unknown> }> {
    const { socket, all } = await raw(port);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.pause();
    return { socket, closed: all };
  }

  test.each(['plain', 'copied'])('an abort and a time-out in the middle: %s', async (how) => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const progress = { bytes: 0 };
    const { port, next } = await serve((_, response) => {
      const { write } = response;
      if (how === 'copied')
        response.write = ((chunk: Buffer) => Reflect.apply(write, response, [chunk])) as never;
      return sendFile(response, sparse, { progress, signal: controller.signal });
    });
    const { socket, closed } = await stalled(port);
    setTimeout(() => controller.abort(reason), 100);
    expect(await next()).toBe(reason);
    expect(progress.bytes).toBeGreaterThan(0);
    expect(progress.bytes).toBeLessThan(LARGE);
    socket.resume();
    await closed;

    const timed = await serve((_, response) => sendFile(response, sparse, { timeout: 100 }));
    await stalled(timed.port);
    expect(await timed.next()).toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('a peer that resets or closes, and a response that is destroyed', async () => {
    let unexpected: unknown;
    const server = http.createServer();
    server.on('clientError', (error) => (unexpected = error));
    const { port, next } = await serve((request, response) => {
      if (request.url === '/destroy') setTimeout(() => response.destroy(), 50);
      return sendFile(response, sparse);
    }, server);
    const lost = expect.stringMatching(
      /^(?:EPIPE|ECONNRESET|ERR_STREAM_PREMATURE_CLOSE)$/,
    ) as string;
    const { socket: reset } = await stalled(port);
    reset.resetAndDestroy();
    expect(await next()).toMatchObject({ code: lost });
    const { socket: ended } = await stalled(port);
    ended.destroy();
    expect(await next()).toMatchObject({ code: lost });
    // It sends no more, and node then ends the connection: so it does to a response of its own.
    const { socket: half } = await stalled(port);
    half.end();
    expect(await next()).toMatchObject({ code: lost });
    const { socket } = await raw(port);
    socket.write('GET /destroy HTTP/1.1\r\nHost: x\r\n\r\n');
    socket.pause();
    expect(await next()).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
    expect((unexpected as NodeJS.ErrnoException | undefined)?.code).toSatisfy(
      (code: unknown) => code === undefined || code === 'ECONNRESET',
    );
  });

  test('a response whose turn never comes', async () => {
    const { port, next } = await serve((request, response) => {
      if (request.url === '/first') return new Promise<SentFile>(() => {});
      const options = request.url === '/late' ? { timeout: 50 } : {};
      return sendFile(response, path, options);
    });
    const late = await raw(port);
    late.socket.write(
      'GET /first HTTP/1.1\r\nHost: x\r\n\r\nGET /late HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n',
    );
    expect(await next()).toMatchObject({ code: 'ETIMEDOUT' });
    late.socket.destroy();
    expect(await next()).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
  });

  test.each(['plain', 'copied'])('a file that gets shorter: %s', async (how) => {
    const shrinking = join(folder, `shrinking-${how}`);
    const file = openSync(shrinking, 'w+');
    ftruncateSync(file, LARGE);
    const { port, next } = await serve((_, response) => {
      const { write } = response;
      if (how === 'copied')
        response.write = ((chunk: Buffer) => Reflect.apply(write, response, [chunk])) as never;
      return sendFile(response, shrinking);
    });
    const { socket, closed } = await stalled(port);
    ftruncateSync(file, 0);
    closeSync(file);
    socket.resume();
    expect(await next()).toMatchObject({ code: 'ERR_SOCK_FILE_TRUNCATED' });
    await closed;
  });

  test('a FileHandle that is closed meanwhile', async () => {
    const handle = await open(sparse, 'r');
    const { port, next } = await serve((_, response) => sendFile(response, handle));
    const { socket } = await stalled(port);
    await handle.close();
    socket.resume();
    expect(await next()).toMatchObject({ code: 'EBADF' });
  });
});
