/**
 * Runs random sequences of socket operations through @sock/native and through CPython for as long as you
 * like, and prints the shortest sequence on which they disagree.
 *
 *   npm run oracle -- --seconds 3600
 */
import { Command } from 'commander';
import { register } from 'tsx/esm/api';

register();
const { consult } = await import('../packages/native/oracle/oracle.ts');

const options = new Command('npm run oracle --')
  .description('Random sequences of socket operations, through @sock/native and through CPython.')
  .option('--seconds <seconds>', 'stops after this time', '3600')
  .option(
    '--seed <seed>',
    'seed of the first thousand sequences; the next thousand has the next seed',
    `${Date.now() % 2 ** 31}`,
  )
  .option('--sequences <count>', 'stops after this number')
  .parse()
  .opts();

const until = Date.now() + Number(options.seconds) * 1000;
const most = options.sequences === undefined ? Infinity : Number(options.sequences);
let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
});
let total = 0;
let seed = Number(options.seed);
let shown = Date.now();
while (!stopped && Date.now() < until && total < most) {
  const count = Math.min(1000, most - total);
  let done = 0;
  try {
    await consult({
      seed,
      count,
      stop: () => stopped || Date.now() >= until,
      onSequence: (now) => {
        done = now;
        if (Date.now() - shown < 2000) return;
        shown = Date.now();
        process.stderr.write(`${total + done} sequences, 0 disagreements\n`);
      },
    });
  } catch (error) {
    console.log(`disagreement with --seed ${seed}:\n${error.message}`);
    process.exit(1);
  }
  total += done;
  seed += 1;
}
console.log(`${total} sequences, 0 disagreements`);
