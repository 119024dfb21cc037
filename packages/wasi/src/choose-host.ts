/**
 * Chooses the host of the component on Node: @sock/wasi-host over @sock/native if its addon loads, else
 * preview2-shim. `SOCK_WASI_HOST=native` and `SOCK_WASI_HOST=shim` force one.
 */
import { createRequire } from 'node:module';
import type { Driver } from '@sock/core';
import { makeDirectDriver } from './direct-driver.js';
import { makeDriver } from './driver.js';
import { environmentVariable } from './environment.js';
import type * as Shim from './instance.js';

/** The names of the hosts. */
export type HostName = 'native' | 'shim';

export interface ChosenHost {
  readonly driver: Driver;
  readonly name: HostName;
  /** Why it was chosen. */
  readonly reason: string;
}

const require = createRequire(import.meta.url);

/** Loaded only if it is needed, because it starts a thread. */
function shimDriver(): Driver {
  const { instantiateSocket } = require('./instance.js') as typeof Shim;
  return makeDriver(instantiateSocket());
}

export function chooseHost(): ChosenHost {
  const forced = environmentVariable('SOCK_WASI_HOST');
  if (forced === 'shim' || forced === 'native') {
    const driver = forced === 'shim' ? shimDriver() : makeDirectDriver();
    return { driver, name: forced, reason: `SOCK_WASI_HOST is ${forced}` };
  }
  if (forced !== undefined && forced !== '') {
    throw Object.assign(new TypeError(`SOCK_WASI_HOST is '${forced}', not 'native' or 'shim'`), {
      code: 'ERR_INVALID_ARG_VALUE',
    });
  }
  try {
    return {
      driver: makeDirectDriver(),
      name: 'native',
      reason: 'the addon of @sock/native loads',
    };
  } catch (error) {
    const reason = `@sock/native does not load: ${(error as Error).message}`;
    return { driver: shimDriver(), name: 'shim', reason };
  }
}
