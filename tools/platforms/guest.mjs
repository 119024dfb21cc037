/**
 * What runs on the platform under test: the contract, from case number `argv[2]` on, one line of JSON for
 * each case that begins and each result. It is bundled into one file by contract.mjs.
 */
import { writeSync } from 'node:fs';
import { cases, run } from '@sock/conformance';
import * as backend from '@sock/native';

const from = Number(process.argv[2] ?? 0);
const only = process.argv[3] === undefined ? /./ : new RegExp(process.argv[3]);
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);
let index = -1;

say({
  version: process.versions.bun ?? process.versions.deno ?? process.version,
  platform: process.platform,
  arch: process.arch,
  count: cases.length,
});
await run(
  { name: 'native', ...backend },
  {
    only: (name) => {
      index++;
      const chosen = index >= from && only.test(name);
      if (chosen) say({ index, name });
      return chosen;
    },
    onResult: ({ name, outcome, detail, error }) =>
      say({ name, outcome, detail, ...(outcome === 'failed' ? { stack: error?.stack } : {}) }),
  },
);
say({ end: true });
process.exit(0);
