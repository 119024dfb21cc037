/** What a long-running process does a million times must not grow it. */
import { DatagramBatch, Domain, SockAddr, Socket, Type } from '@sock/native';
import { expect, test } from 'vitest';
import { openSockets, residentSize } from './descriptors.js';

const MiB = 1 << 20;

/** A growth that the smallest leak would exceed in every round. */
const MOST = 16 * MiB;
const ROUNDS = 3;

function churn(times: number, once: () => void): { sockets: number; grown: number } {
  // In the first half, V8's young generation grows to its final size.
  for (let i = 0; i < times / 2; i++) once();
  globalThis.gc?.();
  const sockets = openSockets().length;
  let grown = Number.POSITIVE_INFINITY;
  // The engine allocates once in a while. A leak allocates in every round.
  for (let round = 0; round < ROUNDS && grown >= MOST; round++) {
    const size = residentSize();
    for (let i = 0; i < times; i++) once();
    globalThis.gc?.();
    grown = residentSize() - size;
  }
  return { sockets: openSockets().length - sockets, grown };
}

test('a million sockets opened and closed leave no descriptor and no memory behind', () => {
  const { sockets, grown } = churn(1_000_000, () => new Socket(Domain.IPV4, Type.DGRAM).close());
  expect(sockets).toBe(0);
  expect(grown).toBeLessThan(MOST);
}, 300_000);

test('a hundred thousand connections accepted and closed leave no descriptor and no memory behind', () => {
  using listener = new Socket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(16);
  const address = listener.localAddr();
  const { sockets, grown } = churn(100_000, () => {
    const client = new Socket(Domain.IPV4, Type.STREAM);
    // Closing resets the connection, so no port stays in TIME_WAIT.
    client.setLinger(0);
    client.connect(address);
    const [accepted] = listener.accept();
    client.close();
    accepted.close();
  });
  expect(sockets).toBe(0);
  expect(grown).toBeLessThan(MOST);
}, 300_000);

/** Messages with descriptors; a million with SOCK_FD_PASSES=1000000. */
const PASSES = Number(process.env['SOCK_FD_PASSES'] ?? 50_000);

test(`${PASSES} messages with descriptors, cut short and closed early, leave none behind`, () => {
  const bytes = new Uint8Array(1);
  const buffers = [bytes];
  const passed = new Socket(Domain.IPV4, Type.DGRAM);
  const messages = Array.from({ length: 8 }, (_, count) => ({
    buffers,
    control: [{ kind: 'rights' as const, fds: Array.from({ length: count + 1 }, () => passed) }],
  }));
  const batch = new DatagramBatch({ count: 4, size: 16 });
  let pair = Socket.pair(Domain.UNIX, Type.DGRAM);
  let pass = 0;
  let taken = 0;
  const { sockets, grown } = churn(PASSES, () => {
    const [sender, receiver] = pair;
    pass += 1;
    sender.sendmsg(messages[pass % 8] as (typeof messages)[0]);
    // The receiver is closed with messages that it has not received.
    if (pass % 16 === 0) {
      for (const socket of pair) socket.close();
      pair = Socket.pair(Domain.UNIX, Type.DGRAM);
      return;
    }
    if (pass % 16 === 1) {
      receiver.recv(bytes);
      return;
    }
    if (pass % 16 === 2) {
      receiver.recvBatch(batch);
      return;
    }
    // From no room at all to room for all of them.
    const room = (pass * 7) % 56;
    for (const message of receiver.recvmsg({ buffers, control: room }).control) {
      if (message.kind !== 'rights') throw new Error(message.kind);
      for (const fd of message.fds) {
        taken += 1;
        if (taken % 3 === 0) fd.close();
        else if (taken % 3 === 1) fd.intoSocket().close();
        else Socket.fromRawFd(fd.intoRawFd()).close();
      }
    }
  });
  for (const socket of pair) socket.close();
  passed.close();
  expect(taken).toBeGreaterThan(PASSES / 2);
  expect(sockets).toBe(0);
  expect(grown).toBeLessThan(MOST);
}, 3_600_000);
