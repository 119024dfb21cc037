/** WASI 0.3: a component of Rust by jco's JSPI output, and what its output calls, without one. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transpile } from '@bytecodealliance/jco';
import { createHost, everything, type Host, type PolicyInit } from '@sock/wasi-host';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { v4 } from './attempts.js';
import { nodesWithJspi } from './guests/build.mjs';

// oxlint-disable-next-line typescript/no-explicit-any
type Wit = any;

const folder = fileURLToPath(new URL('guests', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'sock-wasi3-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('a component of Rust', () => {
  const index = new URL('../dist/index.js', import.meta.url).href;

  test('is the program whose source is beside it', () => {
    const lines = readFileSync(join(folder, 'sockets3.sha256'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const [sum, name = ''] = line.split(/\s+/);
      const bytes = readFileSync(join(folder, name));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sum);
    }
  });

  beforeAll(async () => {
    const { files } = await transpile(readFileSync(join(folder, 'sockets3.wasm')), {
      name: 'guest',
      asyncMode: 'jspi',
      map: {
        'wasi:sockets/types@0.3.0': './host.mjs#socketTypes',
        'wasi:sockets/ip-name-lookup@0.3.0': './host.mjs#ipNameLookup3',
        'wasi:cli/environment@0.3.0': './host.mjs#environment',
        'wasi:cli/*': './host.mjs#*',
        'wasi:io/*': './host.mjs#*',
      },
    });
    for (const [name, contents] of Object.entries(files)) {
      mkdirSync(join(work, name, '..'), { recursive: true });
      writeFileSync(join(work, name), contents);
    }
    writeFileSync(join(work, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(work, 'host.mjs'),
      `import { createHost } from ${JSON.stringify(index)};
      const [policy, ...args] = process.argv.slice(2);
      export const host = createHost({ policy: JSON.parse(policy), args });
      export const {
        socketTypes, ipNameLookup3, environment, exit, stdin, stdout, stderr,
        terminalInput, terminalOutput, terminalStdin, terminalStdout, terminalStderr,
        error, poll, streams,
      } = host;`,
    );
    writeFileSync(
      join(work, 'main.mjs'),
      `import { run } from './guest.js';
      import { host } from './host.mjs';
      try { await run.run(); } catch { process.exitCode = 1; }
      host.close();`,
    );
  }, 120_000);

  const ran = (node: string, policy: PolicyInit, ...args: string[]): unknown => {
    const { status, stdout, stderr } = spawnSync(
      node,
      [join(work, 'main.mjs'), JSON.stringify(policy), ...args],
      { encoding: 'utf8', timeout: 60_000 },
    );
    return { status, stdout, stderr };
  };
  const loopback: PolicyInit = {
    tcp: { connect: ['127.0.0.1'], listen: ['127.0.0.1'] },
    udp: { bind: ['127.0.0.1'], send: ['127.0.0.1'] },
    lookup: ['localhost'],
  };

  describe.each(nodesWithJspi())('on Node $version', ({ program }) => {
    test.each([
      [['tcp'], 'tcp 1000000 half-closed\n'],
      [['udp'], 'udp hello from (127, 0, 0, 1)\n'],
      [['lookup', 'localhost'], 'lookup true\n'],
    ])('%j is allowed, and denied', (args, stdout) => {
      expect(ran(program, loopback, ...args)).toEqual({ status: 0, stdout, stderr: '' });
      expect(ran(program, {}, ...args)).toEqual({
        status: 1,
        stdout: 'refused: ErrorCode::AccessDenied\n',
        stderr: '',
      });
    });
  });
});

describe('what the output of jco calls', () => {
  let host: Host;
  let types: Wit;
  beforeEach(() => {
    host = createHost({ policy: everything });
    types = (host as Wit).socketTypes;
  });
  afterEach(() => host.close());

  const codeOf = async (call: () => unknown): Promise<unknown> => {
    try {
      return await call();
    } catch (error) {
      return (error as { payload: unknown }).payload;
    }
  };
  const bytes = async function* (...parts: number[][]): AsyncGenerator<Uint8Array> {
    for (const part of parts) yield Uint8Array.from(part);
  };
  const collect = async (stream: AsyncIterable<Uint8Array>): Promise<number[]> => {
    const all: number[] = [];
    for await (const part of stream) all.push(...part);
    return all;
  };
  const pair = async (): Promise<{ client: Wit; server: Wit; connections: Wit }> => {
    const listener = types.TcpSocket.create('ipv4');
    listener.bind(v4('127.0.0.1', 0));
    const connections = listener.listen();
    const client = types.TcpSocket.create('ipv4');
    const [{ value: server }] = await Promise.all([
      connections.next(),
      client.connect(listener.getLocalAddress()),
    ]);
    listener[Symbol.dispose]();
    return { client, server, connections };
  };

  test('a connection carries bytes both ways, and each way ends by itself', async () => {
    const { client, server } = await pair();
    const [stream, done] = server.receive();
    await client.send(bytes([1, 2], [], [3]));
    expect(await collect(stream)).toEqual([1, 2, 3]);
    await done;
    const [answer] = client.receive();
    await server.send(bytes([4]));
    expect(await collect(answer)).toEqual([4]);
  });

  test('a socket that listens without a bind has an address; states that do not fit are invalid-state', async () => {
    const socket = types.TcpSocket.create('ipv6');
    expect(await codeOf(() => socket.getLocalAddress())).toEqual({ tag: 'invalid-state' });
    expect(await codeOf(() => socket.send(bytes()))).toEqual({ tag: 'invalid-state' });
    const [stream, done] = socket.receive();
    expect(await collect(stream)).toEqual([]);
    expect(await codeOf(() => done)).toEqual({ tag: 'invalid-state' });
    socket.listen();
    expect(socket.getLocalAddress().val.port).toBeGreaterThan(0);
    expect(socket.getIsListening()).toBe(true);
    expect(await codeOf(() => socket.listen())).toEqual({ tag: 'invalid-state' });
    expect(await codeOf(() => socket.connect(v4('127.0.0.1', 1)))).toEqual({
      tag: 'invalid-state',
    });
    expect(await codeOf(() => socket.getRemoteAddress())).toEqual({ tag: 'invalid-state' });
  });

  test('a stream is received and sent once', async () => {
    const { client } = await pair();
    client.receive();
    expect(await codeOf(() => client.receive()[1])).toEqual({ tag: 'invalid-state' });
    await client.send(bytes([1]));
    expect(await codeOf(() => client.send(bytes([1])))).toEqual({ tag: 'invalid-state' });
  });

  test('a refused connect says so', async () => {
    const free = types.TcpSocket.create('ipv4');
    free.bind(v4('127.0.0.1', 0));
    const address = free.getLocalAddress();
    free[Symbol.dispose]();
    const socket = types.TcpSocket.create('ipv4');
    expect(await codeOf(() => socket.connect(address))).toEqual({ tag: 'connection-refused' });
  });

  test('sending to a peer that is gone fails, and the stream is told', async () => {
    const { client, server, connections } = await pair();
    await connections.return();
    server[Symbol.dispose]();
    let isTold = false;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(65536);
      } finally {
        isTold = true;
      }
    };
    expect(['connection-reset', 'connection-broken']).toContain(
      ((await codeOf(() => client.send(endless()))) as { tag: string }).tag,
    );
    expect(isTold).toBe(true);
  });

  test('options are read as they were set', () => {
    const socket = types.TcpSocket.create('ipv4');
    socket.setKeepAliveIdleTime(42_000_000_000n);
    socket.setHopLimit(42);
    socket.setReceiveBufferSize(0x10000n);
    expect([
      socket.getKeepAliveIdleTime(),
      socket.getHopLimit(),
      socket.getReceiveBufferSize(),
    ]).toEqual([42_000_000_000n, 42, 0x10000n]);
    expect(() => socket.setHopLimit(0)).toThrow('invalid-argument');
    expect(() => socket.setListenBacklogSize(0n)).toThrow('invalid-argument');
  });

  test('datagrams go to a peer, or to whom they name', async () => {
    const [one, two] = [1, 2].map(() => types.UdpSocket.create('ipv4'));
    one.bind(v4('127.0.0.1', 0));
    expect(await codeOf(() => two.receive())).toEqual({ tag: 'invalid-state' });
    expect(await codeOf(() => two.send(Uint8Array.of(1), undefined))).toEqual({
      tag: 'invalid-argument',
    });
    await two.send(Uint8Array.of(1), one.getLocalAddress());
    const [data, from] = await one.receive();
    expect([...data]).toEqual([1]);
    expect(from.val.port).toBe(two.getLocalAddress().val.port);
    two.connect(one.getLocalAddress());
    await two.send(Uint8Array.of(2), undefined);
    expect([...(await one.receive())[0]]).toEqual([2]);
    expect(two.getRemoteAddress()).toEqual(one.getLocalAddress());
    two.disconnect();
    expect(await codeOf(() => two.disconnect())).toEqual({ tag: 'invalid-state' });
  });

  test('a wait ends when its socket is dropped, or the host closed', async () => {
    const [one, two] = [1, 2].map(() => {
      const socket = types.UdpSocket.create('ipv4');
      socket.bind(v4('127.0.0.1', 0));
      return socket;
    });
    const waits = [one, two].map((socket) => codeOf(() => socket.receive()));
    const listener = types.TcpSocket.create('ipv4');
    const next = listener.listen().next();
    one[Symbol.dispose]();
    expect(await waits[0]).toEqual({ tag: 'invalid-state' });
    host.close();
    expect(await waits[1]).toEqual({ tag: 'invalid-state' });
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test('what the policy refuses is access-denied', async () => {
    const denied = createHost();
    const { TcpSocket, UdpSocket } = (denied as Wit).socketTypes;
    const code = { tag: 'access-denied' };
    const tcp = TcpSocket.create('ipv4');
    expect(await codeOf(() => tcp.connect(v4('127.0.0.1', 1)))).toEqual(code);
    expect(await codeOf(() => tcp.bind(v4('127.0.0.1', 0)))).toEqual(code);
    expect(await codeOf(() => tcp.listen())).toEqual(code);
    const udp = UdpSocket.create('ipv4');
    expect(await codeOf(() => udp.connect(v4('127.0.0.1', 1)))).toEqual(code);
    expect(await codeOf(() => udp.send(Uint8Array.of(1), v4('127.0.0.1', 1)))).toEqual(code);
    expect(await codeOf(() => (denied as Wit).ipNameLookup3.resolveAddresses('a.example'))).toEqual(
      code,
    );
    denied.close();
  });

  test('a look-up gives every address', async () => {
    const found = createHost({
      policy: everything,
      lookup: () => () => ({ addresses: ['192.0.2.1', '2001:db8::1'] }),
    });
    expect(await (found as Wit).ipNameLookup3.resolveAddresses('a.example')).toEqual([
      { tag: 'ipv4', val: [192, 0, 2, 1] },
      { tag: 'ipv6', val: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1] },
    ]);
    found.close();
  });
});
