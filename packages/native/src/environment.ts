/**
 * The value of an environment variable; `undefined` if it is not set. A runtime that asks for a permission to read it
 * (Deno) throws where that is refused: the variable then counts as not set.
 */
export function environmentVariable(name: string): string | undefined {
  try {
    return process.env[name];
  } catch {
    return undefined;
  }
}
