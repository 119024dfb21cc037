/** Runs the embedding examples as tests. Ends with `N passed, N failed, N skipped`. */
import { spawnSync } from 'node:child_process';
import { root } from '../run.mjs';
import { Tally } from '../tally.mjs';

const tally = new Tally();
for (const example of ['embed-c/run.mjs', 'embed-python/run.mjs', 'portable/three-ways.ts']) {
  console.log(`running examples/${example}`);
  const args = ['--import', 'tsx', `examples/${example}`];
  const options = { cwd: root, stdio: 'inherit', timeout: 300_000 };
  tally.check(example, spawnSync(process.execPath, args, options).status === 0);
}
tally.finish();
