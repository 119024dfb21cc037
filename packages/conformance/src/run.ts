import type { Backend, Case } from './case.js';
import { cases as all } from './cases/index.js';
import { Context } from './context.js';
import { missingOf, proveUnsupported } from './unsupported.js';

const DEFAULT_TIMEOUT = 10_000;

/** The result of one case. */
export interface Result {
  readonly name: string;
  /**
   * `unsupported`: the backend lacks something that the case needs, and throws the documented error.
   * `skipped`: the machine lacks something.
   */
  readonly outcome: 'passed' | 'unsupported' | 'skipped' | 'failed';
  /** What the backend or the machine lacks, or why the case failed. */
  readonly detail?: string;
  readonly error?: unknown;
}

/** How many cases had each outcome. */
export interface Totals {
  readonly passed: number;
  readonly unsupported: number;
  readonly skipped: number;
  readonly failed: number;
}

/** Options of {@link run}. */
export interface RunOptions {
  /** Chooses the cases to run by their names. Default: all. */
  readonly only?: (name: string) => boolean;
  readonly onResult?: (result: Result) => void;
  /** The cases to run. Default: the contract. */
  readonly cases?: readonly Case[];
}

/** Milliseconds after which a case fails. */
export function timeoutOf({ timeout = DEFAULT_TIMEOUT }: Case): number {
  return timeout;
}

/** Runs one case. If the backend lacks what it needs, checks that the backend says so. */
export async function execute(backend: Backend, example: Case): Promise<void> {
  const t = new Context(backend);
  try {
    const missing = missingOf(backend, example);
    if (missing === undefined) await example.run(t);
    else await proveUnsupported(t, missing);
  } finally {
    await t.close();
  }
}

/** Runs the contract without a test framework, one case after the other. */
export async function run(backend: Backend, options: RunOptions = {}): Promise<Totals> {
  const { only = () => true, onResult = () => {}, cases = all } = options;
  const totals = { passed: 0, unsupported: 0, skipped: 0, failed: 0 };
  for (const example of cases) {
    if (!only(example.name)) continue;
    const result = await resultOf(backend, example);
    totals[result.outcome]++;
    onResult(result);
  }
  return totals;
}

async function resultOf(backend: Backend, example: Case): Promise<Result> {
  const { name } = example;
  const missing = missingOf(backend, example);
  const lack = missing === undefined ? example.lacks?.(backend) : undefined;
  if (lack !== undefined) return { name, outcome: 'skipped', detail: lack };
  try {
    await inTime(execute(backend, example), timeoutOf(example));
  } catch (error) {
    return { name, outcome: 'failed', detail: String(error), error };
  }
  return missing === undefined
    ? { name, outcome: 'passed' }
    : { name, outcome: 'unsupported', detail: missing };
}

async function inTime(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not done within ${milliseconds} ms`));
    }, milliseconds);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
