/** The loader, for `@sock/wasi`, which runs its own component with everything allowed. */
import { readComponent } from './component/binary.js';
import { type Exports, Linker, type Modules } from './component/instantiate.js';
import { createScope, type HostInit, nativeBackend } from './create-host.js';
import { interfaces, LoaderInterfaces } from './host-interfaces.js';

export type { Exports } from './component/instantiate.js';
export { nativeBackend };

/** Instantiates a component that is no command, at once. Its sockets stay open until they are closed. */
export function instantiateComponent(bytes: Uint8Array, init: HostInit): Exports {
  const scope = createScope(init);
  const modules: Modules = new Map();
  return new Linker(new LoaderInterfaces(scope, interfaces), modules).instantiate(
    readComponent(bytes),
  );
}
