/** Runs one of node's own tests in its own process and returns its outcome. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signalGroup, spawnGroup } from '../process-group.mjs';

const preload = fileURLToPath(new URL('preload.cjs', import.meta.url));
const LONGEST = 60_000;
const KEPT = 8192;

/** The values in comments such as `// Flags: ...` at the head of a test. */
const asked = (text, what) =>
  [...text.matchAll(new RegExp(`^// ${what}: *(.*)$`, 'gm'))].flatMap(([, list]) =>
    list.trim().split(/\s+/),
  );

const running = new Set();
process.on('exit', () => running.forEach((child) => signalGroup(child, 'SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/**
 * @param source the folder of node's source
 * @param test such as `parallel/test-net-listen.js`
 * @param how `plain`, `drop-in`, `options` or `rinfo`: see preload.cjs
 * @returns {Promise<{outcome: 'passed' | 'failed' | 'skipped', detail: string}>}
 */
export function runTest(node, source, test, how, { folder, thread }) {
  const file = join(source, 'test', test);
  const text = readFileSync(file, 'utf8');
  const env = {
    ...process.env,
    ...Object.fromEntries(asked(text, 'Env').map((pair) => pair.split(/=(.*)/s).slice(0, 2))),
    SOCK_NODE_TESTS: how,
    NODE_OPTIONS: `--require=${preload}`,
    NODE_TEST_DIR: folder,
    TEST_THREAD_ID: String(thread),
    TEST_SERIAL_ID: String(thread),
  };
  return new Promise((resolve, reject) => {
    // In its own process group: this ends the processes that a test leaves behind.
    const child = spawnGroup(node, [...asked(text, 'Flags'), file], {
      cwd: source,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk) => {
      output = `${output}${chunk}`.slice(-KEPT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    running.add(child);
    const end = () => {
      running.delete(child);
      signalGroup(child, 'SIGKILL');
    };
    const limit = setTimeout(() => {
      output += `\nended after ${LONGEST / 1000} s`;
      end();
    }, LONGEST);
    child.on('error', reject);
    child.on('exit', () => {
      clearTimeout(limit);
      end();
    });
    child.on('close', (status, signal) => {
      const skip = /^1\.\.0 # Skipped: (.*)$/m.exec(output);
      if (status === 0 && skip !== null) resolve({ outcome: 'skipped', detail: skip[1] });
      else if (status === 0) resolve({ outcome: 'passed', detail: '' });
      else resolve({ outcome: 'failed', detail: `${output.trim()}\n(${signal ?? status})` });
    });
  });
}
