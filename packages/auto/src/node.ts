/**
 * Picks a backend by what can be loaded: @sock/native, or else @sock/wasi. `SOCK_BACKEND=native` and
 * `SOCK_BACKEND=wasi` force one. Everything else is the backend's own.
 */
import { createRequire } from 'node:module';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { InterfaceNames } from '@sock/core';
import type * as Backend from '@sock/native';
import { environmentVariable } from './environment.js';

export * from '@sock/core';

type Native = typeof Backend;
/** The names of the backends. */
export type BackendName = 'native' | 'wasi';

const require = createRequire(import.meta.url);

interface Choice {
  readonly name: BackendName;
  readonly module: Native;
  /** Why it was taken. */
  readonly reason: string;
}

/** Why @sock/native does not load, and what to install. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && message.includes("'@sock/native'")
    ? '@sock/native is not installed: install it with `npm install @sock/native`'
    : `@sock/native does not load: ${message}`;
}

/**
 * Warns that WASI is used, once: a Worker has the environment data of the thread that started it. `reason` says what
 * to install.
 */
function warn(reason: string): void {
  const key = '@sock/auto: warned';
  if (getEnvironmentData(key) === true) return;
  setEnvironmentData(key, true);
  process.emitWarning(`@sock/auto uses WASI, which is slower and has fewer options. ${reason}`, {
    type: 'Warning',
    code: 'SOCK_WASI',
    detail: 'SOCK_BACKEND=wasi chooses WASI without this warning.',
  });
}

function choose(): Choice {
  const forced = environmentVariable('SOCK_BACKEND');
  const load = (name: BackendName): Native => require(`@sock/${name}`) as Native;
  if (forced === 'native' || forced === 'wasi') {
    return { name: forced, module: load(forced), reason: `SOCK_BACKEND is ${forced}` };
  }
  if (forced !== undefined && forced !== '') {
    throw Object.assign(new TypeError(`SOCK_BACKEND is '${forced}', not 'native' or 'wasi'`), {
      code: 'ERR_INVALID_ARG_VALUE',
    });
  }
  try {
    return { name: 'native', module: load('native'), reason: 'its addon loads' };
  } catch (error) {
    const reason = reasonOf(error);
    warn(reason);
    return { name: 'wasi', module: load('wasi'), reason };
  }
}

const choice = choose();

/** Which backend was taken. */
export const backendName: BackendName = choice.name;
/** Why. */
export const backendReason: string = choice.reason;
/** The backend's Socket. */
export const Socket: Native['Socket'] = choice.module.Socket;
export type Socket = InstanceType<Native['Socket']>;
/** The backend's Poller. */
export const Poller: Native['Poller'] = choice.module.Poller;
export type Poller = InstanceType<Native['Poller']>;
/** The numbers of the backend's `MSG_...` flags. */
export const MSG: Readonly<Record<string, number>> = choice.module.MSG;
/** The numbers of the backend's `SOCK_...` types and their flags. */
export const SOCK: Readonly<Record<string, number>> = choice.module.SOCK;
/** Names and indexes of the network interfaces, as the backend's system has them. */
export const { ifNameToIndex, ifIndexToName, ifNameIndex }: InterfaceNames = choice.module;
