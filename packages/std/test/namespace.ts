/** Programs in a network namespace of their own, where they may make interfaces. */
import { spawnSync } from 'node:child_process';

const OPTIONS = ['--net', '--map-root-user'];

/** Whether this system lets the tests make one: it needs Linux, unshare(1), ip(8) and user namespaces. */
export const namespacesWork =
  process.platform === 'linux' &&
  spawnSync('unshare', [...OPTIONS, 'ip', 'link'], { stdio: 'ignore' }).status === 0;

/** The command that runs node with some arguments in a new namespace. */
export const nodeInNamespace = (...values: string[]): [program: string, values: string[]] => [
  'unshare',
  [...OPTIONS, process.execPath, ...values],
];
