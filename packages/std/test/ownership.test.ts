/** What a failed conversion leaves, and what happens at and after the end of an object. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import nodeNet from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Domain, Interest, Poller, SockAddr, Socket, Type } from '@sock/native';
import { intoDgramSocket, intoNetServer, intoNetSocket, sockRef } from '@sock/std';
import * as dropIn from '@sock/std/net';
import { describe, expect, test } from 'vitest';
import { type AnySocket, wasiSocket } from './paths.js';

const backends: [string, AnySocket][] = [
  ['@sock/native', Socket as unknown as AnySocket],
  ['@sock/wasi', wasiSocket],
];
const wrongSignals = [{}, { aborted: false }, { aborted: true }, null, 'no'];

describe.each(backends)(
  'a conversion that fails leaves the socket as it was: %s',
  (_, SocketOf) => {
    const listener = (): Socket => {
      const socket = new SocketOf(Domain.IPV4, Type.STREAM);
      socket.bind(SockAddr.ipv4('127.0.0.1', 0));
      socket.listen(1);
      return socket;
    };
    test.each([true, false])('intoNetServer, duplex: %s', (duplex) => {
      const socket = listener();
      const wrong: unknown[][] = [
        [null],
        [{ duplex }, 5],
        [{ duplex, server: {} }],
        [{ duplex, backlog: 'many' }],
        [{ duplex, backlog: 1n }],
      ];
      for (const values of wrong) {
        try {
          (intoNetServer(socket, ...(values as [])) as nodeNet.Server).close();
          throw new Error(`accepted ${String(values)}`);
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toMatch(/^ERR_/);
        }
        expect(socket.closed).toBe(false);
      }
      expect(socket.isListener()).toBe(true);
      socket.close();
    });
    test.each([true, false])('intoDgramSocket, duplex: %s', (duplex) => {
      const socket = new SocketOf(Domain.IPV4, Type.DGRAM);
      socket.bind(SockAddr.ipv4('127.0.0.1', 0));
      for (const signal of wrongSignals) {
        expect(() => intoDgramSocket(socket, { duplex, signal: signal as never })).toThrow(
          expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }) as Error,
        );
      }
      expect(() => intoDgramSocket(socket, null as never)).toThrow(TypeError);
      expect([socket.closed, socket.localAddr().port > 0]).toEqual([false, true]);
      socket.close();
    });
    test.each([true, false])('intoNetSocket, duplex: %s', (duplex) => {
      const server = listener();
      const socket = new SocketOf(Domain.IPV4, Type.STREAM);
      socket.connect(server.localAddr());
      for (const signal of wrongSignals) {
        expect(() => intoNetSocket(socket, { duplex, signal: signal as never })).toThrow(
          expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }) as Error,
        );
      }
      expect(() => intoNetSocket(socket, null as never)).toThrow(TypeError);
      expect(socket.closed).toBe(false);
      expect(socket.send(Buffer.from('usable'))).toBe(6);
      socket.close();
      server.close();
    });
  },
);

describe('closed is closed', () => {
  test('a drop-in server whose path is a folder by now closes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sock-close-'));
    const path = join(folder, 'socket');
    const server = dropIn.createServer({ sock: { sendBufferSize: 20_000 } }).listen(path);
    await once(server, 'listening');
    unlinkSync(path);
    mkdirSync(path);
    writeFileSync(join(path, 'file'), '');
    const closed = once(server, 'close');
    server.close();
    await closed;
    expect(server.listening).toBe(false);
    rmSync(folder, { recursive: true });
  });
  test('a drop-in server whose path it may not remove closes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sock-close-'));
    const program = new URL('fixtures/close-unprivileged.mjs', import.meta.url).pathname;
    const { stdout, stderr } = spawnSync(process.execPath, [program, join(folder, 'socket')], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect([stdout.trim(), stderr]).toEqual(['closed false', '']);
  });
  test('a view whose descriptor is gone, while a Poller has it, closes', () => {
    const poller = new Poller();
    const socket = new Socket(Domain.IPV4, Type.DGRAM);
    const view = Socket.borrowRawFd(socket.asRawFd());
    poller.register(view, 1, Interest.READABLE);
    socket.close();
    view.close();
    expect([view.closed, poller.size]).toEqual([true, 0]);
    poller.close();
  });
  test("a view of one of node's objects that a Poller has closes with the object", async () => {
    const server = nodeNet.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const poller = new Poller();
    const view = sockRef(server);
    poller.register(view, 1, Interest.READABLE);
    server.close();
    expect([view.closed, poller.size]).toEqual([true, 0]);
    await once(server, 'close');
    poller.close();
  });
});

describe.each([true, false])('a connecting socket, duplex: %s', (duplex) => {
  async function connecting(): Promise<{ server: nodeNet.Server; stream: nodeNet.Socket }> {
    const server = nodeNet.createServer((socket) => socket.on('error', () => undefined).resume());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = new Socket(Domain.IPV4, Type.STREAM);
    socket.tryConnect(SockAddr.ipv4('127.0.0.1', (server.address() as nodeNet.AddressInfo).port));
    // Loopback connects at once; a socket that is still connecting looks like this to the conversion.
    Object.defineProperty(socket, 'peerAddr', {
      value: () => {
        throw Object.assign(new Error('getpeername ENOTCONN'), { code: 'ENOTCONN' });
      },
      configurable: true,
    });
    Object.defineProperty(socket, 'tcpInfo', { value: () => ({ state: 'synSent' }) });
    return { server, stream: intoNetSocket(socket, { duplex }) };
  }
  test('emits only close after destroy()', async () => {
    const { server, stream } = await connecting();
    const events: string[] = [];
    for (const event of ['connect', 'ready', 'error', 'end', 'finish', 'close']) {
      stream.on(event, () => events.push(event));
    }
    expect(stream.connecting).toBe(true);
    stream.destroy();
    await delay(50);
    expect(events).toEqual(['close']);
    server.close();
  });
  test('an error of a connect listener is an uncaught exception', async () => {
    const program = new URL('fixtures/connect-listener.mjs', import.meta.url).pathname;
    const { stdout } = spawnSync(process.execPath, [program, String(duplex)], { encoding: 'utf8' });
    expect(stdout.trim()).toBe('uncaughtException from a listener');
  });
});
