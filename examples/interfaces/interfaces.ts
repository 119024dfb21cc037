/**
 * Lists the interfaces of this system and their addresses, as the kernel reports them over a netlink socket. With
 * --watch it also prints each change.
 *
 *   node --import tsx examples/interfaces/interfaces.ts --watch
 */
import { Command } from 'commander';
import { addresses, changes, type Link, links } from './route.js';

const options = new Command('interfaces.ts')
  .description('Lists network interfaces and their addresses.')
  .argument('[names...]', 'only these')
  .option('-w, --watch', 'then print changes, until Ctrl-C')
  .parse();
const { watch = false } = options.opts<{ watch?: boolean }>();
const names = new Set(options.args);

/** Names by index: an address carries only the index. */
const known = new Map<number, Link>();
const isWanted = ({ name }: Link): boolean => names.size === 0 || names.has(name);

function describe({ index, name, flags, mtu, address }: Link): string {
  const ends = address === '' ? '' : `  ${address}`;
  return `${index}: ${name} <${flags.join(',')}> mtu ${mtu}${ends}`;
}

function list(): void {
  known.clear();
  for (const link of links()) known.set(link.index, link);
  const all = addresses();
  for (const link of known.values()) {
    if (!isWanted(link)) continue;
    console.log(describe(link));
    for (const { index, text } of all) if (index === link.index) console.log(`    ${text}`);
  }
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
// Subscribe before listing: a change during the listing is then printed twice, but never missed.
const coming = changes(stop.signal);
const first = watch ? coming.next() : undefined;
list();
const missing = [...names].filter(
  (name) => ![...known.values()].some((link) => link.name === name),
);
if (missing.length > 0) {
  console.error(`interfaces: no such interface: ${missing.join(', ')}`);
  process.exit(1);
}

for (let next = await first; next !== undefined && next.done !== true; next = await coming.next()) {
  const change = next.value;
  if (change.kind === 'overrun') {
    console.log('changes were lost; all there is now:');
    list();
  } else if (change.kind === 'link') {
    const { link, gone } = change;
    if (gone) known.delete(link.index);
    else known.set(link.index, link);
    if (isWanted(link)) console.log(`${gone ? 'gone ' : 'link '}${describe(link)}`);
  } else {
    const { address, gone } = change;
    const link = known.get(address.index);
    if (link === undefined || !isWanted(link)) continue;
    console.log(`${gone ? 'gone ' : 'addr '}${address.index}: ${link.name} ${address.text}`);
  }
}
