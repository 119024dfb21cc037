/**
 * The canonical ABI: values of the component model to and from JavaScript, as jco has them there. Variants are
 * `{tag, val}`, enums their names, records objects with camelCase names, options `undefined` for none, results
 * `{tag: 'ok' | 'err', val}`.
 */
import { trap } from '../sockets/resource.js';
import type { GuestMemory } from './memory.js';
import type { ResourceType, Type } from './types.js';

/** What values cross with. */
export interface Crossing {
  readonly memory: GuestMemory;
  readonly encoding: 'utf8' | 'utf16' | 'latin1+utf16';
  /** Memory of the component, checked. */
  allocate(size: number, align: number): number;
  /** Takes a handle of the component out: `own`; or looks it up: `borrow`. */
  lift(resource: ResourceType, handle: number, own: boolean): unknown;
  /** Gives the component a handle. */
  lower(resource: ResourceType, value: unknown, own: boolean): number;
}

type Flat = 'i32' | 'i64' | 'f32' | 'f64';
type Number_ = number | bigint;

/** How one type crosses. */
export interface Codec {
  readonly size: number;
  readonly align: number;
  readonly flat: readonly Flat[];
  load(c: Crossing, at: number): unknown;
  store(c: Crossing, value: unknown, at: number): void;
  lift(c: Crossing, from: Source): unknown;
  lower(c: Crossing, value: unknown, to: Number_[]): void;
}

/** Flat values, one after the other. */
export class Source {
  constructor(
    readonly values: readonly Number_[],
    public next = 0,
  ) {}

  take(): Number_ {
    return this.values[this.next++] as Number_;
  }
}

/** Names of WIT in JavaScript. */
export const camelCase = (name: string): string =>
  name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const aligned = (at: number, align: number): number => (at + align - 1) & ~(align - 1);

interface Scalar {
  readonly size: number;
  readonly flat: Flat;
  get(view: DataView, at: number): unknown;
  set(view: DataView, at: number, value: never): void;
  /** From a flat value. */
  from(value: Number_): unknown;
  /** To a flat value. */
  to(value: never): Number_;
}

function charOf(code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) trap(`${code} is no character`);
  return String.fromCodePoint(code);
}

const integer = (
  size: number,
  get: (view: DataView, at: number) => number,
  set: (view: DataView, at: number, value: number) => void,
  from: (value: number) => number,
): Scalar => ({
  size,
  flat: 'i32',
  get,
  set,
  from: from as never,
  to: ((value: number) => value | 0) as never,
});

const scalars: Readonly<Record<string, Scalar>> = {
  bool: {
    size: 1,
    flat: 'i32',
    get: (view, at) => view.getUint8(at) !== 0,
    set: (view, at, value) => view.setUint8(at, value ? 1 : 0),
    from: (value) => value !== 0,
    to: (value) => (value ? 1 : 0),
  },
  u8: integer(
    1,
    (v, at) => v.getUint8(at),
    (v, at, x) => v.setUint8(at, x),
    (x) => x & 255,
  ),
  s8: integer(
    1,
    (v, at) => v.getInt8(at),
    (v, at, x) => v.setInt8(at, x),
    (x) => (x << 24) >> 24,
  ),
  u16: integer(
    2,
    (v, at) => v.getUint16(at, true),
    (v, at, x) => v.setUint16(at, x, true),
    (x) => x & 65535,
  ),
  s16: integer(
    2,
    (v, at) => v.getInt16(at, true),
    (v, at, x) => v.setInt16(at, x, true),
    (x) => (x << 16) >> 16,
  ),
  u32: integer(
    4,
    (v, at) => v.getUint32(at, true),
    (v, at, x) => v.setUint32(at, x, true),
    (x) => x >>> 0,
  ),
  s32: integer(
    4,
    (v, at) => v.getInt32(at, true),
    (v, at, x) => v.setInt32(at, x, true),
    (x) => x | 0,
  ),
  u64: {
    size: 8,
    flat: 'i64',
    get: (view, at) => view.getBigUint64(at, true),
    set: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
    from: (value) => BigInt.asUintN(64, BigInt(value)),
    to: (value) => BigInt.asIntN(64, BigInt(value)),
  },
  s64: {
    size: 8,
    flat: 'i64',
    get: (view, at) => view.getBigInt64(at, true),
    set: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
    from: (value) => BigInt.asIntN(64, BigInt(value)),
    to: (value) => BigInt.asIntN(64, BigInt(value)),
  },
  f32: {
    size: 4,
    flat: 'f32',
    get: (view, at) => view.getFloat32(at, true),
    set: (view, at, value) => view.setFloat32(at, value, true),
    from: (value) => value,
    to: (value) => value,
  },
  f64: {
    size: 8,
    flat: 'f64',
    get: (view, at) => view.getFloat64(at, true),
    set: (view, at, value) => view.setFloat64(at, value, true),
    from: (value) => value,
    to: (value) => value,
  },
  char: {
    size: 4,
    flat: 'i32',
    get: (view, at) => charOf(view.getUint32(at, true)),
    set: (view, at, value) => view.setUint32(at, String(value).codePointAt(0) as number, true),
    from: (value) => charOf(Number(value) >>> 0),
    to: (value) => String(value).codePointAt(0) as number,
  },
};

function scalar({ size, flat, get, set, from, to }: Scalar): Codec {
  return {
    size,
    align: size,
    flat: [flat],
    load: ({ memory }, at) => get(memory.view, at),
    store: ({ memory }, value, at) => set(memory.view, at, value as never),
    lift: (_, source) => from(source.take()),
    lower: (_, value, out) => {
      out.push(to(value as never));
    },
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const utf16 = new TextDecoder('utf-16le', { fatal: true });
const encoder = new TextEncoder();
/** The bit of a length that says UTF-16 in `latin1+utf16`. */
const UTF16_TAG = 0x80000000;

function loadString(c: Crossing, pointer: number, length: number): string {
  const { memory, encoding } = c;
  const wide = encoding === 'utf16' || (encoding === 'latin1+utf16' && length >= UTF16_TAG);
  const units = wide && encoding !== 'utf16' ? length - UTF16_TAG : length;
  const size = wide ? 2 * units : units;
  const start = memory.at(pointer, size, encoding === 'utf8' ? 1 : 2);
  const bytes = memory.u8.slice(start, start + size);
  try {
    if (wide) return utf16.decode(bytes);
    if (encoding === 'utf8') return utf8.decode(bytes);
  } catch {
    trap('a string is not encoded as it should be');
  }
  return String.fromCharCode(...bytes);
}

function storeString(c: Crossing, text: string): [pointer: number, length: number] {
  if (c.encoding === 'utf8') {
    const bytes = encoder.encode(text);
    const pointer = c.allocate(bytes.length, 1);
    c.memory.u8.set(bytes, pointer);
    return [pointer, bytes.length];
  }
  const pointer = c.allocate(2 * text.length, 2);
  for (let at = 0; at < text.length; at++) {
    c.memory.view.setUint16(pointer + 2 * at, text.charCodeAt(at), true);
  }
  return [pointer, c.encoding === 'utf16' ? text.length : (text.length | UTF16_TAG) >>> 0];
}

/** Of what crosses as a pointer and a length. */
function pointed(
  load: (c: Crossing, pointer: number, length: number) => unknown,
  store: (c: Crossing, value: never) => [number, number],
): Codec {
  return {
    size: 8,
    align: 4,
    flat: ['i32', 'i32'],
    load: (c, at) =>
      load(c, c.memory.view.getUint32(at, true), c.memory.view.getUint32(at + 4, true)),
    store(c, value, at) {
      const [pointer, length] = store(c, value as never);
      c.memory.view.setUint32(at, pointer, true);
      c.memory.view.setUint32(at + 4, length, true);
    },
    lift: (c, source) => load(c, Number(source.take()) >>> 0, Number(source.take()) >>> 0),
    lower(c, value, out) {
      out.push(...store(c, value as never));
    },
  };
}

/** Lists of these are typed arrays. */
const arrays: Readonly<Record<string, { new (buffer: ArrayBuffer): ArrayLike<unknown> }>> = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

function list(element: Type): Codec {
  const codec = codecOf(element);
  const { size, align } = codec;
  const Array_ = arrays[element.kind];
  return pointed(
    (c, pointer, length) => {
      const start = c.memory.at(pointer, length * size, align);
      if (Array_ !== undefined)
        return new Array_(c.memory.buffer.slice(start, start + length * size));
      return Array.from({ length }, (_, at) => codec.load(c, start + at * size));
    },
    (c, value: ArrayLike<unknown>) => {
      const { length } = value;
      const pointer = c.allocate(length * size, align);
      if (element.kind === 'u8' && value instanceof Uint8Array) c.memory.u8.set(value, pointer);
      else for (let at = 0; at < length; at++) codec.store(c, value[at], pointer + at * size);
      return [pointer, length];
    },
  );
}

/** Fields one after the other. */
function fields(
  types: readonly Type[],
  take: (value: never, at: number) => unknown,
  make: (values: unknown[]) => unknown,
): Codec {
  const codecs = types.map(codecOf);
  let size = 0;
  const offsets = codecs.map((codec) => {
    const at = aligned(size, codec.align);
    size = at + codec.size;
    return at;
  });
  const align = Math.max(1, ...codecs.map((codec) => codec.align));
  return {
    size: aligned(size, align),
    align,
    flat: codecs.flatMap(({ flat }) => flat),
    load: (c, at) => make(codecs.map((codec, i) => codec.load(c, at + (offsets[i] as number)))),
    store(c, value, at) {
      codecs.forEach((codec, i) =>
        codec.store(c, take(value as never, i), at + (offsets[i] as number)),
      );
    },
    lift: (c, source) => make(codecs.map((codec) => codec.lift(c, source))),
    lower(c, value, out) {
      codecs.forEach((codec, i) => codec.lower(c, take(value as never, i), out));
    },
  };
}

const joinFlat = (a: Flat, b: Flat): Flat => {
  if (a === b) return a;
  return (a === 'i32' && b === 'f32') || (a === 'f32' && b === 'i32') ? 'i32' : 'i64';
};

const bits = new DataView(new ArrayBuffer(8));

/** A flat value of one type in the place of another. */
function widen(value: Number_, from: Flat, to: Flat): Number_ {
  if (from === to) return value;
  if (from === 'f32') {
    bits.setFloat32(0, value as number);
    const number = bits.getInt32(0);
    return to === 'i64' ? BigInt.asIntN(64, BigInt(number >>> 0)) : number;
  }
  if (from === 'f64') {
    bits.setFloat64(0, value as number);
    return bits.getBigInt64(0);
  }
  return BigInt((value as number) >>> 0);
}

function narrow(value: Number_, from: Flat, to: Flat): Number_ {
  if (from === to) return value;
  if (to === 'i32') return Number(BigInt.asIntN(32, value as bigint));
  if (to === 'f32') {
    bits.setInt32(
      0,
      from === 'i64' ? Number(BigInt.asIntN(32, value as bigint)) : (value as number),
    );
    return bits.getFloat32(0);
  }
  bits.setBigInt64(0, value as bigint);
  return bits.getFloat64(0);
}

interface Case {
  readonly index: number;
  readonly payload: unknown;
}

/** A number of the case and its payload. */
function variant(
  types: readonly (Type | undefined)[],
  split: (value: never) => Case,
  make: (index: number, payload: unknown) => unknown,
): Codec {
  const codecs = types.map((type) => type && codecOf(type));
  const tag = types.length <= 256 ? 1 : types.length <= 65536 ? 2 : 4;
  const align = Math.max(tag, ...codecs.map((codec) => codec?.align ?? 1));
  const payloadAlign = Math.max(1, ...codecs.map((codec) => codec?.align ?? 1));
  const start = aligned(tag, payloadAlign);
  const size = aligned(start + Math.max(0, ...codecs.map((codec) => codec?.size ?? 0)), align);
  const flat: Flat[] = [];
  for (const codec of codecs) {
    codec?.flat.forEach((type, at) => {
      flat[at] = flat[at] === undefined ? type : joinFlat(flat[at], type);
    });
  }
  const check = (index: number): number =>
    index < types.length ? index : trap(`no case ${index}`);
  return {
    size,
    align,
    flat: ['i32', ...flat],
    load(c, at) {
      const { view } = c.memory;
      const index = check(
        tag === 1
          ? view.getUint8(at)
          : tag === 2
            ? view.getUint16(at, true)
            : view.getUint32(at, true),
      );
      return make(index, codecs[index]?.load(c, at + start));
    },
    store(c, value, at) {
      const { index, payload } = split(value as never);
      const { view } = c.memory;
      if (tag === 1) view.setUint8(at, index);
      else if (tag === 2) view.setUint16(at, index, true);
      else view.setUint32(at, index, true);
      codecs[index]?.store(c, payload, at + start);
    },
    lift(c, source) {
      const index = check(Number(source.take()) >>> 0);
      const codec = codecs[index];
      const mine = codec?.flat.map((to, at) =>
        narrow(source.values[source.next + at] as Number_, flat[at] as Flat, to),
      );
      source.next += flat.length;
      return make(index, codec?.lift(c, new Source(mine ?? [])));
    },
    lower(c, value, out) {
      const { index, payload } = split(value as never);
      const codec = codecs[index];
      const mine: Number_[] = [];
      codec?.lower(c, payload, mine);
      out.push(
        index,
        ...flat.map((to, at) => {
          const number = mine[at];
          if (number === undefined) return to === 'i64' ? 0n : 0;
          return widen(number, codec?.flat[at] as Flat, to);
        }),
      );
    },
  };
}

function indexIn(names: readonly string[], name: unknown): number {
  const index = names.indexOf(name as string);
  if (index < 0) throw new TypeError(`'${String(name)}' is none of ${names.join(', ')}`);
  return index;
}

function flags(names: readonly string[]): Codec {
  const size = names.length <= 8 ? 1 : names.length <= 16 ? 2 : 4;
  if (names.length > 32) throw new TypeError('flags with more than 32 names are not supported');
  const keys = names.map(camelCase);
  const inner = codecOf({ kind: size === 1 ? 'u8' : size === 2 ? 'u16' : 'u32' });
  const make = (number: number): unknown =>
    Object.fromEntries(keys.map((key, at) => [key, ((number >>> at) & 1) === 1]));
  const number = (value: Readonly<Record<string, boolean>>): number =>
    keys.reduce((sum, key, at) => (value[key] ? sum | (1 << at) : sum), 0) >>> 0;
  return {
    ...inner,
    load: (c, at) => make(inner.load(c, at) as number),
    store: (c, value, at) => inner.store(c, number(value as never), at),
    lift: (_, source) => make(Number(source.take())),
    lower: (c, value, out) => inner.lower(c, number(value as never), out),
  };
}

function handle(resource: ResourceType, own: boolean): Codec {
  return {
    ...codecOf({ kind: 'u32' }),
    load: (c, at) => c.lift(resource, c.memory.view.getUint32(at, true), own),
    store: (c, value, at) => c.memory.view.setUint32(at, c.lower(resource, value, own), true),
    lift: (c, source) => c.lift(resource, Number(source.take()) >>> 0, own),
    lower: (c, value, out) => {
      out.push(c.lower(resource, value, own));
    },
  };
}

function make(type: Type): Codec {
  switch (type.kind) {
    case 'string':
      return pointed(loadString, storeString as never);
    case 'list':
      return list(type.element);
    case 'record': {
      const keys = type.fields.map(([name]) => camelCase(name));
      return fields(
        type.fields.map(([, field]) => field),
        (value: Readonly<Record<string, unknown>>, at) => value[keys[at] as string],
        (values) => Object.fromEntries(keys.map((key, at) => [key, values[at]])),
      );
    }
    case 'tuple':
      return fields(
        type.items,
        (value: readonly unknown[], at) => value[at],
        (values) => values,
      );
    case 'variant': {
      const names = type.cases.map(([name]) => name);
      return variant(
        type.cases.map(([, payload]) => payload),
        ({ tag, val }: { tag: string; val?: unknown }) => ({
          index: indexIn(names, tag),
          payload: val,
        }),
        (index, val) => (val === undefined ? { tag: names[index] } : { tag: names[index], val }),
      );
    }
    case 'enum':
      return variant(
        type.names.map(() => undefined),
        (value) => ({ index: indexIn(type.names, value), payload: undefined }),
        (index) => type.names[index],
      );
    case 'option':
      return variant(
        [undefined, type.some],
        (value) => ({ index: value === undefined || value === null ? 0 : 1, payload: value }),
        (index, payload) => (index === 0 ? undefined : payload),
      );
    case 'result':
      return variant(
        [type.ok, type.err],
        ({ tag, val }: { tag: string; val?: unknown }) => ({
          index: tag === 'ok' ? 0 : 1,
          payload: val,
        }),
        (index, val) => ({ tag: index === 0 ? 'ok' : 'err', val }),
      );
    case 'flags':
      return flags(type.names);
    case 'own':
    case 'borrow':
      return handle(type.resource, type.kind === 'own');
    default:
      return scalar(scalars[type.kind] as Scalar);
  }
}

const known = new WeakMap<Type, Codec>();

/** How values of a type cross. */
export function codecOf(type: Type): Codec {
  let codec = known.get(type);
  if (codec === undefined) known.set(type, (codec = make(type)));
  return codec;
}
