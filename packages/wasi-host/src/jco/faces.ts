/**
 * The interfaces as jco's output calls them: classes and functions with camelCase names, which throw errors of results.
 * With `--import-bindings=hybrid` jco asks each function for itself by the canonical ABI: see bindings.ts.
 */
import { camelCase } from '../component/codec.js';
import { resourceHomes, signatureOf } from '../host-interfaces.js';
import type { FunctionDefinition, InterfaceDefinition } from '../interfaces/define.js';
import { Resource } from '../sockets/resource.js';
import type { Scope } from '../sockets/scope.js';
import { Bindings } from './bindings.js';

const REP: symbol = Symbol.for('cabiRep');
const CABI_DISPOSE: symbol = Symbol.for('cabiDispose');
const LOWER: symbol = Symbol.for('cabiLower');
const DISPOSE: symbol = Symbol.dispose ?? Symbol.for('dispose');

const pascalCase = (name: string): string => camelCase(`-${name}`);

/** What a class of jco's holds. */
interface Face {
  readonly resource: Resource;
}

type FaceClass = new (resource: Resource) => Face;
type Callable = (...args: unknown[]) => unknown;

/** One class for each type of resource, of one host. */
function classesOf(scope: Scope): Map<string, FaceClass> {
  return new Map(
    Object.keys(resourceHomes).map((kind) => {
      const made = class {
        constructor(readonly resource: Resource) {
          if (!(resource instanceof Resource)) throw new TypeError(`${kind} has no constructor`);
          Object.defineProperty(this, REP, { value: resource.rep });
        }
        static [CABI_DISPOSE](rep: number): void {
          scope.find(rep)?.drop();
        }
      };
      Object.defineProperty(made.prototype, DISPOSE, {
        value(this: Face) {
          this.resource.drop();
        },
      });
      Object.defineProperty(made, 'name', { value: pascalCase(kind) });
      return [kind, made];
    }),
  );
}

/** jco knows errors of results by this property. */
class ResultError extends Error {
  constructor(readonly payload: unknown) {
    super(typeof payload === 'string' ? payload : ((payload as { tag?: string })?.tag ?? 'error'));
  }
}

export function facesOf(
  scope: Scope,
  definitions: Readonly<Record<string, InterfaceDefinition>>,
): Record<string, Record<string, unknown>> {
  const classes = classesOf(scope);
  const bindings = new Bindings(scope);
  const faces = new WeakMap<Resource, Face>();

  const inward = (value: unknown): unknown => {
    const { resource } = (value ?? {}) as Partial<Face>;
    if (resource instanceof Resource) return resource;
    return Array.isArray(value) ? value.map(inward) : value;
  };
  const outward = (value: unknown): unknown => {
    if (value instanceof Resource) {
      let face = faces.get(value);
      if (face === undefined) {
        face = new (classes.get(value.kind) as FaceClass)(value);
        faces.set(value, face);
      }
      return face;
    }
    if (Array.isArray(value)) return value.map(outward);
    const { tag, val } = (value ?? {}) as { tag?: string; val?: unknown };
    return tag !== undefined && val instanceof Resource ? { tag, val: outward(val) } : value;
  };

  const callable = (definition: FunctionDefinition): Callable => {
    const isResult = signatureOf(definition).result?.kind === 'result';
    return (...args) => {
      const value = definition.call(scope, ...(args.map(inward) as never[]));
      if (!isResult) return outward(value);
      const { tag, val } = value as { tag: string; val: unknown };
      if (tag === 'ok') return outward(val);
      throw new ResultError(outward(val));
    };
  };

  return Object.fromEntries(
    Object.entries(definitions).map(([name, functions]) => {
      const face: Record<string, unknown> = {};
      for (const [kind, home] of Object.entries(resourceHomes)) {
        if (home === name) face[pascalCase(kind)] = classes.get(kind);
      }
      for (const [key, definition] of Object.entries(functions)) {
        const [, kind, method] = /^\[method\]([^.]+)\.(.+)$/.exec(key) ?? [];
        const call = callable(definition);
        const exposed: Callable =
          kind === undefined
            ? call
            : function method_(this: Face, ...args) {
                return call(this, ...args);
              };
        Object.defineProperty(exposed, LOWER, { value: bindings.lowering(definition) });
        if (kind === undefined) face[camelCase(key)] = exposed;
        else {
          const { prototype } = classes.get(kind) as FaceClass;
          Object.defineProperty(prototype, camelCase(method as string), {
            value: exposed,
            writable: true,
          });
        }
      }
      return [name, face];
    }),
  );
}
