import { equal } from './assert.js';
import type { Backend, Case } from './case.js';
import { cases as all } from './cases/index.js';
import { pause } from './context.js';
import { execute, timeoutOf } from './run.js';
import { missingOf } from './unsupported.js';

/** The part of a test framework that the contract uses. Vitest and jest have it. */
export interface Framework {
  readonly test: ((name: string, body: () => Promise<void>, timeout?: number) => unknown) & {
    readonly skip: (name: string, body: () => Promise<void>) => unknown;
  };
  /** With `openSockets`: checks after the suite that it left no socket open. */
  readonly afterAll?: (body: () => Promise<void>) => unknown;
  /** Returns how many sockets this process has open. */
  readonly openSockets?: () => number;
  /** The cases to register. Default: the contract. */
  readonly cases?: readonly Case[];
}

const SETTLE_ATTEMPTS = 50;

/**
 * Registers every case with a test framework. If the backend lacks something that a case needs, the
 * test checks instead that the backend says so. If the machine lacks something, the test is skipped
 * and its title says why.
 */
export function register(backend: Backend, framework: Framework): void {
  const { test, afterAll, openSockets, cases = all } = framework;
  for (const example of cases) {
    const missing = missingOf(backend, example);
    const run = (): Promise<void> => execute(backend, example);
    const lack = missing === undefined ? example.lacks?.(backend) : undefined;
    if (lack !== undefined) {
      test.skip(`${example.name} (skipped: ${lack})`, run);
      continue;
    }
    const name =
      missing === undefined ? example.name : `${example.name} (says it lacks ${missing})`;
    test(name, run, timeoutOf(example));
  }
  if (afterAll === undefined || openSockets === undefined) return;
  const before = openSockets();
  afterAll(async () => {
    // The framework's own pipes are sockets too and may close some time after the last case.
    for (let attempt = 0; attempt < SETTLE_ATTEMPTS && openSockets() > before; attempt++) {
      await pause(20);
    }
    equal(openSockets(), before, 'sockets that are open after the suite');
  });
}
