/** A program, the lines that it prints, and its exit status. */
export interface Program {
  readonly name: string;
  readonly source: string;
  readonly prints: readonly string[];
  readonly status: number;
}

export const programs: readonly Program[];
