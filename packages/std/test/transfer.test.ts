/** Sockets that move to threads and processes, and what is left of them when nobody takes them. */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { receiveSocket, sendSocket } from '@sock/std';
import { beforeAll, describe, expect, test } from 'vitest';
import { wasiSocket } from './paths.js';

const taker = join(import.meta.dirname, 'fixtures', 'taker.mjs');
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const openFds = (): number => readdirSync('/proc/self/fd').length;
const LIMIT = { timeout: 20_000 };

// The first wait opens the poller of this thread, which stays.
beforeAll(async () => {
  const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
  await expect(one.readable({ timeout: 1 })).rejects.toThrow('ETIMEDOUT');
  for (const socket of [one, other]) socket.close();
});

interface Taker {
  readonly channel: Worker | ChildProcess;
  tell(message: object): void;
  end(): Promise<void>;
}

async function startWorker(): Promise<Taker> {
  const channel = new Worker(taker);
  await once(channel, 'message');
  return {
    channel,
    tell: (message) => channel.postMessage(message),
    async end() {
      await channel.terminate();
    },
  };
}

async function startProcess(): Promise<Taker> {
  const channel = fork(taker, { execArgv: [] });
  await once(channel, 'message');
  return {
    channel,
    tell: (message) => channel.send(message),
    async end() {
      const exit = once(channel, 'exit');
      if (channel.kill('SIGKILL')) await exit;
    },
  };
}

/** The message of a taker's own, not an offer. */
async function told(channel: Worker | ChildProcess): Promise<Record<string, unknown>> {
  for (;;) {
    const [message] = (await once(channel, 'message')) as [Record<string, unknown>];
    if ('about' in message || 'failed' in message) return message;
  }
}

/** Whether every descriptor of the other end is closed, in each process: the stream is at its end. */
async function isClosed(peer: Socket): Promise<boolean> {
  const length = await peer.recvAsync(new Uint8Array(16), LIMIT);
  peer.close();
  return length === 0;
}

const pair = (): [Socket, Socket] => Socket.pair(Domain.UNIX, Type.STREAM);

function listener(): Socket {
  const socket = new Socket(Domain.IPV4, Type.STREAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  socket.listen(8);
  return socket;
}

/** A socket of each kind. Data waits in those that receive. */
const kinds: Record<string, () => [socket: Socket, about: unknown[], rest: Socket[]]> = {
  'a listener': () => [listener(), ['ipv4', 'stream', true, ''], []],
  'a TCP connection with unread data': () => {
    const server = listener();
    const client = new Socket(Domain.IPV4, Type.STREAM);
    client.connect(server.localAddr());
    const [connection] = server.accept();
    client.send(text('unread'));
    return [connection, ['ipv4', 'stream', false, 'unread'], [client, server]];
  },
  UDP: () => {
    const socket = new Socket(Domain.IPV6, Type.DGRAM);
    socket.bind(SockAddr.ipv6('::1', 0));
    socket.sendTo(text('datagram'), socket.localAddr());
    return [socket, ['ipv6', 'dgram', false, 'datagram'], []];
  },
  'a unix stream': () => {
    const [one, other] = pair();
    other.send(text('stream'));
    return [one, ['unix', 'stream', false, 'stream'], [other]];
  },
  'unix sequenced packets': () => {
    const [one, other] = Socket.pair(Domain.UNIX, Type.SEQPACKET);
    other.send(text('packet'));
    return [one, ['unix', 'seqpacket', false, 'packet'], [other]];
  },
  netlink: () => [new Socket(Domain.NETLINK, Type.RAW, 0), ['netlink', 'raw', false, ''], []],
};

describe.runIf(process.platform === 'linux').each([
  ['a worker', startWorker],
  ['a process', startProcess],
] as const)('to %s', (_, start) => {
  test('a socket of each kind arrives as it was', async () => {
    const { channel, tell, end } = await start();
    for (const [name, make] of Object.entries(kinds)) {
      const [socket, about, rest] = make();
      tell({ take: 'describe' });
      const answer = told(channel);
      await sendSocket(channel, socket);
      expect(socket.closed, name).toBe(true);
      expect(await answer, name).toEqual({ about });
      for (const other of rest) other.close();
    }
    await end();
  });

  test('a socket comes back, and works', async () => {
    const before = openFds();
    const { channel, tell, end } = await start();
    const [one, other] = pair();
    tell({ take: 'back' });
    const back = receiveSocket(channel, Socket, LIMIT);
    await sendSocket(channel, one);
    const returned = await back;
    returned.send(text('again'));
    const buffer = new Uint8Array(8);
    expect(other.recv(buffer)).toBe(5);
    returned.close();
    expect(await isClosed(other)).toBe(true);
    await end();
    await delay(50);
    expect(openFds()).toBe(before);
  });

  test('many at once arrive, one each', async () => {
    const { channel, tell, end } = await start();
    tell({ take: 'answer', count: 50 });
    const pairs = Array.from({ length: 50 }, pair);
    await Promise.all(pairs.map(([one]) => sendSocket(channel, one)));
    for (const [, other] of pairs) {
      expect(await other.recvExactAsync(new Uint8Array(1), LIMIT)).toBe(1);
      expect(await isClosed(other)).toBe(true);
    }
    await end();
  });

  test('nobody takes it: the time-out, an abort and a death close it', async () => {
    const before = openFds();
    const { channel, end } = await start();
    const late = pair();
    await expect(sendSocket(channel, late[0], { timeout: 50 })).rejects.toMatchObject({
      code: 'ERR_SOCK_NOT_TAKEN',
    });
    expect([late[0].closed, await isClosed(late[1])]).toEqual([true, true]);

    const aborted = pair();
    const reason = new Error('no longer');
    const controller = new AbortController();
    const giving = sendSocket(channel, aborted[0], { signal: controller.signal });
    controller.abort(reason);
    await expect(giving).rejects.toBe(reason);
    expect([aborted[0].closed, await isClosed(aborted[1])]).toEqual([true, true]);

    const dead = pair();
    const lost = sendSocket(channel, dead[0]);
    const [failure] = await Promise.allSettled([lost, end()]);
    expect(failure).toMatchObject({ reason: { code: 'ERR_SOCK_NOT_TAKEN' } });
    expect([dead[0].closed, await isClosed(dead[1])]).toEqual([true, true]);

    const kept = pair();
    await expect(sendSocket(channel, kept[0])).rejects.toMatchObject({
      code: 'ERR_SOCK_CHANNEL_CLOSED',
    });
    await expect(receiveSocket(channel, Socket)).rejects.toMatchObject({
      code: 'ERR_SOCK_CHANNEL_CLOSED',
    });
    expect(kept[0].closed).toBe(false);
    for (const socket of kept) socket.close();
    await delay(50);
    expect(openFds()).toBe(before);
  });

  test('a receiver that waits learns of the end of the channel', async () => {
    const { channel, end } = await start();
    const [failure] = await Promise.allSettled([receiveSocket(channel, Socket), end()]);
    expect(failure).toMatchObject({ reason: { code: 'ERR_SOCK_CHANNEL_CLOSED' } });
  });
});

describe.runIf(process.platform === 'linux')('over a MessagePort', () => {
  test('an offer waits for its receiver; an aborted receiver takes nothing', async () => {
    const { port1, port2 } = new MessageChannel();
    const [one, other] = pair();
    await expect(receiveSocket(port2, Socket, { timeout: 20 })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    });
    const giving = sendSocket(port1, one);
    await delay(30);
    const taken = await receiveSocket(port2, Socket, LIMIT);
    await giving;
    expect([one.closed, taken.closed]).toEqual([true, false]);
    taken.close();
    expect(await isClosed(other)).toBe(true);
    port1.close();
  });

  test('a withdrawn offer is passed over', async () => {
    const { port1, port2 } = new MessageChannel();
    const [lost, kept] = [pair(), pair()];
    await expect(sendSocket(port1, lost[0], { timeout: 20 })).rejects.toMatchObject({
      code: 'ERR_SOCK_NOT_TAKEN',
    });
    const giving = sendSocket(port1, kept[0]);
    const taken = await receiveSocket(port2, Socket, LIMIT);
    await giving;
    kept[1].send(text('x'));
    expect(taken.recv(new Uint8Array(4))).toBe(1);
    for (const socket of [taken, kept[1], lost[1]]) socket.close();
    port1.close();
  });

  test('a message that is dropped closes the socket', async () => {
    const { port1, port2 } = new MessageChannel();
    const [one, other] = pair();
    const giving = sendSocket(port1, one);
    port2.close();
    await expect(giving).rejects.toMatchObject({ code: 'ERR_SOCK_NOT_TAKEN' });
    expect(await isClosed(other)).toBe(true);
    // The port is closed now: the message goes nowhere.
    const late = pair();
    await expect(sendSocket(port1, late[0])).rejects.toMatchObject({ code: 'ERR_SOCK_NOT_TAKEN' });
    expect(await isClosed(late[1])).toBe(true);
  });

  test('the class of the receiver is kept', async () => {
    class Mine extends Socket {}
    const { port1, port2 } = new MessageChannel();
    const [one, other] = pair();
    const [taken] = await Promise.all([receiveSocket(port2, Mine), sendSocket(port1, one)]);
    expect(taken).toBeInstanceOf(Mine);
    for (const socket of [taken, other]) socket.close();
    port1.close();
  });
});

describe.runIf(process.platform === 'linux')('over a unix Socket', () => {
  test.each([Type.STREAM, Type.SEQPACKET, Type.DGRAM])('%s', async (type) => {
    const [here, there] = Socket.pair(Domain.UNIX, type);
    const pairs = [pair(), pair()];
    for (const [one] of pairs) await sendSocket(here, one);
    expect(pairs.map(([one]) => one.closed)).toEqual([true, true]);
    class Mine extends Socket {}
    for (const [, other] of pairs) {
      const taken = await receiveSocket(there, Mine, LIMIT);
      expect(taken).toBeInstanceOf(Mine);
      taken.close();
      expect(await isClosed(other)).toBe(true);
    }
    here.close();
    there.close();
  });

  test('the system closes what nobody receives; a channel without a peer leaves the socket open', async () => {
    const [here, there] = pair();
    const [one, other] = pair();
    await sendSocket(here, one);
    there.close();
    expect(await isClosed(other)).toBe(true);
    const [kept, peer] = pair();
    await expect(sendSocket(here, kept)).rejects.toMatchObject({ code: 'EPIPE' });
    expect(kept.closed).toBe(false);
    for (const socket of [kept, peer, here]) socket.close();
  });

  test('a full channel: the socket stays until there is room, or is kept when aborted', async () => {
    const [here, there] = Socket.pair(Domain.UNIX, Type.SEQPACKET);
    while (here.trySend(new Uint8Array(1)) !== undefined);
    const [one, other] = pair();
    await expect(sendSocket(here, one, { timeout: 30 })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    });
    expect(one.closed).toBe(false);
    for (const socket of [one, other, here, there]) socket.close();
  });

  test('what is no socket is refused, and closed', async () => {
    const before = openFds();
    const [here, there] = pair();
    here.send(text('x'));
    await expect(receiveSocket(there, Socket)).rejects.toMatchObject({ code: 'EBADMSG' });
    const file = openSync('/dev/null', 'r');
    here.sendmsg({ buffers: [text('x')], control: [{ kind: 'rights', fds: [file] }] });
    closeSync(file);
    await expect(receiveSocket(there, Socket)).rejects.toMatchObject({ code: 'ENOTSOCK' });
    here.close();
    await expect(receiveSocket(there, Socket)).rejects.toMatchObject({
      code: 'ERR_SOCK_CHANNEL_CLOSED',
    });
    there.close();
    expect(openFds()).toBe(before);
  });

  test("CPython's send_fds and recv_fds are the other end", async () => {
    const [here, there] = pair();
    const program = `
import socket, sys
channel = socket.socket(fileno=3)
data, fds, flags, address = socket.recv_fds(channel, 16, 4)
socket.send_fds(channel, [b'.'], fds)`;
    const python = spawn('python3', ['-c', program], {
      stdio: ['ignore', 'inherit', 'inherit', there.asRawFd()],
    });
    there.close();
    const [one, other] = pair();
    await sendSocket(here, one);
    const back = await receiveSocket(here, Socket, LIMIT);
    await once(python, 'exit');
    back.close();
    expect(await isClosed(other)).toBe(true);
    here.close();
  });
});

test('a process that offers to its parent and dies takes the socket with it', async () => {
  const { channel, tell, end } = await startProcess();
  const [one, other] = pair();
  tell({ take: 'back' });
  await sendSocket(channel, one);
  // The offer is here now or comes soon. Nobody takes it.
  await delay(20);
  await end();
  expect(await isClosed(other)).toBe(true);
});

test('wrong arguments are refused at once, and the socket stays', async () => {
  const { port1, port2 } = new MessageChannel();
  const [one, other] = pair();
  const tcp = new Socket(Domain.IPV4, Type.STREAM);
  const type = { code: 'ERR_INVALID_ARG_TYPE' };
  for (const channel of [null, undefined, 1, {}, { send() {} }, () => {}]) {
    await expect(sendSocket(channel as never, one)).rejects.toMatchObject(type);
    await expect(receiveSocket(channel as never, Socket)).rejects.toMatchObject(type);
  }
  const value = { code: 'ERR_INVALID_ARG_VALUE' };
  await expect(sendSocket(tcp, one)).rejects.toMatchObject(value);
  for (const socket of [null, {}, 5]) {
    await expect(sendSocket(port1, socket as never)).rejects.toMatchObject(type);
  }
  for (const SocketOf of [null, {}, Map]) {
    await expect(receiveSocket(port2, SocketOf as never)).rejects.toMatchObject(type);
  }
  for (const options of [null, 5, { signal: {} }, { timeout: '1' }]) {
    await expect(sendSocket(port1, one, options as never)).rejects.toMatchObject(type);
    await expect(receiveSocket(port1, Socket, options as never)).rejects.toMatchObject(type);
  }
  for (const timeout of [0, -1, Number.NaN, 2 ** 31]) {
    await expect(sendSocket(port1, one, { timeout })).rejects.toMatchObject({
      code: 'ERR_OUT_OF_RANGE',
    });
  }
  const reason = new Error('before');
  await expect(sendSocket(port1, one, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(one.closed).toBe(false);
  for (const socket of [one, other, tcp]) socket.close();
  await expect(sendSocket(port1, one)).rejects.toMatchObject({ code: 'EBADF' });
  port1.close();

  const foreign = new wasiSocket(Domain.IPV4, Type.STREAM);
  const unsupported = { code: 'ERR_SOCK_UNSUPPORTED' };
  await expect(sendSocket(port1, foreign)).rejects.toMatchObject(unsupported);
  await expect(receiveSocket(port1, wasiSocket as never)).rejects.toMatchObject(unsupported);
  foreign.close();
});

test('random deaths of threads and processes: no descriptor is left', () => {
  const program = join(import.meta.dirname, '..', 'proof', 'transfers.mjs');
  const output = execFileSync(process.execPath, [program, '--count', '400', '--life', '25'], {
    encoding: 'utf8',
  });
  expect(output).toMatch(
    /400 transfers: \d+ taken, [1-9]\d* not taken, \d+ deaths; 0 descriptors left/,
  );
});
