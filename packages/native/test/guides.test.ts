/** Every program in the guide to datagrams runs, and what it asserts holds. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';

const guide = new URL('../../../docs/datagrams.md', import.meta.url);
// Inside the package, so that its imports are found.
const folder = new URL('../.guides/', import.meta.url);
const blocks = [...readFileSync(guide, 'utf8').matchAll(/^```ts\n([^]*?)^```$/gm)].map(
  ([, code]) => code as string,
);

mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the guide has a program for each part', () => expect(blocks.length).toBe(10));

for (const [at, block] of blocks.entries()) {
  test(`program ${at + 1} of the guide to datagrams runs, and checks something`, async () => {
    const path = fileURLToPath(new URL(`datagrams-${at}.ts`, folder));
    writeFileSync(path, block);
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const assert = vi.spyOn(console, 'assert');
    try {
      await import(/* @vite-ignore */ path);
      expect(assert.mock.calls.length).toBeGreaterThan(0);
      for (const [holds] of assert.mock.calls) expect(holds, block).toBe(true);
    } finally {
      log.mockRestore();
      assert.mockRestore();
    }
  });
}
