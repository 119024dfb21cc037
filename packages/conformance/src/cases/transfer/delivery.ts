/** Sent data arrives completely and in order, also around connect, shutdown and close. */
import { Domain, SockAddr, type Socket, Type } from '@sock/core';
import { equal, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { type Context, loopback } from '../../context.js';

const DATAGRAMS = 10_000;
/** That many datagrams of the smallest size fit the smallest default receive buffer. */
const BURST = 50;
const CHUNK = 65_536;

/** Sends a pattern of bytes until the queue is full. Returns the number of bytes sent. */
function fill(socket: Socket): number {
  const chunk = new Uint8Array(CHUNK);
  let sent = 0;
  for (;;) {
    for (let index = 0; index < CHUNK; index++) chunk[index] = (sent + index) % 251;
    const count = socket.trySend(chunk);
    if (count === undefined) return sent;
    sent += count;
  }
}

/** Receives to the end of the stream. Fails at the first byte that does not fit the pattern. */
async function drain(socket: Socket, wait: (socket: Socket) => unknown): Promise<number> {
  const buffer = new Uint8Array(CHUNK);
  let received = 0;
  for (;;) {
    await wait(socket);
    const count = socket.recv(buffer);
    if (count === 0) return received;
    for (let index = 0; index < count; index++) {
      if (buffer[index] !== (received + index) % 251) {
        equal(buffer[index], (received + index) % 251, `byte ${received + index}`);
      }
    }
    received += count;
  }
}

const inBlocking = (): void => {};
const onTheLoop = (socket: Socket): Promise<void> => socket.readable({ timeout: 10_000 });

/** A client that has filled its connection, and its peer that has read nothing. */
function filled(t: Context): [Socket, Socket, number] {
  const [client, server] = t.connectedPair();
  const sent = fill(client);
  ok(sent > 0, 'nothing could be sent');
  // Receive less than the last chunk: some hosts queue data beyond the buffer's size.
  return [client, server, sent + (client.trySend(Uint8Array.of(sent % 251)) ?? 0)];
}

export const delivery: readonly Case[] = [
  {
    name: 'a datagram that was sent before the first receive arrives',
    methods: ['sendTo', 'recvFrom'],
    run(t) {
      const [sender, receiver] = [t.bound('udp4'), t.bound('udp4')];
      sender.sendTo(bytes('early'), receiver.localAddr());
      const buffer = new Uint8Array(16);
      const [length, from] = receiver.recvFrom(buffer);
      equal(text(buffer, length), 'early');
      ok(from.equals(sender.localAddr()), from.toString());
    },
  },
  {
    name: 'ten thousand datagrams arrive in order, and none is lost while they fit the buffer',
    methods: ['send', 'recv'],
    timeout: 60_000,
    run(t) {
      const [sender, receiver] = t.connectedPair('udp4');
      const data = new Uint8Array(4);
      const view = new DataView(data.buffer);
      for (let first = 0; first < DATAGRAMS; first += BURST) {
        for (let number = first; number < first + BURST; number++) {
          view.setUint32(0, number);
          equal(sender.send(data), 4);
        }
        for (let number = first; number < first + BURST; number++) {
          equal(receiver.recv(data), 4);
          equal(view.getUint32(0), number);
        }
      }
    },
  },
  ...(
    [
      ['blocking', inBlocking],
      ['on the event loop', onTheLoop],
    ] as const
  ).map(([how, wait]): Case => ({
    name: `data sent before a close arrives even if the peer reads later: ${how}`,
    methods: ['trySend', 'close', 'recv', 'readable'],
    timeout: 30_000,
    async run(t) {
      const [client, server, sent] = filled(t);
      client.close();
      equal(await drain(server, wait), sent);
    },
  })),
  {
    name: 'data sent before a shutdown arrives, then the end, whatever is closed meanwhile',
    methods: ['trySend', 'shutdown', 'recv'],
    timeout: 30_000,
    async run(t) {
      for (const wait of [inBlocking, onTheLoop]) {
        for (const closes of [false, true]) {
          const [client, server, sent] = filled(t);
          client.shutdown('write');
          throwsCode('EPIPE', () => client.trySend(bytes('x')));
          if (closes) client.close();
          equal(await drain(server, wait), sent);
          if (!closes) {
            server.send(bytes('answer'));
            equal(text(t.recvAll(client, 6)), 'answer');
          }
          server.close();
        }
      }
    },
  },
  {
    name: 'a reset by the peer is reported as ECONNRESET once, then as the end of the stream',
    methods: ['recv', 'send', 'close'],
    async run(t) {
      for (const waits of [false, true]) {
        const listener = t.track(new (t.backend.Peer ?? t.Socket)(Domain.IPV4, Type.STREAM));
        listener.bind(loopback(Domain.IPV4));
        listener.listen(1);
        const client = t.socket('tcp4');
        client.connect(listener.localAddr());
        // A connection that nobody accepted is reset when its listener closes.
        listener.close();
        if (waits) await client.readable({ timeout: 5000 });
        const buffer = new Uint8Array(1);
        equal(throwsCode('ECONNRESET', () => client.recv(buffer)).syscall, 'recv');
        if (t.Socket.driver.system === 'win32') {
          // Windows says so each time.
          throwsCode(['ECONNRESET', 'ECONNABORTED'], () => client.recv(buffer));
          throwsCode(['ECONNRESET', 'ECONNABORTED'], () => client.send(buffer));
          continue;
        }
        equal(client.recv(buffer), 0);
        throwsCode('EPIPE', () => client.send(buffer));
      }
    },
  },
  {
    name: 'a refused connection, a port in use and a name that is too long have the same code everywhere',
    methods: ['connect', 'tryConnect', 'connectTimeout', 'bind', 'takeError'],
    async run(t) {
      const nobody = t.refusingAddress();
      const address = `${nobody.address}:${nobody.port}`;
      const refused = throwsCode('ECONNREFUSED', () => t.socket('tcp4').connect(nobody));
      equal(refused.message, `connect ECONNREFUSED ${address}`);
      throwsCode('ECONNREFUSED', () => t.socket('tcp4').connectTimeout(nobody, 5000));
      const pending = t.socket('tcp4');
      if (pending.tryConnect(nobody) === undefined) await pending.writable({ timeout: 5000 });
      equal(pending.takeError()?.code, 'ECONNREFUSED');

      const listener = t.listener();
      for (const link of ['tcp4', 'udp4'] as const) {
        const taken = link === 'tcp4' ? listener.localAddr() : t.bound(link).localAddr();
        const used = throwsCode('EADDRINUSE', () => t.socket(link).bind(taken));
        equal(used.message, `bind EADDRINUSE ${taken.address}:${taken.port}`);
        equal(used.errno, -(t.Socket.driver.errors['EADDRINUSE'] as number));
      }
      throwsCode('ERR_OUT_OF_RANGE', () => SockAddr.unix('x'.repeat(108)));
      throwsCode('ERR_OUT_OF_RANGE', () => SockAddr.abstract('x'.repeat(108)));
    },
  },
];
