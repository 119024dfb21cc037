/**
 * Checks that everything generated and committed is fresh: runs each generator and compares. What a
 * generator changed stays changed, ready to be committed.
 *
 *   node tools/check-generated.mjs
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A generator and what it writes: files or whole folders. */
const generators = [
  {
    command: [process.execPath, 'tools/generate-options.mjs'],
    writes: [
      'packages/core/src/options/options.generated.ts',
      'native/core/include/sock_options.h',
      'docs/support.md',
    ],
  },
  { command: [process.execPath, 'tools/changelog.mjs'], writes: ['CHANGELOG.md'] },
];

function* filesOf(path) {
  const status = statSync(join(root, path), { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isDirectory()) yield path;
  else for (const name of readdirSync(join(root, path))) yield* filesOf(`${path}/${name}`);
}

const contents = (paths) =>
  new Map(
    paths
      .flatMap((path) => [...filesOf(path)])
      .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
  );

let stale = 0;
for (const { command, writes } of generators) {
  const before = contents(writes);
  const { status, stdout, stderr, error } = spawnSync(command[0], command.slice(1), {
    cwd: root,
    encoding: 'utf8',
  });
  if (error !== undefined || status !== 0) {
    console.error(`${command.slice(1).join(' ')} failed\n${error?.message ?? stdout + stderr}`);
    stale += 1;
    continue;
  }
  const after = contents(writes);
  for (const path of writes) {
    if ([...filesOf(path)].length === 0) {
      console.error(`${path} was not written`);
      stale += 1;
    }
  }
  for (const file of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(file) === after.get(file)) continue;
    console.error(`${file} was not fresh`);
    stale += 1;
  }
}
if (stale === 0) console.log('all generated files are fresh');
process.exitCode = stale === 0 ? 0 : 1;
