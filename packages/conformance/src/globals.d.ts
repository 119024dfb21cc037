/** The globals beyond ECMAScript that the portable cases use. Node's types declare them too. */
declare function setTimeout(callback: () => void, milliseconds: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare function structuredClone<T>(value: T, options?: { transfer?: readonly unknown[] }): T;
