/** The families of socket addresses, as libsock numbers them on every system. */
import type { Domain } from '../constants.js';

/** `sock_address.family`: the portable numbers; a system's own family has `SYSTEM` set. */
export const Family = {
  UNSPEC: 0,
  IPV4: 1,
  IPV6: 2,
  UNIX: 3,
  VSOCK: 4,
  PACKET: 5,
  NETLINK: 6,
  SYSTEM: 0x8000,
} as const;

const names = ['unspec', 'ipv4', 'ipv6', 'unix', 'vsock', 'packet', 'netlink'] as const;

/** The name of a family, or the system's number if it has no name. */
export function familyName(family: number): Domain | 'unspec' {
  return names[family] ?? family & ~Family.SYSTEM;
}

/** The length of an address for bind(2), for families whose addresses all have the same length. */
const lengths: Readonly<Record<number, number>> = {
  [Family.UNSPEC]: 0,
  [Family.IPV4]: 16,
  [Family.IPV6]: 28,
  [Family.VSOCK]: 16,
  [Family.PACKET]: 20,
  [Family.NETLINK]: 12,
};

/** The first bytes of every `struct sockaddr`: the family and, on BSD, the length. */
const HEADER = 2;

/** The length of an address for bind(2). `length`: the bytes after the header, for families whose length varies. */
export function lengthFor(family: number, length: number): number {
  return lengths[family] ?? HEADER + length;
}
