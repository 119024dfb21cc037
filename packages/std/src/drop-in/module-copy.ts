/**
 * A copy of a built-in module in which some functions are replaced. Its properties keep their order.
 */
export function copyModule<
  Module extends object,
  Functions extends Partial<Record<keyof Module, unknown>>,
>(module: Module, functions: Functions): Omit<Module, keyof Functions> & Functions {
  // Descriptors, not values: node computes some properties when they are first read.
  const made = Object.defineProperties({}, Object.getOwnPropertyDescriptors(module)) as Module &
    Functions;
  for (const [name, value] of Object.entries(functions)) {
    Object.defineProperty(made, name, { value });
  }
  // Compilers turn `import x from` into `require().default`.
  return Object.defineProperty(made, 'default', { configurable: true, value: made });
}
