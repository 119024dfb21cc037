/** Runs the example in a headless Chromium: no server, no network, one page. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const example = fileURLToPath(
  new URL('../../../examples/simulated-network/find-a-bug.ts', import.meta.url),
);
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The path of the browser that is installed. */
export const browser = PLACES.find((path) => existsSync(path));

/** The example's code for a browser: a global function. */
export async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [example],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'example',
    platform: 'browser',
    target: 'es2022',
  });
  return (outputFiles[0] as { text: string }).text;
}

/** What the example prints in a browser. */
export async function runInBrowser(executablePath: string): Promise<string[]> {
  const profile = mkdtempSync(join(tmpdir(), 'sock-sim-browser-'));
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
    });
    try {
      const page = await context.newPage();
      await page.setContent('<!doctype html><title>sim</title>');
      await page.addScriptTag({ content: await bundle() });
      return await page.evaluate('example.findTheBug()');
    } finally {
      await context.close();
    }
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}
