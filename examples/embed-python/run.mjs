/**
 * Runs host.py with wasmtime's library for Python, which pip puts into .cache: with the network and without it, where
 * the host must print EACCES. From version 48 on a component gets TCP and UDP only where its host allows them, and the library has
 * no function that does: the newest version refuses in both cases, and an older one shows the network.
 *
 *   node examples/embed-python/run.mjs
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, versions, wheel } from '../../tools/run.mjs';

const script = join(root, 'examples/embed-python/host.py');
const component = join(root, 'packages/wasi/component/sock.wasm');
const newest = versions.wheels.wasmtime;
const older = versions.wasmtimeWithNetwork;
let status = 0;

function host(version, flags) {
  const result = spawnSync('python3', [script, component, ...flags], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, PYTHONPATH: wheel('wasmtime', version) },
  });
  return { status: result.status, output: `${result.stdout}${result.stderr}`.trim() };
}

for (const [version, what, flags, isRefused] of [
  [older, 'with the network', [], false],
  [older, 'without it', ['--deny'], true],
  [newest, 'with the network', [], true],
  [newest, 'without it', ['--deny'], true],
]) {
  const { output } = host(version, flags);
  console.log(`wasmtime ${version} ${what}: ${output}`);
  const isAsExpected = isRefused
    ? output === 'refused: EACCES'
    : output.includes('got back: from a');
  if (!isAsExpected) status = 1;
}
process.exit(status);
