/** The messages of the set-up if it cannot go on. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const toolchain = new URL('../../../tools/wasi/toolchain.mjs', import.meta.url).href;

/** Looks for the compiler in another process, on a machine that has no programs but Node. */
function failure(before: string, environment: Record<string, string>): string {
  const nothing = mkdtempSync(join(tmpdir(), 'sock-toolchain-'));
  const script = `
    ${before}
    const { compiler, ToolchainError } = await import(${JSON.stringify(toolchain)});
    try { compiler(); } catch (error) {
      if (!(error instanceof ToolchainError)) throw error;
      console.log(error.message);
    }
  `;
  try {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { encoding: 'utf8', env: { PATH: nothing, ...environment } },
    );
    expect(stderr).toBe('');
    return stdout.trim();
  } finally {
    rmSync(nothing, { recursive: true });
  }
}

test('a WASI_SDK_PATH without a compiler is named', () => {
  expect(failure('', { WASI_SDK_PATH: '/nowhere/wasi-sdk' })).toMatch(
    /^WASI_SDK_PATH is \/nowhere\/wasi-sdk, and .*clang does not run$/,
  );
});

test('without leave to install it says what to set', () => {
  const message = failure('process.getuid = () => 1000;', {});
  expect(message).toMatch(/needs clang, lld.*Set WASI_SDK_PATH to a wasi-sdk/);
});
