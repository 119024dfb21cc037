/** Two loaded copies of the packages, as a loader makes them for `import` and `require` together. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as native from '@sock/native';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
let other: typeof native;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sock-copies-'));
  const outfile = join(folder, 'copy.cjs');
  const addon = fileURLToPath(new URL('../build/sock.node', import.meta.url));
  await build({
    entryPoints: [createRequire(import.meta.url).resolve('@sock/native')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'error',
    // The copy has its own path and the same addon.
    define: {
      'import.meta.url': JSON.stringify(new URL('../dist/index.js', import.meta.url).href),
    },
  });
  expect(addon).toBeTruthy();
  other = createRequire(import.meta.url)(outfile) as typeof native;
});
afterAll(() => rmSync(folder, { recursive: true }));

const { Domain, Type } = native;

test('they are two copies', () => {
  expect(other.Socket).not.toBe(native.Socket);
  expect(other.SockError).not.toBe(native.SockError);
});

test('an object of one is an instance of the class of the other', () => {
  for (const [from, to] of [
    [native, other],
    [other, native],
  ]) {
    using socket = new from!.Socket(Domain.IPV4, Type.DGRAM);
    expect(socket).toBeInstanceOf(to!.Socket);
    expect(from!.SockAddr.ipv4('127.0.0.1', 1)).toBeInstanceOf(to!.SockAddr);
    expect(new from!.DatagramBatch({ count: 1, size: 1 })).toBeInstanceOf(to!.DatagramBatch);
    expect(new from!.TcpKeepalive()).toBeInstanceOf(to!.TcpKeepalive);
    expect(new from!.MsgHdr({ buffers: [] })).toBeInstanceOf(to!.MsgHdr);
    expect(new from!.MsgHdrMut()).toBeInstanceOf(to!.MsgHdrMut);
    expect(new from!.Events()).toBeInstanceOf(to!.Events);
    using poller = new from!.Poller();
    expect(poller).toBeInstanceOf(to!.Poller);
    expect(poller).not.toBeInstanceOf(to!.Socket);
    let error: unknown;
    try {
      socket.peerAddr();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(to!.SockError);
  }
});

test('addresses, batches and sockets of one serve the other', () => {
  using receiver = new native.Socket(Domain.IPV4, Type.DGRAM);
  receiver.bind(other.SockAddr.ipv4('127.0.0.1', 0));
  using sender = new other.Socket(Domain.IPV4, Type.DGRAM);
  const batch = new native.DatagramBatch({ count: 1, size: 8 });
  batch.push(Buffer.from('hello'), other.SockAddr.from(receiver.localAddr().asSocket()!));
  sender.sendBatch(batch);
  using poller = new other.Poller();
  poller.register(receiver as never, 5, native.Interest.READABLE);
  expect(poller.poll(new native.Events(), 5000)).toBe(1);
  expect(receiver.recv(Buffer.alloc(8))).toBe(5);
});

test('a subclass keeps its own meaning', () => {
  class Mine extends native.Socket {}
  using mine = new Mine(Domain.IPV4, Type.DGRAM);
  using plain = new other.Socket(Domain.IPV4, Type.DGRAM);
  expect(mine).toBeInstanceOf(Mine);
  expect(mine).toBeInstanceOf(other.Socket);
  expect(plain).not.toBeInstanceOf(Mine);
});
