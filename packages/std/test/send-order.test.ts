/** Sends that must wait go out in the order of the calls, and are called back in that order. */
import type dgram from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { intoDgramSocket, intoNetSocket } from '@sock/std';
import { afterEach, describe, expect, test } from 'vitest';
import { closeQuietly } from './datagram-paths.js';

type Unix = dgram.Socket & {
  send(message: string, to: unknown, callback: (error: Error | null) => void): void;
};

const open: { close(): unknown }[] = [];
afterEach(() => open.splice(0).forEach(closeQuietly));

const COUNT = 200;
const numbers = Array.from({ length: COUNT }, (_, index) => String(index));

async function received(receiver: Socket, wanted = COUNT): Promise<string[]> {
  const heard: string[] = [];
  const buffer = Buffer.alloc(16);
  while (heard.length < wanted) {
    await receiver.readable({ timeout: 5000 });
    heard.push(buffer.toString('utf8', 0, receiver.recv(buffer)));
    if (heard.length % 20 === 0) await delay(5);
  }
  return heard;
}

test('to a full unix receiver', async () => {
  const at = SockAddr.abstract(`sock order ${process.pid}`);
  const receiver = new Socket(Domain.UNIX, Type.DGRAM);
  receiver.bind(at);
  const sender = intoDgramSocket(new Socket(Domain.UNIX, Type.DGRAM)) as Unix;
  open.push(receiver, sender);
  const called: string[] = [];
  const heard: string[] = [];
  const buffer = Buffer.alloc(16);
  for (const [index, text] of numbers.entries()) {
    sender.send(text, at, () => called.push(text));
    // Room for a few, while earlier ones wait: the next send must not overtake them.
    if (index % 20 !== 19) continue;
    await delay(5);
    for (let count = 0; count < 3; count += 1) {
      heard.push(buffer.toString('utf8', 0, receiver.recv(buffer)));
    }
  }
  expect(sender.getSendQueueCount()).toBeGreaterThan(100);
  expect(sender.getSendQueueSize()).toBeGreaterThan(200);
  heard.push(...(await received(receiver, COUNT - heard.length)));
  expect(heard).toEqual(numbers);
  await delay(20);
  expect([called, sender.getSendQueueCount(), sender.getSendQueueSize()]).toEqual([numbers, 0, 0]);
});

describe.each([Type.DGRAM, Type.SEQPACKET])('to a full peer of a %s pair', (type) => {
  test('as a datagram object', async () => {
    const [receiver, other] = Socket.pair(Domain.UNIX, type);
    const sender = intoDgramSocket(other);
    open.push(receiver, sender);
    const called: string[] = [];
    for (const text of numbers) sender.send(text, () => called.push(text));
    expect(await received(receiver)).toEqual(numbers);
    await delay(20);
    expect(called).toEqual(numbers);
  });
});

test('of a seqpacket stream', async () => {
  const [receiver, other] = Socket.pair(Domain.UNIX, Type.SEQPACKET);
  const sender = intoNetSocket(other);
  open.push(receiver);
  for (const text of numbers) sender.write(text);
  expect(await received(receiver)).toEqual(numbers);
  sender.destroy();
});

test('sends left at close are called back with an error', async () => {
  const [receiver, other] = Socket.pair(Domain.UNIX, Type.DGRAM);
  const sender = intoDgramSocket(other);
  open.push(receiver);
  const failed: unknown[] = [];
  for (const text of numbers) {
    sender.send(text.padEnd(4000), (error) => {
      if (error !== null) failed.push((error as NodeJS.ErrnoException).code);
    });
  }
  const length = sender.getSendQueueCount();
  sender.close();
  await delay(20);
  expect(failed).toEqual(Array(length).fill('ECANCELED'));
  expect(length).toBeGreaterThan(100);
});
