/**
 * An independent oracle. It runs random sequences of socket operations through @sock/native and through CPython's
 * socket in another process. Values and errors must agree at every step.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { type Outcome, runNative } from './native-side.js';
import { type Operation, sequences } from './operations.js';

/** The other side: takes a sequence and returns its outcomes. */
export type Side = (sequence: readonly Operation[]) => Outcome[] | Promise<Outcome[]>;

/** CPython, in a child process. */
export class Peer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(python = process.env['PYTHON'] ?? 'python3') {
    const script = fileURLToPath(new URL('peer.py', import.meta.url));
    this.#child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', (error) => {
      throw new Error(`the oracle needs Python 3: ${error.message}`);
    });
    if (this.#child.stdout === null) throw new Error('no pipe to the oracle');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async run(sequence: readonly Operation[]): Promise<Outcome[]> {
    this.#child.stdin?.write(`${JSON.stringify(sequence)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the oracle ended');
    return JSON.parse(value) as Outcome[];
  }

  close(): void {
    this.#child.stdin?.end();
  }
}

/** The first step on which the sides disagree. */
export interface Disagreement {
  readonly step: number;
  readonly operation: Operation;
  readonly native: Outcome;
  readonly python: Outcome;
}

/**
 * CPython accepts a number outside an option's range, which our methods refuse before the system call. Then the
 * system must refuse it too, or limit it.
 */
function agrees(native: Outcome, python: Outcome): boolean {
  if (isDeepStrictEqual(native, { errno: 'range' })) return true;
  return isDeepStrictEqual(native, python);
}

function compare(
  sequence: readonly Operation[],
  native: readonly Outcome[],
  python: readonly Outcome[],
): Disagreement | undefined {
  for (const [step, operation] of sequence.entries()) {
    // From here on the sides differ: one has set what the other refused.
    if (isDeepStrictEqual(native[step], { errno: 'range' })) return undefined;
    if (!agrees(native[step], python[step])) {
      return { step, operation, native: native[step], python: python[step] };
    }
  }
  return undefined;
}

/** Runs a sequence on both sides. A disagreement counts only if it happens three times. */
export async function disagreement(
  peer: Peer,
  sequence: readonly Operation[],
  side: Side = runNative,
): Promise<Disagreement | undefined> {
  let found: Disagreement | undefined;
  for (let attempt = 0; attempt < 3; attempt++) {
    const python = peer.run(sequence);
    const native = await side(sequence);
    found = compare(sequence, native, await python);
    if (found === undefined) return undefined;
  }
  return found;
}

/** Reduces a disagreement to as few steps as possible. */
async function fewest(
  peer: Peer,
  sequence: readonly Operation[],
  side?: Side,
): Promise<[steps: readonly Operation[], found: Disagreement]> {
  let steps = sequence;
  let found = await disagreement(peer, steps, side);
  if (found === undefined) throw new Error('a disagreement that does not come again');
  steps = steps.slice(0, found.step + 1);
  for (let at = steps.length - 2; at >= 0; at--) {
    const without = steps.toSpliced(at, 1);
    const still = await disagreement(peer, without, side);
    if (still === undefined) continue;
    found = still;
    steps = without.slice(0, still.step + 1);
    at = Math.min(at, steps.length - 1);
  }
  return [steps, found];
}

function report(steps: readonly Operation[], found: Disagreement): string {
  const { step, native, python } = found;
  return [
    `step ${step}: @sock/native ${JSON.stringify(native)}, CPython ${JSON.stringify(python)}`,
    ...steps.map((operation, at) => `  ${at} ${JSON.stringify(operation)}`),
  ].join('\n');
}

/** Runs `count` random sequences from a seed. Throws with the shortest sequence on which the sides disagree. */
export async function consult(options: {
  readonly seed: number;
  readonly count: number;
  readonly side?: Side;
  readonly stop?: () => boolean;
  readonly onSequence?: (done: number) => void;
}): Promise<number> {
  const { seed, count, side, stop = () => false, onSequence = () => {} } = options;
  const peer = new Peer();
  let done = 0;
  let failed = false;
  try {
    const {
      failed: isFailed,
      counterexample,
      errorInstance,
    } = await fc.check(
      fc.asyncProperty(sequences, async (sequence) => {
        if (stop()) return true;
        const found = await disagreement(peer, sequence, side);
        if (!failed) onSequence(++done);
        failed ||= found !== undefined;
        return found === undefined;
      }),
      { seed, numRuns: count },
    );
    if (!isFailed || counterexample === null) return done;
    // Not a disagreement: one side could not go on.
    if (!failed) throw errorInstance;
    throw new Error(report(...(await fewest(peer, counterexample[0], side))));
  } finally {
    peer.close();
  }
}
