/** A slice of the comparison with the kernel: `npm run sim:proof -- differential` runs all of it. */
import { expect, test } from 'vitest';
import { compare, describeDifference } from '../proof/differential.js';

test.skipIf(process.platform !== 'linux')(
  'random programs have the same results and errors as on the loopback interface',
  () => {
    const found = compare(1, 200);
    expect(found && describeDifference(found)).toBeUndefined();
  },
);
