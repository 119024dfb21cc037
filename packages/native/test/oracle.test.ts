/** @sock/native against CPython's socket. */
import { expect, test } from 'vitest';
import { runNative } from '../oracle/native-side.js';
import { consult, type Side } from '../oracle/oracle.js';

const SEED = 20_240_601;

test('2,000 random sequences of operations have the outcomes that CPython has', async () => {
  expect(await consult({ seed: SEED, count: 2000 })).toBe(2000);
}, 600_000);

/** Mistakes that a backend could make. Each is put into the outcomes of the real backend. */
const planted: Record<string, Side> = {
  'a peek that takes the data': (sequence) =>
    runNative(
      sequence.map((operation) =>
        operation.op === 'peek' ? { ...operation, op: 'recv' } : operation,
      ),
    ),
  'a shutdown of the reading half that shuts both': (sequence) =>
    runNative(
      sequence.map((operation) =>
        operation.op === 'shutdown' && operation.how === 0 ? { ...operation, how: 2 } : operation,
      ),
    ),
  'a sendmsg that drops the second buffer': (sequence) =>
    runNative(
      sequence.map((operation) =>
        operation.op === 'sendmsg'
          ? { ...operation, lengths: operation.lengths.slice(0, 1) }
          : operation,
      ),
    ),
  'a join by the interface that routing chooses': (sequence) =>
    runNative(
      sequence.map((operation) =>
        operation.op === 'join' && operation.by === 1 ? { ...operation, by: 0 } : operation,
      ),
    ),
  'a recvmsg that has room for four bytes less of control messages': (sequence) =>
    runNative(
      sequence.map((operation) =>
        operation.op === 'recvmsg' && operation.control >= 20
          ? { ...operation, control: operation.control - 4 }
          : operation,
      ),
    ),
  'a ttl that is one off': (sequence) =>
    runNative(sequence).map((outcome, step) => {
      const operation = sequence[step];
      return operation?.op === 'get' && operation.option === 'ttl' && typeof outcome === 'number'
        ? outcome + 1
        : outcome;
    }),
};

for (const [name, side] of Object.entries(planted)) {
  test(`the oracle finds ${name}`, async () => {
    await expect(consult({ seed: SEED, count: 2000, side })).rejects.toThrow(/step \d+/);
  }, 600_000);
}
