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

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Accepts `example.com:80`, `127.0.0.1:80` and `[::1]:80`. */
export function hostAndPort(text: string): HostAndPort {
  const [, bracketed, name, digits = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  const host = bracketed ?? name;
  if (host === undefined) throw new InvalidArgumentError('A host and a port, such as [::1]:80.');
  return { host, port: whole(1, 65_535)(digits) };
}

/** Checks each value of an option that takes several. */
export function each<T>(one: (text: string) => T): (text: string, before?: T[]) => T[] {
  return (text, before = []) => [...before, one(text)];
}
