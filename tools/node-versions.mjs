/**
 * Runs the contract on every supported major version of Node with the addon as it is built: Node-API
 * promises that one build serves them all. The versions come from npm, as packages that hold the
 * program. Ends with `N passed, N failed, N skipped`.
 *
 *   node tools/node-versions.mjs [22 24 26]
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const asked = process.argv.slice(2);
const versions = (asked.length > 0 ? asked : ['20', '22', '24', '26']).filter(
  (version) => !process.version.startsWith(`v${version}.`),
);
const packageName = `node-${process.platform}-${process.arch}`;

async function install(version) {
  const folder = join(root, '.cache/node', version);
  const program = join(folder, 'node_modules', packageName, 'bin/node');
  if (existsSync(program)) return program;
  console.log(`installing Node ${version} from npm`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    `${packageName}@${version}`,
  ];
  await run('npm', args, { cwd: folder });
  return program;
}

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
    node = await install(version);
  } catch (error) {
    console.log(
      `Node ${version}: skipped, ${packageName}@${version} could not be installed: ${error.message}`,
    );
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
    } = JSON.parse(stdout.trim().split('\n').at(-1));
    console.log(
      `Node ${exact}: ${passed} cases passed, ${unsupported} unsupported, ${failed} failed`,
    );
    sum.passed += passed + unsupported;
    sum.failed += failed;
  } catch (error) {
    console.error(`Node ${version}: ${error.stderr || error.message}`);
    sum.failed += 1;
  }
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed === 0 ? 0 : 1;
