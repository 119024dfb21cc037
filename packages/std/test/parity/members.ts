/** The members of an object as text: what kind each is, and the value where it is a plain one. */

/** Properties up to Object.prototype, own ones first. */
function* properties(object: object): Generator<[string, PropertyDescriptor]> {
  const seen = new Set<string>();
  for (
    let level: object | null = object;
    level !== null && level !== Object.prototype;
    level = Object.getPrototypeOf(level) as object | null
  ) {
    for (const key of Reflect.ownKeys(level)) {
      const name = typeof key === 'string' ? key : `[${key.description ?? ''}]`;
      if (seen.has(name)) continue;
      seen.add(name);
      yield [name, Object.getOwnPropertyDescriptor(level, key) as PropertyDescriptor];
    }
  }
}

/** Whether a property's value is stored or computed makes no difference to whoever reads it. */
const kindOf = ({ value }: PropertyDescriptor): string =>
  typeof value === 'function' ? 'method' : 'property';

/** Every member of an object by name: `method` or `property`. */
export function membersOf(object: object): Record<string, string> {
  const members: Record<string, string> = {};
  for (const [name, descriptor] of properties(object)) members[name] = kindOf(descriptor);
  return members;
}

/** Port numbers and descriptors differ from run to run. */
function textOf(value: unknown, name: string): string {
  if (typeof value === 'number' && value > 1024 && /port/i.test(name)) return 'a port';
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((each) => textOf(each, name)).join(', ')}]`;
  if (typeof value === 'object') {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return 'an object';
    return `{${Object.entries(value)
      .map(([key, each]) => `${key}: ${textOf(each, key)}`)
      .join(', ')}}`;
  }
  return typeof value === 'function' ? 'a function' : String(value);
}

/** A value as text, without what differs from run to run. */
export const plain = (value: unknown, name = ''): string => textOf(value, name);

/** The values of the public properties of an object, by name. */
export function valuesOf(object: object): Record<string, string> {
  const values: Record<string, string> = {};
  const read = object as Record<string, unknown>;
  for (const [name, descriptor] of properties(object)) {
    if (/^[_[]/.test(name) || kindOf(descriptor) === 'method') continue;
    try {
      values[name] = textOf(read[name], name);
    } catch (error) {
      values[name] = `throws ${(error as NodeJS.ErrnoException).code}`;
    }
  }
  return values;
}

/** Every event that an object emits from now on, with the kinds of its arguments. */
export function recordEvents(object: NodeJS.EventEmitter): string[] {
  const events: string[] = [];
  const { emit } = object;
  object.emit = function (this: NodeJS.EventEmitter, event: string, ...values: unknown[]) {
    const shown = values.map((value) =>
      value instanceof Error ? (value as NodeJS.ErrnoException).code : textOf(value, ''),
    );
    if (typeof event === 'string' && !['newListener', 'removeListener'].includes(event)) {
      events.push(`${event}(${shown.join(', ')})`);
    }
    return Reflect.apply(emit, this, [event, ...values]) as boolean;
  } as typeof emit;
  return events;
}

/** What a call returns or throws. */
export function outcome(run: () => unknown, self?: object): string {
  try {
    const value = run();
    return value === self && self !== undefined ? 'itself' : plain(value);
  } catch (error) {
    return `throws ${(error as NodeJS.ErrnoException).code ?? (error as Error).name}`;
  }
}
