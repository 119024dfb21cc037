/** `ref()` and `unref()` of a socket that is still connecting hold for the connection, as node's do. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const run = promisify(execFile);
const program = fileURLToPath(new URL('fixtures/unref-connecting.mjs', import.meta.url));

async function outcome(way: string, calls: string): Promise<string> {
  const { stdout } = await run(process.execPath, [program, way, calls], {
    // The test of the sanitizers: the process ends with sockets that are open.
    env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' },
  });
  return stdout.trim();
}

describe.each(['node', 'sock', 'happyEyeballs', 'duplex'])('%s', (way) => {
  test.concurrent.each([
    ['unref', 'connected, ends'],
    ['unref,ref', 'connected, alive'],
    ['ref,unref', 'connected, ends'],
  ])(
    '%s: %s',
    async (calls, expected) => {
      expect(await outcome(way, calls)).toBe(expected);
    },
    30_000,
  );
});
