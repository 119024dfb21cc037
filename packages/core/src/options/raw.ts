/** Options of raw sockets. */
import type { OptionRow } from './option-row.js';
import { LINUX, missing } from './terms.js';

export const rawOptions = [
  {
    id: 220,
    group: 'raw',
    name: 'icmpFilter',
    level: 'SOL_RAW',
    option: 'ICMP_FILTER',
    linuxNumber: 1,
    codec: 'u32',
    access: 'both',
    parameter: 'types',
    systems: LINUX,
    wasi: missing('raw sockets'),
    doc: 'The types of ICMP messages that a raw socket is not passed: bit n set for type n.',
    source: 'raw(7)',
    on: [],
  },
  {
    id: 221,
    group: 'raw',
    name: 'icmp6Filter',
    level: 'IPPROTO_ICMPV6',
    option: 'ICMP6_FILTER',
    linuxNumber: 1,
    codec: 'bytes',
    access: 'both',
    parameter: 'filter',
    systems: LINUX,
    supportOn: {
      openbsd: {
        level: 'unsupported',
        reason:
          'the bits of ICMP6_FILTER pass a type there, and block it on Linux: use setsockoptRaw',
      },
      darwin: {
        level: 'unsupported',
        reason:
          'the bits of ICMP6_FILTER pass a type there, and block it on Linux: use setsockoptRaw',
      },
      freebsd: {
        level: 'unsupported',
        reason:
          'the bits of ICMP6_FILTER pass a type there, and block it on Linux: use setsockoptRaw',
      },
    },
    wasi: missing('raw sockets'),
    doc: 'The types of ICMPv6 messages that a raw socket is not passed: 32 bytes, the words of `struct icmp6_filter`.',
    source: 'RFC 3542, Linux include/uapi/linux/icmpv6.h',
    on: [],
  },
] as const satisfies readonly OptionRow[];
