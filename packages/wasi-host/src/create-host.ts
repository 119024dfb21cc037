/** `createHost`: the host as jco's output takes it, with a policy. */
import { createScope, type HostInit } from './create-scope.js';
import { interfaces } from './host-interfaces.js';
import { facesOf } from './jco/faces.js';
import { noFiles } from './jco/no-files.js';
import { commandLine, type ProgramInit } from './program/command-line.js';
import { sockets3Of } from './wasi3/interfaces.js';

export { createScope, type HostInit } from './create-scope.js';

/** The interfaces by their names, in full and in camelCase, and what ends them. */
export interface Host {
  readonly [interfaceName: string]: unknown;
  /** Closes every socket of the components of this host, at once. What they have not sent is lost. */
  close(): void;
  [Symbol.dispose](): void;
}

const DISPOSE: symbol = Symbol.dispose ?? Symbol.for('dispose');
const camel = (name: string): string =>
  name.replace(/^.*\//, '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/**
 * A host of wasi:sockets, with wasi:io, wasi:clocks, wasi:random and wasi:cli: the imports of a component that jco
 * transpiled. By their names for `--instantiation`: `instantiate(getCoreModule, createHost({policy}))`. In camelCase for
 * `--map 'wasi:sockets/*=./host.js#*'`, where host.js is
 * `export const { tcp, udp, ... } = createHost({policy})`.
 */
export function createHost(init: HostInit & ProgramInit = {}): Host {
  const scope = createScope(init);
  const definitions = { ...interfaces, ...commandLine(init) };
  const host: Record<string | symbol, unknown> = {
    close: () => scope.closeAll(),
    [DISPOSE]: () => scope.closeAll(),
  };
  for (const [name, face] of Object.entries({ ...facesOf(scope, definitions), ...noFiles })) {
    host[name] = face;
    host[camel(name)] = face;
  }
  const { types, resolveAddresses } = sockets3Of(scope);
  host['wasi:sockets/types'] = types;
  host['socketTypes'] = types;
  host['wasi:sockets/ip-name-lookup@0.3.0'] = { resolveAddresses };
  host['ipNameLookup3'] = { resolveAddresses };
  return host as unknown as Host;
}
