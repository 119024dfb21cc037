/** Every program in the README and in the guides runs, and what it asserts holds. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { afterAll, describe, expect, test, vi } from 'vitest';

const root = new URL('../../../', import.meta.url);
const FILES = ['packages/sim/README.md', 'docs/simulation.md', 'docs/writing-a-backend.md'];
// Inside the package, so that its imports are found.
const folder = new URL('../.guides/', import.meta.url);

/** The programs of a document, as modules. */
async function programsOf(file: string): Promise<URL[]> {
  const text = readFileSync(new URL(file, root), 'utf8');
  const blocks = [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code as string);
  mkdirSync(folder, { recursive: true });
  return Promise.all(
    blocks.map(async (block, at) => {
      const { code } = await transform(block, { loader: 'ts', target: 'es2022' });
      const url = new URL(`${file.replaceAll('/', '-')}-${at}.mjs`, folder);
      writeFileSync(url, code);
      return url;
    }),
  );
}

const programs = await Promise.all(
  FILES.map(async (file) => ({ file, urls: await programsOf(file) })),
);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const { file, urls } of programs) {
  describe(`the programs of ${file}`, () => {
    test('it has programs', () => expect(urls.length).toBeGreaterThan(0));

    for (const [at, url] of urls.entries()) {
      const path = fileURLToPath(url);
      // A program of tests registers them, which vitest allows at this level only.
      if (readFileSync(path, 'utf8').includes('testNetwork')) continue;
      test(`program ${at + 1} runs`, async () => {
        const log = vi.spyOn(console, 'log').mockImplementation(() => {});
        const assert = vi.spyOn(console, 'assert');
        try {
          await import(/* @vite-ignore */ path);
          for (const [holds, message] of assert.mock.calls)
            expect(holds, String(message)).toBe(true);
        } finally {
          log.mockRestore();
          assert.mockRestore();
        }
      });
    }
  });
}

for (const url of programs.flatMap(({ urls }) => urls)) {
  const path = fileURLToPath(url);
  if (readFileSync(path, 'utf8').includes('testNetwork')) await import(/* @vite-ignore */ path);
}
