/** The scope of a host: what it has, and the policy. Apart from create-host.ts, which loads what jco's output needs. */
import { createRequire } from 'node:module';
import { Policy, type Decision, type PolicyInit } from './policy/policy.js';
import { type Lookup, systemLookup } from './sockets/lookup.js';
import { Scope } from './sockets/scope.js';
import { type BackendModule, System } from './sockets/system.js';

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
