/** The network interfaces that a group can be joined on, now and when they change. */
import { networkInterfaces } from 'node:os';
import { type Driver, interfaceNames, type SockError } from '@sock/core';
import { linksNow } from '../netlink/list-interfaces.js';
import type { InterfaceLink } from '../netlink/route-message.js';
import { watchInterfaces } from '../netlink/watch-interfaces.js';

/** A network interface that a group can be joined on. */
export interface MulticastInterface {
  readonly index: number;
  readonly name: string;
  readonly loopback: boolean;
}

/**
 * Called with all interfaces, by index.
 * @param lost changes were lost: an interface that looks the same may be another one
 */
export type InterfacesChanged = (
  list: ReadonlyMap<number, MulticastInterface>,
  lost: boolean,
) => void;

type InterfaceList = Map<number, MulticastInterface>;

/**
 * Calls back at once, and whenever the interfaces have changed, until the signal aborts. It does not keep the
 * process alive. With @sock/native on Linux the kernel reports changes: rtnetlink(7). Elsewhere they are found by
 * looking again.
 * @param family of the addresses that an interface needs where the system lists it by its addresses
 * @param interval between two looks, in milliseconds
 * @throws {SockError} EMFILE, ENFILE
 */
export function followInterfaces(
  driver: Driver,
  family: 'ipv4' | 'ipv6',
  interval: number,
  signal: AbortSignal,
  changed: InterfacesChanged,
): void {
  const poll = (): void => {
    const look = (): void => changed(looked(driver, family), false);
    look();
    const timer = setInterval(look, interval);
    timer.unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  };
  if (driver.name !== 'native' || driver.system !== 'linux') {
    poll();
    return;
  }
  // Ends the watch alone, where the list cannot be had.
  const watching = new AbortController();
  const list: InterfaceList = new Map();
  let following: Promise<void>;
  try {
    // Watches before it lists, so that no change is missed.
    following = followKernel(list, changed, watching.signal);
    addLinks(list);
  } catch (error) {
    watching.abort();
    if (['EMFILE', 'ENFILE'].includes((error as SockError).code)) throw error;
    // A sandbox may have no netlink.
    poll();
    return;
  }
  signal.addEventListener('abort', () => watching.abort(), { once: true });
  following.catch(() => {
    if (!signal.aborted) poll();
  });
  changed(list, false);
}

/** Keeps the list up to date. It has begun to watch when it returns, and throws if it cannot. */
function followKernel(
  list: InterfaceList,
  changed: InterfacesChanged,
  signal: AbortSignal,
): Promise<void> {
  const changes = watchInterfaces({ signal, ref: false });
  return (async () => {
    for await (const change of changes) {
      if (change.kind === 'address') continue;
      if (change.kind === 'overrun') {
        list.clear();
        addLinks(list);
      } else if (change.gone || !isCapable(change)) list.delete(change.index);
      else list.set(change.index, fromLink(change));
      try {
        changed(list, change.kind === 'overrun');
      } catch (error) {
        // What a function of the program's throws is an uncaught exception, and the watch goes on.
        process.nextTick(() => {
          throw error;
        });
      }
    }
  })();
}

/** Linux does not call the loopback interface one for multicast, but groups can be joined on it. */
const isCapable = ({ multicast, loopback }: InterfaceLink): boolean => multicast || loopback;

const fromLink = ({ index, name, loopback }: InterfaceLink): MulticastInterface => ({
  index,
  name,
  loopback,
});

function addLinks(list: InterfaceList): void {
  for (const link of linksNow()) if (isCapable(link)) list.set(link.index, fromLink(link));
}

/** The interfaces of a backend that has its own, or those of this process that have an address of the family. */
function looked(driver: Driver, family: 'ipv4' | 'ipv6'): InterfaceList {
  const found: InterfaceList = new Map();
  if (driver.name !== 'native' && driver.interfaces !== undefined) {
    for (const { index, name } of interfaceNames(driver).ifNameIndex()) {
      found.set(index, { index, name, loopback: name === 'lo' });
    }
    return found;
  }
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    const own = addresses.find((it) => it.family.toLowerCase() === family);
    if (own === undefined) continue;
    let index: number;
    try {
      index = interfaceNames(driver).ifNameToIndex(name);
    } catch {
      // It has gone between the two calls.
      continue;
    }
    found.set(index, { index, name, loopback: own.internal });
  }
  return found;
}
