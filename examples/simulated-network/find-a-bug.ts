/** Finds the bug of `Ledger` by seed, shrinks the faults that show it, and shows that `CarefulLedger` has none. */
import { findFailure, replay } from '@sock/sim/search';
import { CarefulLedger, Ledger } from './bank.js';
import { options, scenarioWith } from './scenario.js';

/** What the search found, as lines of text. */
export async function findTheBug(): Promise<string[]> {
  const failure = await findFailure(
    scenarioWith(() => new Ledger()),
    options,
  );
  if (failure === undefined) throw new Error('the bug was not found');
  const fixed = scenarioWith(() => new CarefulLedger());
  const again = await replay(fixed, failure, options);
  if (again.failed) throw again.error;
  const others = await findFailure(fixed, { ...options, runs: 100 });
  if (others !== undefined) throw others.error;
  return [
    String(failure.error),
    failure.report,
    'CarefulLedger passes under this seed and these faults, and under 100 other seeds.',
  ];
}
