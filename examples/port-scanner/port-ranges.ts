import { InvalidArgumentError } from 'commander';

/** The ports of a text such as `22,80,8000-8999`, each once. */
export function portRanges(text: string): number[] {
  const ports = new Set<number>();
  for (const range of text.split(',')) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (!(from >= 1 && from <= to && to <= 65_535)) {
      throw new InvalidArgumentError(
        `'${range}' is no port and no range of ports from 1 to 65535.`,
      );
    }
    for (let port = from; port <= to; port++) ports.add(port);
  }
  return [...ports];
}
