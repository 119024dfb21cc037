/** Checks of command line arguments, for commander: what is wrong is said before anything is opened. */
import { InvalidArgumentError } from 'commander';

/** A number between two others. */
export function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`A number from ${least} to ${most}.`);
  };
}

/** A whole number between two others. */
export function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = between(least, most)(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError('A whole number.');
  };
}

/** A port; 0: any that is free. */
export const port = whole(0, 65_535);
