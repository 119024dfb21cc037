/** What a long-running process does a million times must end where it began. */
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { expect, test } from 'vitest';
import { openSockets, residentSize } from './descriptors.js';

const MiB = 1 << 20;

/** Growth that a leak of the smallest thing would exceed, in every round. */
const MOST = 16 * MiB;
const ROUNDS = 3;

function churn(times: number, once: () => void): { sockets: number; grown: number } {
  // The first half lets the engine's young generation grow to the size that it keeps.
  for (let i = 0; i < times / 2; i++) once();
  globalThis.gc?.();
  const sockets = openSockets().length;
  let grown = Number.POSITIVE_INFINITY;
  // The engine takes room for itself once in a while, what leaks takes it each time.
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
    // Closing resets, so that no port stays in TIME_WAIT.
    client.setLinger(0);
    client.connect(address);
    const [accepted] = listener.accept();
    client.close();
    accepted.close();
  });
  expect(sockets).toBe(0);
  expect(grown).toBeLessThan(MOST);
}, 300_000);
