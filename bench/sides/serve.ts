/** Reads "CASE COUNT" lines and answers "CASE NANOSECONDS", the time of one operation, or "CASE missing REASON". */
import process from 'node:process';
import { createInterface } from 'node:readline';

/** Each case does an operation `count` times and returns the nanoseconds of them all. */
export type Cases = Readonly<Record<string, (count: number) => number | Promise<number>>>;

/** @param lacking why a case is missing, by its name */
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

/** Nanoseconds that `run` takes. */
export function time(run: () => void): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start);
}

/**
 * Nanoseconds of `count` exchanges, one after the other.
 * @param begin begins one
 * @param watch is given what is to be called whenever one is through
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
