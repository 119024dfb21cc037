/** `createHost`: the host as jco's output takes it, with a policy. */
import { createRequire } from 'node:module';
import { Policy, type Decision, type PolicyInit } from './policy/policy.js';
import { interfaces } from './host-interfaces.js';
import { facesOf } from './jco/faces.js';
import { noFiles } from './jco/no-files.js';
import { commandLine, type ProgramInit } from './program/command-line.js';
import { type Lookup, systemLookup } from './sockets/lookup.js';
import { Scope } from './sockets/scope.js';
import { type BackendModule, System } from './sockets/system.js';
import { sockets3Of } from './wasi3/interfaces.js';

/** What a host is made of. */
export interface HostInit {
  /** Nothing is allowed that it does not allow. */
  readonly policy?: PolicyInit;
  /** Where the sockets are. Left out: `@sock/native`. */
  readonly backend?: BackendModule;
  /** Called with every decision of the policy. The channel `sock:wasi-host:decision` of diagnostics_channel has them too. */
  readonly onDecision?: (decision: Decision) => void;
  /** Looks names up. Left out: as the system does. */
  readonly lookup?: Lookup;
}

const require = createRequire(import.meta.url);

/** Loaded when it is wanted: where no addon can be loaded, a host of another backend still can be made. */
export const nativeBackend = (): BackendModule => require('@sock/native') as BackendModule;

/** The scope of a new host. */
export function createScope({
  policy,
  backend = nativeBackend(),
  onDecision,
  lookup,
}: HostInit): Scope {
  if (onDecision !== undefined && typeof onDecision !== 'function') {
    throw new TypeError('onDecision must be a function');
  }
  return new Scope(System.of(backend), new Policy(policy, onDecision), lookup ?? systemLookup);
}

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
