/** A line in bold where standard output is a terminal. */
export function heading(text: string): string;

/** A table of lines; `aligns` is for the columns from the left, `'left'` for those it leaves out. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  aligns?: readonly ('left' | 'right')[],
): string;
