/** What keeps a process alive: `ref()` and `unref()` of every object do what they do on node's own. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = new URL('fixtures/keep-alive.mjs', import.meta.url).pathname;

/** Whether the process `ends` or `stays`. */
async function fate(kind: string, actions: readonly string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, [program, kind, ...actions]);
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  return stdout.trim();
}

const objects = ['stream', 'server', 'datagram'];
const calls = [
  [],
  ['unref'],
  ['unref', 'ref'],
  ['ref', 'unref', 'unref'],
  ['unref', 'unref', 'ref'],
];
const cases = [
  ...objects.flatMap((object) => calls.map((actions) => [object, ...actions])),
  ['stream', 'write', 'unref'],
  ['stream', 'unref', 'write'],
  ['stream', 'unref', 'pause', 'resume'],
];

test.concurrent.each(cases)('%s %s %s %s', async (...actions) => {
  const given = actions.filter((action) => typeof action === 'string');
  const [node, ...ours] = await Promise.all(
    ['node', 'native', 'wasi'].map((kind) => fate(kind, given)),
  );
  expect(node).toMatch(/^(ends|stays)$/);
  expect(ours).toEqual([node, node]);
});
