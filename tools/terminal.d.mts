/** A line in bold if standard output is a terminal. */
export function heading(text: string): string;

/** A table with a row per line. `aligns` begins with the first column; columns without one align left. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  aligns?: readonly ('left' | 'right')[],
): string;
