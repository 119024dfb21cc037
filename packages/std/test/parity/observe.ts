/**
 * What can be observed of one of node's objects or of its stand-in: every public member in several states,
 * the result of calls, the events and the socket options.
 */

/** Observations by name. Two objects are alike if all their observations are the same text. */
export type Observations = Map<string, string>;

/** Members of every object, and those that only say which class it is. */
const NOT_COMPARED = new Set(['constructor', 'domain']);

/** A value as text. What depends on the run (a port, a time) is replaced. */
export function show(value: unknown, self?: object): string {
  if (value === self && self !== undefined) return 'this';
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function of ${value.length} parameters`;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'number') return value > 1023 && value < 65536 ? portOr(value) : `${value}`;
  if (typeof value !== 'object') return String(value);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== Object.prototype && prototype !== null) {
    return Array.isArray(value) ? `array of ${value.length}` : 'object';
  }
  const entries = Object.entries(value).map(([key, each]) => `${key}: ${show(each)}`);
  return `{ ${entries.toSorted().join(', ')} }`;
}

/** Sizes of buffers are compared, ports are not: the system chooses them. */
const portOr = (value: number): string =>
  value % 1024 === 0 || value === 65535 ? String(value) : 'a port';

/** The public members of an object: its own and inherited ones. */
function membersOf(object: object): Set<string> {
  const names = new Set<string>();
  for (
    let holder: object | null = object;
    holder !== null && holder !== Object.prototype;
    holder = Object.getPrototypeOf(holder) as object | null
  ) {
    for (const name of Object.getOwnPropertyNames(holder)) {
      if (!name.startsWith('_') && !NOT_COMPARED.has(name)) names.add(name);
    }
  }
  return names;
}

/** The value of every public member. */
export function observeMembers(into: Observations, object: object, state: string): void {
  for (const name of membersOf(object)) {
    let value: string;
    try {
      value = show((object as Record<string, unknown>)[name], object);
    } catch (error) {
      value = `throws ${(error as { code?: string }).code ?? String(error)}`;
    }
    // Functions do not change with the state.
    const key = value.startsWith('function ') ? name : `${name}, ${state}`;
    into.set(key, value);
  }
}

/** The result of calls, each `[method, ...arguments]`. */
export function observeCalls(
  into: Observations,
  object: object,
  state: string,
  calls: readonly (readonly [method: string, ...values: unknown[]])[],
): void {
  for (const [method, ...values] of calls) {
    const shown = values.map((value) => show(value)).join(', ');
    const key = `${method}(${shown}), ${state}`;
    const call = (object as Record<string, unknown>)[method];
    try {
      if (typeof call !== 'function') into.set(key, 'no such method');
      else into.set(key, show(Reflect.apply(call, object, values), object));
    } catch (error) {
      const { name, code } = error as { name: string; code?: string };
      into.set(key, `throws ${name} ${code ?? ''}`.trim());
    }
  }
}

/** Records the names of all events that the object emits from now on, in order. */
export function observeEvents(object: {
  emit(event: string | symbol, ...values: unknown[]): boolean;
}): () => string {
  const names: string[] = [];
  const { emit } = object;
  object.emit = function (this: unknown, event: string | symbol, ...values: unknown[]) {
    // Only internal listeners use symbols.
    if (typeof event === 'string' && names.at(-1) !== event) names.push(event);
    return Reflect.apply(emit, this, [event, ...values]) as boolean;
  };
  return () => {
    object.emit = emit;
    return names.join(', ');
  };
}

/** A row of the table of differences. */
export interface Difference {
  readonly member: string;
  readonly node: string;
  readonly ours: string;
}

/** The observations that differ, by name. */
export function differences(node: Observations, ours: Observations): Difference[] {
  const members = [...new Set([...node.keys(), ...ours.keys()])].toSorted();
  return members.flatMap((member) => {
    const [theirs, own] = [node.get(member) ?? 'missing', ours.get(member) ?? 'missing'];
    return theirs === own ? [] : [{ member, node: theirs, ours: own }];
  });
}
