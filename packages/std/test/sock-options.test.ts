/** What `sock: {...}` takes: everything that can be done to a socket before it binds or connects. */
import { once } from 'node:events';
import http from 'node:http';
import type nodeNet from 'node:net';
import { assembleFilter, Domain, Protocol, SockAddr, Socket, Type } from '@sock/native';
import { SockAgent, sockConnector, SockHttpsAgent, sockRef } from '@sock/std';
import { createSocket } from '@sock/std/dgram';
import { connect, createServer } from '@sock/std/net';
import { Agent, fetch as undiciFetch } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { typeErrors } from './type-errors.js';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const it of open.splice(0)) it.close();
});

const portOf = (server: nodeNet.Server): number => (server.address() as nodeNet.AddressInfo).port;

async function listening(sock: object): Promise<nodeNet.Server> {
  const server = createServer({ sock }, (socket) =>
    socket.on('error', () => undefined).resume(),
  ).listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  return server;
}

async function connected(sock: object, port: number): Promise<nodeNet.Socket> {
  const socket = connect({ host: '127.0.0.1', port, sock });
  open.push({ close: () => socket.destroy() });
  await once(socket, 'connect');
  return socket;
}

test('keep-alive as one object and by its parts', async () => {
  const server = await listening({ tcpKeepalive: { time: 40_000 } });
  expect(sockRef(server).tcpKeepaliveTime()).toBe(40_000);
  const one = await connected(
    { tcpKeepalive: { time: 30_000, interval: 5000, retries: 4 } },
    portOf(server),
  );
  const parts = await connected(
    { tcpKeepaliveTime: 30_000, tcpKeepaliveInterval: 5000, tcpKeepaliveRetries: 4 },
    portOf(server),
  );
  for (const socket of [one, parts]) {
    const view = sockRef(socket);
    expect([
      view.keepalive(),
      view.tcpKeepaliveTime(),
      view.tcpKeepaliveInterval(),
      view.tcpKeepaliveRetries(),
    ]).toEqual([true, 30_000, 5000, 4]);
  }
});

test.runIf(process.platform === 'linux')(
  'a device, under the name of the option and of its method',
  async () => {
    const server = await listening({ device: 'lo' });
    expect(sockRef(server).device()).toBe('lo');
    const socket = await connected({ bindDevice: 'lo' }, portOf(server));
    expect(sockRef(socket).device()).toBe('lo');
  },
);

test.runIf(process.platform === 'linux')('the protocol that a socket is made with', async () => {
  const server = await listening({ protocol: Protocol.MPTCP });
  expect(sockRef(server).protocol()).toBe('mptcp');
  const socket = await connected({ protocol: Protocol.MPTCP }, portOf(server));
  expect(sockRef(socket).protocol()).toBe('mptcp');
  const datagrams = createSocket({ type: 'udp4', sock: { protocol: Protocol.UDPLITE } });
  const outcome = await Promise.race([
    new Promise((resolve) => datagrams.bind(0, '127.0.0.1', () => resolve('udplite'))),
    once(datagrams, 'error').then(([error]) => (error as Error).message),
  ]);
  // Some kernels are built without UDP-Lite: the error then names the option.
  expect(outcome).toMatch(/^udplite$|options\.sock\.protocol/);
  datagrams.close();
});

test('a protocol that the descriptor does not have is refused', async () => {
  const raw = new Socket(Domain.IPV4, Type.STREAM);
  raw.bind(SockAddr.ipv4('127.0.0.1', 0));
  const server = createServer({ sock: { protocol: Protocol.MPTCP } });
  server.listen({ fd: raw.intoRawFd() });
  const [error] = (await once(server, 'error')) as [NodeJS.ErrnoException];
  expect(error.message).toMatch(/options\.sock\.protocol.*tcp/);
});

test('memberships: one, and several', async () => {
  for (const groups of [
    ['239.1.2.3', '127.0.0.1'],
    [
      ['239.1.2.3', '127.0.0.1'],
      ['239.1.2.4', '127.0.0.1'],
    ],
  ]) {
    const receiver = createSocket({
      type: 'udp4',
      sock: { joinMulticastV4: groups, multicastIfV4: '127.0.0.1' } as never,
    });
    open.push(receiver);
    await new Promise<void>((resolve) => receiver.bind(0, resolve));
    const last = (Array.isArray(groups.at(-1)) ? groups.at(-1) : groups) as string[];
    // A second membership of the same group and interface is EADDRINUSE.
    expect(() => receiver.addMembership(last[0] as string, '127.0.0.1')).toThrow(/EADDRINUSE/);
  }
});

test.runIf(process.platform === 'linux')(
  'a filter that chooses among sockets of one port',
  async () => {
    const first = await listening({ reusePort: true, attachReusePortFilter: assembleFilter({}) });
    const second = createServer({ sock: { reusePort: true } }).listen(portOf(first), '127.0.0.1');
    open.push(second);
    await once(second, 'listening');
    expect(portOf(second)).toBe(portOf(first));
  },
);

const REFUSED: [sock: object, reason: RegExp][] = [
  [{ readTimeout: 1000 }, /readTimeout.*never block/],
  [{ writeTimeout: 1000 }, /writeTimeout.*never block/],
  [{ nonblocking: false }, /nonblocking.*always non-blocking/],
  [{ linger: 3000 }, /linger.*stop the event loop/],
  [{ detachFilter: true }, /detachFilter.*new/],
  [{ leaveMulticastV4: ['239.1.2.3', '0.0.0.0'] }, /leaveMulticastV4/],
  [{ addNetlinkMembership: 1 }, /addNetlinkMembership.*netlink/],
  [{ tcpInfo: 1 }, /tcpInfo.*only be read/],
  [{ joinMulticastV4: '239.1.2.3' }, /joinMulticastV4.*(array|datagram)/],
  [{ protocol: 'nonsense' }, /options\.sock\.protocol.*mptcp/],
  [{ nope: 1 }, /options\.sock\.nope/],
  [{ nodelay: 'x' }, /options\.sock\.nodelay/],
  [{ tcpUserTimeout: -1 }, /options\.sock\.tcpUserTimeout/],
  [{ tcpKeepalive: { time: 30 } }, /options\.sock\.tcpKeepalive.*millisecond/],
  [{ tcpKeepaliveTime: 30 }, /options\.sock\.tcpKeepaliveTime.*millisecond/],
];

describe('what is refused, with the reason', () => {
  test.each(REFUSED)('%j', (sock, reason) => {
    const calls: (() => unknown)[] = [
      () => connect({ port: 1, host: '127.0.0.1', sock }),
      () => createServer({ sock }),
      () => createServer().listen({ port: 0, sock }),
      () => createSocket({ type: 'udp4', sock }),
      () => new SockAgent({ sock }),
      () => new SockHttpsAgent({ sock }),
      () => sockConnector(sock),
    ];
    for (const [index, call] of calls.entries()) {
      // dgram says for an option of streams that it is one.
      const expected = index === 3 ? new RegExp(`${reason.source}|stream sockets only`) : reason;
      expect(call, String(call)).toThrow(expected);
    }
  });

  test('options of the other kind of socket', () => {
    expect(() => createSocket({ type: 'udp4', sock: { nodelay: true } })).toThrow(/stream/);
    expect(() => connect({ port: 1, sock: { udpSegment: 100 } })).toThrow(/datagram/);
  });
});

test("a linger that does not stop the loop: a close resets the connection, or is the system's", async () => {
  const server = await listening({});
  const socket = await connected({ linger: 0 }, portOf(server));
  expect(sockRef(socket).linger()).toBe(0);
  expect(sockRef(await connected({ linger: null }, portOf(server))).linger()).toBe(null);
});

describe('an error of the system names the option and its value', () => {
  test('net.connect and a server', async () => {
    for (const make of [
      () =>
        connect({ host: '127.0.0.1', port: 1, sock: { nodelay: true, tcpCongestion: 'no-such' } }),
      () => createServer({ sock: { tcpCongestion: 'no-such' } }).listen(0),
    ]) {
      const [error] = (await once(make(), 'error')) as [Error & { option: string; value: unknown }];
      expect(error.message).toContain('setTcpCongestion');
      expect(error.option).toBe('setTcpCongestion');
    }
  });

  test('dgram', async () => {
    const socket = createSocket({ type: 'udp4', sock: { device: 'no-such-device' } });
    socket.bind(0);
    const [error] = (await once(socket, 'error')) as [Error & { option: string }];
    expect(error.message).toMatch(/ENODEV|EPERM/);
    expect(error.option).toBe('bindDevice');
  });

  test('a program and a membership', async () => {
    const server = createServer({ sock: { attachReusePortBpf: 0 } }).listen(0);
    const [error] = (await once(server, 'error')) as [Error & { option: string }];
    expect(error.message).toMatch(/attachReusePortBpf/);
  });
});

test("options of the agent's connections stay when node sets its own", async () => {
  const server = http.createServer((_, response) => response.end('served')).listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  const agent = new SockAgent({
    keepAlive: true,
    sock: { nodelay: false, tcpKeepalive: { time: 50_000, interval: 7000, retries: 3 } },
  });
  const request = http.get({ host: '127.0.0.1', port: portOf(server), agent });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.resume();
  await once(agent, 'free');
  const view = sockRef(request.socket as nodeNet.Socket);
  expect([
    view.nodelay(),
    view.tcpKeepaliveTime(),
    view.tcpKeepaliveInterval(),
    view.tcpKeepaliveRetries(),
  ]).toEqual([false, 50_000, 7000, 3]);
  agent.destroy();
});

describe('sockConnector ends an attempt', () => {
  /** A listener that accepts nobody and whose queue is full: connections to it get no answer. */
  async function silent(): Promise<number> {
    const listener = new Socket(Domain.IPV4, Type.STREAM);
    listener.bind(SockAddr.ipv4('127.0.0.1', 0));
    listener.listen(0);
    open.push(listener);
    const address = listener.localAddr();
    for (let i = 0; i < 4; i += 1) {
      const socket = new Socket(Domain.IPV4, Type.STREAM);
      open.push(socket);
      socket.tryConnect(address);
    }
    return address.port;
  }

  test.each(['http', 'https'])('after its timeout: %s', async (protocol) => {
    const port = await silent();
    const dispatcher = new Agent({ connect: sockConnector({ nodelay: true }, { timeout: 100 }) });
    const error = await undiciFetch(`${protocol}://127.0.0.1:${port}/`, { dispatcher }).catch(
      (reason: Error) => reason.cause,
    );
    expect(error).toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' });
    await dispatcher.destroy();
  });

  test('when its signal aborts', async () => {
    const port = await silent();
    const controller = new AbortController();
    const { signal } = controller;
    const dispatcher = new Agent({ connect: sockConnector({ nodelay: true }, { signal }) });
    const failed = undiciFetch(`http://127.0.0.1:${port}/`, { dispatcher }).catch(
      (reason: Error) => reason.cause,
    );
    setTimeout(() => controller.abort(new Error('enough')), 50);
    expect(await failed).toMatchObject({ message: 'enough' });
    await dispatcher.destroy();
  });

  test('wrong values are refused when it is made', () => {
    expect(() => sockConnector({}, { timeout: -1 })).toThrow(RangeError);
    expect(() => sockConnector({}, { signal: {} as AbortSignal })).toThrow(TypeError);
  });
});

describe('types', () => {
  test('a typo names the unknown option, in every call', () => {
    const found = typeErrors(`
      import { connect, createServer } from '@sock/std/net';
      import { createSocket } from '@sock/std/dgram';
      import { SockAgent } from '@sock/std';
      connect({ port: 1, sock: { typoOfConnect: 1 } });
      createServer({ sock: { typoOfServer: 1 } });
      createServer().listen({ port: 1, sock: { typoOfListen: 1 } });
      createSocket({ type: 'udp4', sock: { typoOfDgram: 1 } });
      new SockAgent({ sock: { typoOfAgent: 1 } });
    `);
    for (const name of ['Connect', 'Server', 'Listen', 'Dgram', 'Agent']) {
      expect(found).toContain(`'typoOf${name}' does not exist in type 'SockOptions'`);
    }
    expect(found).not.toContain("to parameter of type 'string'");
  }, 60_000);

  test('values are typed, those of refused options too', () => {
    const valid = typeErrors(`
      import { connect } from '@sock/std/net';
      import { createSocket } from '@sock/std/dgram';
      connect({ port: 1, sock: { device: 'lo', bindDevice: null, protocol: 'mptcp', linger: 0,
        tcpKeepalive: { time: 1000 }, tcpKeepaliveRetries: 3, tcpNodelay: true } });
      createSocket({ type: 'udp4', sock: { joinMulticastV4: ['239.1.2.3', '0.0.0.0'] } });
      createSocket({ type: 'udp4', sock: { joinMulticastV4: [['239.1.2.3', '0.0.0.0']] } });
    `);
    expect(valid).toBe('');
    const wrong = typeErrors(`
      import { SockAgent } from '@sock/std';
      new SockAgent({ sock: { readTimeout: 1000 } });
      new SockAgent({ sock: { linger: 3000 } });
      new SockAgent({ sock: { device: 3 } });
    `);
    expect(wrong).toContain("'readTimeout' does not exist in type 'SockOptions'");
    expect(wrong).toContain("Type '3000' is not assignable");
    expect(wrong).toContain("Type 'number' is not assignable to type 'string'");
  }, 60_000);
});
