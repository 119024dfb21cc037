/*
 * Loaders may load a module twice: tsx, for one, when a program uses `import` and `require` together.
 * Each copy then has classes of its own, and `instanceof` of one would refuse the objects of the other.
 */

interface Class {
  readonly prototype: object;
}

const brandOf = (name: string): symbol => Symbol.for(`@sock/core.${name}`);

/** Whether a value is an instance of the class that was shared under this name, by whichever copy. */
export function isInstance(value: unknown, name: string): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as Record<symbol, unknown>)[brandOf(name)] === true
  );
}

/**
 * Makes `instanceof Class` true for the instances of every loaded copy of the class. Subclasses keep
 * JavaScript's own meaning.
 * @param name the same in each copy, such as `'SockAddr'`, and different for each class
 */
export function shareInstances(Class: Class, name: string): void {
  Object.defineProperty(Class.prototype, brandOf(name), { value: true });
  Object.defineProperty(Class, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      return this === Class
        ? isInstance(value, name)
        : (Function.prototype[Symbol.hasInstance].call(this, value) as boolean);
    },
  });
}
