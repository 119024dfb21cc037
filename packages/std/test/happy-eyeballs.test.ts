/** A few scenarios of the proof on real sockets. Times are not asserted: the machine may be busy. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { NetworkNamespace } from '../../../examples/network-namespace.js';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../proof/happy-eyeballs/namespace.ts', import.meta.url));

test.skipIf(process.platform !== 'linux' || NetworkNamespace.obstacle() !== undefined)(
  'connectHost and net.connect in network namespaces',
  async () => {
    const options = ['--scenarios', '4', '--ways', 'connectHost,net', '--any-time'];
    const { stdout } = await run(process.execPath, ['--import', 'tsx', program, ...options], {
      env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' },
    });
    expect(stdout).toContain('8 passed, 0 failed, 0 skipped');
  },
  60_000,
);
