/** Reads "CASE COUNT" lines and answers "CASE NANOSECONDS", the time of one operation. */
import { createInterface } from 'node:readline';

/** Each case does an operation `count` times and returns the nanoseconds of them all. */
export type Cases = Readonly<Record<string, (count: number) => number | Promise<number>>>;

export async function serve(cases: Cases): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, count] = line.split(' ');
    const run = cases[name ?? ''];
    if (run === undefined) console.log(`${name} missing`);
    else console.log(`${name} ${((await run(Number(count))) / Number(count)).toFixed(3)}`);
  }
}

/** Nanoseconds that `run` takes. */
export function time(run: () => void): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start);
}
