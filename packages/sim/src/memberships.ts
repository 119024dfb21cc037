/** The multicast groups of one socket: RFC 3678. */
import type { Ip } from './ip.js';
import { errors } from './numbers.js';

interface Membership {
  readonly group: Ip;
  readonly interfaceIndex: number;
  /** `include`: only the sources; `exclude`: all but them. */
  mode: 'include' | 'exclude';
  readonly sources: Set<Ip>;
  /** Some source was ever named: the mode no longer changes. */
  touched: boolean;
}

/** Linux's net.ipv4.igmp_max_memberships. */
const MOST = 20;

/** Changes the mode of a membership that never had a source. False where its mode is another for good. */
function setMode(membership: Membership, mode: Membership['mode']): boolean {
  if (membership.touched) return membership.mode === mode;
  membership.mode = mode;
  return true;
}

/** Groups, each on an interface. */
export class Memberships {
  #list: Membership[] = [];

  #find(group: Ip, interfaceIndex: number): Membership | undefined {
    return this.#list.find((it) => it.group === group && it.interfaceIndex === interfaceIndex);
  }

  has(group: Ip, interfaceIndex: number): boolean {
    return this.#find(group, interfaceIndex) !== undefined;
  }

  join(group: Ip, interfaceIndex: number): number {
    if (this.#find(group, interfaceIndex) !== undefined) return -errors.EADDRINUSE;
    if (group.family === 4 && this.#list.length >= MOST) return -errors.ENOBUFS;
    this.#list.push({ group, interfaceIndex, mode: 'exclude', sources: new Set(), touched: false });
    return 0;
  }

  leave(group: Ip, interfaceIndex: number): number {
    const found = this.#find(group, interfaceIndex);
    if (found === undefined) return -errors.EADDRNOTAVAIL;
    this.#list = this.#list.filter((it) => it !== found);
    return 0;
  }

  joinSource(group: Ip, source: Ip, interfaceIndex: number): number {
    const found = this.#find(group, interfaceIndex);
    if (found === undefined) {
      if (group.family === 4 && this.#list.length >= MOST) return -errors.ENOBUFS;
      this.#list.push({
        group,
        interfaceIndex,
        mode: 'include',
        sources: new Set([source]),
        touched: true,
      });
      return 0;
    }
    if (!setMode(found, 'include')) return -errors.EINVAL;
    if (found.sources.has(source)) return -errors.EADDRNOTAVAIL;
    found.touched = true;
    found.sources.add(source);
    return 0;
  }

  leaveSource(group: Ip, source: Ip, interfaceIndex: number): number {
    const found = this.#find(group, interfaceIndex);
    if (found === undefined || !setMode(found, 'include')) return -errors.EINVAL;
    if (!found.sources.delete(source)) return -errors.EADDRNOTAVAIL;
    if (found.sources.size === 0) this.#list = this.#list.filter((it) => it !== found);
    return 0;
  }

  block(group: Ip, source: Ip, interfaceIndex: number): number {
    const found = this.#find(group, interfaceIndex);
    if (found === undefined || !setMode(found, 'exclude')) return -errors.EINVAL;
    if (found.sources.has(source)) return -errors.EADDRNOTAVAIL;
    found.touched = true;
    found.sources.add(source);
    return 0;
  }

  unblock(group: Ip, source: Ip, interfaceIndex: number): number {
    const found = this.#find(group, interfaceIndex);
    if (found === undefined || !setMode(found, 'exclude')) return -errors.EINVAL;
    return found.sources.delete(source) ? 0 : -errors.EADDRNOTAVAIL;
  }

  /** @param all whether the groups that other sockets of the host joined count too: IP_MULTICAST_ALL */
  wants(group: Ip, source: Ip, interfaceIndex: number, all: boolean): boolean {
    const found = this.#find(group, interfaceIndex);
    if (found === undefined) return all;
    return (found.mode === 'include') === found.sources.has(source);
  }
}
