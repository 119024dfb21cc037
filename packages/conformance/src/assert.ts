/** The assertions of the contract. They work in every JavaScript engine. */

/** Thrown if a backend does not do what a case requires. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

export function fail(message: string): never {
  throw new AssertionError(message);
}

/** Fails unless `value` is true. */
export function ok(value: boolean, message: string): asserts value {
  if (value !== true) fail(message);
}

/** Fails unless `Object.is` says that both are the same value. */
export function equal(actual: unknown, expected: unknown, message = 'value'): void {
  if (!Object.is(actual, expected)) {
    fail(`${message}: expected ${show(expected)}, got ${show(actual)}`);
  }
}

export function notEqual(actual: unknown, unexpected: unknown, message = 'value'): void {
  if (Object.is(actual, unexpected)) fail(`${message}: expected anything but ${show(unexpected)}`);
}

/** Fails unless both have the same structure: arrays, typed arrays and plain objects. */
export function deepEqual(actual: unknown, expected: unknown, message = 'value'): void {
  if (!same(actual, expected)) fail(`${message}: expected ${show(expected)}, got ${show(actual)}`);
}

/** Fails unless `min <= actual <= max`. */
export function within(actual: number, min: number, max: number, message: string): void {
  if (!(actual >= min && actual <= max)) {
    fail(`${message}: expected ${min} to ${max}, got ${actual}`);
  }
}

/**
 * Fails if a wait took less than `min` milliseconds. A machine under load may take any time longer: the time limit
 * of the case is the upper bound.
 */
export function waited(since: number, min: number, message = 'the wait'): void {
  const elapsed = Date.now() - since;
  if (elapsed < min) fail(`${message}: expected at least ${min} ms, got ${elapsed}`);
}

/** An error with a code, as node and the backends throw them. */
export interface CodedError extends Error {
  readonly code: string;
  readonly errno?: number;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
}

/** Fails unless `call` throws an Error with the code, or with one of the codes. Returns the error. */
export function throwsCode(
  code: string | readonly string[],
  call: () => unknown,
  message = 'call',
): CodedError {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    return withCode(code, error, message);
  }
  return fail(`${message}: expected ${show(code)} to be thrown, got ${show(result)}`);
}

/** Fails unless the promise of `call` is rejected with the code, or with one of the codes. Returns the error. */
export async function rejectsCode(
  code: string | readonly string[],
  call: () => Promise<unknown>,
  message = 'call',
): Promise<CodedError> {
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    return withCode(code, error, message);
  }
  return fail(`${message}: expected a rejection with ${show(code)}, got ${show(result)}`);
}

function withCode(code: string | readonly string[], error: unknown, message: string): CodedError {
  if (!(error instanceof Error)) fail(`${message}: threw ${show(error)}, which is not an Error`);
  const actual = (error as Partial<CodedError>).code;
  const expected = typeof code === 'string' ? [code] : code;
  if (actual === undefined || !expected.includes(actual)) {
    fail(`${message}: expected ${show(code)}, got ${show(actual)}: ${error.message}`);
  }
  return error as CodedError;
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  // The keys of some mebibytes would take an engine many seconds.
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, index) => byte === b[index]);
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'object' && value !== null) {
    try {
      if (ArrayBuffer.isView(value)) return `[${String(value)}]`;
      return JSON.stringify(value) ?? String(value);
    } catch {
      return Object.prototype.toString.call(value);
    }
  }
  return String(value);
}
