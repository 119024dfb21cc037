/**
 * Lists the interfaces of this system and their addresses, as the kernel reports them over a netlink socket. With
 * --watch it also prints each change.
 *
 *   node --import tsx examples/interfaces/interfaces.ts --watch
 */
import { listInterfaces, type NetworkInterface, watchInterfaces } from '@sock/std';
import { Command } from 'commander';

const options = new Command('interfaces.ts')
  .description('Lists network interfaces and their addresses.')
  .argument('[names...]', 'only these')
  .option('-w, --watch', 'then print changes, until Ctrl-C')
  .parse();
const { watch = false } = options.opts<{ watch?: boolean }>();
const names = new Set(options.args);

type Link = Omit<NetworkInterface, 'addresses'>;

/** Names by index: an address carries only the index. */
const known = new Map<number, string>();
const isWanted = (name: string): boolean => names.size === 0 || names.has(name);

function describe({ index, name, mtu, mac, ...flags }: Link): string {
  const set = (['up', 'loopback', 'running', 'multicast'] as const).filter((flag) => flags[flag]);
  const ends = mac === '' ? '' : `  ${mac}`;
  return `${index}: ${name} <${set.join(',').toUpperCase()}> mtu ${mtu}${ends}`;
}

function list(): void {
  known.clear();
  for (const { addresses, ...link } of listInterfaces()) {
    known.set(link.index, link.name);
    if (!isWanted(link.name)) continue;
    console.log(describe(link));
    for (const { address, prefix } of addresses) console.log(`    ${address}/${prefix}`);
  }
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
// Watch before listing: a change during the listing is then printed twice, but never missed.
const changes = watchInterfaces({ signal: stop.signal });
list();
const missing = [...names].filter((name) => ![...known.values()].includes(name));
if (missing.length > 0) {
  console.error(`interfaces: no such interface: ${missing.join(', ')}`);
  process.exit(1);
}
if (!watch) stop.abort();

for await (const change of changes) {
  if (change.kind === 'overrun') {
    console.log('changes were lost; all there is now:');
    list();
  } else if (change.kind === 'link') {
    const { gone, index, name } = change;
    if (gone) known.delete(index);
    else known.set(index, name);
    if (isWanted(name)) console.log(`${gone ? 'gone ' : 'link '}${describe(change)}`);
  } else {
    const { gone, index, address, prefix } = change;
    const name = known.get(index);
    if (name === undefined || !isWanted(name)) continue;
    console.log(`${gone ? 'gone ' : 'addr '}${index}: ${name} ${address}/${prefix}`);
  }
}
