/** Options of UDP sockets, level IPPROTO_UDP. */
import type { OptionRow } from '../option-row.js';
import { LINUX, missing } from './terms.js';

export const udpOptions = [
  {
    id: 120,
    group: 'udp',
    name: 'udpSegment',
    level: 'IPPROTO_UDP',
    option: 'UDP_SEGMENT',
    linuxNumber: 103,
    codec: 'int',
    range: [0, 65535],
    access: 'both',
    parameter: 'size',
    systems: LINUX,
    wasi: missing('segmentation offload'),
    doc: 'The size that everything sent is cut into, one datagram for each piece, in bytes; 0: it is sent whole.',
    source: 'udp(7)',
    on: ['udp4', 'udp6'],
    samples: [0, 1200],
  },
  {
    id: 121,
    group: 'udp',
    name: 'udpGro',
    level: 'IPPROTO_UDP',
    option: 'UDP_GRO',
    linuxNumber: 104,
    codec: 'bool',
    access: 'both',
    parameter: 'coalesce',
    systems: LINUX,
    wasi: missing('receive coalescing'),
    doc: 'Whether datagrams of one sender and size may arrive joined; `recvBatch` tells the size of each.',
    source: 'udp(7)',
    on: ['udp4', 'udp6'],
  },
] as const satisfies readonly OptionRow[];
