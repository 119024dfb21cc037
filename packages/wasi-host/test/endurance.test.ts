/** A slice of endurance.ts: `npm run endurance` in this package is the whole. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('bytes, connections and datagrams arrive, and nothing grows', () => {
  const program = fileURLToPath(new URL('endurance.ts', import.meta.url));
  const amounts = ['--bytes', '8', '--connections', '200', '--datagrams', '20000'];
  const args = ['--expose-gc', '--import', 'tsx', program, ...amounts];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, failed: stdout.match(/^FAILED.*$/gm), stderr }).toEqual({
    status: 0,
    failed: null,
    stderr: '',
  });
  expect(stdout).toContain('21 passed, 0 failed');
}, 180_000);
