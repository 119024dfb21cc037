/** sendfile(2), packet filters, and the sender of the next datagram. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  assembleFilter,
  Domain,
  type FilterRule,
  ifNameToIndex,
  SockAddr,
  SockFilter,
  Socket,
  Type,
} from '@sock/native';
import { expect, test } from 'vitest';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function udp(domain: Domain = Domain.IPV4): Socket {
  const socket = new Socket(domain, Type.DGRAM);
  socket.bind(domain === Domain.IPV4 ? SockAddr.ipv4('127.0.0.1', 0) : SockAddr.ipv6('::1', 0));
  socket.setReadTimeout(2000);
  return socket;
}

test('sendfile sends from an offset, so many bytes, and 0 at the end', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sock-'));
  const path = join(folder, 'file');
  writeFileSync(path, '0123456789');
  const file = openSync(path, 'r');
  const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
  const buffer = new Uint8Array(32);
  expect(one.sendfile(file, 2, 3)).toBe(3);
  expect(text(buffer.subarray(0, other.recv(buffer)))).toBe('234');
  expect(one.sendfile(file)).toBe(10);
  expect(other.recv(buffer)).toBe(10);
  expect(one.sendfile(file, 10)).toBe(0);
  expect(() => one.sendfile(-1)).toThrow(RangeError);
  expect(() => one.sendfile(file, -1)).toThrow(RangeError);
  closeSync(file);
  expect(() => one.sendfile(file)).toThrow(/sendfile EBADF/);
  one.close();
  other.close();
  rmSync(folder, { recursive: true });
});

test('peekSender tells who sent the next datagram, and leaves it', () => {
  using receiver = udp();
  using sender = udp();
  sender.sendTo(new TextEncoder().encode('hello'), receiver.localAddr());
  expect(receiver.peekSender().toString()).toBe(sender.localAddr().toString());
  expect(receiver.recv(new Uint8Array(16))).toBe(5);
});

test('a filter keeps out what it refuses, until it is detached', () => {
  using receiver = udp();
  using wanted = udp();
  using unwanted = udp();
  const to = receiver.localAddr();
  receiver.attachFilter(
    assembleFilter({ protocol: 17, host: '127.0.0.1', port: wanted.localAddr().port }),
  );
  unwanted.sendTo(new TextEncoder().encode('no'), to);
  wanted.sendTo(new TextEncoder().encode('yes'), to);
  const buffer = new Uint8Array(16);
  expect(text(buffer.subarray(0, receiver.recv(buffer)))).toBe('yes');
  expect(receiver.tryRecv(buffer)).toBeUndefined();
  receiver.detachFilter();
  unwanted.sendTo(new TextEncoder().encode('now'), to);
  expect(text(buffer.subarray(0, receiver.recv(buffer)))).toBe('now');
});

test('a filter by another host or protocol lets nothing through', () => {
  using receiver = udp();
  using sender = udp();
  for (const rule of [{ host: '192.0.2.1' }, { protocol: 6 }, { port: 1 }]) {
    receiver.attachFilter(assembleFilter(rule));
    sender.sendTo(new Uint8Array(1), receiver.localAddr());
    expect(receiver.tryRecv(new Uint8Array(4)), JSON.stringify(rule)).toBeUndefined();
  }
});

/** Expects that a datagram passes a filter with this rule. */
function expectPassed(rule: FilterRule, sender: Socket, receiver: Socket): void {
  receiver.attachFilter(assembleFilter(rule));
  sender.sendTo(Uint8Array.of(1), receiver.localAddr());
  expect(receiver.recv(new Uint8Array(4)), JSON.stringify(rule)).toBe(1);
}

/** Expects that it does not pass. */
function expectRefused(rule: FilterRule, sender: Socket, receiver: Socket): void {
  receiver.attachFilter(assembleFilter(rule));
  sender.sendTo(Uint8Array.of(1), receiver.localAddr());
  expect(receiver.tryRecv(new Uint8Array(4)), JSON.stringify(rule)).toBeUndefined();
}

test.each([
  [Domain.IPV4, '127.0.0.1', '192.0.2.1'],
  [Domain.IPV6, '::1', '::2'],
] as const)('rules hold on %s, each and together', (domain, host, other) => {
  using receiver = udp(domain);
  using sender = udp(domain);
  const [from, to] = [sender.localAddr().port, receiver.localAddr().port];
  for (const rule of [
    {},
    { protocol: 17 },
    { host },
    { port: from },
    { port: to },
    { protocol: 17, host, port: from },
  ]) {
    expectPassed(rule, sender, receiver);
  }
  for (const rule of [
    { protocol: 6 },
    { host: other },
    { port: 1 },
    { protocol: 6, port: from },
    { protocol: 17, host, port: 1 },
    { protocol: 17, host: other, port: from },
    { host: domain === Domain.IPV4 ? '::1' : '127.0.0.1' },
    { host: domain === Domain.IPV4 ? '::ffff:127.0.0.1' : '0.0.0.1' },
  ]) {
    expectRefused(rule, sender, receiver);
  }
});

test('an address of IPv6 is compared to its last word', () => {
  using receiver = udp(Domain.IPV6);
  using sender = udp(Domain.IPV6);
  for (const host of ['1::1', '0:0:1::1', '0:0:0:0:1::1', '::1:1', '::1:0:0:1']) {
    expectRefused({ host }, sender, receiver);
  }
});

test('ports are looked for where they are: in the first fragment, of a protocol that has some', () => {
  const PORT = 0x4242;
  /** An IPv4 packet whose payload looks like ports. */
  const packet = (protocol: number, fragment: number): Uint8Array => {
    const bytes = new Uint8Array(28);
    bytes.set([0x45, 0, 0, 0, 0, 1, fragment >> 8, fragment & 0xff, 64, protocol]);
    bytes.set([127, 0, 0, 1], 16);
    bytes.fill(0x42, 20);
    return bytes;
  };
  using sender = new Socket(Domain.IPV4, Type.RAW, 255);
  sender.setHeaderIncludedV4(true);
  using receiver = new Socket(Domain.PACKET, Type.DGRAM);
  receiver.setReadTimeout(2000);
  for (const [rule, protocol, fragment, expected] of [
    [{ port: PORT }, 17, 0, true],
    [{ port: PORT }, 132, 0, true],
    [{ port: PORT }, 253, 0, false],
    [{ port: PORT, protocol: 253 }, 253, 0, true],
    // The first fragment and a later one.
    [{ port: PORT }, 17, 0x2000, true],
    [{ port: PORT }, 17, 0x0004, false],
    [{ protocol: 17 }, 17, 0x0004, true],
  ] as const) {
    receiver.attachFilter(assembleFilter(rule));
    receiver.bind(SockAddr.packet({ interfaceIndex: ifNameToIndex('lo'), protocol: 0x0800 }));
    // Datagrams that others sent before the filter was attached.
    while (receiver.tryRecv(new Uint8Array(64)) !== undefined);
    sender.sendTo(packet(protocol, fragment), SockAddr.ipv4('127.0.0.1', 0));
    const buffer = new Uint8Array(64);
    const ours = (length: number | undefined): boolean =>
      length === 28 && buffer[9] === protocol && buffer[20] === 0x42;
    if (expected) {
      while (!ours(receiver.recv(buffer)));
    } else {
      for (let length; (length = receiver.tryRecv(buffer)) !== undefined;) {
        expect(ours(length), `${JSON.stringify(rule)} and ${protocol}, ${fragment}`).toBe(false);
      }
    }
  }
});

test('a program of a group shares out by what is in the datagram', () => {
  using even = new Socket(Domain.IPV4, Type.DGRAM);
  using odd = new Socket(Domain.IPV4, Type.DGRAM);
  for (const socket of [even, odd]) {
    socket.setReusePort(true);
    socket.setReadTimeout(2000);
    socket.bind(socket === even ? SockAddr.ipv4('127.0.0.1', 0) : even.localAddr());
  }
  const [LD_B_ABS, ALU_AND, RET_A] = [0x30, 0x54, 0x16];
  even.attachReuseportFilter([
    new SockFilter(LD_B_ABS, 0, 0, 0),
    new SockFilter(ALU_AND, 0, 0, 1),
    new SockFilter(RET_A),
  ]);
  using sender = udp();
  for (let i = 0; i < 8; i++) sender.sendTo(Uint8Array.of(i), even.localAddr());
  const buffer = new Uint8Array(1);
  const heard = (socket: Socket): number[] =>
    Array.from({ length: 4 }, () => (socket.recv(buffer), buffer[0] as number));
  expect(heard(even)).toEqual([0, 2, 4, 6]);
  expect(heard(odd)).toEqual([1, 3, 5, 7]);
});

test('a program of a group chooses the socket', () => {
  using first = new Socket(Domain.IPV4, Type.DGRAM);
  using second = new Socket(Domain.IPV4, Type.DGRAM);
  first.setReusePort(true);
  second.setReusePort(true);
  first.bind(SockAddr.ipv4('127.0.0.1', 0));
  second.bind(first.localAddr());
  // Always the second socket that joined.
  first.attachReusePortFilter([{ code: 0x06, k: 1 }]);
  using sender = udp();
  for (let i = 0; i < 8; i++) sender.sendTo(Uint8Array.of(i), first.localAddr());
  second.setReadTimeout(2000);
  const buffer = new Uint8Array(1);
  for (let i = 0; i < 8; i++) expect(second.recv(buffer)).toBe(1);
  expect(first.tryRecv(buffer)).toBeUndefined();
});

test('programs that make no sense are refused', () => {
  using socket = udp();
  expect(() => socket.attachFilter([])).toThrow(RangeError);
  expect(() => socket.attachFilter('x' as never)).toThrow(TypeError);
  expect(() => socket.attachFilter([{ code: 70_000 }])).toThrow(RangeError);
  expect(() => socket.attachFilter([{ code: 0xff, k: 0 }])).toThrow(/EINVAL/);
  expect(() => assembleFilter({ port: -1 })).toThrow(RangeError);
  expect(() => assembleFilter({ host: 'x' })).toThrow(TypeError);
  expect(() => assembleFilter({ host: '1::2::3' })).toThrow(TypeError);
  expect(() => assembleFilter({ protocol: 256 })).toThrow(RangeError);
  expect(() => assembleFilter(null as never)).toThrow(TypeError);
  for (const parts of [[-1], [65_536], [6, 256], [6, 0, -1], [6, 0, 0, 2 ** 32]] as const) {
    expect(() => new SockFilter(...(parts as unknown as [number]))).toThrow(RangeError);
  }
  expect(() => new SockFilter('6' as never)).toThrow(TypeError);
});
