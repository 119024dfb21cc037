/** Both ways onto the event loop: libuv, and the thread that other runtimes need. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { programs } from './event-loop-programs.mjs';

// Inside the repository: the programs import the package as the root has it.
const cache = fileURLToPath(new URL('../../../.cache/', import.meta.url));
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'event-loop-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(['libuv', 'thread'])('by %s', (way) => {
  test.each(programs)('$name', ({ name, source, prints, status }) => {
    const file = join(folder, `${way}.mjs`);
    writeFileSync(file, source);
    const sanitizer = process.env['ASAN_OPTIONS'] ?? '';
    // process.exit() and terminate() leave the engine's heap as it is, which a leak check would report.
    const leaks = /exit|terminated/.test(name) ? 'detect_leaks=0' : '';
    const ended = spawnSync(process.execPath, [file], {
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, SOCK_EVENT_LOOP: way, ASAN_OPTIONS: `${sanitizer}:${leaks}` },
    });
    expect({ status: ended.status, printed: ended.stdout.split('\n').filter(Boolean) }).toEqual({
      status,
      printed: prints,
    });
  });
});
