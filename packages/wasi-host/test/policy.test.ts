/** The policy: what it refuses, and what it allows. */
import { spawnSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { fileURLToPath } from 'node:url';
import * as native from '@sock/native';
import { createHost, type Decision } from '@sock/wasi-host';
import { describe, expect, test } from 'vitest';
import { attempts, guestOf, refusal, v4 } from './attempts.js';

const { Domain, SockAddr, Socket, Type } = native;

describe('an attempt to get around it is refused', () => {
  test.each(attempts.map((attempt) => [attempt.name, attempt] as const))(
    '%s',
    async (_, attempt) => {
      expect(attempt.codes ?? ['access-denied']).toContain(await refusal(attempt));
    },
  );
});

test('there are sixty attempts at least', () => {
  expect(attempts.length).toBeGreaterThanOrEqual(60);
});

const namespaces = spawnSync('unshare', ['-rn', 'true']).status === 0;

test.skipIf(!namespaces)('no packet leaves while they are made', () => {
  const script = fileURLToPath(new URL('count-packets.ts', import.meta.url));
  // What is sent anywhere goes to loopback, and is counted.
  const routes =
    'ip link set lo up && ip addr add 192.0.2.1/24 dev lo && ip route add default dev lo';
  const run = `${routes} && exec ${process.execPath} --import tsx ${script}`;
  const { stdout, stderr } = spawnSync('unshare', ['-rn', 'sh', '-c', run], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ attempts: attempts.length, packets: 0, control: 1 });
});

describe('what a rule allows', () => {
  test('a connection, whose bytes arrive', () => {
    const listener = new Socket(Domain.IPV4, Type.STREAM);
    listener.bind(SockAddr.ipv4('127.0.0.1', 0));
    listener.listen(1);
    const { port } = listener.localAddr();
    const guest = guestOf({ tcp: { connect: [`127.0.0.0/8:${port}`] } });
    guest.connect(v4('127.0.0.1', port));
    const [peer] = listener.accept();
    expect(peer.peerAddr().address).toBe('127.0.0.1');
    peer.close();
    listener.close();
    guest.host.close();
  });

  test('localhost by its name', async () => {
    const guest = guestOf(
      { tcp: { connect: ['localhost:*'] }, lookup: ['localhost'] },
      { lookup: () => () => ({ addresses: ['127.0.0.1'] }) },
    );
    expect(await guest.lookup('LOCALHOST.')).toEqual([{ tag: 'ipv4', val: [127, 0, 0, 1] }]);
    expect(() => guest.connect(v4('127.0.0.1', 9))).not.toThrow();
    guest.host.close();
  });

  test('a socket that was bound to send gets answers of those alone that it may send to', () => {
    const friend = new Socket(Domain.IPV4, Type.DGRAM);
    friend.bind(SockAddr.ipv4('127.0.0.1', 0));
    const stranger = new Socket(Domain.IPV4, Type.DGRAM);
    stranger.bind(SockAddr.ipv4('127.0.0.2', 0));
    const guest = guestOf({ udp: { send: [`127.0.0.1:${friend.localAddr().port}`] } });
    const socket = guest.bindUdp(v4('0.0.0.0', 0));
    const [incoming] = socket.stream(undefined);
    const to = SockAddr.ipv4('127.0.0.1', socket.localAddress().val.port);
    stranger.sendTo(Uint8Array.of(1), to);
    friend.sendTo(Uint8Array.of(2), to);
    const received = incoming.receive(8n);
    expect(received.map(({ data }: { data: Uint8Array }) => [...data])).toEqual([[2]]);
    friend.close();
    stranger.close();
    guest.host.close();
  });
});

describe('decisions', () => {
  test('are told with what they are about, the rule, and whether they allow', () => {
    const told: Decision[] = [];
    const published: unknown[] = [];
    const listener = (message: unknown): void => void published.push(message);
    subscribe('sock:wasi-host:decision', listener);
    const guest = guestOf(
      { tcp: { connect: ['127.0.0.1:9'] } },
      { onDecision: (decision: Decision) => told.push(decision) },
    );
    guest.connect(v4('127.0.0.1', 9));
    expect(() => guest.connect(v4('127.0.0.1', 10))).toThrow('access-denied');
    unsubscribe('sock:wasi-host:decision', listener);
    const about = { use: 'tcp.connect', address: '127.0.0.1', names: [] };
    expect(told).toEqual([
      { ...about, port: 9, allowed: true, reason: '127.0.0.1:9' },
      { ...about, port: 10, allowed: false, reason: 'no rule allows it' },
    ]);
    expect(published).toEqual(told);
    guest.host.close();
  });

  test("are refusals under Node's permission model without --allow-net", () => {
    const before = Object.getOwnPropertyDescriptor(process, 'permission');
    Object.defineProperty(process, 'permission', {
      value: { has: () => false },
      configurable: true,
    });
    try {
      const guest = guestOf({ tcp: { connect: ['*'] } });
      expect(() => guest.connect(v4('127.0.0.1', 9))).toThrow('access-denied');
      guest.host.close();
    } finally {
      if (before === undefined) delete (process as { permission?: unknown }).permission;
      else Object.defineProperty(process, 'permission', before);
    }
  });
});

test.each([
  '',
  '1.2.3',
  '01.2.3.4:80',
  '10.0.0.0/33',
  '10.0.0.1:99999',
  '10.0.0.1:5-4',
  'fe80::1%1',
  'http://x',
  '*.*',
  'a b',
  '2130706433',
])('the rule %j is none, and throws at once', (rule) => {
  expect(() => createHost({ policy: { tcp: { connect: [rule] } } })).toThrow(TypeError);
});
