/** connectHost over real sockets: kinds of hosts, options, look-ups, and arguments that are wrong. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Domain, Protocol, SockAddr, Socket, Type } from '@sock/native';
import { connectHost, type ConnectHostOptions, type HostLookup } from '@sock/std';
import { afterEach, describe, expect, test } from 'vitest';
import { wasiSocket } from './paths.js';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const it of open.splice(0)) it.close();
});

function keep<T extends { close(): unknown }>(it: T): T {
  open.push(it);
  return it;
}

function listener(address: SockAddr, protocol?: Protocol): SockAddr {
  const socket = keep(new Socket(address.domain(), Type.STREAM, protocol));
  socket.bind(address);
  // Nobody accepts: the queue holds all connections of a test.
  socket.listen(1024);
  return socket.localAddr();
}

const port4 = (): number => listener(SockAddr.ipv4('127.0.0.1', 0)).port;
const isLinux = process.platform === 'linux';
const descriptors = (): number => readdirSync('/proc/self/fd').length;

const backends = [
  ['@sock/native', Socket],
  ['@sock/wasi', wasiSocket as unknown as typeof Socket],
] as const;

describe.each(backends)('%s', (_, SocketOf) => {
  test('a name, with options of the socket', async () => {
    const port = port4();
    const sock = { nodelay: true, tcpKeepaliveTime: 30_000 };
    const socket = keep(await connectHost(SocketOf, 'localhost', port, { timeout: 5000, sock }));
    expect(socket).toBeInstanceOf(SocketOf);
    expect(socket.peerAddr().port).toBe(port);
    expect([socket.nodelay(), socket.tcpKeepaliveTime()]).toEqual([true, 30_000]);
    expect(socket.nonblocking()).toBe(false);
  });

  test('a look-up that aborts the call and fails is no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): number => unhandled.push(error);
    process.on('unhandledRejection', note);
    const controller = new AbortController();
    const lookup: HostLookup = () => {
      controller.abort(new Error('aborted'));
      throw new Error('failed');
    };
    const { signal } = controller;
    const connecting = connectHost(SocketOf, 'host.test', 1, { signal, lookup });
    await expect(connecting).rejects.toThrow('aborted');
    await new Promise((turn) => {
      setTimeout(turn, 10);
    });
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  test('an address is not looked up', async () => {
    const lookup = (): never => {
      throw new Error('looked up');
    };
    const { port } = listener(SockAddr.ipv6('::1', 0));
    for (const host of ['::1', '[::1]']) {
      const socket = keep(await connectHost(SocketOf, host, port, { lookup }));
      expect(String(socket.peerAddr())).toBe(`[::1]:${port}`);
    }
    keep(await connectHost(SocketOf, SockAddr.ipv6('::1', port)));
  });

  test('the address that answers wins, whatever the others do', async () => {
    const port = port4();
    const lookup = async () => ['127.0.0.2', '::1', '127.0.0.1'];
    const socket = keep(await connectHost(SocketOf, 'any', port, { lookup, timeout: 5000 }));
    expect(String(socket.peerAddr())).toBe(`127.0.0.1:${port}`);
  });

  test('nobody listens: the error of the attempt, or of each', async () => {
    const port = port4();
    for (const it of open.splice(0)) it.close();
    await expect(connectHost(SocketOf, '127.0.0.1', port)).rejects.toMatchObject({
      name: 'SockError',
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address: '127.0.0.1',
      port,
    });
    const lookup = async () => ['127.0.0.1', '127.0.0.2'];
    await expect(connectHost(SocketOf, 'any', port, { lookup })).rejects.toMatchObject({
      name: 'AggregateError',
      code: 'ECONNREFUSED',
      errors: [{ address: '127.0.0.1' }, { address: '127.0.0.2' }],
    });
  });
});

describe('hosts that are no names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sock-host-'));
  afterEach(() => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
  });

  test('unix sockets, by path and by abstract name', async () => {
    const path = join(folder, 'listener');
    listener(SockAddr.unix(path));
    for (const host of [`unix:${path}`, `unix://${path}`, SockAddr.unix(path)]) {
      expect(keep(await connectHost(Socket, host)).peerAddr().path).toBe(path);
    }
    await expect(connectHost(Socket, `unix:${path}.none`)).rejects.toMatchObject({
      code: 'ENOENT',
    });
    if (!isLinux) return;
    listener(SockAddr.abstract(path));
    keep(await connectHost(Socket, `unix-abstract:${path}`));
  });

  test('a unix listener whose queue is full is waited for', async () => {
    const path = join(folder, 'full');
    const full = keep(new Socket(Domain.UNIX, Type.STREAM));
    full.bind(SockAddr.unix(path));
    full.listen(0);
    const clients = [];
    for (let count = 0; count < 3; count++) clients.push(connectHost(Socket, `unix:${path}`));
    const accepting = setInterval(() => {
      const accepted = full.tryAccept();
      if (accepted !== undefined) keep(accepted[0]);
    }, 30);
    try {
      for (const client of clients) keep(await client);
    } finally {
      clearInterval(accepting);
    }
  });

  test('vsock: the host is a context id, and the port has 32 bits', async () => {
    await expect(connectHost(Socket, 'vsock:x', 5)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
    });
    await expect(connectHost(Socket, 'vsock:1', 2 ** 32)).rejects.toMatchObject({
      code: 'ERR_OUT_OF_RANGE',
    });
    // Whether there is such a context depends on the machine.
    const outcome = await connectHost(Socket, 'vsock:1', 4_000_000_000, { timeout: 200 }).catch(
      ({ syscall }: { syscall: string }) => syscall,
    );
    expect(['connect', 'socket']).toContain(outcome);
  });
});

/** Why this machine's kernel has no loopback of vsock: vsock(7), VMADDR_CID_LOCAL. `undefined` if it has. */
function vsockObstacle(): string | undefined {
  try {
    const socket = new Socket(Domain.VSOCK, Type.STREAM);
    try {
      socket.bind(SockAddr.vsock(1, 0xffffffff));
    } finally {
      socket.close();
    }
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test.skipIf(vsockObstacle() !== undefined)('vsock over the loopback', async () => {
  const address = listener(SockAddr.vsock(1, 0xffffffff));
  const [, port] = address.asVsockAddress() as [number, number];
  const socket = keep(await connectHost(Socket, 'vsock:1', port, { timeout: 5000 }));
  expect(socket.peerAddr().asVsockAddress()).toEqual([1, port]);
});

describe('options', () => {
  test.runIf(isLinux)('MPTCP, by protocol and by sock', async () => {
    const { port } = listener(SockAddr.ipv4('127.0.0.1', 0), Protocol.MPTCP);
    for (const options of [{ protocol: Protocol.MPTCP }, { sock: { protocol: Protocol.MPTCP } }]) {
      const socket = keep(await connectHost(Socket, 'localhost', port, options));
      expect(socket.protocol()).toBe('mptcp');
    }
  });

  test('a protocol that no stream has', async () => {
    const options = { protocol: Protocol.UDP };
    await expect(connectHost(Socket, '127.0.0.1', port4(), options)).rejects.toMatchObject({
      code: 'EPROTONOSUPPORT',
      option: 'protocol',
    });
  });

  test.runIf(isLinux)('where it connects from, which decides the family', async () => {
    const port = port4();
    const [families, lookup] = recorded(['127.0.0.1']);
    const options = { localAddress: '127.0.0.3', localPort: 0, lookup };
    const socket = keep(await connectHost(Socket, 'any', port, options));
    expect(socket.localAddr().address).toBe('127.0.0.3');
    expect(families).toEqual([4]);
  });

  test('one family', async () => {
    const port = port4();
    const [families, lookup] = recorded(['::1', '127.0.0.1']);
    keep(await connectHost(Socket, 'any', port, { family: 4, lookup }));
    expect(families).toEqual([4]);
  });

  test('a list of blocked addresses', async () => {
    const blockList = new BlockList();
    blockList.addAddress('127.0.0.1', 'ipv4');
    const failure = connectHost(Socket, '127.0.0.1', port4(), { blockList });
    await expect(failure).rejects.toMatchObject({ code: 'ERR_IP_BLOCKED' });
  });

  test('options that only a Socket without an object of node above it can use', async () => {
    const sock = { readTimeout: 1000, nonblocking: true, linger: 2000 };
    const socket = keep(await connectHost(Socket, '127.0.0.1', port4(), { sock }));
    expect([socket.readTimeout(), socket.nonblocking(), socket.linger()]).toEqual([
      1000,
      true,
      2000,
    ]);
  });
});

/** A look-up that finds the same for each family, and the families that it was asked for. */
function recorded(addresses: string[]): [families: number[], lookup: HostLookup] {
  const families: number[] = [];
  const lookup: HostLookup = (_, { family }, callback) => {
    families.push(family);
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return [families, lookup];
}

describe('look-ups', () => {
  const found = { address: '127.0.0.1', family: 4 };
  test.each<[string, HostLookup]>([
    ['calls back with a list', (_host, _options, done) => done(null, [found])],
    ['calls back with one address', (_host, _options, done) => done(null, '127.0.0.1', 4)],
    ['calls back twice', (_host, _options, done) => (done(null, [found]), done(null, []))],
    ['calls back later', (_host, _options, done) => void setTimeout(done, 5, null, [found])],
    ['fulfils with a list', async () => [found]],
    ['fulfils with one address', async () => found],
    ['fulfils with text', async () => '127.0.0.1'],
    // oxlint-disable-next-line max-params
    ['is async and calls back', async (_host, _options, done) => done(null, [found])],
  ])('%s', async (_, lookup) => {
    keep(await connectHost(Socket, 'any', port4(), { lookup }));
  });

  test('asks for IPv6 first and for IPv4 at the same time', async () => {
    const [families, lookup] = recorded(['127.0.0.1']);
    keep(await connectHost(Socket, 'any', port4(), { lookup }));
    expect(families).toEqual([6, 4]);
  });

  test('one family without addresses does no harm', async () => {
    const lookup: HostLookup = async (_, { family }) => {
      if (family === 6) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
      return [found];
    };
    keep(await connectHost(Socket, 'any', port4(), { lookup }));
  });

  test.each<[string, HostLookup, object]>([
    ['throws', () => thrown(), { message: 'thrown' }],
    ['rejects', async () => thrown(), { message: 'thrown' }],
    [
      'calls back with an error',
      (_host, _options, done) => done(new Error('told')),
      { message: 'told' },
    ],
    ['finds nothing', async () => [], { code: 'ENOTFOUND', hostname: 'any' }],
    ['fulfils with nothing', async () => undefined, { name: 'TypeError' }],
    ['finds no address', async () => ['nowhere'], { code: 'ERR_INVALID_IP_ADDRESS' }],
  ])('%s', async (_, lookup, error) => {
    const failure = await connectHost(Socket, 'any', 1, { lookup }).catch(
      (reason: unknown) => reason,
    );
    const [first = failure] = (failure as AggregateError).errors ?? [];
    expect(first).toMatchObject(error);
  });

  test('a name that does not exist: the error of node', async () => {
    const failure = connectHost(Socket, 'host.invalid', 1, { timeout: 10_000 });
    await expect(failure).rejects.toMatchObject({
      syscall: 'getaddrinfo',
      hostname: 'host.invalid',
    });
  });
});

function thrown(): never {
  throw new Error('thrown');
}

describe('arguments that are wrong', () => {
  test.each<[string, unknown, unknown, unknown, string]>([
    ['a host that is no text', 5, 80, {}, 'ERR_INVALID_ARG_TYPE'],
    ['an empty host', '', 80, {}, 'ERR_INVALID_ARG_VALUE'],
    ['a host with a NUL', 'a\0b', 80, {}, 'ERR_INVALID_ARG_VALUE'],
    ['a port out of range', 'localhost', 65_536, {}, 'ERR_OUT_OF_RANGE'],
    ['a port that is no number', '127.0.0.1', '80', {}, 'ERR_INVALID_ARG_TYPE'],
    ['a port in the host', 'localhost:80', undefined, {}, 'ERR_INVALID_ARG_VALUE'],
    ['no port', 'localhost', undefined, {}, 'ERR_INVALID_ARG_TYPE'],
    ['a port for a path', 'unix:/x', 80, {}, 'ERR_INVALID_ARG_VALUE'],
    ['options that are null', 'localhost', 80, null, 'ERR_INVALID_ARG_TYPE'],
    ['a time-out of 0', 'localhost', 80, { timeout: 0 }, 'ERR_OUT_OF_RANGE'],
    ['a time-out that is text', 'localhost', 80, { timeout: '5' }, 'ERR_INVALID_ARG_TYPE'],
    ['a delay that is NaN', 'localhost', 80, { attemptDelay: Number.NaN }, 'ERR_OUT_OF_RANGE'],
    ['an invalid signal', 'localhost', 80, { signal: {} }, 'ERR_INVALID_ARG_TYPE'],
    ['an invalid lookup', 'localhost', 80, { lookup: {} }, 'ERR_INVALID_ARG_TYPE'],
    ['an invalid family', 'localhost', 80, { family: 5 }, 'ERR_INVALID_ARG_VALUE'],
    ['an unknown option', 'localhost', 80, { sock: { nonsense: 1 } }, 'ERR_INVALID_ARG_VALUE'],
    [
      'an option of datagrams',
      'localhost',
      80,
      { sock: { broadcast: true } },
      'ERR_SOCK_UNSUPPORTED',
    ],
    ['an option out of range', 'localhost', 80, { sock: { ttlV4: 999 } }, 'ERR_OUT_OF_RANGE'],
    ['sock that is null', 'localhost', 80, { sock: null }, 'ERR_INVALID_ARG_TYPE'],
    ['a local address', 'localhost', 80, { localAddress: 'x' }, 'ERR_INVALID_ARG_VALUE'],
  ])('%s', async (_, host, port, options, code) => {
    const call = connectHost(Socket, host as string, port as number, options as ConnectHostOptions);
    await expect(call).rejects.toMatchObject({ code });
  });

  test('an option with other capitals: the message has its name', async () => {
    const sock = { noDelay: true } as ConnectHostOptions['sock'];
    await expect(connectHost(Socket, 'localhost', 80, { sock })).rejects.toThrow(
      "'options.sock.noDelay' is not a socket option that can be set: it is called 'nodelay'",
    );
  });

  test('a host in place of the class: the message says how to call', async () => {
    const call = connectHost as unknown as (host: string, port: number) => Promise<unknown>;
    for (const wrong of ['example.com', undefined, URL]) {
      await expect(async () => call(wrong as string, 443)).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringContaining("connectHost(Socket, 'example.com', 443)"),
      });
    }
  });

  test('a signal that is aborted already: nothing is looked up', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const [families, lookup] = recorded(['127.0.0.1']);
    await expect(connectHost(Socket, 'any', 1, { signal, lookup })).rejects.toThrow('enough');
    expect(families).toEqual([]);
  });
});

test.runIf(isLinux)('no descriptor is left, whatever the end', async () => {
  const port = port4();
  const before = descriptors();
  const lookup = async () => ['127.0.0.2', '::1', '127.0.0.1', '127.0.0.3'];
  for (let round = 0; round < 50; round++) {
    (await connectHost(Socket, 'any', port, { lookup })).close();
    const { signal } = new AbortController();
    await connectHost(Socket, 'any', port, { lookup, signal, sock: { device: 'none0' } }).then(
      (socket) => socket.close(),
      () => undefined,
    );
    const controller = new AbortController();
    const call = connectHost(Socket, 'any', port, { lookup, signal: controller.signal });
    setTimeout(() => controller.abort(), round % 3);
    await call.then(
      (socket) => socket.close(),
      () => undefined,
    );
  }
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
  // Fewer when the collector has closed what earlier tests left meanwhile.
  expect(descriptors()).toBeLessThanOrEqual(before);
});
