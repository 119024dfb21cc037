/**
 * Functions for jco's `--import-bindings=hybrid`: `cabiLower` of a function is called with the component's memory, its
 * allocator and the tables of the resource types that the function mentions, and returns the core function.
 *
 * jco lists the tables in the order in which the component's import declares its types, which differs between
 * toolchains. So which table is which type's is worked out of all functions of a component together: a table is of
 * a type that every function which has the table mentions.
 */
import { lowerFunction } from '../component/call.js';
import type { Crossing } from '../component/codec.js';
import type { LowerContext } from '../component/instantiate.js';
import { GuestMemory } from '../component/memory.js';
import { type ResourceType, resourcesOf } from '../component/types.js';
import { signatureOf } from '../host-interfaces.js';
import type { FunctionDefinition } from '../interfaces/define.js';
import { type Resource, trap } from '../sockets/resource.js';
import type { Scope } from '../sockets/scope.js';

/** A table of jco's: pairs of a scope and a number with {@link OWNED}; the first pair heads the list of free pairs. */
type Table = number[];
const OWNED = 1 << 30;

interface Given {
  readonly memory?: WebAssembly.Memory;
  readonly realloc?: (oldPointer: number, oldSize: number, align: number, size: number) => number;
  readonly resourceTables?: readonly Table[];
}

export class Bindings {
  /** Types that a table may be of. */
  readonly #candidates = new WeakMap<Table, Set<string>>();

  constructor(private readonly scope: Scope) {}

  #note(tables: readonly Table[], kinds: ReadonlySet<string>): void {
    for (const table of tables) {
      const known = this.#candidates.get(table);
      const left = known === undefined ? kinds : [...known].filter((kind) => kinds.has(kind));
      this.#candidates.set(table, new Set(left));
    }
    this.#settle(tables);
  }

  /** A type that one table of a function has for sure, is not another's. */
  #settle(tables: readonly Table[]): void {
    for (let changed = true; changed;) {
      changed = false;
      for (const table of tables) {
        const [kind, other] = this.#candidates.get(table) ?? [];
        if (kind === undefined || other !== undefined) continue;
        for (const rest of tables) {
          const candidates = this.#candidates.get(rest);
          if (rest !== table && candidates !== undefined && candidates.size > 1) {
            changed = candidates.delete(kind) || changed;
          }
        }
      }
    }
  }

  /** The table of a type, looked for when it is first needed: all functions are lowered by then. */
  #tableOf(tables: readonly Table[], kind: string): () => Table {
    let found: Table | undefined;
    return () => {
      if (found !== undefined) return found;
      this.#settle(tables);
      // Of two that can't be told apart, neither is used but for being dropped.
      const possible = tables.find((table) => this.#candidates.get(table)?.has(kind));
      found = possible ?? trap(`jco gave no table of ${kind}`);
      return found;
    };
  }

  #find(table: Table, handle: number, kind: string): Resource {
    const value = table[(handle << 1) + 1];
    const resource = value === undefined ? undefined : this.scope.find(value & ~OWNED);
    if (resource === undefined || resource.kind !== kind) trap(`${handle} is no handle of ${kind}`);
    return resource as Resource;
  }

  #own(table: Table, resource: Resource): number {
    const entry = resource.rep | OWNED;
    const free = (table[0] as number) & ~OWNED;
    if (free === 0) {
      table.push(0, entry);
      return (table.length >> 1) - 1;
    }
    table[0] = table[free << 1] as number;
    table[free << 1] = 0;
    table[(free << 1) + 1] = entry;
    return free;
  }

  #remove(table: Table, handle: number): void {
    table[handle << 1] = (table[0] as number) | OWNED;
    table[(handle << 1) + 1] = 0;
    table[0] = handle | OWNED;
  }

  /** `cabiLower` of a function. */
  lowering(definition: FunctionDefinition): (given: Given) => unknown {
    const type = signatureOf(definition);
    const kinds = resourcesOf(type);
    return ({ memory: wasmMemory, realloc: core, resourceTables = [] }) => {
      this.#note(resourceTables, kinds);
      const memory = wasmMemory === undefined ? GuestMemory.later() : GuestMemory.of(wasmMemory);
      const realloc: LowerContext['realloc'] = (oldPointer, oldSize, align, size) => {
        if (core === undefined) trap('the component has no cabi_realloc');
        const pointer = (core as NonNullable<typeof core>)(oldPointer, oldSize, align, size);
        memory.refresh();
        return memory.at(pointer, size, align);
      };
      if (definition.lower !== undefined) {
        const context: LowerContext = {
          memory,
          realloc,
          finder: (kind) => {
            const table = this.#tableOf(resourceTables, kind);
            return (handle) => this.#find(table(), handle >>> 0, kind);
          },
          owner: (kind) => {
            const table = this.#tableOf(resourceTables, kind);
            return (value) => this.#own(table(), value as Resource);
          },
        };
        return definition.lower(context, this.scope);
      }
      const tables = new Map([...kinds].map((kind) => [kind, this.#tableOf(resourceTables, kind)]));
      const tableOf = ({ name }: ResourceType): Table => (tables.get(name) as () => Table)();
      const crossing: Crossing = {
        memory,
        encoding: 'utf8',
        allocate: (size, align) => (size === 0 ? align : realloc(0, 0, align, size)),
        lift: (resource, handle, own) => {
          const table = tableOf(resource);
          const found = this.#find(table, handle, resource.name);
          if (own) this.#remove(table, handle);
          return found;
        },
        lower: (resource, value) => this.#own(tableOf(resource), value as Resource),
      };
      return lowerFunction(
        type,
        (args) => definition.call(this.scope, ...(args as never[])),
        crossing,
      );
    };
  }
}
