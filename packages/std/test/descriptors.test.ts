/** Ten thousand conversions, closed or failing half-way: no descriptor stays open. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import nodeDgram from 'node:dgram';
import net from 'node:net';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { intoDgramSocket, intoNetServer, intoNetSocket, socketFrom, sockRef } from '@sock/std';
import { createSocket } from '@sock/std/dgram';
import { connect, createServer } from '@sock/std/net';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CYCLES = 10_000;
const loopback = (port = 0): SockAddr => SockAddr.ipv4('127.0.0.1', port);
const count = (): number => readdirSync('/proc/self/fd').length;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** Ignores errors: only the descriptors matter here. */
const quiet = <T extends { on(event: 'error', listener: () => void): unknown }>(it: T): T => {
  it.on('error', () => {});
  return it;
};

/** A server that closes every connection. `taken` is its port, which is in use. */
let server: net.Server;
let port: number;
beforeAll(async () => {
  server = net.createServer((socket) => quiet(socket).destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as net.AddressInfo);
  // The first wait opens the poller of this thread, once.
  const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
  await one.writable();
  one.close();
  other.close();
});
afterAll(() => {
  server.close();
});

const made = (domain: Domain, type: Type): Socket => new Socket(domain, type);
function listener(): Socket {
  const socket = made(Domain.IPV4, Type.STREAM);
  socket.bind(loopback());
  socket.listen(1);
  return socket;
}
function bound(): Socket {
  const socket = made(Domain.IPV4, Type.DGRAM);
  socket.bind(loopback());
  return socket;
}
/** One end of a pair; the other is closed. */
function unixStream(): Socket {
  const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
  other.close();
  return one;
}

const listening = net.createServer();
listening.listen(0);
afterAll(() => listening.close());

/** Fails unless the conversion is refused and the socket stays open. */
function refused(socket: Socket, why: RegExp, into: (socket: Socket) => unknown): void {
  expect(() => into(socket)).toThrow(why);
  if (socket.closed) throw new Error('it was consumed');
  socket.close();
}

const kinds: Record<string, () => unknown> = {
  'a listener into a net.Server': () => intoNetServer(listener()).close(),
  'a listener over the Duplex path': () => intoNetServer(listener(), { duplex: true }).close(),
  'a unix stream into a net.Socket': () => quiet(intoNetSocket(unixStream())).destroy(),
  'a unix stream over the Duplex path': () =>
    quiet(intoNetSocket(unixStream(), { duplex: true })).destroy(),
  'a connecting stream into a net.Socket': () => {
    const socket = made(Domain.IPV4, Type.STREAM);
    socket.tryConnect(loopback(port));
    return quiet(intoNetSocket(socket)).destroy();
  },
  'a bound datagram socket': () => intoDgramSocket(bound()).close(),
  'a connected datagram socket': () => {
    const socket = made(Domain.IPV4, Type.DGRAM);
    socket.connect(loopback(port));
    return intoDgramSocket(socket).close();
  },
  'an unbound datagram socket': () => intoDgramSocket(made(Domain.IPV4, Type.DGRAM)).close(),
  'a datagram socket over the Duplex path': () =>
    intoDgramSocket(bound(), { duplex: true }).close(),
  'a datagram socket whose signal is aborted': () =>
    intoDgramSocket(bound(), { signal: AbortSignal.abort() }),
  'a server that is already listening': () =>
    refused(listener(), /listens already/, (socket) =>
      intoNetServer(socket, { server: listening }),
    ),
  'an option that is refused': () =>
    refused(unixStream(), /AbortSignal/, (socket) =>
      intoNetSocket(socket, { signal: 'no' as never }),
    ),
  'a datagram option that is refused': () =>
    refused(bound(), /AbortSignal/, (socket) => intoDgramSocket(socket, { signal: 'no' as never })),
  'the wrong kind': () => refused(bound(), /dgram socket/, (socket) => intoNetServer(socket)),
  'a duplicate and a view of a net.Server': () => {
    socketFrom(listening).close();
    sockRef(listening).close();
  },
  'listen with options': () =>
    createServer({ sock: { keepalive: true } })
      .listen({ port: 0, host: undefined })
      .close(),
  'listen with options on a port in use': () =>
    quiet(createServer({ sock: { keepalive: true } })).listen({ port, host: '0.0.0.0' }),
  'listen with options, one of which fails': () =>
    quiet(createServer({ sock: { tcpCongestion: 'no-such-thing' } })).listen(0),
  'connect with options': () => {
    const socket = quiet(connect({ port, host: '127.0.0.1', sock: { nodelay: true } }));
    return new Promise((resolve) => socket.on('close', resolve).resume());
  },
  'connect with options, one of which fails': () =>
    quiet(connect({ port, host: '127.0.0.1', sock: { tcpCongestion: 'no-such-thing' } })),
  'bind with options': () => {
    const socket = createSocket({ type: 'udp4', sock: { ttl: 3 } });
    return socket.bind(0, '127.0.0.1', () => socket.close());
  },
  'bind with options to an address of another machine': () => {
    const socket = createSocket({ type: 'udp4', sock: { ttl: 3 } });
    return socket.on('error', () => socket.close()).bind(0, '192.0.2.1');
  },
};

test.each(Object.keys(kinds))(
  '%s',
  async (name) => {
    const cycle = kinds[name] as () => unknown;
    await settled(0);
    const before = count();
    for (let done = 0; done < CYCLES; done += 100) {
      await Promise.all(Array.from({ length: 100 }, cycle));
      await turn();
    }
    expect(await settled(before)).toBeLessThanOrEqual(before);
  },
  120_000,
);

/** The count of descriptors once it is at most `wanted` or no longer falls. */
async function settled(wanted: number): Promise<number> {
  let last = count();
  for (let same = 0; last > wanted && same < 50;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const now = count();
    same = now < last ? 0 : same + 1;
    last = now;
  }
  return last;
}

test('the test detects a descriptor that stays open', async () => {
  const before = count();
  const kept = nodeDgram.createSocket('udp4').bind(0);
  await once(kept, 'listening');
  expect(await settled(before)).toBe(before + 1);
  kept.close();
  expect(await settled(before)).toBe(before);
});
