/** What Linux knows about its IPv6 addresses, which rules 3, 4, 7 and 9 of RFC 6724 compare. */
import { readFileSync } from 'node:fs';
import type { Driver, SourceFacts } from '@sock/core';

/** Bits of the flags in /proc/net/if_inet6: linux/if_addr.h. */
const IFA_F_HOMEADDRESS = 0x10;
const IFA_F_DEPRECATED = 0x20;
/** Types of tunnels in /sys/class/net/*\/type: linux/if_arp.h, TUNNEL, TUNNEL6, SIT, IPGRE, IP6GRE. */
const TUNNELS = new Set(['768', '769', '776', '778', '823']);

/** What Linux knows about its IPv6 addresses, by their bytes in hexadecimal digits: proc_net_if_inet6(5). */
export function linuxSources(driver: Driver): ReadonlyMap<string, SourceFacts> {
  const facts = new Map<string, SourceFacts>();
  if (driver.name !== 'native' || driver.system !== 'linux') return facts;
  let lines: string[];
  try {
    lines = readFileSync('/proc/net/if_inet6', 'latin1').split('\n');
  } catch {
    return facts;
  }
  for (const line of lines) {
    const [digits = '', , prefix = '', , flagDigits = '', name = ''] = line.split(/\s+/);
    if (digits === '') continue;
    const flags = Number.parseInt(flagDigits, 16);
    facts.set(digits, {
      prefixLength: Number.parseInt(prefix, 16),
      deprecated: (flags & IFA_F_DEPRECATED) !== 0,
      home: (flags & IFA_F_HOMEADDRESS) !== 0,
      tunnel: isTunnel(name),
    });
  }
  return facts;
}

function isTunnel(name: string): boolean {
  try {
    return TUNNELS.has(readFileSync(`/sys/class/net/${name}/type`, 'latin1').trim());
  } catch {
    return false;
  }
}
