/**
 * Runs host.py with wasmtime's library for Python, which pip puts into .cache. It runs with the network and
 * without it. Without it, the host must print EACCES.
 *
 *   node examples/embed-python/run.mjs
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, wheel } from '../../tools/run.mjs';

const script = join(root, 'examples/embed-python/host.py');
const component = join(root, 'packages/wasi/component/sock.wasm');
let status = 0;
for (const [what, ...flags] of [['with the network'], ['without it', '--deny']]) {
  const result = spawnSync('python3', [script, component, ...flags], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, PYTHONPATH: wheel('wasmtime') },
  });
  console.log(`${what}: ${result.stdout}${result.stderr}`.trim());
  status ||= result.status ?? 1;
}
process.exit(status);
