/** Instantiates a component: its core modules, with functions of the host or of each other for imports. */
import { setFlagsFromString } from 'node:v8';
import { trap } from '../sockets/resource.js';
import {
  type Alias,
  type CanonOptions,
  type Component,
  type Declaration,
  type Definition,
  type Extern,
  type SortIndex,
  type TypeDefinition,
  UnsupportedComponentError,
  type ValueType,
} from './binary.js';
import { type CoreFunction, liftFunction, lowerFunction } from './call.js';
import type { Crossing } from './codec.js';
import { HandleTable } from './handles.js';
import { GuestMemory } from './memory.js';
import type { FunctionType, ResourceType, Type } from './types.js';

/** What a function of the host is lowered with. */
export interface LowerContext {
  readonly memory: GuestMemory;
  realloc(oldPointer: number, oldSize: number, align: number, size: number): number;
  /** Finds what handles of a type stand for. */
  finder(resource: string): (handle: number) => unknown;
  /** Whether the module sends datagrams without check-send: @sock/wasi's own does. */
  readonly sendsUnasked?: boolean;
  /** Makes handles of a type. */
  owner(resource: string): (value: unknown) => number;
}

/** A function that a component may import. */
export interface HostFunction {
  /** Left out: the type that the component declares. */
  readonly type?: FunctionType;
  readonly call: (args: unknown[]) => unknown;
  /** The function by the canonical ABI itself, for what is called often. */
  readonly lower?: (context: LowerContext) => CoreFunction;
}

/** An interface of the host. */
export interface HostInterface {
  /** @param declared the type that the component has for it */
  func(name: string, declared: FunctionType): HostFunction | undefined;
  resource(name: string): ResourceType | undefined;
}

/** The interfaces of the host by name, without version: `wasi:io/poll`. */
export interface HostInterfaces {
  interface(name: string): HostInterface | undefined;
  /** Resource types by name, for functions that are lowered by hand. */
  resource(name: string): ResourceType | undefined;
}

interface Func {
  readonly type: FunctionType;
  readonly call: (args: unknown[]) => unknown;
  readonly lower?: HostFunction['lower'];
}

type Item =
  | { readonly sort: 'func'; readonly value: Func }
  | { readonly sort: 'type'; readonly value: TypeValue }
  | { readonly sort: 'instance'; readonly value: Instance }
  | { readonly sort: 'component'; readonly value: ComponentValue }
  | { readonly sort: 'core module'; readonly value: WebAssembly.Module };

type Instance = ReadonlyMap<string, Item>;

type TypeValue =
  | { readonly is: 'value'; readonly type: Type }
  | { readonly is: 'func'; readonly type: FunctionType }
  | { readonly is: 'resource'; readonly type: ResourceType }
  | {
      readonly is: 'instance';
      readonly declarations: readonly Declaration[];
      readonly scope: Scope;
    }
  | { readonly is: 'component' }
  | { readonly is: 'unknown'; readonly name: string };

interface ComponentValue {
  readonly component: Component;
  readonly scope: Scope | undefined;
}

/** The index spaces of one component instance. */
class Scope {
  readonly func: Func[] = [];
  readonly type: TypeValue[] = [];
  readonly component: ComponentValue[] = [];
  readonly instance: Instance[] = [];
  readonly coreFunc: Function[] = [];
  readonly coreTable: WebAssembly.Table[] = [];
  readonly coreMemory: WebAssembly.Memory[] = [];
  readonly coreGlobal: WebAssembly.Global[] = [];
  readonly coreModule: WebAssembly.Module[] = [];
  readonly coreInstance: Readonly<Record<string, unknown>>[] = [];
  readonly handles = new HandleTable();

  constructor(readonly parent: Scope | undefined) {}

  outer(count: number): Scope {
    if (count === 0) return this;
    if (this.parent === undefined) throw new SyntaxError('an outer alias of nothing');
    return this.parent.outer(count - 1);
  }
}

function at<T>(list: readonly T[], index: number, what: string): T {
  const found = list[index];
  if (found === undefined) throw new SyntaxError(`the component has no ${what} ${index}`);
  return found;
}

const withoutVersion = (name: string): string => name.replace(/@.*$/, '');

/** The kinds of core items, and where they are kept. */
const CORE_SPACES = {
  'core func': 'coreFunc',
  'core table': 'coreTable',
  'core memory': 'coreMemory',
  'core global': 'coreGlobal',
} as const;

/** Compiled core modules, by their bytes. */
export type Modules = ReadonlyMap<Uint8Array, WebAssembly.Module>;

/**
 * Node 20 has sums in constant expressions behind a flag, which the modules of Python components have. Later engines
 * have it without, and do not know the flag.
 */
function allowExtendedConstants(): void {
  if (process.versions.v8.startsWith('11.')) {
    setFlagsFromString('--experimental-wasm-extended-const');
  }
}

/** Compiles every core module of a component. */
export async function compileModules(component: Component): Promise<Modules> {
  allowExtendedConstants();
  const modules = new Map<Uint8Array, WebAssembly.Module>();
  const compile = async ({ definitions }: Component): Promise<void> => {
    await Promise.all(
      definitions.map(async (definition) => {
        if (definition.is === 'core module') {
          modules.set(
            definition.bytes,
            await WebAssembly.compile(definition.bytes as BufferSource),
          );
        } else if (definition.is === 'component') await compile(definition.component);
      }),
    );
  };
  await compile(component);
  return modules;
}

export class Linker {
  constructor(
    private readonly host: HostInterfaces,
    private readonly modules: Modules,
  ) {}

  /** Instantiates the component; its exports by name. */
  instantiate(component: Component): Exports {
    const scope = new Scope(undefined);
    const items = this.#run(scope, component, new Map(), true);
    return new Exports(items, scope);
  }

  #run(scope: Scope, component: Component, args: Instance, isRoot: boolean): Instance {
    const exports = new Map<string, Item>();
    for (const definition of component.definitions) {
      this.#define(scope, definition, args, exports, isRoot);
    }
    return exports;
  }

  #define(
    scope: Scope,
    definition: Definition,
    args: Instance,
    exports: Map<string, Item>,
    isRoot: boolean,
  ): void {
    switch (definition.is) {
      case 'core module': {
        const { bytes } = definition;
        scope.coreModule.push(
          this.modules.get(bytes) ?? new WebAssembly.Module(bytes as BufferSource),
        );
        return;
      }
      case 'core instance':
        scope.coreInstance.push(this.#coreInstance(scope, definition));
        return;
      case 'component':
        scope.component.push({ component: definition.component, scope });
        return;
      case 'instance':
        scope.instance.push(this.#instance(scope, definition));
        return;
      case 'alias':
        this.#alias(scope, definition.alias);
        return;
      case 'type':
        scope.type.push(this.#type(scope, definition.type));
        return;
      case 'lift': {
        const type = this.#funcType(scope, definition.type);
        const core = at(scope.coreFunc, definition.core, 'core function') as CoreFunction;
        const { postReturn } = definition.options;
        const post =
          postReturn === undefined
            ? undefined
            : (at(scope.coreFunc, postReturn, 'core function') as CoreFunction);
        const call = liftFunction(type, core, this.#crossing(scope, definition.options), post);
        scope.func.push({ type, call });
        return;
      }
      case 'lower':
        scope.coreFunc.push(
          this.#lower(scope, at(scope.func, definition.func, 'function'), definition.options),
        );
        return;
      case 'resource.new': {
        const type = this.#resource(scope, definition.type);
        scope.coreFunc.push((rep: number) => scope.handles.add(type, rep));
        return;
      }
      case 'resource.rep': {
        const type = this.#resource(scope, definition.type);
        scope.coreFunc.push((handle: number) => scope.handles.get(handle >>> 0, type));
        return;
      }
      case 'resource.drop': {
        const type = this.#resource(scope, definition.type);
        scope.coreFunc.push((handle: number) => scope.handles.drop(handle >>> 0, type));
        return;
      }
      case 'import': {
        const given = args.get(definition.name);
        const item = isRoot ? this.#hostItem(scope, definition.name, definition.extern) : given;
        if (item === undefined) throw new SyntaxError(`the import ${definition.name} is not given`);
        this.#push(scope, item);
        return;
      }
      case 'export': {
        const item = this.#item(scope, definition.item);
        exports.set(definition.name, item);
        this.#push(scope, item);
        return;
      }
      default:
        throw new UnsupportedComponentError('core types');
    }
  }

  #push(scope: Scope, item: Item): void {
    if (item.sort === 'core module') scope.coreModule.push(item.value);
    else (scope[item.sort] as unknown[]).push(item.value);
  }

  #item(scope: Scope, { sort, index }: SortIndex): Item {
    switch (sort) {
      case 'func':
      case 'type':
      case 'instance':
      case 'component':
        return { sort, value: at<unknown>(scope[sort], index, sort) } as Item;
      case 'core module':
        return { sort, value: at(scope.coreModule, index, sort) };
      default:
        throw new UnsupportedComponentError(`an export of the sort ${sort}`);
    }
  }

  #coreInstance(
    scope: Scope,
    definition: Definition & { is: 'core instance' },
  ): Record<string, unknown> {
    if (definition.exports !== undefined) {
      return Object.fromEntries(
        definition.exports.map(([name, { sort, index }]) => {
          const space = CORE_SPACES[sort as keyof typeof CORE_SPACES];
          if (space === undefined)
            throw new UnsupportedComponentError(`a core export of the sort ${sort}`);
          return [name, at<unknown>(scope[space], index, sort)];
        }),
      );
    }
    const module = at(scope.coreModule, definition.module as number, 'core module');
    const imports = Object.fromEntries(
      (definition.args ?? []).map(([name, index]) => [
        name,
        at(scope.coreInstance, index, 'core instance'),
      ]),
    );
    return new WebAssembly.Instance(module, imports as WebAssembly.Imports).exports;
  }

  #instance(scope: Scope, definition: Definition & { is: 'instance' }): Instance {
    if (definition.exports !== undefined) {
      return new Map(definition.exports.map(([name, item]) => [name, this.#item(scope, item)]));
    }
    const value = at(scope.component, definition.component as number, 'component');
    const args = new Map(
      (definition.args ?? []).map(([name, item]) => [name, this.#item(scope, item)]),
    );
    return this.#run(new Scope(value.scope), value.component, args, false);
  }

  #alias(scope: Scope, alias: Alias): void {
    if (alias.of === 'core export') {
      const value = at(scope.coreInstance, alias.instance, 'core instance')[alias.name];
      const space = CORE_SPACES[alias.sort as keyof typeof CORE_SPACES];
      if (value === undefined || space === undefined) {
        throw new SyntaxError(
          `the core instance ${alias.instance} has no ${alias.sort} '${alias.name}'`,
        );
      }
      (scope[space] as unknown[]).push(value);
      return;
    }
    if (alias.of === 'outer') {
      const outer = scope.outer(alias.count);
      this.#push(scope, this.#item(outer, { sort: alias.sort, index: alias.index }));
      return;
    }
    const item = at(scope.instance, alias.instance, 'instance').get(alias.name);
    if (item === undefined || item.sort !== alias.sort) {
      throw new SyntaxError(`the instance ${alias.instance} has no ${alias.sort} '${alias.name}'`);
    }
    this.#push(scope, item);
  }

  // ---------------------------------------------------------------------------------------------- types

  #valueType(scope: Scope, type: ValueType): Type {
    if (typeof type === 'string') return { kind: type } as Type;
    const found = at(scope.type, type, 'type');
    if (found.is === 'unknown')
      throw new UnsupportedComponentError(`the type ${found.name}, which is of WASI 0.3`);
    if (found.is !== 'value') throw new SyntaxError(`the type ${type} is no type of a value`);
    return found.type;
  }

  #resource(scope: Scope, index: number): ResourceType {
    const found = at(scope.type, index, 'type');
    if (found.is !== 'resource') throw new SyntaxError(`the type ${index} is no resource`);
    return found.type;
  }

  #funcType(scope: Scope, index: number): FunctionType {
    const found = at(scope.type, index, 'type');
    if (found.is !== 'func') throw new SyntaxError(`the type ${index} is no type of a function`);
    return found.type;
  }

  #type(scope: Scope, definition: TypeDefinition): TypeValue {
    const value = (type: ValueType): Type => this.#valueType(scope, type);
    const maybe = (type: ValueType | undefined): Type | undefined =>
      type === undefined ? undefined : value(type);
    const of = (type: Type): TypeValue => ({ is: 'value', type });
    switch (definition.is) {
      case 'value':
        return of(value(definition.type));
      case 'record':
        return of({
          kind: 'record',
          fields: definition.fields.map(([name, type]) => [name, value(type)]),
        });
      case 'variant':
        return of({
          kind: 'variant',
          cases: definition.cases.map(([name, type]) => [name, maybe(type)]),
        });
      case 'list':
        return of({ kind: 'list', element: value(definition.of) });
      case 'option':
        return of({ kind: 'option', some: value(definition.of) });
      case 'tuple':
        return of({ kind: 'tuple', items: definition.items.map(value) });
      case 'flags':
      case 'enum':
        return of({ kind: definition.is, names: definition.names });
      case 'result':
        return of({ kind: 'result', ok: maybe(definition.ok), err: maybe(definition.err) });
      case 'own':
      case 'borrow':
        return of({ kind: definition.is, resource: this.#resource(scope, definition.resource) });
      case 'func':
        if (definition.isAsync)
          throw new UnsupportedComponentError('an async function, which is of WASI 0.3');
        return {
          is: 'func',
          type: { params: definition.params.map(value), result: maybe(definition.result) },
        };
      case 'instance':
        return { is: 'instance', declarations: definition.declarations, scope };
      case 'resource': {
        const { destructor } = definition;
        const free =
          destructor === undefined ? undefined : at(scope.coreFunc, destructor, 'core function');
        const type: ResourceType = {
          name: 'a resource of the component',
          drop: (rep) => free?.(rep),
          definedBy: scope.handles,
        };
        return { is: 'resource', type };
      }
      case 'component':
        return { is: 'component' };
      default:
        return { is: 'unknown', name: definition.name };
    }
  }

  // ------------------------------------------------------------------------------------------- the host

  /** What the host gives for an import of the outermost component. */
  #hostItem(scope: Scope, name: string, extern: Extern): Item {
    if (extern.is !== 'instance') {
      throw new UnsupportedComponentError(`the import ${name}, which is no interface`);
    }
    const type = at(scope.type, extern.type, 'type');
    if (type.is !== 'instance')
      throw new SyntaxError(`the import ${name} has no type of an instance`);
    const from = this.host.interface(withoutVersion(name));
    if (from === undefined) {
      throw new UnsupportedComponentError(
        `the component imports ${name}, which this host does not have`,
      );
    }
    const inner = new Scope(type.scope);
    const items = new Map<string, Item>();
    for (const declaration of type.declarations) {
      if (declaration.is === 'type') inner.type.push(this.#type(inner, declaration.type));
      else if (declaration.is === 'alias') this.#alias(inner, declaration.alias);
      else if (declaration.is === 'export') {
        const item = this.#hostExport(inner, `${name}#${declaration.name}`, from, declaration);
        items.set(declaration.name, item);
        this.#push(inner, item);
      }
    }
    return { sort: 'instance', value: items };
  }

  #hostExport(
    scope: Scope,
    what: string,
    from: HostInterface,
    { name, extern }: Declaration & { is: 'export' },
  ): Item {
    if (extern.is === 'type') {
      if (extern.equal !== undefined)
        return { sort: 'type', value: at(scope.type, extern.equal, 'type') };
      const type = from.resource(name);
      if (type === undefined)
        throw new UnsupportedComponentError(`the host has no resource ${what}`);
      return { sort: 'type', value: { is: 'resource', type } };
    }
    if (extern.is !== 'func')
      throw new UnsupportedComponentError(`the import ${what} is no function`);
    const declared = this.#funcType(scope, extern.type);
    const found = from.func(name, declared);
    // A component may declare what it never calls.
    const missing = (): never => trap(`the host has no ${what}`);
    if (found === undefined) return { sort: 'func', value: { type: declared, call: missing } };
    const { type = declared, call, lower } = found;
    return { sort: 'func', value: { type, call, ...(lower && { lower }) } };
  }

  // --------------------------------------------------------------------------------------- canonical ABI

  #realloc(scope: Scope, { realloc }: CanonOptions, memory: GuestMemory): LowerContext['realloc'] {
    if (realloc === undefined) return () => trap('the component has no cabi_realloc');
    const core = at(scope.coreFunc, realloc, 'core function');
    return (oldPointer, oldSize, align, size) => {
      const pointer = core(oldPointer, oldSize, align, size) as number;
      memory.refresh();
      return memory.at(pointer, size, align);
    };
  }

  #memory(scope: Scope, { memory }: CanonOptions): GuestMemory {
    if (memory === undefined) return GuestMemory.later();
    return GuestMemory.of(at(scope.coreMemory, memory, 'memory'));
  }

  #crossing(scope: Scope, options: CanonOptions): Crossing {
    const { handles } = scope;
    const memory = this.#memory(scope, options);
    const realloc = this.#realloc(scope, options, memory);
    return {
      memory,
      encoding: options.encoding,
      allocate: (size, align) => (size === 0 ? align : realloc(0, 0, align, size)),
      lift: (type, handle, own) => (own ? handles.take(handle, type) : handles.get(handle, type)),
      lower(type, value, own) {
        // Where it is defined, a borrowed resource is what it stands for.
        if (!own && type.definedBy === handles) return value as number;
        if (type.holds?.(value) === false) throw new TypeError(`the host gave no ${type.name}`);
        return handles.add(type, value, own);
      },
    };
  }

  #lower(scope: Scope, { type, call, lower }: Func, options: CanonOptions): Function {
    if (lower === undefined) return lowerFunction(type, call, this.#crossing(scope, options));
    const { handles } = scope;
    const memory = this.#memory(scope, options);
    const resource = (name: string): ResourceType => {
      const type = this.host.resource(name);
      if (type === undefined) throw new Error(`no resource ${name}`);
      return type;
    };
    return lower({
      memory,
      realloc: this.#realloc(scope, options, memory),
      finder: (name) => {
        const type = resource(name);
        return (handle) => handles.get(handle >>> 0, type);
      },
      owner: (name) => {
        const type = resource(name);
        return (value) => handles.add(type, value);
      },
    });
  }
}

/** What a component exports. */
export class Exports {
  constructor(
    private readonly items: Instance,
    private readonly scope: Scope,
  ) {}

  /** An export of one of the component's core modules that is no export of the component. */
  core(name: string): unknown {
    return this.scope.coreInstance.find((exports) => Object.hasOwn(exports, name))?.[name];
  }

  /** What a handle of the outermost instance stands for, of whatever type. */
  handle(handle: number): unknown {
    return this.scope.handles.peek(handle);
  }

  /** A resource type of an interface whose name is given without version. */
  resource(interfaceName: string, name: string): ResourceType | undefined {
    const found = this.#interface(interfaceName)?.get(name);
    return found?.sort === 'type' && found.value.is === 'resource' ? found.value.type : undefined;
  }

  #interface(name: string): Instance | undefined {
    for (const [key, item] of this.items) {
      if (withoutVersion(key) === name && item.sort === 'instance') return item.value;
    }
    return undefined;
  }

  /** The function of an interface whose name is given without version, or `undefined`. */
  func(interfaceName: string, name: string): ((...args: unknown[]) => unknown) | undefined {
    const found = this.#interface(interfaceName)?.get(name);
    return found?.sort === 'func' ? (...args) => found.value.call(args) : undefined;
  }

  get names(): string[] {
    return [...this.items.keys()];
  }
}
