/** Paths of unix sockets that are not UTF-8. The system accepts all bytes but NUL. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sock-paths-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const pathOf = (...name: number[]): Uint8Array =>
  Buffer.from([...Buffer.from(`${folder}/`), ...name]);

test('bytes in, bytes out: bind, localAddr, connect and the sender of a datagram', () => {
  const path = pathOf(0x78, 0xff, 0xc3);
  using receiver = new Socket(Domain.UNIX, Type.DGRAM);
  receiver.bind(SockAddr.unix(path));
  expect(readdirSync(folder, { encoding: 'buffer' })).toEqual([Buffer.from([0x78, 0xff, 0xc3])]);
  const local = receiver.localAddr();
  expect(local.pathBytes).toEqual(Uint8Array.from(path));
  expect(local.path).toBe(`${folder}/x\uFFFD\uFFFD`);
  using sender = new Socket(Domain.UNIX, Type.DGRAM);
  sender.bind(SockAddr.unix(pathOf(0xfe)));
  // An address from the system works as an argument.
  sender.connect(local);
  sender.send(Buffer.from('x'));
  const [, from] = receiver.recvFrom(Buffer.alloc(8));
  expect(from.pathBytes).toEqual(Uint8Array.from(pathOf(0xfe)));
  receiver.sendTo(Buffer.from('back'), from);
  expect(sender.recv(Buffer.alloc(8))).toBe(4);
  expect(SockAddr.unix(local.pathBytes as Uint8Array).equals(local)).toBe(true);
});

test('the bytes are a copy', () => {
  const address = SockAddr.unix('/run/app.sock');
  address.pathBytes?.fill(0);
  expect(address.path).toBe('/run/app.sock');
  expect(SockAddr.abstract('name').pathBytes).toBeUndefined();
  expect(SockAddr.ipv4('127.0.0.1', 1).pathBytes).toBeUndefined();
});
