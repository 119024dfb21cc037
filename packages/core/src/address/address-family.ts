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

/** The name of a family, or the system's number where it has none. */
export function familyName(family: number): Domain | 'unspec' {
  return names[family] ?? family & ~Family.SYSTEM;
}

/** The bytes that bind(2) takes for the families whose addresses are of one length. */
const lengths: Readonly<Record<number, number>> = {
  [Family.UNSPEC]: 0,
  [Family.IPV4]: 16,
  [Family.IPV6]: 28,
  [Family.VSOCK]: 16,
  [Family.PACKET]: 20,
  [Family.NETLINK]: 12,
};

/** Family and, on BSD, length: what every `struct sockaddr` begins with. */
const HEADER = 2;

/** The bytes that bind(2) takes for an address of a family with so many bytes of its own. */
export function lengthFor(family: number, length: number): number {
  return lengths[family] ?? HEADER + length;
}
