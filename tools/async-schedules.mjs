/**
 * Random schedules of asynchronous calls against a model, on @sock/native and @sock/sim, for as long as you want.
 * The test suites run some thousand of them.
 *
 *   npm run async-schedules -- --minutes 60
 *   npm run async-schedules -- --backend sim --seed 42
 */
import { Command, Option } from 'commander';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './run.mjs';
import { Tally } from './tally.mjs';

const SLICE = 10_000;
const { minutes, backend, seed } = new Command('npm run async-schedules --')
  .description('Random schedules of asynchronous calls, against a model.')
  .option(
    '--minutes <minutes>',
    'how long to run; at least one slice of 10,000 on each backend',
    Number,
    1,
  )
  .addOption(new Option('--backend <name>', 'only this backend').choices(['native', 'sim']))
  .option('--seed <seed>', 'the seed of the first slice; the next ones count on', Number)
  .parse()
  .opts();

const backends = backend === undefined ? ['native', 'sim'] : [backend];
const end = Date.now() + minutes * 60_000;
const tally = new Tally();
let next = seed ?? Date.now() % 1_000_000_000;
do {
  for (const name of backends) {
    console.log(`${name}: ${SLICE} schedules of seed ${next}`);
    const { status } = spawnSync('npx', ['vitest', 'run', 'test/async-schedules.test.ts'], {
      cwd: join(root, 'packages', name),
      env: { ...process.env, SOCK_SCHEDULES: `${SLICE}`, SOCK_SCHEDULES_SEED: `${next}` },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status === 0) tally.passed += 1;
    else {
      tally.failed += 1;
      console.error(
        `${name}: seed ${next} failed; repeat it with --backend ${name} --seed ${next}`,
      );
    }
  }
  next += 1;
} while (Date.now() < end && tally.failed === 0);
tally.finish();
