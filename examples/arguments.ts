/** Checks of command line arguments, for commander. A wrong argument is reported before anything is opened. */
import { InvalidArgumentError } from 'commander';

/** Accepts a number from `least` to `most`. */
export function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`A number from ${least} to ${most}.`);
  };
}

/** Accepts a whole number from `least` to `most`. */
export function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = between(least, most)(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError('A whole number.');
  };
}

/** Accepts a port. 0 means any free port. */
export const port = whole(0, 65_535);
