/** What the parity table observes of each object: members, values in every state, events, results of calls. */
import { once } from 'node:events';
import type net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SockAddr, Socket } from '@sock/native';
import { membersOf, outcome, plain, recordEvents, valuesOf } from './members.js';
import type { Subject } from './subjects.js';

export type Found = Record<string, string>;

/** Puts a name before each key. */
function under(name: string, values: Found): Found {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`${name}: ${key}`, value]),
  );
}

const gone = async (object: {
  destroyed: boolean;
  once(event: string, run: () => void): unknown;
}) => {
  await new Promise<void>((resolve) => object.once('close', resolve));
};

/** Offset of tcpi_data_segs_out in `struct tcp_info` of Linux. */
const DATA_SEGMENTS = 156;
const segments = (view: Socket): number =>
  new DataView(view.getsockoptRaw(6, 11, 232).slice().buffer).getUint32(DATA_SEGMENTS, true);

async function streamStates(subject: Subject): Promise<Found> {
  const found: Found = {};
  const { stream, server } = await subject.dial();
  Object.assign(found, under('connecting', valuesOf(stream)));
  stream.write('héllo');
  found['connecting: bytesWritten after a write'] = String(stream.bytesWritten);
  const connected = once(server, 'connection') as Promise<[net.Socket]>;
  await once(stream, 'connect');
  const [peer] = await connected;
  server.close();
  peer.on('error', () => undefined);
  await delay(20);
  Object.assign(found, under('connected', valuesOf(stream)), under('member', membersOf(stream)));
  stream.pause();
  Object.assign(found, under('paused', valuesOf(stream)));
  stream.resume();
  peer.end('bye');
  await once(stream, 'end');
  Object.assign(found, under('ended by the peer', valuesOf(stream)));
  const closed = stream.destroyed && stream.closed ? Promise.resolve() : gone(stream);
  stream.destroy();
  Object.assign(found, under('destroyed', valuesOf(stream)));
  await closed;
  Object.assign(found, under('closed', valuesOf(stream)));
  peer.destroy();
  return found;
}

async function streamAddresses(subject: Subject): Promise<Found> {
  const found: Found = {};
  for (const asked of [true, false]) {
    const { stream, view, peer } = await subject.connect();
    if (asked) void [stream.remoteAddress, stream.localAddress];
    stream.destroy();
    const values = [stream.remoteAddress, stream.remotePort, stream.remoteFamily];
    found[`addresses after destroy, ${asked ? '' : 'not '}read before`] = plain(
      [...values, stream.localAddress, stream.address()],
      'port',
    );
    await gone(stream);
    view.close();
    peer.destroy();
  }
  return found;
}

async function streamOptions(subject: Subject): Promise<Found> {
  const found: Found = {};
  const { stream, view, peer } = await subject.connect();
  const keepAlive = (): string =>
    outcome(() => [
      view.keepalive(),
      view.tcpKeepaliveTime(),
      view.tcpKeepaliveInterval(),
      view.tcpKeepaliveRetries(),
    ]);
  const noDelay = (): string => outcome(() => view.nodelay());
  const steps: [string, () => unknown, () => string][] = [
    ['setKeepAlive()', () => stream.setKeepAlive(), keepAlive],
    ['setKeepAlive(true)', () => stream.setKeepAlive(true), keepAlive],
    ['setKeepAlive(true, 500)', () => stream.setKeepAlive(true, 500), keepAlive],
    ['setKeepAlive(true, 30500)', () => stream.setKeepAlive(true, 30_500), keepAlive],
    ['setKeepAlive(true, "x")', () => stream.setKeepAlive(true, 'x' as never), keepAlive],
    ['setKeepAlive(false)', () => stream.setKeepAlive(false), keepAlive],
    ['setNoDelay()', () => stream.setNoDelay(), noDelay],
    ['setNoDelay(false)', () => stream.setNoDelay(false), noDelay],
    ['setNoDelay("yes")', () => stream.setNoDelay('yes' as never), noDelay],
  ];
  for (const [name, run, look] of steps) found[name] = `${outcome(run, stream)}, then ${look()}`;

  const fired: string[] = [];
  stream.on('timeout', () => fired.push('timeout'));
  const times: unknown[] = [
    0,
    1,
    2 ** 31 - 1,
    2 ** 31,
    1e300,
    Infinity,
    -1,
    Number.NaN,
    'foo',
    '5',
    null,
  ];
  for (const time of times) {
    const result = outcome(() => stream.setTimeout(time as number), stream);
    await delay(8);
    found[`setTimeout(${String(time)})`] =
      `${result}, timeout ${String(stream.timeout)}, ${fired.splice(0).length} events`;
  }
  found['setTimeout(5, "no function")'] = outcome(
    () => stream.setTimeout(5, 'no' as never),
    stream,
  );
  found['setTimeout(0, "no function")'] = outcome(
    () => stream.setTimeout(0, 'no' as never),
    stream,
  );
  found['ref(), unref()'] = outcome(() => stream.unref().ref(), stream);
  stream.destroy();
  found['setTimeout after destroy'] = outcome(() => stream.setTimeout(5), stream);
  found['setKeepAlive after destroy'] = outcome(() => stream.setKeepAlive(true), stream);
  found['setNoDelay after destroy'] = outcome(() => stream.setNoDelay(true), stream);
  found['ref and unref after destroy'] = outcome(() => stream.ref().unref(), stream);
  await gone(stream);
  view.close();
  peer.destroy();
  return found;
}

async function streamWrites(subject: Subject): Promise<Found> {
  const found: Found = {};
  {
    const { stream, view, peer } = await subject.connect();
    peer.pause();
    const before = outcome(() => segments(view));
    stream.cork();
    for (let count = 0; count < 35; count += 1) stream.write('0123456789');
    found['corked: bytesWritten'] = String(stream.bytesWritten);
    stream.uncork();
    await delay(40);
    found['corked burst of 35 writes: segments'] = outcome(() => segments(view) - Number(before));
    found['written: bytesWritten'] = String(stream.bytesWritten);
    let cut: unknown = 'not called';
    stream.write(Buffer.alloc(16 << 20), (error) => {
      cut = (error as NodeJS.ErrnoException | null | undefined)?.code;
    });
    stream.write('é');
    stream.write('ab', 'utf16le');
    await delay(20);
    found['waiting for room: bytesWritten'] = String(stream.bytesWritten);
    found['waiting for room: writableLength'] = String(stream.writableLength);
    found['waiting for room: bufferSize'] = String((stream as { bufferSize?: number }).bufferSize);
    const events = recordEvents(stream);
    const told = new Promise((resolve) => stream.write('last', resolve));
    stream.destroy();
    found['destroyed while waiting: bytesWritten'] = String(stream.bytesWritten);
    found['destroyed while waiting: callback of write'] = ((await told) as NodeJS.ErrnoException)
      .code as string;
    await delay(20);
    found['destroyed while waiting: callback of the write in progress'] = String(cut);
    found['destroyed while waiting: events'] = events.join(' ');
    view.close();
    peer.destroy();
  }
  {
    const { stream, view, peer } = await subject.connect();
    peer.resume();
    const events = recordEvents(stream);
    const order: string[] = [];
    stream.write('one', () => order.push('one'));
    stream.write('two', () => order.push('two'));
    found['end returns'] = outcome(() => stream.end('three', () => order.push('end')), stream);
    await once(stream, 'finish');
    peer.end();
    if (!stream.closed) await gone(stream);
    found['callbacks of write and end'] = order.join(' ');
    found['events of an ended connection'] = events.join(' ');
    found['write after close'] = String(
      await new Promise((resolve) => {
        stream.on('error', () => undefined);
        stream.write('x', (error) => resolve((error as NodeJS.ErrnoException).code));
      }),
    );
    view.close();
  }
  for (const value of [null, undefined, 5, {}]) {
    const { stream, view, peer } = await subject.connect();
    found[`write(${plain(value)})`] = outcome(() => stream.write(value as never));
    stream.destroy();
    view.close();
    peer.destroy();
  }
  return found;
}

async function streamEnds(subject: Subject): Promise<Found> {
  const found: Found = {};
  const ways: Record<string, (stream: net.Socket) => unknown> = {
    destroy: (stream) => stream.destroy(),
    'destroy with an error': (stream) =>
      stream.destroy(Object.assign(new Error('mine'), { code: 'EMINE' })),
    destroySoon: (stream) => stream.destroySoon(),
    resetAndDestroy: (stream) => stream.resetAndDestroy(),
    'end, then destroy': (stream) => stream.end().destroy(),
    'resetAndDestroy twice': (stream) => stream.resetAndDestroy().resetAndDestroy(),
  };
  for (const [name, run] of Object.entries(ways)) {
    const { stream, view, peer } = await subject.connect();
    const events = recordEvents(stream);
    stream.on('error', () => undefined);
    const peerEvents = recordEvents(peer.resume());
    found[`${name}: returns`] = outcome(() => run(stream), stream);
    found[`${name}: state`] = plain([stream.destroyed, stream.readyState, stream.pending]);
    if (!stream.closed) await gone(stream);
    view.close();
    await delay(20);
    found[`${name}: events`] = events.join(' ');
    found[`${name}: events of the peer`] = peerEvents.join(' ');
    found[`${name}: again`] = outcome(() => run(stream), stream);
    peer.destroy();
  }
  const { stream, view, peer } = await subject.connect();
  found['connect of a connected stream'] = outcome(() => stream.connect(9, '127.0.0.1'), stream);
  stream.on('error', () => undefined).destroy();
  view.close();
  peer.destroy();
  return found;
}

async function serverStates(subject: Subject): Promise<Found> {
  const found: Found = {};
  const server = await subject.listen();
  Object.assign(found, under('listening', valuesOf(server)), under('member', membersOf(server)));
  found['address()'] = plain(server.address());
  found['ref(), unref()'] = outcome(() => server.unref().ref(), server);
  found['listen again'] = outcome(() => server.listen(0), server);
  found['getConnections'] = plain(
    await new Promise((resolve) =>
      server.getConnections((error, count) => resolve([error, count])),
    ),
  );
  const events = recordEvents(server);
  server.maxConnections = 1;
  const { port } = server.address() as net.AddressInfo;
  const clients = [1, 2].map(() => {
    const socket = new Socket('ipv4', 'stream');
    socket.connect(SockAddr.ipv4('127.0.0.1', port));
    return socket;
  });
  const [first] = (await once(server, 'connection')) as [net.Socket];
  await delay(30);
  Object.assign(found, under('accepted stream', valuesOf(first)));
  found['getConnections with one'] = plain(
    await new Promise((resolve) =>
      server.getConnections((error, count) => resolve([error, count])),
    ),
  );
  const closed = once(server, 'close');
  found['close returns'] = outcome(() => server.close(), server);
  Object.assign(found, under('closing', valuesOf(server)));
  first.destroy();
  await closed;
  Object.assign(found, under('closed', valuesOf(server)));
  found['events'] = events.join(' ').replace(/:\d+/g, '');
  found['close again'] = String(
    await new Promise((resolve) =>
      server.close((error) => resolve((error as NodeJS.ErrnoException)?.code)),
    ),
  );
  for (const client of clients) client.close();

  const options = {
    keepAlive: true,
    keepAliveInitialDelay: 40_000,
    noDelay: true,
    pauseOnConnect: true,
  };
  const configured = await subject.listen({ ...options, allowHalfOpen: true, highWaterMark: 1000 });
  const client = new Socket('ipv4', 'stream');
  client.connect(SockAddr.ipv4('127.0.0.1', (configured.address() as net.AddressInfo).port));
  const [stream] = (await once(configured, 'connection')) as [net.Socket];
  Object.assign(found, under('accepted with options', valuesOf(stream)));
  stream.destroy();
  client.close();
  configured.close();
  await once(configured, 'close');
  return found;
}

async function datagramStates(subject: Subject): Promise<Found> {
  const found: Found = {};
  const socket = subject.datagram();
  Object.assign(found, under('new', valuesOf(socket)), under('member', membersOf(socket)));
  const events = recordEvents(socket);
  found['bind returns'] = outcome(() => socket.bind(0, '127.0.0.1'), socket);
  await once(socket, 'listening');
  found['address()'] = plain(socket.address());
  const receiver = subject.datagram();
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address();
  socket.send('hello', port, '127.0.0.1');
  found['message'] = plain(await once(receiver, 'message').then(([, from]) => from as object));
  for (const [name, run] of Object.entries({
    connect: () => socket.connect(port, '127.0.0.1'),
    'connect again': () => socket.connect(port, '127.0.0.1'),
  })) {
    found[name] = outcome(run);
  }
  await once(socket, 'connect');
  found['remoteAddress()'] = plain(socket.remoteAddress());
  found['send to an address while connected'] = outcome(() => socket.send('x', port, '127.0.0.1'));
  found['disconnect'] = outcome(() => socket.disconnect());
  found['disconnect again'] = outcome(() => socket.disconnect());
  found['send after disconnect'] = String(
    await new Promise((resolve) => {
      try {
        socket.send('x', port, '127.0.0.1', (error, count) => resolve(error?.message ?? count));
      } catch (error) {
        resolve(`throws ${(error as NodeJS.ErrnoException).code}`);
      }
    }),
  );
  for (const [name, run] of Object.entries<() => unknown>({
    'setTTL(9)': () => socket.setTTL(9),
    'setTTL(0)': () => socket.setTTL(0),
    'setTTL(256)': () => socket.setTTL(256),
    'setMulticastTTL(3)': () => socket.setMulticastTTL(3),
    'setMulticastTTL(256)': () => socket.setMulticastTTL(256),
    'setMulticastLoopback(false)': () => socket.setMulticastLoopback(false),
    'setMulticastInterface(127.0.0.1)': () => socket.setMulticastInterface('127.0.0.1'),
    'setMulticastInterface(nonsense)': () => socket.setMulticastInterface('nonsense'),
    'setBroadcast(true)': () => socket.setBroadcast(true),
    'addMembership(127.0.0.1)': () => socket.addMembership('239.1.2.3', '127.0.0.1'),
    'addMembership again': () => socket.addMembership('239.1.2.3', '127.0.0.1'),
    'addMembership(no group)': () => socket.addMembership('10.0.0.1', '127.0.0.1'),
    'addMembership(nonsense)': () => socket.addMembership('nonsense'),
    dropMembership: () => socket.dropMembership('239.1.2.3', '127.0.0.1'),
    'dropMembership again': () => socket.dropMembership('239.1.2.3', '127.0.0.1'),
    addSourceSpecificMembership: () =>
      socket.addSourceSpecificMembership('127.0.0.1', '232.1.2.3', '127.0.0.1'),
    dropSourceSpecificMembership: () =>
      socket.dropSourceSpecificMembership('127.0.0.1', '232.1.2.3', '127.0.0.1'),
    'getSendQueueCount()': () => socket.getSendQueueCount(),
    'getSendQueueSize()': () => socket.getSendQueueSize(),
    'setRecvBufferSize(20000)': () => (
      socket.setRecvBufferSize(20_000),
      socket.getRecvBufferSize()
    ),
    'setSendBufferSize(20000)': () => (
      socket.setSendBufferSize(20_000),
      socket.getSendBufferSize()
    ),
    'setRecvBufferSize(-1)': () => socket.setRecvBufferSize(-1),
  })) {
    found[name] = outcome(run);
  }
  found['ref(), unref()'] = outcome(() => socket.unref().ref(), socket);
  // A bind that fails: the callback is not called, and the socket can be bound again.
  const failed = subject.datagram();
  const called: string[] = [];
  failed.bind(port, '127.0.0.1', () => called.push('callback'));
  const [error] = (await once(failed, 'error')) as [NodeJS.ErrnoException];
  found['failed bind'] = plain([error.code, error.syscall, called]);
  failed.bind(0, '127.0.0.1');
  found['bind after a bind that failed'] = await once(failed, 'listening').then(
    () => 'listening',
    (reason: NodeJS.ErrnoException) => reason.code as string,
  );
  found['callback of a failed bind, after another bind'] = plain(called);
  failed.close();
  const closed = once(socket, 'close');
  found['close returns'] = outcome(() => socket.close(), socket);
  await closed;
  Object.assign(found, under('closed', valuesOf(socket)));
  found['events'] = events.join(' ').replace(/:\d+/g, '');
  receiver.close();
  return found;
}

/** Every observation of one subject, by object. */
export async function observe(subject: Subject): Promise<Record<string, Found>> {
  return {
    'net.Socket': {
      ...(await streamStates(subject)),
      ...(await streamAddresses(subject)),
      ...(await streamOptions(subject)),
      ...(await streamWrites(subject)),
      ...(await streamEnds(subject)),
    },
    'net.Server': await serverStates(subject),
    'dgram.Socket': await datagramStates(subject),
  };
}
