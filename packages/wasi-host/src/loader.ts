/** The loader, for `@sock/wasi`, which runs its own core module with everything allowed. */
import { CoreInstance, type ExportedInterface } from './component/core-module.js';
import { createScope, type HostInit, nativeBackend } from './create-scope.js';
import { interfaces, LoaderInterfaces } from './host-interfaces.js';
import { everything } from './policy/policy.js';

export type { Call, CoreInstance, ExportedInterface } from './component/core-module.js';
export type { Type } from './component/types.js';
export type { Answer, Lookup } from './sockets/lookup.js';
export { nativeBackend };

/**
 * Instantiates the core module of a component at once, with everything allowed. Its sockets stay open until they are
 * closed.
 */
export function instantiateCore(
  module: WebAssembly.Module,
  exported: ExportedInterface,
  { backend, lookup }: Pick<HostInit, 'backend' | 'lookup'>,
): CoreInstance {
  const scope = createScope({
    policy: everything,
    ...(backend === undefined ? {} : { backend }),
    ...(lookup === undefined ? {} : { lookup }),
  });
  return new CoreInstance(module, new LoaderInterfaces(scope, interfaces), exported);
}
