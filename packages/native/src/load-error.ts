/** Why the addon does not load, and what node's permission model lets it do. */
import type { Driver } from '@sock/core';
import { fileURLToPath } from 'node:url';

/** What is read of `process`. */
export interface ProcessState {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly versions: { readonly node: string };
  /** Defined only under `--permission`. */
  readonly permission?: { has(scope: string): boolean } | undefined;
}

const denied = (message: string, details: object): Error =>
  Object.assign(new Error(message), { code: 'ERR_ACCESS_DENIED', ...details });

/**
 * The path of another build of the addon, such as the one under sanitizers: the variable SOCK_ADDON.
 * @throws {Error} `ERR_ACCESS_DENIED` under `--permission`, where a variable must not choose the code
 */
export function otherAddon({ env, permission }: ProcessState): string | undefined {
  const { SOCK_ADDON: path } = env;
  if (path === undefined || permission === undefined) return path;
  throw denied('@sock/native: SOCK_ADDON is refused under --permission', { resource: path });
}

/** The error of an addon that does not load: its message has the reason. */
export function loadError(cause: NodeJS.ErrnoException, path: string): Error {
  const { code, message } = cause;
  const script = fileURLToPath(new URL('../scripts/build-addon.mjs', import.meta.url));
  const problem =
    code === 'MODULE_NOT_FOUND'
      ? `the addon is not built: run \`node ${script}\`, which needs a C++ compiler`
      : code === 'ERR_DLOPEN_DISABLED'
        ? 'addons are disabled: run node with --allow-addons under --permission, and without --no-addons'
        : `the addon does not load: ${message}`;
  return Object.assign(new Error(`@sock/native: ${problem} (${path})`, { cause }), {
    ...(code === undefined ? {} : { code }),
  });
}

/** The first version whose permission model has the scope `net`; an earlier one says no to unknown scopes. */
const NET_SCOPE = 25;

/** A driver that opens sockets only if `process.permission` allows the network; the same one without `--permission`. */
export function withPermission(state: ProcessState, driver: Driver): Driver {
  const { permission, versions } = state;
  if (permission === undefined || Number.parseInt(versions.node, 10) < NET_SCOPE) return driver;
  // Asked each time: a program can drop a permission.
  const check = (): void => {
    if (permission.has('net')) return;
    throw denied('Access to this API has been restricted. Use --allow-net to manage permissions.', {
      permission: 'Net',
    });
  };
  return {
    ...driver,
    open(...values) {
      check();
      return driver.open(...values);
    },
    pair(...values) {
      check();
      return driver.pair(...values);
    },
  };
}
