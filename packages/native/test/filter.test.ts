/** Files sent by the kernel, packet filters, and the sender of the next datagram. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleFilter, Domain, SockAddr, Socket, Type } from '@sock/native';
import { expect, test } from 'vitest';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function udp(): Socket {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
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

test('a program of a group chooses the socket', () => {
  using first = new Socket(Domain.IPV4, Type.DGRAM);
  using second = new Socket(Domain.IPV4, Type.DGRAM);
  first.setReusePort(true);
  second.setReusePort(true);
  first.bind(SockAddr.ipv4('127.0.0.1', 0));
  second.bind(first.localAddr());
  // Always the second that joined.
  first.attachReuseportFilter([{ code: 0x06, k: 1 }]);
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
});
