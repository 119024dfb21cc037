/** The types of the component model, and the text of WIT that names them. */

/** A resource type. Two are the same when they are the same object. */
export interface ResourceType {
  readonly name: string;
  /** Frees what a handle stood for, when its owner drops it. */
  drop(value: unknown): void;
  /** Whether the value is of this type: of a host's own resources. */
  holds?(value: unknown): boolean;
  /** The table of the instance that defines it: there a borrowed handle is the number it stands for. */
  readonly definedBy?: object;
}

export type Primitive =
  | 'bool'
  | 's8'
  | 'u8'
  | 's16'
  | 'u16'
  | 's32'
  | 'u32'
  | 's64'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'char'
  | 'string';

export type Type =
  | { readonly kind: Primitive }
  | { readonly kind: 'list'; readonly element: Type }
  | { readonly kind: 'record'; readonly fields: readonly (readonly [name: string, type: Type])[] }
  | { readonly kind: 'tuple'; readonly items: readonly Type[] }
  | {
      readonly kind: 'variant';
      readonly cases: readonly (readonly [name: string, type: Type | undefined])[];
    }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly some: Type }
  | { readonly kind: 'result'; readonly ok: Type | undefined; readonly err: Type | undefined }
  | { readonly kind: 'own' | 'borrow'; readonly resource: ResourceType };

export interface FunctionType {
  readonly params: readonly Type[];
  readonly result: Type | undefined;
}

/** What a type of WIT refers to by name. */
export interface Names {
  readonly types: Readonly<Record<string, Type>>;
  resource(name: string): ResourceType | undefined;
}

const PRIMITIVES: readonly string[] = [
  'bool',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'f32',
  'f64',
  'char',
  'string',
];

/** Reads types written as WIT writes them: `result<tuple<own<input-stream>, u32>, error-code>`. */
class Reader {
  readonly #tokens: string[];
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly names: Names,
  ) {
    this.#tokens = text.match(/->|[a-z_][a-z0-9-]*|[<>,:()]/g) ?? [];
  }

  #isNext(token: string): boolean {
    return this.#tokens[this.#at] === token;
  }

  #take(wanted?: string): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined || (wanted !== undefined && token !== wanted)) {
      throw new SyntaxError(`'${wanted ?? 'a type'}' is missing in '${this.text}'`);
    }
    return token;
  }

  #arguments(): (Type | undefined)[] {
    if (!this.#isNext('<')) return [];
    this.#take('<');
    const list: (Type | undefined)[] = [];
    for (;;) {
      if (this.#isNext('_')) list.push((this.#take(), undefined));
      else list.push(this.type());
      if (this.#take() === '>') return list;
    }
  }

  type(): Type {
    const name = this.#take();
    if (PRIMITIVES.includes(name)) return { kind: name as Primitive };
    if (name === 'own' || name === 'borrow') {
      this.#take('<');
      const resource = this.names.resource(this.#take());
      this.#take('>');
      if (resource === undefined) throw new SyntaxError(`no such resource in '${this.text}'`);
      return { kind: name, resource };
    }
    const all = this.#arguments();
    const [first, second] = all;
    if (name === 'list' && first !== undefined) return { kind: 'list', element: first };
    if (name === 'option' && first !== undefined) return { kind: 'option', some: first };
    if (name === 'result') return { kind: 'result', ok: first, err: second };
    if (name === 'tuple') return { kind: 'tuple', items: all as Type[] };
    const type = this.names.types[name];
    if (type === undefined) throw new SyntaxError(`no type '${name}' in '${this.text}'`);
    return type;
  }

  func(): FunctionType {
    this.#take('(');
    const params: Type[] = [];
    while (!this.#isNext(')')) {
      params.push(this.type());
      if (this.#isNext(',')) this.#take();
    }
    this.#take(')');
    if (!this.#isNext('->')) return { params, result: undefined };
    this.#take('->');
    return { params, result: this.type() };
  }
}

/** Reads a signature: `(borrow<tcp-socket>, u64) -> result<_, error-code>`. */
export const parseFunction = (text: string, names: Names): FunctionType =>
  new Reader(text, names).func();

/** Reads a type. */
export const parseType = (text: string, names: Names): Type => new Reader(text, names).type();

/** Names of the resources that a signature mentions. */
export function resourcesOf(type: FunctionType): Set<string> {
  const found = new Set<string>();
  const look = (type: Type | undefined): void => {
    if (type === undefined) return;
    switch (type.kind) {
      case 'own':
      case 'borrow':
        found.add(type.resource.name);
        break;
      case 'list':
        look(type.element);
        break;
      case 'record':
        for (const [, field] of type.fields) look(field);
        break;
      case 'tuple':
        for (const item of type.items) look(item);
        break;
      case 'variant':
        for (const [, payload] of type.cases) look(payload);
        break;
      case 'option':
        look(type.some);
        break;
      case 'result':
        look(type.ok);
        look(type.err);
        break;
      default:
    }
  };
  for (const param of type.params) look(param);
  look(type.result);
  return found;
}
