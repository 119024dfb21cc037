/**
 * Runs the contract on every supported major version of Node with the addon as it is built: Node-API
 * promises that one build serves them all. Ends with `N passed, N failed, N skipped`.
 *
 *   node tools/node-versions.mjs [22 24 26]
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodeProgram } from './node-program.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const asked = process.argv.slice(2);
const versions = (asked.length > 0 ? asked : ['20', '22', '24', '26']).filter(
  (version) => !process.version.startsWith(`v${version}.`),
);
/** Both ways in: the module system's own, and `require`. */
const program = `
  import { createRequire } from 'node:module';
  import { run } from '@sock/conformance';
  import * as backend from '@sock/native';
  const required = createRequire(import.meta.url)('@sock/native');
  if (required.Socket !== backend.Socket) throw new Error('require gives another Socket');
  const failures = [];
  const totals = await run({ name: 'native', ...backend }, {
    onResult: (result) => { if (result.outcome === 'failed') failures.push(result); },
  });
  for (const { name, detail } of failures) console.error(name + ': ' + detail);
  console.log(JSON.stringify({ version: process.version, ...totals }));
`;

const sum = { passed: 0, failed: 0, skipped: 0 };
for (const version of versions) {
  let node;
  try {
    node = await nodeProgram(version);
  } catch (error) {
    console.log(`Node ${version}: skipped, npm could not install it: ${error.message}`);
    sum.skipped += 1;
    continue;
  }
  try {
    const { stdout, stderr } = await run(node, ['--input-type=module', '--eval', program], {
      cwd: root,
      timeout: 120_000,
    });
    process.stderr.write(stderr);
    const {
      version: exact,
      passed,
      failed,
      unsupported,
      skipped,
    } = JSON.parse(stdout.trim().split('\n').at(-1));
    console.log(
      `Node ${exact}: ${passed} cases passed, ${unsupported} unsupported, ${skipped} skipped, ${failed} failed`,
    );
    sum.passed += passed + unsupported;
    sum.failed += failed;
    sum.skipped += skipped;
  } catch (error) {
    console.error(`Node ${version}: ${error.stderr || error.message}`);
    sum.failed += 1;
  }
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed === 0 ? 0 : 1;
