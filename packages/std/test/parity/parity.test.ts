/**
 * Compares the stand-ins of node's objects with node's own, member by member, and checks that the list of
 * differences is complete and current: `differences.node20.json` for Node 20 on Linux, and so on. Rows with
 * `"reason": "open"` are not decided yet: faults to fix, or differences that need a reason. Other versions of
 * node have other members: a version without a list is not compared.
 *
 *   SOCK_PARITY=write npx vitest run test/parity    writes the list, keeps the reasons, prints the table
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { observeDgramSocket, observeNetSocket, observeServer } from './objects.js';
import { type Difference, differences } from './observe.js';

const objects = {
  'DuplexSocket and net.Socket': observeNetSocket,
  'DuplexServer and net.Server': observeServer,
  'DatagramEmitter and dgram.Socket': observeDgramSocket,
};

type Reasoned = Difference & { readonly reason: string };
type Lists = Record<string, readonly Reasoned[]>;

const [major] = process.versions.node.split('.');
const file = new URL(`differences.node${major}.json`, import.meta.url);
const comparable = process.platform === 'linux';
const writes = process.env['SOCK_PARITY'] === 'write';
const known: Lists = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Lists) : {};

test.skipIf(!comparable || (!existsSync(file) && !writes)).each(Object.entries(objects))(
  '%s differ as listed',
  async (name, observe) => {
    const found = differences(await observe('node'), await observe('ours'));
    const before = known[name] ?? [];
    const reasonOf = ({ member, node, ours }: Difference): string =>
      before.find((row) => row.member === member && row.node === node && row.ours === ours)
        ?.reason ?? 'open';
    if (writes) {
      known[name] = found.map((row) => ({ ...row, reason: reasonOf(row) }));
      writeFileSync(file, `${JSON.stringify(known, null, 2)}\n`);
      console.table(known[name]);
      return;
    }
    expect(found).toEqual(before.map(({ member, node, ours }) => ({ member, node, ours })));
    expect(before.filter(({ reason }) => reason === '')).toEqual([]);
  },
);
