/** Reads lines `CASE COUNT` and answers `CASE NANOSECONDS`, the time of one operation, or `CASE missing REASON`. */
import process from 'node:process';
import { createInterface } from 'node:readline';

/** Each case runs its operation `count` times and returns the total in nanoseconds. */
export type Cases = Readonly<Record<string, (count: number) => number | Promise<number>>>;

/** @param lacking the reasons why cases are missing, by name */
export async function serve(
  cases: Cases,
  lacking: Readonly<Record<string, string>> = {},
): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name = '', count] = line.split(' ');
    const run = cases[name];
    const reason = lacking[name] ?? 'measured in C and @sock/native only';
    if (run === undefined) console.log(`${name} missing ${reason}`);
    else console.log(`${name} ${((await run(Number(count))) / Number(count)).toFixed(3)}`);
  }
}

/** Returns the nanoseconds that `run` takes. */
export function time(run: () => void): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start);
}

/**
 * Returns the nanoseconds of `count` exchanges, one after the other.
 * @param begin starts an exchange
 * @param watch receives the function to call when an exchange ends
 */
export async function timeExchanges(
  count: number,
  begin: () => void,
  watch: (through: () => void) => void,
): Promise<number> {
  const start = process.hrtime.bigint();
  await new Promise<void>((resolve) => {
    let left = count;
    watch(() => {
      left -= 1;
      if (left === 0) resolve();
      else begin();
    });
    begin();
  });
  return Number(process.hrtime.bigint() - start);
}
