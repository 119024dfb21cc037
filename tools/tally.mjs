/** Counts what a suite ran. The last line of every suite is `N passed, N failed, N skipped`. */

const SUMMARY = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;

export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;

  /** Counts one test and prints its outcome: `passed`, `failed` or `skipped`. */
  add(outcome, name, detail = '') {
    this[outcome] += 1;
    const word = outcome === 'passed' ? 'ok' : outcome === 'failed' ? 'FAILED' : outcome;
    console.log(`${word.padEnd(7)} ${name}${detail && `: ${detail}`}`);
  }

  /** Counts one test that passes when `holds` is true. */
  check(name, holds, detail) {
    this.add(holds ? 'passed' : 'failed', name, detail);
  }

  /** Prints the last line and sets the exit status. A suite that passed nothing and skipped nothing failed. */
  finish() {
    console.log(`${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`);
    process.exitCode = this.failed === 0 && this.passed + this.skipped > 0 ? 0 : 1;
  }
}

/** The counts in the last line of a suite's output, or undefined if that line is something else. */
export function countsIn(line) {
  const [, passed, failed, skipped] = SUMMARY.exec(line)?.map(Number) ?? [];
  return passed === undefined ? undefined : { passed, failed, skipped };
}

/** The reporter that makes vitest end with that line: `--reporter=tools/tally.mjs`. */
export default class TallyReporter {
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state) => tests.filter((test) => test.result().state === state).length;
    const skipped = count('skipped') + count('pending');
    // After vitest's own summary, which the default reporter prints at the same event.
    setImmediate(() => {
      console.log(`${count('passed')} passed, ${count('failed')} failed, ${skipped} skipped`);
    });
  }
}
