/** TCPSocket, TCPServerSocket and UDPSocket of Direct Sockets: the statements of the draft, on each backend. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import type { Socket as NativeSocket } from '@sock/native';
import {
  binding,
  TCPServerSocket as NativeServer,
  TCPSocket as NativeTcp,
  type TCPSocketShape,
  UDPSocket as NativeUdp,
  type MulticastController,
  type UDPMessage,
  type UDPSocketOptions,
} from '@sock/std/sockets';
import { afterEach, describe, expect, test } from 'vitest';
import { wasiSocket } from './paths.js';

const open: { close(): Promise<undefined> }[] = [];
afterEach(async () => {
  for (const it of open.splice(0)) await it.close().catch(() => undefined);
});
function keep<T extends { close(): Promise<undefined> }>(it: T): T {
  open.push(it);
  return it;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error('it was fulfilled'),
    (error: Error) => error,
  );

async function readAll(readable: ReadableStream<Uint8Array>): Promise<number[]> {
  const all: number[] = [];
  for await (const chunk of readable as unknown as AsyncIterable<Uint8Array>) all.push(...chunk);
  return all;
}

const backends = [
  ['@sock/native', { TCPSocket: NativeTcp, TCPServerSocket: NativeServer, UDPSocket: NativeUdp }],
  ['@sock/wasi', binding(wasiSocket as unknown as typeof NativeSocket)],
] as const;

describe.each(backends)('over %s', (name, { TCPSocket, TCPServerSocket, UDPSocket }) => {
  /** A server, the next connection that it accepts, and a client's socket. */
  async function pair(): Promise<[client: TCPSocketShape, accepted: TCPSocketShape]> {
    const server = keep(new TCPServerSocket('127.0.0.1'));
    const { readable, localPort } = await server.opened;
    const client = keep(new TCPSocket('127.0.0.1', localPort));
    const reader = readable.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    return [client, keep(value as TCPSocketShape)];
  }

  test('a server accepts, and bytes go both ways', async () => {
    const server = keep(new TCPServerSocket('127.0.0.1', { backlog: 5 }));
    const { readable, localAddress, localPort } = await server.opened;
    expect(localAddress).toBe('127.0.0.1');
    const client = keep(
      new TCPSocket('localhost', localPort, { noDelay: true, dnsQueryType: 'ipv4' }),
    );
    const reader = readable.getReader();
    const accepted = (await reader.read()).value as TCPSocketShape;
    const [there, here] = await Promise.all([accepted.opened, client.opened]);
    expect([here.remoteAddress, here.remotePort]).toEqual(['127.0.0.1', localPort]);
    expect([there.remoteAddress, there.remotePort]).toEqual([here.localAddress, here.localPort]);
    expect([there.localAddress, there.localPort]).toEqual(['127.0.0.1', localPort]);
    const writer = here.writable.getWriter();
    await writer.write(bytes(1, 2));
    await writer.write(bytes(3).buffer as ArrayBuffer);
    await writer.write(new DataView(bytes(4).buffer));
    await writer.close();
    expect(await readAll(there.readable)).toEqual([1, 2, 3, 4]);
    const answer = there.writable.getWriter();
    await answer.write(bytes(5));
    await answer.close();
    expect(await readAll(here.readable)).toEqual([5]);
    expect(await Promise.all([client.closed, accepted.closed])).toEqual([undefined, undefined]);
    reader.releaseLock();
    expect(await server.close()).toBe(undefined);
    expect(await server.closed).toBe(undefined);
  });

  test('reads into the buffers of the reader', async () => {
    const [client, accepted] = await pair();
    const writer = (await accepted.opened).writable.getWriter();
    await writer.write(bytes(1, 2, 3));
    const reader = (await client.opened).readable.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(2));
    expect([...(value as Uint8Array)]).toEqual([1, 2]);
  });

  test('a chunk may be changed once it is written', async () => {
    const [client, accepted] = await pair();
    const writer = (await client.opened).writable.getWriter();
    const chunk = new Uint8Array(8_000_000).fill(7);
    void writer.write(chunk).then(() => writer.close());
    chunk.fill(8);
    await new Promise((done) => setTimeout(done, 10));
    chunk.fill(9);
    let wrong = 0;
    let length = 0;
    const { readable } = await accepted.opened;
    for await (const piece of readable as unknown as AsyncIterable<Uint8Array>) {
      length += piece.length;
      // The first fill comes before the stream takes the chunk.
      if (piece.some((value) => value === 9)) wrong += 1;
    }
    expect([length, wrong]).toEqual([8_000_000, 0]);
  });

  test('closed waits for both streams; close needs them open and unlocked', async () => {
    const [client] = await pair();
    const { readable, writable } = await client.opened;
    const reader = readable.getReader();
    expect(await failure(client.close())).toMatchObject({ name: 'InvalidStateError' });
    reader.releaseLock();
    const writer = writable.getWriter();
    expect(await failure(client.close())).toMatchObject({ name: 'InvalidStateError' });
    await writer.close();
    writer.releaseLock();
    const first = await Promise.race([
      client.closed,
      new Promise((done) => setTimeout(done, 20, 'open')),
    ]);
    expect(first).toBe('open');
    expect(await client.close()).toBe(undefined);
    expect(await client.close()).toBe(undefined);
  });

  test('close before it is open, and of one that failed', async () => {
    const server = keep(new TCPServerSocket('127.0.0.1'));
    const { localPort } = await server.opened;
    await server.close();
    const client = new TCPSocket('127.0.0.1', localPort);
    expect(await failure(client.close())).toMatchObject({ name: 'InvalidStateError' });
    const error = await failure(client.opened);
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name: 'NetworkError', cause: { code: 'ECONNREFUSED' } });
    expect(await failure(client.closed)).toBe(error);
    expect(await failure(client.close())).toMatchObject({ name: 'InvalidStateError' });
  });

  test('a reset: both streams and closed reject with a NetworkError', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.resetAndDestroy());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = keep(new TCPSocket('127.0.0.1', (server.address() as net.AddressInfo).port));
    const { readable, writable } = await client.opened;
    const writer = writable.getWriter();
    await writer.write(bytes(1));
    const error = await failure(readable.getReader().read());
    expect(error).toMatchObject({ name: 'NetworkError', cause: { code: 'ECONNRESET' } });
    // The error was told to the reader; what is written next meets a connection that is gone.
    const written = await failure(writer.write(bytes(1)));
    expect(written).toMatchObject({ name: 'NetworkError', cause: { code: 'EPIPE' } });
    expect(await failure(client.closed)).toBe(error);
    server.close();
  });

  test('a chunk of a wrong type fails the writable alone', async () => {
    const [client] = await pair();
    const { readable, writable } = await client.opened;
    const writer = writable.getWriter();
    expect(await failure(writer.write('text' as unknown as Uint8Array))).toBeInstanceOf(TypeError);
    await readable.cancel();
    expect(await failure(client.closed)).toBeInstanceOf(TypeError);
  });

  test('UDP with a peer', async () => {
    const server = keep(new UDPSocket({ localAddress: '127.0.0.1' }));
    const bound = await server.opened;
    const client = keep(
      new UDPSocket({
        remoteAddress: 'localhost',
        remotePort: bound.localPort,
        dnsQueryType: 'ipv4',
      }),
    );
    const connected = await client.opened;
    expect([connected.remoteAddress, connected.remotePort]).toEqual(['127.0.0.1', bound.localPort]);
    expect(['remoteAddress' in bound, 'multicastController' in connected]).toEqual([false, false]);
    const writer = connected.writable.getWriter();
    await writer.write({ data: bytes(1, 2) });
    const reader = bound.readable.getReader();
    const { value } = await reader.read();
    expect(value).toEqual({
      data: bytes(1, 2),
      remoteAddress: '127.0.0.1',
      remotePort: connected.localPort,
    });
    const answer = bound.writable.getWriter();
    await answer.write({
      data: bytes(3),
      remoteAddress: 'localhost',
      remotePort: connected.localPort,
      dnsQueryType: 'ipv4',
    });
    const back = connected.readable.getReader();
    expect((await back.read()).value).toEqual({ data: bytes(3) });
    for (const message of [
      { remoteAddress: '127.0.0.1' },
      { remotePort: 5 },
      { dnsQueryType: 'ipv4' },
    ]) {
      const other = keep(
        new UDPSocket({ remoteAddress: '127.0.0.1', remotePort: bound.localPort }),
      );
      const sender = (await other.opened).writable.getWriter();
      const wrong = { data: bytes(1), ...message } as UDPMessage;
      expect(await failure(sender.write(wrong))).toBeInstanceOf(TypeError);
      sender.releaseLock();
    }
    for (const lock of [writer, reader, answer, back]) lock.releaseLock();
    expect(await client.close()).toBe(undefined);
    expect(await server.close()).toBe(undefined);
  });

  test('a message without data, or without an address where there is no peer', async () => {
    for (const message of [
      {},
      { data: 'text' },
      5,
      { data: bytes(1) },
      { data: bytes(1), remotePort: 5 },
    ]) {
      const socket = keep(new UDPSocket({ localAddress: '127.0.0.1' }));
      const writer = (await socket.opened).writable.getWriter();
      expect(await failure(writer.write(message as UDPMessage))).toBeInstanceOf(TypeError);
      writer.releaseLock();
    }
  });

  test.runIf(name === '@sock/native')('a socket of :: reaches IPv4, unless ipv6Only', async () => {
    const server = keep(new UDPSocket({ localAddress: '127.0.0.1' }));
    const { localPort, readable } = await server.opened;
    const dual = keep(
      new UDPSocket({ localAddress: '::', ipv6Only: false, sendBufferSize: 70_000 }),
    );
    const message = { data: bytes(1), remoteAddress: '127.0.0.1', remotePort: localPort };
    await (await dual.opened).writable.getWriter().write(message);
    expect((await readable.getReader().read()).value).toMatchObject({ remoteAddress: '127.0.0.1' });
    const six = keep(new UDPSocket({ localAddress: '::', ipv6Only: true }));
    const refused = failure((await six.opened).writable.getWriter().write(message));
    expect(await refused).toMatchObject({ name: 'NetworkError' });
  });

  test.runIf(name === '@sock/native')('multicast groups', async () => {
    const options = {
      localAddress: '0.0.0.0',
      multicastAllowAddressSharing: true,
      multicastLoopback: true,
      multicastTimeToLive: 0,
    };
    const first = keep(new UDPSocket(options));
    const { localPort, multicastController } = await first.opened;
    const second = keep(new UDPSocket({ ...options, localPort }));
    expect((await second.opened).localPort).toBe(localPort);
    await multicastController?.joinGroup('239.1.2.3');
    expect(multicastController?.joinedGroups).toEqual(['239.1.2.3']);
    expect(
      await failure(multicastController?.joinGroup('239.1.2.3') as Promise<undefined>),
    ).toMatchObject({ name: 'InvalidStateError' });
    expect(
      await failure(multicastController?.joinGroup('::1') as Promise<undefined>),
    ).toBeInstanceOf(TypeError);
    // No multicast address.
    expect(
      await failure(multicastController?.joinGroup('10.0.0.1') as Promise<undefined>),
    ).toBeInstanceOf(TypeError);
    await multicastController?.leaveGroup('239.1.2.3');
    expect(multicastController?.joinedGroups).toEqual([]);
    expect(
      await failure(multicastController?.leaveGroup('239.1.2.3') as Promise<undefined>),
    ).toMatchObject({ name: 'InvalidStateError' });
    await first.close();
    expect(
      await failure(multicastController?.joinGroup('239.1.2.3') as Promise<undefined>),
    ).toMatchObject({ name: 'InvalidStateError' });
  });

  test.runIf(name === '@sock/native')('groups of one source', async () => {
    const socket = keep(new UDPSocket({ localAddress: '0.0.0.0', multicastLoopback: true }));
    const { localPort, readable, multicastController } = await socket.opened;
    const controller = multicastController as MulticastController;
    const source = { sourceAddress: '192.0.2.100' };
    await controller.joinGroup('232.1.1.1', source);
    await controller.joinGroup('239.0.0.1');
    expect(controller.joinedGroups).toEqual([
      { groupAddress: '232.1.1.1', sourceAddress: '192.0.2.100' },
      '239.0.0.1',
    ]);
    expect(await failure(controller.joinGroup('232.1.1.1', source))).toMatchObject({
      name: 'InvalidStateError',
    });
    for (const sourceAddress of ['239.1.1.1', '127.0.0.1', '0.0.0.0', '::2', 'host', '']) {
      const joined = failure(controller.joinGroup('232.1.1.2', { sourceAddress }));
      expect(await joined, sourceAddress).toBeInstanceOf(TypeError);
    }
    // Another membership of the same group is not left by this.
    expect(await failure(controller.leaveGroup('232.1.1.1'))).toMatchObject({
      name: 'InvalidStateError',
    });
    // A datagram of another source does not arrive; one of a group of any source does.
    const sender = keep(new UDPSocket({ localAddress: '0.0.0.0', multicastLoopback: true }));
    const writer = (await sender.opened).writable.getWriter();
    for (const [at, remoteAddress] of ['232.1.1.1', '239.0.0.1'].entries()) {
      await writer.write({ data: bytes(at), remoteAddress, remotePort: localPort });
    }
    writer.releaseLock();
    const reader = readable.getReader();
    expect((await reader.read()).value?.data).toEqual(bytes(1));
    reader.releaseLock();
    await controller.leaveGroup('232.1.1.1', source);
    expect(controller.joinedGroups).toEqual(['239.0.0.1']);
  });

  test('null for options, and arguments that are no addresses', async () => {
    const server = keep(new TCPServerSocket('127.0.0.1', null as never));
    const { localPort } = await server.opened;
    const client = keep(new TCPSocket('127.0.0.1', localPort, null as never));
    expect((await client.opened).remotePort).toBe(localPort);
    const Tcp = TCPSocket as unknown as new (...values: unknown[]) => TCPSocketShape;
    expect(() => new Tcp('127.0.0.1')).toThrow(TypeError);
    expect(() => new Tcp('127.0.0.1', 1, 5)).toThrow(TypeError);
    // An object is no connection: it is converted to text.
    expect((await new Tcp({ toString: () => '127.0.0.1' }, localPort).opened).remotePort).toBe(
      localPort,
    );
  });

  test('a server that cannot bind, and one whose stream is locked', async () => {
    const server = keep(new TCPServerSocket('127.0.0.1'));
    const { localPort, readable } = await server.opened;
    const second = new TCPServerSocket('127.0.0.1', { localPort });
    expect(await failure(second.opened)).toMatchObject({
      name: 'NetworkError',
      cause: { code: 'EADDRINUSE' },
    });
    const reader = readable.getReader();
    const pending = reader.read();
    expect(await failure(server.close())).toMatchObject({ name: 'InvalidStateError' });
    await reader.cancel();
    expect(await pending).toEqual({ done: true, value: undefined });
    await server.closed;
  });
});

describe('constructor steps', () => {
  test.each<[string, () => unknown]>([
    ['keepAliveDelay below 1000', () => new NativeTcp('x', 1, { keepAliveDelay: 999 })],
    ['sendBufferSize of 0', () => new NativeTcp('x', 1, { sendBufferSize: 0 })],
    ['receiveBufferSize of 0', () => new NativeTcp('x', 1, { receiveBufferSize: 0 })],
    ['an unknown dnsQueryType', () => new NativeTcp('x', 1, { dnsQueryType: 'ipv5' as 'ipv4' })],
    ['a port out of range', () => new NativeTcp('x', 65_536)],
    ['a server by name', () => new NativeServer('localhost')],
    ['a server of port 0', () => new NativeServer('127.0.0.1', { localPort: 0 })],
    ['a backlog of 0', () => new NativeServer('127.0.0.1', { backlog: 0 })],
    ['ipv6Only of IPv4', () => new NativeServer('127.0.0.1', { ipv6Only: true })],
  ])('%s throws a TypeError', (_, make) => {
    expect(make).toThrow(TypeError);
  });

  test.each<[string, UDPSocketOptions]>([
    ['neither a peer nor a local address', {}],
    ['a remote address without a port', { remoteAddress: '127.0.0.1' }],
    ['a remote port without an address', { remotePort: 5 }],
    ['a local port without an address', { localPort: 5 }],
    ['a local port of 0', { localAddress: '127.0.0.1', localPort: 0 }],
    ['a peer and a local address', { remoteAddress: 'x', remotePort: 1, localAddress: '::' }],
    ['a local name', { localAddress: 'localhost' }],
    ['dnsQueryType without a peer', { localAddress: '::', dnsQueryType: 'ipv4' }],
    ['ipv6Only with a peer', { remoteAddress: 'x', remotePort: 1, ipv6Only: true }],
    ['ipv6Only of another address', { localAddress: '::1', ipv6Only: true }],
    ['sendBufferSize of 0', { localAddress: '::', sendBufferSize: 0 }],
    ['receiveBufferSize of 0', { localAddress: '::', receiveBufferSize: 0 }],
    ['a time to live of 256', { localAddress: '::', multicastTimeToLive: 256 }],
  ])('UDPSocket with %s throws a TypeError', (_, options) => {
    expect(() => new NativeUdp(options)).toThrow(TypeError);
  });
});

test.runIf(process.platform === 'linux')('no descriptor is left', async () => {
  const count = (): number => readdirSync('/proc/self/fd').length;
  const round = async (): Promise<void> => {
    const server = new NativeServer('127.0.0.1');
    const { localPort, readable } = await server.opened;
    const client = new NativeTcp('localhost', localPort);
    const reader = readable.getReader();
    const accepted = (await reader.read()).value as TCPSocketShape;
    reader.releaseLock();
    await Promise.all([accepted.opened, client.opened]);
    const lost = new NativeTcp('localhost', 1);
    await lost.opened.catch(() => undefined);
    const udp = new NativeUdp({ localAddress: '127.0.0.1' });
    await udp.opened;
    for (const it of [accepted, client, server, udp]) await it.close();
  };
  await round();
  const before = count();
  for (let rounds = 0; rounds < 20; rounds++) await round();
  // Fewer when the collector has closed what earlier tests left meanwhile.
  expect(count()).toBeLessThanOrEqual(before);
});
