/** A built-in module's object with other functions in the place of its own, in the order it has. */
export function dropIn<
  Module extends object,
  Functions extends Partial<Record<keyof Module, unknown>>,
>(module: Module, functions: Functions): Omit<Module, keyof Functions> & Functions {
  // Descriptors, not values: some are made when they are first asked for.
  const made = Object.defineProperties({}, Object.getOwnPropertyDescriptors(module)) as Module &
    Functions;
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(made, name, { value });
  }
  // For code that a compiler made from `import x from`, which reads it of whatever `require` gives.
  return Object.defineProperty(made, 'default', { configurable: true, value: made });
}
