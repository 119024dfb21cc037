/**
 * A component that has one core module, run without the component around it. The module's imports are functions of the
 * host, and the caller names the types of its exports. Reading and linking the component would take most of the time of a
 * start. Functions by the canonical ABI are made when they are first called.
 */
import { trap } from '../sockets/resource.js';
import { type CoreFunction, liftFunction, lowerFunction } from './call.js';
import type { Crossing } from './codec.js';
import { HandleTable } from './handles.js';
import type { HostFunction, HostInterfaces, LowerContext } from './instantiate.js';
import { GuestMemory } from './memory.js';
import { type FunctionType, parseFunction, type ResourceType, type Type } from './types.js';

/** The interface that the module exports. */
export interface ExportedInterface {
  /** With its version: `sock:socket/socket@0.1.0`. */
  readonly name: string;
  /** Its resource types. */
  readonly resources: readonly string[];
  /** The types that {@link CoreInstance.func} finds by name. */
  readonly types: Readonly<Record<string, Type>>;
}

/** A call of the interface, which takes and returns what codec.ts says. */
export type Call = (args: unknown[]) => unknown;

const withoutVersion = (name: string): string => name.replace(/@.*$/, '');
const lazily = (make: () => CoreFunction): CoreFunction => {
  let made: CoreFunction | undefined;
  return (...values) => (made ??= make())(...values);
};

export class CoreInstance {
  /** The exports of the module. */
  readonly core: WebAssembly.Exports;
  readonly #resources: ReadonlyMap<string, ResourceType>;
  readonly #handles = new HandleTable();
  readonly #memory = GuestMemory.later();
  readonly #crossing: Crossing;

  /** @throws {TypeError} when the host lacks what the module imports */
  constructor(
    module: WebAssembly.Module,
    private readonly host: HostInterfaces,
    private readonly exported: ExportedInterface,
  ) {
    const handles = this.#handles;
    this.#resources = new Map(
      exported.resources.map((name) => [
        name,
        {
          name,
          drop: (rep) => this.#export(`${exported.name}#[dtor]${name}`)(rep as number),
          definedBy: handles,
        },
      ]),
    );
    this.#crossing = {
      memory: this.#memory,
      encoding: 'utf8',
      allocate: (size, align) => (size === 0 ? align : this.#realloc(0, 0, align, size)),
      lift: (type, handle, own) => (own ? handles.take(handle, type) : handles.get(handle, type)),
      lower: (type, value, own) =>
        !own && type.definedBy === handles ? (value as number) : handles.add(type, value, own),
    };
    const imports: Record<string, Record<string, CoreFunction>> = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      (imports[from] ??= {})[name] = this.#import(from, name);
    }
    this.core = new WebAssembly.Instance(module, imports as WebAssembly.Imports).exports;
    this.#memory.attach(this.core['memory'] as WebAssembly.Memory);
    this.#reallocate = this.#export('cabi_realloc');
    const initialize = this.core['_initialize'];
    if (typeof initialize === 'function') initialize();
  }

  #export(name: string): CoreFunction {
    const found = this.core[name];
    if (typeof found !== 'function') throw new TypeError(`the core module has no export ${name}`);
    return found as CoreFunction;
  }

  #reallocate: CoreFunction = () => trap('the module asks for memory before it runs');

  readonly #realloc: LowerContext['realloc'] = (oldPointer, oldSize, align, size) => {
    const pointer = this.#reallocate(oldPointer, oldSize, align, size) as number;
    this.#memory.refresh();
    return this.#memory.at(pointer, size, align);
  };

  #import(from: string, name: string): CoreFunction {
    const handles = this.#handles;
    const own = from === `[export]${this.exported.name}`;
    const [, what, typeName] = /^\[resource-(new|rep|drop)\](.*)$/.exec(name) ?? [];
    if (what !== undefined) {
      const type = own ? this.resource(typeName as string) : this.#hostResource(typeName as string);
      if (what === 'new') return (rep) => handles.add(type, rep);
      if (what === 'rep') return (handle) => handles.get(Number(handle) >>> 0, type) as number;
      return (handle) => {
        handles.drop(Number(handle) >>> 0, type);
        return undefined;
      };
    }
    const found = this.host.interface(withoutVersion(from))?.func(name, NO_TYPE);
    if (found === undefined) throw new TypeError(`the host has no ${from}#${name}`);
    return this.#lower(found);
  }

  /** A resource type of the interface. */
  resource(name: string): ResourceType {
    const type = this.#resources.get(name);
    if (type === undefined) throw new TypeError(`the interface has no resource ${name}`);
    return type;
  }

  #hostResource(name: string): ResourceType {
    const type = this.host.resource(name);
    if (type === undefined) throw new TypeError(`the host has no resource ${name}`);
    return type;
  }

  #lower(found: HostFunction): CoreFunction {
    const handles = this.#handles;
    if (found.lower === undefined) {
      return lazily(() => lowerFunction(found.type ?? NO_TYPE, found.call, this.#crossing));
    }
    return found.lower({
      memory: this.#memory,
      realloc: this.#realloc,
      sendsUnasked: true,
      finder: (name) => {
        const type = this.#hostResource(name);
        return (handle) => handles.get(handle >>> 0, type);
      },
      owner: (name) => {
        const type = this.#hostResource(name);
        return (value) => handles.add(type, value);
      },
    });
  }

  /** What a handle of the module stands for, of whatever type; `undefined` when there is no such handle. */
  handle(handle: number): unknown {
    return this.#handles.peek(handle);
  }

  /**
   * A function of the interface.
   * @param type as WIT writes it, without names of parameters: `(borrow<socket>, s32) -> result<_, s32>`
   */
  func(name: string, type: string): Call {
    const { name: interfaceName, types } = this.exported;
    const core = this.#export(`${interfaceName}#${name}`);
    const post = this.core[`cabi_post_${interfaceName}#${name}`] as CoreFunction | undefined;
    let made: Call | undefined;
    return (args) => {
      made ??= liftFunction(this.#parse(type, types), core, this.#crossing, post);
      return made(args);
    };
  }

  #parse(text: string, types: ExportedInterface['types']): FunctionType {
    return parseFunction(text, {
      types,
      resource: (name) => this.#resources.get(name),
    });
  }
}

/** The functions of the host have types of their own. */
const NO_TYPE: FunctionType = { params: [], result: undefined };
