/** Where errors of dgram.Socket go: thrown at the call, given to the callback or emitted, as node's own. */
import type dgram from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import {
  closeQuietly,
  convertedDatagrams,
  type DatagramPath,
  nodeDatagrams,
} from './datagram-paths.js';

const open: { close(): unknown }[] = [];
afterEach(() => open.splice(0).forEach(closeQuietly));

type Call = (socket: dgram.Socket, callback: (error?: Error | null) => void) => unknown;

const calls: Record<string, { readonly type?: 'udp6'; readonly call: Call }> = {
  'send to an empty host': { call: (socket, done) => socket.send('x', 9, '', done) },
  'send to an empty host without a callback': { call: (socket) => socket.send('x', 9, '') },
  'send to a port that is text': {
    call: (socket, done) => socket.send('x', '9' as never, '127.0.0.1', done),
  },
  'send to a port of no number': {
    call: (socket, done) => socket.send('x', 'nine' as never, '127.0.0.1', done),
  },
  'send to port 0': { call: (socket, done) => socket.send('x', 0, '127.0.0.1', done) },
  'send to port 70000': { call: (socket, done) => socket.send('x', 70_000, '127.0.0.1', done) },
  'send without a port': { call: (socket) => socket.send('x') },
  'send to a host that is a number': {
    call: (socket, done) => socket.send('x', 9, 5 as never, done),
  },
  'send of a number': { call: (socket, done) => socket.send(5 as never, 9, '127.0.0.1', done) },
  'send of a list with a number': {
    call: (socket, done) => socket.send([5] as never, 9, '127.0.0.1', done),
  },
  'send beyond the end': { call: (socket, done) => socket.send('abc', 2, 5, 9, '127.0.0.1', done) },
  'send of 70000 bytes': {
    call: (socket, done) => socket.send(Buffer.alloc(70_000), 9, '127.0.0.1', done),
  },
  'send of 70000 bytes without a callback': {
    call: (socket) => socket.send(Buffer.alloc(70_000), 9, '127.0.0.1'),
  },
  'send to a host of another family': { call: (socket, done) => socket.send('x', 9, '::1', done) },
  'send to a host of another family without a callback': {
    call: (socket) => socket.send('x', 9, '::1'),
  },
  'connect to a port that is text': {
    call: (socket) => socket.connect('53' as never, '127.0.0.1'),
  },
  'connect to port 0': { call: (socket) => socket.connect(0, '127.0.0.1') },
  'connect to port 70000': { call: (socket, done) => socket.connect(70_000, '127.0.0.1', done) },
  'connect to a host that is a number': { call: (socket) => socket.connect(9, 5 as never) },
  'connect to a host of another family': {
    call: (socket, done) => socket.connect(9, '::1', done as () => void),
  },
  'connect to a host of another family without a callback': {
    call: (socket) => socket.connect(9, '::1'),
  },
  'bind to port 70000': { call: (socket) => socket.bind(70_000, '127.0.0.1') },
  'bind to an address of nobody': {
    call: (socket, done) => socket.bind(0, '192.0.2.1', done as () => void),
  },
  'bind to an address of another family': { call: (socket) => socket.bind(0, '::1') },
  'bind to a port that is text': { call: (socket) => socket.bind('0' as never, '127.0.0.1') },
  'bind to an interface that does not exist': {
    type: 'udp6',
    call: (socket) => socket.bind(0, 'fe80::1%nosuch'),
  },
  'disconnect of a socket that is not connected': { call: (socket) => socket.disconnect() },
  'remoteAddress of a socket that is not connected': { call: (socket) => socket.remoteAddress() },
  'address of a socket that is not bound': { call: (socket) => socket.address() },
  'setTTL of text': { call: (socket) => socket.setTTL('5' as never) },
  'addMembership of nothing': { call: (socket) => socket.addMembership('' as never) },
  'setMulticastInterface of a number': {
    call: (socket) => socket.setMulticastInterface(5 as never),
  },
  'setRecvBufferSize of text': { call: (socket) => socket.setRecvBufferSize('5' as never) },
  'close, then send': { call: (socket) => (socket.close(), socket.send('x', 9, '127.0.0.1')) },
  'close, then close': { call: (socket) => (socket.close(), socket.close()) },
  'close, then bind': { call: (socket) => (socket.close(), socket.bind(0)) },
  'close, then address': { call: (socket) => (socket.close(), socket.address()) },
  'close, then ref and unref': { call: (socket) => (socket.close(), socket.ref().unref()) },
  'send, then close': {
    call: (socket, done) => (socket.send('x', 9, '127.0.0.1', done), socket.close()),
  },
};

const nameOf = (error: unknown): string => {
  const { code, syscall, name } = error as NodeJS.ErrnoException;
  return `${code ?? name} ${syscall ?? ''}`.trim();
};

/** What happens after a call, in order: `thrown`, `callback` and `emitted` with the error's code. */
async function play(
  path: DatagramPath,
  name: string,
  { type, call }: { type?: 'udp6'; call: Call },
): Promise<string[]> {
  const socket = path.make(type);
  open.push(socket);
  const happened: string[] = [];
  for (const event of ['listening', 'connect', 'close']) {
    socket.on(event, () => happened.push(event));
  }
  socket.on('error', (error) => happened.push(`emitted ${nameOf(error)}`));
  const uncaught = (error: Error): void => void happened.push(`uncaught ${nameOf(error)}`);
  process.on('uncaughtException', uncaught);
  process.on('unhandledRejection', uncaught);
  try {
    call(socket, (error) => happened.push(`callback ${error ? nameOf(error) : ''}`.trim()));
  } catch (error) {
    happened.push(`thrown ${nameOf(error)}`);
  }
  await delay(60);
  closeQuietly(socket);
  await delay(5);
  if (happened.at(-1) === 'close' && !name.includes('close')) happened.pop();
  process.off('uncaughtException', uncaught);
  process.off('unhandledRejection', uncaught);
  return happened;
}

const expectations = new Map<string, Promise<string[]>>();

describe.each(convertedDatagrams)('$name', (path) => {
  test.each(Object.keys(calls))('%s: reported where node reports it', async (name) => {
    const each = calls[name] as { type?: 'udp6'; call: Call };
    if (!expectations.has(name)) expectations.set(name, play(nodeDatagrams, name, each));
    const expected = (await expectations.get(name)) as string[];
    const found = await play(path, name, each);
    // wasi:sockets reports other error codes for the same failure: where it is reported counts.
    const simplify = (list: string[]): string[] =>
      path.name.includes('wasi') ? list.map((text) => text.replace(/ E[A-Z]+ .*/, '')) : list;
    expect(simplify(found)).toEqual(simplify(expected));
  });

  test('a signal that aborts after close does nothing', async () => {
    const controller = new AbortController();
    const socket = path.make('udp4', { signal: controller.signal });
    const closed = once(socket, 'close');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    socket.close();
    // Before `close` is emitted, and after it.
    controller.abort();
    await closed;
    expect(() => socket.address()).toThrow(
      expect.objectContaining({ code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' }) as Error,
    );
  });
  test('a signal that is aborted already closes', async () => {
    const socket = path.make('udp4', { signal: AbortSignal.abort() });
    await once(socket, 'close');
  });
  test('a signal aborted in a listener of close does nothing', async () => {
    const controller = new AbortController();
    const socket = path.make('udp4', { signal: controller.signal });
    socket.once('close', () => controller.abort());
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  });
  test.each([{}, { aborted: false }, 'no', 5])('a signal that is none is refused: %j', (signal) => {
    expect(() => path.make('udp4', { signal: signal as never })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }) as Error,
    );
  });
});
