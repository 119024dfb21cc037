/** Runs the embedding examples as tests. Ends with `N passed, N failed, N skipped`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './toolchain.mjs';

const examples = [
  [process.execPath, 'examples/embed-c/run.mjs'],
  [process.execPath, 'examples/embed-python/run.mjs'],
  [process.execPath, '--import', 'tsx', 'examples/portable/three-ways.ts'],
];
let passed = 0;
for (const [command, ...args] of examples) {
  console.log(args.at(-1));
  const { status } = spawnSync(command, args, {
    cwd: join(root),
    stdio: 'inherit',
    timeout: 300_000,
  });
  if (status === 0) passed += 1;
}
console.log(`${passed} passed, ${examples.length - passed} failed, 0 skipped`);
process.exit(passed === examples.length ? 0 : 1);
