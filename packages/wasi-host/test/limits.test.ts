/** Limits of a policy, what names and time do to it, and Node's own permission model. */
import { spawnSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { fileURLToPath } from 'node:url';
import * as native from '@sock/native';
import {
  createHost,
  type Decision,
  everything,
  type Limits,
  type PolicyInit,
} from '@sock/wasi-host';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Policy } from '../src/policy/policy.js';
import { Rate } from '../src/policy/rate.js';
import { parseAddress } from '../src/address.js';
import { type Guest, guestOf, v4 } from './attempts.js';
import { newestNode } from './guests/build.mjs';

const { Domain, SockAddr, Socket, Type } = native;
// oxlint-disable-next-line typescript/no-explicit-any
type Wit = any;

/** The clock that the limits look at: it stands until it is moved. */
let time = 1000;
beforeEach(() => {
  time = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => time);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const codeOf = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return (error as { payload: unknown }).payload;
  }
};

/** A listener of this process, and what closes it. */
function listening(): { port: number; accept(): native.Socket; close(): void } {
  const socket = new Socket(Domain.IPV4, Type.STREAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  socket.listen(128);
  return {
    port: socket.localAddr().port,
    accept: () => socket.accept()[0],
    close: () => socket.close(),
  };
}

/** A connection of a component under a policy: its streams, and the peer in this process. */
function connection(limits: Limits): {
  input: Wit;
  output: Wit;
  peer: native.Socket;
  guest: Guest;
} {
  const server = listening();
  const guest = guestOf({ ...everything, limits });
  const { tcpCreateSocket, instanceNetwork } = guest.host as Wit;
  const socket = tcpCreateSocket.createTcpSocket('ipv4');
  socket.startConnect(instanceNetwork.instanceNetwork(), v4('127.0.0.1', server.port));
  const peer = server.accept();
  const [input, output] = socket.finishConnect();
  server.close();
  return { input, output, peer, guest };
}

describe('a rate', () => {
  test('holds what a second brings, fills evenly, and may be overdrawn', () => {
    const rate = new Rate(100, () => time);
    expect(rate.level).toBe(100);
    rate.take(100);
    expect([rate.level, rate.wait]).toEqual([0, 10]);
    time += 500;
    expect(rate.level).toBe(50);
    rate.take(150);
    expect([rate.level, rate.wait]).toEqual([-100, 1010]);
    time += 60_000;
    expect([rate.level, rate.wait]).toEqual([100, 0]);
  });

  test('of Infinity is never used up, and one of 0 always is', () => {
    const rate = new Rate(Infinity, () => time);
    rate.take(1e15);
    expect([rate.level, rate.wait]).toEqual([Infinity, 0]);
    const none = new Rate(0, () => time);
    expect([none.level, none.wait]).toEqual([0, Infinity]);
  });
});

describe('bytes a second', () => {
  test('hold back what is sent on a stream, and a pollable says when more may be', () => {
    const { output, peer, guest } = connection({ bytesPerSecond: 1000 });
    expect(output.checkWrite()).toBe(1000n);
    output.write(new Uint8Array(1000));
    expect(output.checkWrite()).toBe(0n);
    const pollable = output.subscribe();
    expect(pollable.ready()).toBe(false);
    time += 250;
    expect(pollable.ready()).toBe(true);
    expect(output.checkWrite()).toBe(250n);
    expect(peer.recv(new Uint8Array(4096))).toBe(1000);
    peer.close();
    guest.host.close();
  });

  test('hold back what is received on a stream', () => {
    const { input, peer, guest } = connection({ bytesPerSecond: 1000 });
    peer.send(new Uint8Array(5000));
    expect(input.blockingRead(4096n)).toHaveLength(1000);
    expect(input.read(4096n)).toHaveLength(0);
    const pollable = input.subscribe();
    expect(pollable.ready()).toBe(false);
    time += 500;
    expect(pollable.ready()).toBe(true);
    expect(input.read(4096n)).toHaveLength(500);
    peer.close();
    guest.host.close();
  });

  test('are one number for all sockets of a component, and for both directions', () => {
    const { output, peer, guest } = connection({ bytesPerSecond: 1000 });
    output.write(new Uint8Array(600));
    const [, outgoing] = guest.bindUdp(v4('0.0.0.0', 0)).stream(undefined);
    expect(outgoing.checkSend()).toBeGreaterThan(0n);
    outgoing.send([{ data: new Uint8Array(400), remoteAddress: v4('127.0.0.1', 9) }]);
    expect([output.checkWrite(), outgoing.checkSend()]).toEqual([0n, 0n]);
    expect(outgoing.subscribe().ready()).toBe(false);
    time += 1000;
    expect(outgoing.checkSend()).toBeGreaterThan(0n);
    peer.close();
    guest.host.close();
  });

  test('hold back datagrams that are received', () => {
    const guest = guestOf({ ...everything, limits: { bytesPerSecond: 100 } });
    const socket = guest.bindUdp(v4('127.0.0.1', 0));
    const [incoming] = socket.stream(undefined);
    const sender = new Socket(Domain.IPV4, Type.DGRAM);
    for (let count = 0; count < 4; count++) {
      sender.sendTo(new Uint8Array(80), SockAddr.ipv4('127.0.0.1', socket.localAddress().val.port));
    }
    // The bucket may be overdrawn by one datagram: a part of one can't be taken.
    expect(incoming.receive(10n)).toHaveLength(2);
    expect(incoming.receive(10n)).toHaveLength(0);
    expect(incoming.subscribe().ready()).toBe(false);
    time += 1600;
    expect(incoming.receive(10n)).toHaveLength(2);
    sender.close();
    guest.host.close();
  });

  test('let a call that waits go on as soon as more is allowed', () => {
    vi.restoreAllMocks();
    const { output, peer, guest } = connection({ bytesPerSecond: 20_000 });
    for (let count = 0; count < 6; count++) output.blockingWriteAndFlush(new Uint8Array(4096));
    let got = 0;
    const buffer = new Uint8Array(65536);
    while (got < 6 * 4096) got += peer.recv(buffer);
    expect(got).toBe(6 * 4096);
    peer.close();
    guest.host.close();
  });
});

describe('connections a second', () => {
  test('refuse connects beyond, until time brings more', () => {
    const server = listening();
    const guest = guestOf({ ...everything, limits: { connectionsPerSecond: 2 } });
    const connect = (): unknown => codeOf(() => guest.connect(v4('127.0.0.1', server.port)));
    expect([connect(), connect(), connect()]).toEqual([undefined, undefined, 'access-denied']);
    time += 500;
    expect([connect(), connect()]).toEqual([undefined, 'access-denied']);
    guest.host.close();
    server.close();
  });

  test('leave connections beyond in the queue of a listener', () => {
    const guest = guestOf({ ...everything, limits: { connectionsPerSecond: 1 } });
    const { tcpCreateSocket, instanceNetwork } = guest.host as Wit;
    const socket = tcpCreateSocket.createTcpSocket('ipv4');
    socket.startBind(instanceNetwork.instanceNetwork(), v4('127.0.0.1', 0));
    socket.finishBind();
    socket.startListen();
    socket.finishListen();
    const clients = [1, 2].map(() => {
      const client = new Socket(Domain.IPV4, Type.STREAM);
      client.connect(SockAddr.ipv4('127.0.0.1', socket.localAddress().val.port));
      return client;
    });
    expect(socket.accept()).toHaveLength(3);
    expect(codeOf(() => socket.accept())).toBe('would-block');
    time += 1000;
    expect(socket.accept()).toHaveLength(3);
    for (const client of clients) client.close();
    guest.host.close();
  });
});

test('look-ups a second are refused beyond', async () => {
  const lookup = () => () => ({ addresses: ['192.0.2.1'] });
  const guest = guestOf({ lookup: true, limits: { lookupsPerSecond: 1 } }, { lookup });
  expect(await guest.lookup('a.example')).toHaveLength(1);
  await expect(guest.lookup('a.example')).rejects.toThrow('access-denied');
  time += 1000;
  expect(await guest.lookup('a.example')).toHaveLength(1);
  guest.host.close();
});

test('sockets beyond the limit are new-socket-limit, and one that closes makes room', () => {
  const guest = guestOf({ ...everything, limits: { sockets: 2 } });
  const { tcpCreateSocket, udpCreateSocket } = guest.host as Wit;
  const first = tcpCreateSocket.createTcpSocket('ipv4');
  udpCreateSocket.createUdpSocket('ipv4');
  expect(codeOf(() => tcpCreateSocket.createTcpSocket('ipv4'))).toBe('new-socket-limit');
  first[Symbol.dispose]();
  expect(typeof tcpCreateSocket.createTcpSocket('ipv6')).toBe('object');
  guest.host.close();
});

test('resources beyond the limit trap, and leave no socket open', () => {
  const host = createHost({ policy: { ...everything, limits: { resources: 3 } } });
  const { tcpCreateSocket, monotonicClock } = host as Wit;
  for (let count = 0; count < 3; count++) monotonicClock.subscribeDuration(1n);
  expect(() => monotonicClock.subscribeDuration(1n)).toThrow(WebAssembly.RuntimeError);
  expect(() => tcpCreateSocket.createTcpSocket('ipv4')).toThrow(WebAssembly.RuntimeError);
  host.close();
});

test.each([
  [{ sockets: -1 }],
  [{ bytesPerSecond: NaN }],
  [{ connectionsPerSecond: '5' as unknown as number }],
  [{ resources: -5 }],
])('a limit that is no number, %j, throws at once', (limits) => {
  expect(() => createHost({ policy: { limits } })).toThrow(TypeError);
});

describe('a rule by name', () => {
  const byName: PolicyInit = { tcp: { connect: ['good.example:80'] }, lookup: ['good.example'] };
  const address = v4('93.184.216.34', 80);

  test('holds for as long as the answer does', () => {
    const policy = new Policy(byName, undefined, () => time);
    const bytes = parseAddress('93.184.216.34') as Uint8Array;
    const allowed = (): boolean =>
      policy.allows('tcp.connect', { bytes, port: 80, family: 4 } as never);
    policy.gave('good.example', [bytes], 60);
    expect(allowed()).toBe(true);
    time += 59_999;
    expect(allowed()).toBe(true);
    time += 1;
    expect(allowed()).toBe(false);
    policy.gave('good.example', [bytes]);
    time += 1e12;
    expect(allowed()).toBe(true);
  });

  test('does not hold for addresses that only a later answer has, once that ran out', async () => {
    const answers = [
      { addresses: ['93.184.216.34'], ttl: 30 },
      { addresses: ['198.51.100.7'], ttl: 30 },
    ];
    const guest = guestOf(byName, { lookup: () => () => answers.shift() });
    const told = (to = address): unknown => {
      try {
        guest.connect(to);
      } catch (error) {
        return (error as { payload: unknown }).payload;
      }
      return 'allowed';
    };
    const { port } = address.val;
    await guest.lookup('good.example');
    time += 20_000;
    await guest.lookup('good.example');
    time += 20_000;
    // The first answer ran out; the second holds for 10 more seconds.
    expect(told()).toBe('access-denied');
    time += 10_000;
    expect(told(v4('198.51.100.7', port))).toBe('access-denied');
    guest.host.close();
  });
});

describe('decisions on diagnostics_channel', () => {
  test('are there for each use, with the rule or the reason', async () => {
    const told: Decision[] = [];
    const listener = (message: unknown): void => void told.push(message as Decision);
    subscribe('sock:wasi-host:decision', listener);
    const guest = guestOf(
      {
        tcp: { listen: ['127.0.0.1'] },
        udp: { send: ['127.0.0.0/8:9'] },
        lookup: ['a.example'],
        deny: ['private'],
        decide: ({ port }) => port === 7,
      },
      { lookup: () => () => ({ addresses: ['192.0.2.1'] }) },
    );
    guest.listen(v4('127.0.0.1', 0));
    guest.sendTo(v4('127.0.0.1', 9));
    await guest.lookup('A.example');
    for (const call of [
      () => guest.connect(v4('10.0.0.1', 80)),
      () => guest.connect(v4('192.0.2.1', 7)),
      () => guest.connect(v4('192.0.2.1', 8)),
    ]) {
      codeOf(call);
    }
    await guest.lookup('b.example').catch(() => {});
    unsubscribe('sock:wasi-host:decision', listener);
    guest.host.close();
    expect(
      told.map(({ use, port, names, allowed, reason }) => [use, port, names, allowed, reason]),
    ).toEqual([
      ['tcp.listen', 0, [], true, '127.0.0.1'],
      ['udp.bind', 0, [], false, 'decide'],
      ['udp.send', 9, [], true, '127.0.0.0/8:9'],
      ['lookup', undefined, ['a.example'], true, 'a.example'],
      ['tcp.connect', 80, [], false, 'deny private'],
      ['tcp.connect', 7, ['a.example'], true, 'decide'],
      ['tcp.connect', 8, ['a.example'], false, 'decide'],
      ['lookup', undefined, ['b.example'], false, 'decide'],
    ]);
  });
});

describe("Node's permission model", () => {
  const { version, program: node } = newestNode();
  const index = fileURLToPath(new URL('../dist/index.js', import.meta.url));
  const program = `
    const { createHost, everything } = await import(${JSON.stringify(`file://${index}`)});
    const host = createHost({ policy: everything });
    const network = host.instanceNetwork.instanceNetwork();
    const told = [];
    const attempt = (call) => {
      try { call(); told.push('allowed'); } catch (error) { told.push(error.payload ?? error.code ?? String(error)); }
    };
    const address = { tag: 'ipv4', val: { port: 9, address: [127, 0, 0, 1] } };
    attempt(() => host.tcpCreateSocket.createTcpSocket('ipv4').startConnect(network, address));
    attempt(() => host.udpCreateSocket.createUdpSocket('ipv4').startBind(network, address));
    attempt(() => host.ipNameLookup.resolveAddresses(network, 'localhost'));
    console.log(JSON.stringify(told));
    host.close();
  `;
  const told = (...flags: string[]): unknown => {
    const all = ['--permission', '--allow-addons', '--allow-fs-read=*', '--allow-worker', ...flags];
    const { stdout, stderr } = spawnSync(node, [...all, '--input-type=module', '--eval', program], {
      encoding: 'utf8',
    });
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  };

  test(`of Node ${version}: without --allow-net nothing is allowed, whatever the policy says`, () => {
    expect(told()).toEqual(['access-denied', 'access-denied', 'access-denied']);
  }, 120_000);

  test(`of Node ${version}: with --allow-net the policy decides`, () => {
    expect(told('--allow-net')).toEqual(['allowed', 'allowed', 'allowed']);
  }, 120_000);
});
