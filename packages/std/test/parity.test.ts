/** Compares the objects of @sock/std with node's, property by property, and writes docs/parity.md from it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { differences } from './parity/differences.js';
import { compare, document, type Row } from './parity/document.js';
import { observe } from './parity/observations.js';
import { node, stands } from './parity/subjects.js';

/** The version that the page is made with: other versions have other members. */
const VERSION = 'v20.';
const page = new URL('../../../docs/parity.md', import.meta.url);

test("every difference from node's objects has a reason, and docs/parity.md lists it", async () => {
  const expected = await observe(node);
  const rows: Row[] = [];
  for (const subject of stands)
    rows.push(...compare(subject.name, expected, await observe(subject)));
  const unexplained = rows.filter(({ difference }) => difference === undefined);
  const shown = unexplained.map(
    (row) => `${row.whose} ${row.object} ${row.what}: ${row.node} | ${row.ours}`,
  );
  expect(shown).toEqual([]);
  const counts = Object.fromEntries(
    Object.entries(expected).map(([object, found]) => [object, Object.keys(found).length]),
  );
  // So that a table of nothing does not pass.
  expect(counts['net.Socket']).toBeGreaterThan(300);
  expect(counts['net.Server']).toBeGreaterThan(60);
  expect(counts['dgram.Socket']).toBeGreaterThan(80);
  if (!process.version.startsWith(VERSION)) return;
  const unused = differences.filter((each) => !rows.some((row) => row.difference === each));
  expect(unused.map(({ what }) => what)).toEqual([]);
  const text = document(counts, rows);
  if (process.env['SOCK_WRITE_PARITY'] !== undefined) writeFileSync(page, text);
  expect(readFileSync(page, 'utf8')).toBe(text);
});
