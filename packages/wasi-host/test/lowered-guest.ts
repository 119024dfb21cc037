/** The host's functions as a component's core module calls them, without one: a memory, an allocator, a handle table. */
import * as native from '@sock/native';
import type { CoreFunction } from '../src/component/call.js';
import { HandleTable } from '../src/component/handles.js';
import type { HostFunction } from '../src/component/instantiate.js';
import { lowerFunction } from '../src/component/call.js';
import { GuestMemory } from '../src/component/memory.js';
import type { ResourceType } from '../src/component/types.js';
import { createScope } from '../src/create-host.js';
import { interfaces, LoaderInterfaces, resourceType } from '../src/host-interfaces.js';
import type { PolicyInit } from '../src/policy/policy.js';
import type { Lookup } from '../src/sockets/lookup.js';
import type { Scope } from '../src/sockets/scope.js';

export class LoweredGuest {
  readonly memory = new WebAssembly.Memory({ initial: 4 });
  readonly handles = new HandleTable();
  readonly scope: Scope;
  readonly functions = new Map<string, CoreFunction>();
  /** What the allocator returns; it wraps, as this guest frees nothing. */
  next = 131072;

  constructor(policy: PolicyInit, lookup?: Lookup) {
    this.scope = createScope({ policy, backend: native, ...(lookup && { lookup }) });
    const loader = new LoaderInterfaces(this.scope, interfaces);
    for (const [name, definition] of Object.entries(interfaces)) {
      for (const key of Object.keys(definition)) {
        const found = loader.interface(name)?.func(key, { params: [], result: undefined });
        this.functions.set(`${name}#${key}`, this.#lower(found as HostFunction));
      }
    }
  }

  allocate(size: number, align: number): number {
    let at = (this.next + align - 1) & ~(align - 1);
    if (at + size > this.memory.buffer.byteLength) at = 131072;
    this.next = at + size;
    return at;
  }

  #lower({ type, call, lower }: HostFunction): CoreFunction {
    const { handles } = this;
    const memory = GuestMemory.of(this.memory);
    const realloc = (_old: number, _size: number, align: number, size: number): number =>
      memory.at(this.allocate(size, align), size, align);
    const named = (name: string): ResourceType => resourceType(name) as ResourceType;
    if (lower !== undefined) {
      return lower({
        memory,
        realloc,
        finder: (name) => (handle) => handles.get(handle >>> 0, named(name)),
        owner: (name) => (value) => handles.add(named(name), value),
      });
    }
    return lowerFunction(type as never, call, {
      memory,
      encoding: 'utf8',
      allocate: (size, align) => realloc(0, 0, align, size),
      lift: (resource, handle, own) =>
        own ? handles.take(handle, resource) : handles.get(handle, resource),
      lower: (resource, value, own) => handles.add(resource, value, own),
    });
  }

  call(name: string, ...args: (number | bigint)[]): number | bigint | undefined {
    const func = this.functions.get(name);
    if (func === undefined) throw new TypeError(`no ${name}`);
    return func(...args);
  }

  /** resource.drop. */
  drop(kind: string, handle: number): void {
    this.handles.drop(handle, resourceType(kind) as ResourceType);
  }

  /** Creates a socket; its handle. */
  create(kind: 'tcp' | 'udp'): number {
    this.call(`wasi:sockets/${kind}-create-socket#create-${kind}-socket`, 0, 1024);
    const view = new DataView(this.memory.buffer);
    if (view.getUint8(1024) !== 0) throw new Error(`code ${view.getUint8(1028)}`);
    return view.getUint32(1028, true);
  }
}
