/**
 * Fuzzes the host's functions in many processes, with the addon under AddressSanitizer and UndefinedBehaviorSanitizer. Ends with
 * `N passed, N failed, N skipped`; each process is one test, with a seed of its own.
 *
 *   npm run fuzz:wasi-host -- --calls 10000000 --seed 1
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { Tally } from '../../../tools/tally.mjs';

/** The calls of one process. */
const SLICE = 500_000;

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
  },
});
const [calls, seed, jobs] = ['calls', 'seed', 'jobs'].map((name) => Number(values[name]));
if (![calls, seed, jobs].every((value) => Number.isSafeInteger(value) && value > 0)) {
  console.error('usage: npm run fuzz:wasi-host -- [--calls N] [--seed N] [--jobs N]');
  process.exit(2);
}

const execute = promisify(execFile);
const program = fileURLToPath(new URL('fuzz-lowered.ts', import.meta.url));
const addon = fileURLToPath(new URL('../../native/build/sanitized/sock.node', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'sock-wasi-host-fuzz-'));
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));
// Node itself is not built with the sanitizer, so the sanitizer's runtime has to be loaded first.
const runtimes = ['libasan.so', 'libubsan.so'].map((name) =>
  execFileSync(process.env.CC ?? 'cc', [`-print-file-name=${name}`])
    .toString()
    .trim(),
);
const env = {
  ...process.env,
  LD_PRELOAD: runtimes.join(':'),
  SOCK_ADDON: addon,
  ASAN_OPTIONS: `log_path=${join(reports, 'report')}:detect_leaks=0:handle_segv=0:allow_user_segv_handler=1`,
  UBSAN_OPTIONS: 'print_stacktrace=1',
};

const tally = new Tally();
const slices = Array.from({ length: Math.ceil(calls / SLICE) }, (_, at) => ({
  seed: seed + at,
  calls: Math.min(SLICE, calls - at * SLICE),
}));
let [returned, trapped] = [0, 0];
async function work() {
  for (let slice = slices.shift(); slice !== undefined; slice = slices.shift()) {
    const args = ['--import', 'tsx', program, String(slice.calls), String(slice.seed)];
    const name = `seed ${slice.seed}, ${slice.calls} calls`;
    try {
      const { stdout } = await execute(process.execPath, args, { env });
      const result = JSON.parse(stdout);
      returned += result.returned;
      trapped += result.trapped;
      // The first wait on the event loop makes the addon's epoll descriptor, which it keeps.
      tally.check(name, result.left <= 1, stdout.trim());
    } catch (error) {
      tally.check(name, false, error.message);
    }
  }
}
await Promise.all(Array.from({ length: jobs }, work));
const found = readdirSync(reports).map((name) => readFileSync(join(reports, name), 'utf8'));
for (const report of found) console.error(report);
tally.check('the sanitizers have nothing to report', found.length === 0);
console.log(`${returned + trapped} calls: ${returned} returned, ${trapped} trapped`);
tally.finish();
