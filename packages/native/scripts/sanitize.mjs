/**
 * Runs the contract and the addon's own tests on an addon built with AddressSanitizer,
 * LeakSanitizer and UndefinedBehaviorSanitizer. Ends with `N passed, N failed, N skipped`.
 *
 *   npx turbo run sanitize --filter=@sock/native [-- test files, as vitest takes them]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageRoot = fileURLToPath(new URL('..', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'sock-sanitize-'));
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));

// Node itself is not built with the sanitizer, so the sanitizer's runtime has to be loaded first.
const runtimes = ['libasan.so', 'libubsan.so'].map((name) =>
  execFileSync(process.env.CC ?? 'cc', [`-print-file-name=${name}`])
    .toString()
    .trim(),
);
const environment = {
  ...process.env,
  LD_PRELOAD: runtimes.join(':'),
  SOCK_ADDON: join(packageRoot, 'build/sanitized/sock.node'),
  ASAN_OPTIONS: `log_path=${join(reports, 'report')}:detect_leaks=1:handle_segv=0:allow_user_segv_handler=1`,
  // Node frees little when it ends. The code below decides which leaks count.
  LSAN_OPTIONS: 'exitcode=0',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};
const node = (args, variables = {}) =>
  spawnSync(process.execPath, args, {
    cwd: packageRoot,
    stdio: 'inherit',
    env: { ...environment, ...variables },
  });

const vitest = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);
const chosen = process.argv.slice(2);
const everything = readdirSync(join(packageRoot, 'test'))
  .filter((name) => name.endsWith('.test.ts') && !/soak|oracle|build-command/.test(name))
  .map((name) => `test/${name}`);
const counts = join(reports, 'counts.json');
const { status } = node([
  vitest,
  'run',
  ...(chosen.length > 0 ? chosen : everything),
  '--testTimeout=120000',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${counts}`,
]);
// The sanitizer looks for leaks when a process ends by itself. The processes of vitest do not, so these run the
// contract again: the second time on the thread that other runtimes than Node need.
const leaks = ['libuv', 'thread'].map((way) =>
  node(
    [
      '--input-type=module',
      '--eval',
      `
  import { run } from '@sock/conformance';
  import * as backend from '@sock/native';
  const { passed, failed } = await run({ name: 'native', ...backend }, {
    onResult({ name, outcome, detail }) {
      if (outcome === 'failed') console.error('FAILED ', name + ': ' + detail);
    },
  });
  console.log(passed, 'cases of the contract run again for leaks, by ${way}');
  process.exitCode = failed === 0 ? 0 : 1;
`,
    ],
    { SOCK_EVENT_LOOP: way },
  ),
);

/** A report has one stack for each leak. Only leaks whose stack goes through the addon count. */
const ours = (report) =>
  report
    .split(/\n\n+/)
    .filter((part) =>
      /(Direct|Indirect) leak/.test(part)
        ? /sock\.node|native\/(addon|core)\//.test(part)
        : /ERROR: AddressSanitizer|runtime error:/.test(part),
    );
const found = readdirSync(reports)
  .filter((name) => name.startsWith('report'))
  .flatMap((name) => ours(readFileSync(join(reports, name), 'utf8')));
for (const part of found) console.error(`FAILED  a sanitizer's report:\n${part}`);

const {
  numPassedTests = 0,
  numFailedTests = 0,
  numPendingTests = 0,
} = JSON.parse(readFileSync(counts, 'utf8'));
const died = [status, ...leaks.map((run) => run.status)].filter((code) => code !== 0).length;
const failed = Math.max(numFailedTests, died) + found.length;
console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`);
process.exitCode = failed === 0 && numPassedTests > 0 ? 0 : 1;
