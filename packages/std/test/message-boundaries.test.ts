/** Objects on sockets that keep message boundaries: a message is whole, and an empty one is not the end. */
import type dgram from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { intoDgramSocket, intoNetSocket } from '@sock/std';
import { createSocket } from '@sock/std/dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { closeQuietly } from './datagram-paths.js';

type Unix = dgram.Socket & {
  send(message: Uint8Array | string, to?: unknown, callback?: (error: Error | null) => void): void;
  bind(path?: string): Unix;
};
type Info = dgram.RemoteInfo & { readonly sockAddr?: SockAddr };

const open: { close(): unknown }[] = [];
afterEach(() => open.splice(0).forEach(closeQuietly));

const name = (): SockAddr => SockAddr.abstract(`sock test ${process.pid} ${Math.random()}`);

const LONG = Buffer.alloc(150_000, 'abcdefg');

describe.each([Type.DGRAM, Type.SEQPACKET])('unix %s', (type) => {
  function pair(): [Socket, Unix] {
    const [raw, other] = Socket.pair(Domain.UNIX, type);
    const object = intoDgramSocket(other, { duplex: true }) as Unix;
    open.push(raw, object);
    return [raw, object];
  }

  test('a message of 150,000 bytes arrives whole', async () => {
    const [raw, object] = pair();
    raw.send(LONG);
    const [message] = (await once(object, 'message')) as [Buffer];
    expect(message.equals(LONG)).toBe(true);
  });
  test('an empty message is a message, and the next follows', async () => {
    const [raw, object] = pair();
    const heard: string[] = [];
    object.on('message', (message: Buffer) => heard.push(String(message)));
    object.on('close', () => heard.push('close'));
    for (const text of ['', 'real', '', '']) raw.send(Buffer.from(text));
    await delay(50);
    expect(heard).toEqual(['', 'real', '', '']);
    object.send('still open');
    await raw.readable();
    expect(raw.recv(Buffer.alloc(20))).toBe(10);
  });
});

test('seqpacket: the end comes after every message, empty ones too', async () => {
  const [raw, other] = Socket.pair(Domain.UNIX, Type.SEQPACKET);
  const heard: string[] = [];
  for (const text of ['', 'real', '']) raw.send(Buffer.from(text));
  raw.close();
  const object = intoDgramSocket(other, { duplex: true });
  object.on('message', (message: Buffer) => heard.push(String(message)));
  await once(object, 'close');
  expect(heard).toEqual(['', 'real', '']);
});

test('seqpacket as a stream: a long packet is whole, an empty one is not the end', async () => {
  const [raw, other] = Socket.pair(Domain.UNIX, Type.SEQPACKET);
  const stream = intoNetSocket(other);
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  raw.send(LONG);
  raw.send(Buffer.alloc(0));
  raw.send(Buffer.from('real'));
  await delay(50);
  expect([stream.destroyed, stream.readableEnded]).toEqual([false, false]);
  raw.close();
  await once(stream, 'close');
  expect(Buffer.concat(chunks).equals(Buffer.concat([LONG, Buffer.from('real')]))).toBe(true);
});

test('seqpacket as a stream: each chunk of a corked burst is a packet', async () => {
  const [raw, other] = Socket.pair(Domain.UNIX, Type.SEQPACKET);
  open.push(raw);
  const stream = intoNetSocket(other);
  stream.cork();
  for (const text of ['one', 'two', 'three']) stream.write(text);
  stream.uncork();
  await raw.readable();
  const buffer = Buffer.alloc(20);
  expect([1, 2, 3].map(() => raw.recv(buffer))).toEqual([3, 3, 5]);
  stream.destroy();
});

describe('UDP_GRO: each datagram is an event', () => {
  /** Three datagrams of 1,000 bytes that the sender joins, so that the receiver gets them joined. */
  async function three(receiver: dgram.Socket): Promise<number[]> {
    const sender = new Socket(Domain.IPV4, Type.DGRAM);
    open.push(sender, receiver);
    const sizes: number[] = [];
    receiver.on('message', (message: Buffer) => sizes.push(message.length));
    sender.sendmsg({
      buffers: [Buffer.alloc(2_500)],
      address: SockAddr.ipv4('127.0.0.1', receiver.address().port),
      control: [{ kind: 'udpSegment', size: 1_000 }],
    });
    await delay(100);
    return sizes;
  }
  test.each([true, false])('of a converted socket, duplex: %s', async (duplex) => {
    const socket = new Socket(Domain.IPV4, Type.DGRAM);
    socket.setUdpGro(true);
    socket.bind(SockAddr.ipv4('127.0.0.1', 0));
    const receiver = intoDgramSocket(socket, { duplex });
    await once(receiver, 'listening');
    expect(await three(receiver)).toEqual([1_000, 1_000, 500]);
  });
  test('of the drop-in createSocket', async () => {
    const receiver = createSocket({ type: 'udp4', sock: { udpGro: true } });
    receiver.bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    expect(await three(receiver)).toEqual([1_000, 1_000, 500]);
  });
});

describe('the address of a sender can be answered to', () => {
  function receiver(): [Unix, SockAddr] {
    const at = name();
    const socket = new Socket(Domain.UNIX, Type.DGRAM);
    socket.bind(at);
    const object = intoDgramSocket(socket) as Unix;
    open.push(object);
    return [object, at];
  }
  const answered = async (object: Unix, sender: Socket): Promise<string[]> => {
    const [, from] = (await once(object, 'message')) as [Buffer, Info];
    object.send('by text', from.address);
    object.send('by address', from.sockAddr);
    const buffer = Buffer.alloc(20);
    const heard: string[] = [];
    for (let count = 0; count < 2; count += 1) {
      await sender.readable({ timeout: 2000 });
      heard.push(buffer.toString('utf8', 0, sender.recv(buffer)));
    }
    return heard;
  };

  test('of an abstract name', async () => {
    const [object, at] = receiver();
    const sender = new Socket(Domain.UNIX, Type.DGRAM);
    open.push(sender);
    sender.bind(name());
    sender.sendTo(Buffer.from('hello'), at);
    expect(await answered(object, sender)).toEqual(['by text', 'by address']);
  });
  test('of an object without a name: it gets one before it sends', async () => {
    const [object, at] = receiver();
    const sender = intoDgramSocket(new Socket(Domain.UNIX, Type.DGRAM)) as Unix;
    open.push(sender);
    sender.send('hello', at);
    const [, from] = (await once(object, 'message')) as [Buffer, Info];
    expect(from.address.startsWith('\0')).toBe(true);
    object.send('answer', from.address);
    const [answer] = (await once(sender, 'message')) as [Buffer];
    expect(String(answer)).toBe('answer');
  });
  test('a sender without a name has no address', async () => {
    const [object, at] = receiver();
    const sender = new Socket(Domain.UNIX, Type.DGRAM);
    open.push(sender);
    sender.sendTo(Buffer.from('hello'), at);
    const [, from] = (await once(object, 'message')) as [Buffer, Info];
    expect([from.address, from.sockAddr?.isUnnamed()]).toEqual(['', true]);
  });
});
