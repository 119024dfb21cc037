/**
 * Reads the binary format of components (github.com/WebAssembly/component-model, design/mvp/Binary.md) into
 * definitions, in their order. What no component for WASI 0.2 has, is refused with its name.
 */

/** A component, or an engine, has something that this reader does not know. */
export class UnsupportedComponentError extends Error {
  override name = 'UnsupportedComponentError';
}

export type Sort =
  | 'func'
  | 'type'
  | 'component'
  | 'instance'
  | 'value'
  | 'core func'
  | 'core table'
  | 'core memory'
  | 'core global'
  | 'core tag'
  | 'core type'
  | 'core module'
  | 'core instance';

export interface SortIndex {
  readonly sort: Sort;
  readonly index: number;
}

export type Named = readonly [name: string, item: SortIndex];

/** A type by its index, or a primitive's name. */
export type ValueType = number | string;

export type TypeDefinition =
  | { readonly is: 'value'; readonly type: ValueType }
  | { readonly is: 'record'; readonly fields: readonly (readonly [string, ValueType])[] }
  | {
      readonly is: 'variant';
      readonly cases: readonly (readonly [string, ValueType | undefined])[];
    }
  | { readonly is: 'list' | 'option'; readonly of: ValueType }
  | { readonly is: 'tuple'; readonly items: readonly ValueType[] }
  | { readonly is: 'flags' | 'enum'; readonly names: readonly string[] }
  | {
      readonly is: 'result';
      readonly ok: ValueType | undefined;
      readonly err: ValueType | undefined;
    }
  | { readonly is: 'own' | 'borrow'; readonly resource: number }
  | {
      readonly is: 'func';
      readonly params: readonly ValueType[];
      readonly result: ValueType | undefined;
      readonly isAsync: boolean;
    }
  | { readonly is: 'instance'; readonly declarations: readonly Declaration[] }
  | { readonly is: 'component' }
  | { readonly is: 'resource'; readonly destructor: number | undefined }
  | { readonly is: 'unknown'; readonly name: string };

export type Extern =
  | { readonly is: 'core module' }
  | { readonly is: 'func' | 'component' | 'instance'; readonly type: number }
  | { readonly is: 'value' }
  | { readonly is: 'type'; readonly equal: number | undefined };

export type Declaration =
  | { readonly is: 'core type' }
  | { readonly is: 'type'; readonly type: TypeDefinition }
  | { readonly is: 'alias'; readonly alias: Alias }
  | { readonly is: 'export'; readonly name: string; readonly extern: Extern };

export type Alias =
  | {
      readonly of: 'export' | 'core export';
      readonly sort: Sort;
      readonly instance: number;
      readonly name: string;
    }
  | { readonly of: 'outer'; readonly sort: Sort; readonly count: number; readonly index: number };

export interface CanonOptions {
  readonly encoding: 'utf8' | 'utf16' | 'latin1+utf16';
  readonly memory?: number;
  readonly realloc?: number;
  readonly postReturn?: number;
}

export type Definition =
  | { readonly is: 'core module'; readonly bytes: Uint8Array }
  | {
      readonly is: 'core instance';
      readonly module?: number;
      readonly args?: readonly (readonly [string, number])[];
      readonly exports?: readonly Named[];
    }
  | { readonly is: 'core type' }
  | { readonly is: 'component'; readonly component: Component }
  | {
      readonly is: 'instance';
      readonly component?: number;
      readonly args?: readonly Named[];
      readonly exports?: readonly Named[];
    }
  | { readonly is: 'alias'; readonly alias: Alias }
  | { readonly is: 'type'; readonly type: TypeDefinition }
  | {
      readonly is: 'lift';
      readonly core: number;
      readonly type: number;
      readonly options: CanonOptions;
    }
  | { readonly is: 'lower'; readonly func: number; readonly options: CanonOptions }
  | { readonly is: 'resource.new' | 'resource.drop' | 'resource.rep'; readonly type: number }
  | { readonly is: 'import'; readonly name: string; readonly extern: Extern }
  | { readonly is: 'export'; readonly name: string; readonly item: SortIndex };

export interface Component {
  readonly definitions: readonly Definition[];
}

const PRIMITIVES: Readonly<Record<number, string>> = {
  0x7f: 'bool',
  0x7e: 's8',
  0x7d: 'u8',
  0x7c: 's16',
  0x7b: 'u16',
  0x7a: 's32',
  0x79: 'u32',
  0x78: 's64',
  0x77: 'u64',
  0x76: 'f32',
  0x75: 'f64',
  0x74: 'char',
  0x73: 'string',
};

const SORTS: readonly Sort[] = ['func', 'value', 'type', 'component', 'instance'];
const CORE_SORTS: Readonly<Record<number, Sort>> = {
  0x00: 'core func',
  0x01: 'core table',
  0x02: 'core memory',
  0x03: 'core global',
  0x04: 'core tag',
  0x10: 'core type',
  0x11: 'core module',
  0x12: 'core instance',
};

const hex = (byte: number): string => `0x${byte.toString(16)}`;
const utf8 = new TextDecoder('utf-8', { fatal: true });
/** Nested so deep is no component that a compiler makes. */
const DEEPEST = 100;

class Reader {
  #at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly depth = 0,
  ) {
    if (depth > DEEPEST)
      throw new UnsupportedComponentError(`components nested more than ${DEEPEST} deep`);
  }

  get done(): boolean {
    return this.#at >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.#at++];
    if (byte === undefined) throw new SyntaxError('the component ends too early');
    return byte;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) {
        if (value > 0xffffffff) break;
        return value;
      }
    }
    throw new SyntaxError('a number of the component is too large');
  }

  take(length: number): Uint8Array {
    if (length > this.bytes.length - this.#at)
      throw new SyntaxError('the component ends too early');
    const part = this.bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  name(): string {
    return utf8.decode(this.take(this.u32()));
  }

  list<T>(read: () => T): T[] {
    const count = this.u32();
    // Every element has a byte at least.
    if (count > this.bytes.length - this.#at)
      throw new SyntaxError('a list of the component is too long');
    return Array.from({ length: count }, read);
  }

  #optional<T>(read: () => T): T | undefined {
    const flag = this.byte();
    if (flag > 1) throw new SyntaxError(`${hex(flag)} where 0 or 1 should be`);
    return flag === 0 ? undefined : read();
  }

  #externName(): string {
    const kind = this.byte();
    if (kind > 2) throw new UnsupportedComponentError(`a name of the kind ${hex(kind)}`);
    const name = this.name();
    if (kind === 2) this.list(() => (this.byte(), this.name()));
    return name;
  }

  #sort(): Sort {
    const byte = this.byte();
    const core = byte === 0 ? this.byte() : 0;
    const sort = byte === 0 ? CORE_SORTS[core] : SORTS[byte - 1];
    if (sort === undefined)
      throw new UnsupportedComponentError(`the sort ${hex(byte)} ${hex(core)}`);
    return sort;
  }

  #coreSortIndex(): SortIndex {
    const sort = CORE_SORTS[this.byte()];
    if (sort === undefined) throw new UnsupportedComponentError('a core sort');
    return { sort, index: this.u32() };
  }

  #sortIndex(): SortIndex {
    return { sort: this.#sort(), index: this.u32() };
  }

  #valueType(): ValueType {
    const byte = this.bytes[this.#at] as number;
    // One byte of a negative number: a primitive.
    if (byte >= 0x40 && byte < 0x80) {
      this.#at += 1;
      const primitive = PRIMITIVES[byte];
      if (primitive === undefined)
        throw new UnsupportedComponentError(`the primitive type ${hex(byte)}`);
      return primitive;
    }
    return this.u32();
  }

  #typeDefinition(): TypeDefinition {
    const byte = this.byte();
    const primitive = PRIMITIVES[byte];
    if (primitive !== undefined) return { is: 'value', type: primitive };
    const value = (): ValueType => this.#valueType();
    const labelled = (): [string, ValueType] => [this.name(), this.#valueType()];
    switch (byte) {
      case 0x72:
        return { is: 'record', fields: this.list(labelled) };
      case 0x71:
        return {
          is: 'variant',
          cases: this.list(() => {
            const name = this.name();
            const type = this.#optional(value);
            this.byte();
            return [name, type] as const;
          }),
        };
      case 0x70:
        return { is: 'list', of: value() };
      case 0x6f:
        return { is: 'tuple', items: this.list(value) };
      case 0x6e:
        return { is: 'flags', names: this.list(() => this.name()) };
      case 0x6d:
        return { is: 'enum', names: this.list(() => this.name()) };
      case 0x6b:
        return { is: 'option', of: value() };
      case 0x6a:
        return { is: 'result', ok: this.#optional(value), err: this.#optional(value) };
      case 0x69:
        return { is: 'own', resource: this.u32() };
      case 0x68:
        return { is: 'borrow', resource: this.u32() };
      case 0x43:
      case 0x40: {
        const params = this.list(labelled).map(([, type]) => type);
        const none = this.byte() === 1;
        if (none) this.byte();
        return { is: 'func', params, result: none ? undefined : value(), isAsync: byte === 0x43 };
      }
      case 0x42:
        return { is: 'instance', declarations: this.list(() => this.#declaration(this.byte())) };
      case 0x41:
        this.list(() => {
          const kind = this.byte();
          if (kind === 3) {
            this.#externName();
            this.#extern();
          } else this.#declaration(kind);
        });
        return { is: 'component' };
      case 0x3f:
        this.byte();
        return { is: 'resource', destructor: this.#optional(() => this.u32()) };
      case 0x66:
      case 0x65:
        this.#optional(value);
        return { is: 'unknown', name: byte === 0x66 ? 'stream' : 'future' };
      default:
        throw new UnsupportedComponentError(`the type ${hex(byte)}`);
    }
  }

  #declaration(kind: number): Declaration {
    switch (kind) {
      case 0:
        throw new UnsupportedComponentError('a core type in the type of an instance');
      case 1:
        return { is: 'type', type: this.#typeDefinition() };
      case 2:
        return { is: 'alias', alias: this.#alias() };
      case 4:
        return { is: 'export', name: this.#externName(), extern: this.#extern() };
      default:
        throw new UnsupportedComponentError(`the declaration ${hex(kind)}`);
    }
  }

  #extern(): Extern {
    const byte = this.byte();
    switch (byte) {
      case 0:
        this.byte();
        this.u32();
        return { is: 'core module' };
      case 1:
        return { is: 'func', type: this.u32() };
      case 2:
        this.byte();
        this.#valueType();
        return { is: 'value' };
      case 3:
        return { is: 'type', equal: this.byte() === 0 ? this.u32() : undefined };
      case 4:
        return { is: 'component', type: this.u32() };
      case 5:
        return { is: 'instance', type: this.u32() };
      default:
        throw new UnsupportedComponentError(`the description ${hex(byte)} of an import or export`);
    }
  }

  #alias(): Alias {
    const sort = this.#sort();
    const target = this.byte();
    if (target === 2) return { of: 'outer', sort, count: this.u32(), index: this.u32() };
    if (target > 2) throw new UnsupportedComponentError(`the alias ${hex(target)}`);
    const instance = this.u32();
    return { of: target === 0 ? 'export' : 'core export', sort, instance, name: this.name() };
  }

  #canonOptions(): CanonOptions {
    const options: { -readonly [Key in keyof CanonOptions]: CanonOptions[Key] } = {
      encoding: 'utf8',
    };
    this.list(() => {
      const option = this.byte();
      if (option === 0) options.encoding = 'utf8';
      else if (option === 1) options.encoding = 'utf16';
      else if (option === 2) options.encoding = 'latin1+utf16';
      else if (option === 3) options.memory = this.u32();
      else if (option === 4) options.realloc = this.u32();
      else if (option === 5) options.postReturn = this.u32();
      else
        throw new UnsupportedComponentError(
          `the option ${hex(option)} of a canonical function: async components are of WASI 0.3`,
        );
    });
    return options;
  }

  #canon(): Definition {
    const kind = this.byte();
    switch (kind) {
      case 0: {
        this.byte();
        const core = this.u32();
        const options = this.#canonOptions();
        return { is: 'lift', core, options, type: this.u32() };
      }
      case 1: {
        this.byte();
        const func = this.u32();
        return { is: 'lower', func, options: this.#canonOptions() };
      }
      case 2:
        return { is: 'resource.new', type: this.u32() };
      case 3:
        return { is: 'resource.drop', type: this.u32() };
      case 4:
        return { is: 'resource.rep', type: this.u32() };
      default:
        throw new UnsupportedComponentError(
          `the canonical function ${hex(kind)}: async components are of WASI 0.3`,
        );
    }
  }

  #section(id: number): Definition[] {
    switch (id) {
      case 0:
        return [];
      case 1:
        return [{ is: 'core module', bytes: this.bytes }];
      case 2:
        return this.list((): Definition => {
          if (this.byte() === 0) {
            const module = this.u32();
            const args = this.list(() => {
              const name = this.name();
              this.byte();
              return [name, this.u32()] as const;
            });
            return { is: 'core instance', module, args };
          }
          const exports = this.list((): Named => [this.name(), this.#coreSortIndex()]);
          return { is: 'core instance', exports };
        });
      case 3:
        throw new UnsupportedComponentError('core types');
      case 4:
        return [{ is: 'component', component: readComponent(this.bytes, this.depth + 1) }];
      case 5:
        return this.list((): Definition => {
          if (this.byte() === 0) {
            const component = this.u32();
            const args = this.list((): Named => [this.name(), this.#sortIndex()]);
            return { is: 'instance', component, args };
          }
          const exports = this.list((): Named => [this.#externName(), this.#sortIndex()]);
          return { is: 'instance', exports };
        });
      case 6:
        return this.list((): Definition => ({ is: 'alias', alias: this.#alias() }));
      case 7:
        return this.list((): Definition => ({ is: 'type', type: this.#typeDefinition() }));
      case 8:
        return this.list(() => this.#canon());
      case 10:
        return this.list((): Definition => ({
          is: 'import',
          name: this.#externName(),
          extern: this.#extern(),
        }));
      case 11:
        return this.list((): Definition => {
          const name = this.#externName();
          const item = this.#sortIndex();
          this.#optional(() => this.#extern());
          return { is: 'export', name, item };
        });
      default:
        throw new UnsupportedComponentError(`the section ${id}`);
    }
  }

  definitions(): Definition[] {
    const definitions: Definition[] = [];
    while (!this.done) {
      const id = this.byte();
      const section = new Reader(this.take(this.u32()), this.depth);
      definitions.push(...section.#section(id));
      if (id > 1 && id !== 4 && !section.done)
        throw new SyntaxError(`section ${id} has more than it says`);
    }
    return definitions;
  }
}

const MAGIC = [0, 0x61, 0x73, 0x6d];

/**
 * Reads a component.
 * @throws {SyntaxError} for what is none
 * @throws {UnsupportedComponentError}
 */
export function readComponent(bytes: Uint8Array, depth = 0): Component {
  if (bytes.length < 8 || MAGIC.some((byte, at) => bytes[at] !== byte)) {
    throw new SyntaxError('this is no WebAssembly');
  }
  if (bytes[6] === 0) {
    throw new SyntaxError(
      'this is a core module and no component: `wasm-tools component new` or `jco new` makes one of it',
    );
  }
  if (bytes[4] !== 0x0d || bytes[6] !== 1) {
    throw new UnsupportedComponentError(`version ${hex(bytes[4] as number)} of components`);
  }
  return { definitions: new Reader(bytes.subarray(8), depth).definitions() };
}
