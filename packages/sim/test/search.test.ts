/** Bugs that the search is to find, and how small it makes the faults that show them. */
import { type Failure, findFailure, replay } from '@sock/sim/search';
import { testNetwork } from '@sock/sim/vitest';
import { describe, expect, test } from 'vitest';
import { planted } from '../proof/planted-bugs.js';

describe('planted bugs', () => {
  for (const { name, buggy, fixed, options } of planted) {
    test(
      `${name}: it is found and shrunk, and what is fixed passes`,
      { timeout: 120_000 },
      async () => {
        const failure = (await findFailure(buggy, { ...options, runs: 1000 })) as Failure;
        expect(failure).toBeDefined();
        expect(failure.runs).toBeLessThanOrEqual(1000);
        expect(failure.faults.length).toBeLessThanOrEqual(5);
        // The same seed and faults fail again, with the same trace.
        const again = await replay(buggy, failure, options);
        expect(again.failed).toBe(true);
        expect(again.network.trace()).toBe(failure.network.trace());
        expect((await replay(fixed, failure, options)).failed).toBe(false);
        expect(await findFailure(fixed, { ...options, runs: 100 })).toBeUndefined();
      },
    );
  }
});

testNetwork(
  'a scenario without a bug passes under every seed',
  { runs: 50 },
  async ({ network }) => {
    const host = network.host('10.0.0.1');
    const [one, other] = host.Socket.pair('unix', 'stream');
    one.send(new Uint8Array(3));
    await other.readable();
    expect(other.recv(new Uint8Array(8))).toBe(3);
  },
);
