/** What the contract finds on a simulated host: how much of it, and that the rest is what the table says. */
import { run, type Result } from '@sock/conformance';
import { Network, supportOf } from '@sock/sim';
import { expect, test } from 'vitest';

/** The cases that WASI on Node passes: a backend of pure TypeScript is to do no worse. */
const OF_WASI = 681;

test('the contract has no failure, and what is unsupported is what the table says', async () => {
  const network = new Network({ seed: 1 });
  const { Socket, MSG } = network.host('10.0.0.1', { name: 'host', addresses: ['fd00::1'] });
  const results: Result[] = [];
  const totals = await network.run(() =>
    run({ name: 'sim', Socket, MSG }, { onResult: (result) => results.push(result) }),
  );
  expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  expect(totals.passed).toBeGreaterThanOrEqual(OF_WASI);
  const lacking = new Set(
    results.filter(({ outcome }) => outcome === 'unsupported').map(({ detail }) => detail ?? ''),
  );
  for (const name of lacking) {
    if (name.startsWith('MSG_')) expect(MSG[name.slice(4)], name).toBeUndefined();
    else expect(supportOf(Socket.driver, name).level, name).toBe('unsupported');
  }
  console.log(`contract: ${JSON.stringify(totals)}; lacks ${[...lacking].sort().join(', ')}`);
});
