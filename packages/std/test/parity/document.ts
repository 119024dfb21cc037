/** The page docs/parity.md, from what was observed. */
import { type Difference, differences } from './differences.js';
import type { Found } from './observations.js';

/** One observation in which an object of ours differs from node's. */
export interface Row {
  readonly object: string;
  readonly what: string;
  readonly whose: string;
  readonly node: string;
  readonly ours: string;
  readonly difference: Difference | undefined;
}

const ABSENT = '(absent)';

/** Members that only our objects have. They add to node's, and hide nothing of it. */
const isAddition = (what: string, node: string): boolean =>
  node === ABSENT && what.startsWith('member: ');

export function compare(
  whose: string,
  node: Record<string, Found>,
  ours: Record<string, Found>,
): Row[] {
  const rows: Row[] = [];
  for (const [object, expected] of Object.entries(node)) {
    const found = ours[object] ?? {};
    for (const what of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      const { [what]: left = ABSENT } = expected;
      const { [what]: right = ABSENT } = found;
      if (left === right || isAddition(what, left)) continue;
      const difference = differences.find(
        (each) => each.object === object && each.what.test(what) && each.whose.test(whose),
      );
      rows.push({ object, what, whose, node: left, ours: right, difference });
    }
  }
  return rows;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text: string): string => (text === '' ? '' : `\`${cell(text)}\``);

/** @param counts observations by object */
export function document(counts: Readonly<Record<string, number>>, rows: readonly Row[]): string {
  const lines = [
    '<!-- Made by packages/std/test/parity.test.ts: `SOCK_WRITE_PARITY=1 npx vitest run test/parity.test.ts`. -->',
    "# Parity with node's objects",
    '',
    "`intoNetSocket`, `intoNetServer` and `intoDgramSocket` return node's own objects where node has a handle",
    'for the socket. Elsewhere (`{ duplex: true }`, a backend without descriptors) they return objects of the same',
    "interface. A test lists the members of node's objects, their values in every state, their events and the",
    'results of their calls, and compares all of it with these objects. What differs stands here with the reason.',
    '',
    '| object | observations | differences on `@sock/native` | differences on `@sock/wasi` | unexplained |',
    '|---|---|---|---|---|',
  ];
  const of = (object: string, whose: string): number =>
    rows.filter((row) => row.object === object && row.whose === whose).length;
  for (const [object, count] of Object.entries(counts)) {
    const unexplained = rows.filter((row) => row.object === object && !row.difference).length;
    lines.push(
      `| \`${object}\` | ${count} | ${of(object, '@sock/native')} | ${of(object, '@sock/wasi')} | ${unexplained} |`,
    );
  }
  for (const object of Object.keys(counts)) {
    const own = rows.filter((row) => row.object === object);
    if (own.length === 0) continue;
    lines.push(
      '',
      `## ${object}`,
      '',
      "| what | on | node's | ours | reason |",
      '|---|---|---|---|---|',
    );
    const merged = new Map<string, Row & { readonly on: string[] }>();
    for (const row of own) {
      const key = [row.what, row.node, row.ours].join('\0');
      const known = merged.get(key);
      if (known === undefined) merged.set(key, { ...row, on: [row.whose] });
      else known.on.push(row.whose);
    }
    for (const { what, on, node, ours, difference } of merged.values()) {
      const where = on.length === 2 ? 'both' : code(on[0] as string);
      lines.push(
        `| ${cell(what)} | ${where} | ${code(node)} | ${code(ours)} | ${difference?.reason ?? 'unexplained'} |`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
