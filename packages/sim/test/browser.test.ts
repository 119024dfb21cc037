/** The example in a real browser prints what it prints in Node. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findTheBug } from '../../../examples/simulated-network/find-a-bug.js';
import { browser, bundle, runInBrowser } from '../proof/browser.js';

test('the package has nothing of Node’s in it', async () => {
  // esbuild fails on an import of a `node:` module for a browser.
  expect(await bundle()).not.toMatch(/["']node:/);
});

test('the example finds the bug, and the fix holds', async () => {
  const [error, report, end] = await findTheBug();
  expect(error).toMatch(/the bank has \d+, and not 50/);
  expect(report).toMatch(/failed under seed \d+, the \d+\. of those tried, with 1 faults:/);
  expect(end).toContain('CarefulLedger passes');
  // What the guide shows is what it prints.
  const guide = readFileSync(new URL('../../../docs/simulation.md', import.meta.url), 'utf8');
  expect(guide).toContain([error, ...String(report).split('\n').slice(0, 2)].join('\n'));
});

test.skipIf(browser === undefined)(
  'the example prints the same in Chromium, byte for byte',
  { timeout: 60_000 },
  async () => {
    expect(await runInBrowser(browser as string)).toEqual(await findTheBug());
  },
);
