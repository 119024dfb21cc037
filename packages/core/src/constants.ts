/** Names of domains, types and protocols, and the system's numbers for them. */
import type { DriverContext } from './driver/context.js';
import type { SockAddr } from './address.js';
import type { Driver } from './driver.js';
import { checkInteger, invalidType, invalidValue } from './errors.js';

/**
 * Communication domains, the first argument of socket(2). A plain number is accepted in place of any
 * of these and passed to the system as it is.
 */
export const Domain = {
  /** `AF_INET` */
  IPV4: 'ipv4',
  /** `AF_INET6` */
  IPV6: 'ipv6',
  /** `AF_UNIX` */
  UNIX: 'unix',
  /** `AF_VSOCK` */
  VSOCK: 'vsock',
  /** `AF_PACKET` */
  PACKET: 'packet',
  /** `AF_NETLINK` */
  NETLINK: 'netlink',
  /** The domain whose sockets take `address`. */
  forAddress(address: SockAddr): Domain {
    return address.domain();
  },
} as const;
export type Domain = 'ipv4' | 'ipv6' | 'unix' | 'vsock' | 'packet' | 'netlink' | (number & {});

/** Communication semantics, the second argument of socket(2). A plain number goes to the system as it is. */
export const Type = {
  /** `SOCK_STREAM` */
  STREAM: 'stream',
  /** `SOCK_DGRAM` */
  DGRAM: 'dgram',
  /** `SOCK_RAW` */
  RAW: 'raw',
  /** `SOCK_SEQPACKET` */
  SEQPACKET: 'seqpacket',
  /** `SOCK_DCCP` */
  DCCP: 'dccp',
  /**
   * The type with `SOCK_NONBLOCK`: the socket is made in non-blocking mode.
   * @example new Socket(Domain.IPV4, Type.nonblocking(Type.STREAM))
   */
  nonblocking: (type: Type): Type => withFlag(type, 'nonblocking'),
  /** The type with `SOCK_CLOEXEC`, which `new Socket` always sets and `newRaw` does not. */
  cloexec: (type: Type): Type => withFlag(type, 'cloexec'),
  /** The type with `WSA_FLAG_NO_HANDLE_INHERIT` of Windows. */
  noInherit: (type: Type): Type => withFlag(type, 'noInherit'),
  /** The type with `WSA_FLAG_REGISTERED_IO` of Windows. */
  registeredIo: (type: Type): Type => withFlag(type, 'registeredIo'),
} as const;
export type Type =
  | 'stream'
  | 'dgram'
  | 'raw'
  | 'seqpacket'
  | 'dccp'
  | (number & {})
  | `${string}|${'nonblocking' | 'cloexec' | 'noInherit' | 'registeredIo'}`;

/** Protocols, the third argument of socket(2). A plain number goes to the system as it is. */
export const Protocol = {
  /** `IPPROTO_TCP` */
  TCP: 'tcp',
  /** `IPPROTO_UDP` */
  UDP: 'udp',
  /** `IPPROTO_ICMP` */
  ICMPV4: 'icmpv4',
  /** `IPPROTO_ICMPV6` */
  ICMPV6: 'icmpv6',
  /** `IPPROTO_MPTCP` */
  MPTCP: 'mptcp',
  /** `IPPROTO_UDPLITE` */
  UDPLITE: 'udplite',
  /** `IPPROTO_SCTP` */
  SCTP: 'sctp',
  /** `IPPROTO_DCCP` */
  DCCP: 'dccp',
  /** `IPPROTO_DIVERT`, of FreeBSD and OpenBSD */
  DIVERT: 'divert',
} as const;
export type Protocol =
  | 'tcp'
  | 'udp'
  | 'icmpv4'
  | 'icmpv6'
  | 'mptcp'
  | 'udplite'
  | 'sctp'
  | 'dccp'
  | 'divert'
  | (number & {});

const typeFlags = {
  nonblocking: 'SOCK_NONBLOCK',
  cloexec: 'SOCK_CLOEXEC',
  noInherit: 'WSA_FLAG_NO_HANDLE_INHERIT',
  registeredIo: 'WSA_FLAG_REGISTERED_IO',
} as const;

function withFlag(type: Type, flag: keyof typeof typeFlags): Type {
  if (typeof type !== 'string' && typeof type !== 'number') {
    throw invalidType('type', 'a Type or a number', type);
  }
  return `${type}|${flag}`;
}

/** Which half of a connection {@link Socket.shutdown} ends. */
export const Shutdown = {
  /** `SHUT_RD` */
  READ: 'read',
  /** `SHUT_WR` */
  WRITE: 'write',
  /** `SHUT_RDWR` */
  BOTH: 'both',
} as const;
export type Shutdown = 'read' | 'write' | 'both';

const systemNames = {
  domain: {
    ipv4: 'AF_INET',
    ipv6: 'AF_INET6',
    unix: 'AF_UNIX',
    vsock: 'AF_VSOCK',
    packet: 'AF_PACKET',
    netlink: 'AF_NETLINK',
  },
  type: {
    stream: 'SOCK_STREAM',
    dgram: 'SOCK_DGRAM',
    raw: 'SOCK_RAW',
    seqpacket: 'SOCK_SEQPACKET',
    dccp: 'SOCK_DCCP',
  },
  protocol: {
    tcp: 'IPPROTO_TCP',
    udp: 'IPPROTO_UDP',
    icmpv4: 'IPPROTO_ICMP',
    icmpv6: 'IPPROTO_ICMPV6',
    mptcp: 'IPPROTO_MPTCP',
    udplite: 'IPPROTO_UDPLITE',
    sctp: 'IPPROTO_SCTP',
    dccp: 'IPPROTO_DCCP',
    divert: 'IPPROTO_DIVERT',
  },
} as const;

export type ConstantKind = keyof typeof systemNames;

/** The system's numbers of the domains, types and protocols, by the names here. */
export type SystemNumbers = Readonly<Record<ConstantKind, ReadonlyMap<unknown, number>>>;

/** Makes the numbers of a backend, without the names for which it has none. */
export function systemNumbers({ constants }: Driver): SystemNumbers {
  const numbersOf = (kind: ConstantKind): ReadonlyMap<unknown, number> =>
    new Map(
      Object.entries(systemNames[kind]).flatMap(([name, constant]) => {
        const number = constants[constant];
        return number === undefined ? [] : [[name, number] as const];
      }),
    );
  return { domain: numbersOf('domain'), type: numbersOf('type'), protocol: numbersOf('protocol') };
}

/** The system's number for a domain, type or protocol. */
export function systemNumber(context: DriverContext, kind: ConstantKind, value: unknown): number {
  if (typeof value === 'number') return checkInteger(kind, value, -0x80000000, 0x7fffffff);
  const { domain, type, protocol } = context.numbers;
  // Reading `numbers[kind]` would take longer than the rest.
  const numbers = kind === 'domain' ? domain : kind === 'type' ? type : protocol;
  return numbers.get(value) ?? rareNumber(context, kind, value);
}

/** The number of a type that has flags. Throws for what has no number. */
function rareNumber(context: DriverContext, kind: ConstantKind, value: unknown): number {
  const names: Readonly<Record<string, string>> = systemNames[kind];
  if (typeof value !== 'string') {
    throw invalidType(kind, `one of ${Object.keys(names).join(', ')} or a number`, value);
  }
  if (kind === 'type' && value.includes('|')) return flaggedType(context, value);
  const name = Object.hasOwn(names, value) ? names[value] : undefined;
  if (name === undefined) {
    throw invalidValue(kind, `must be one of ${Object.keys(names).join(', ')} or a number`, value);
  }
  throw context.unsupported(value, 'socket', `${kind} '${value}' (${name})`);
}

/** The number of a type that has flags: `'stream|nonblocking'`, `'5|cloexec'`. */
function flaggedType(context: DriverContext, value: string): number {
  const [base = '', ...flags] = value.split('|');
  const type = systemNumber(context, 'type', /^-?[0-9]+$/.test(base) ? Number(base) : base);
  return flags.reduce((number, flag) => {
    if (!Object.hasOwn(typeFlags, flag)) throw invalidValue('type', `has no flag '${flag}'`, value);
    const name = typeFlags[flag as keyof typeof typeFlags];
    const bit = context.driver.constants[name];
    if (bit !== undefined) return number | bit;
    throw context.unsupported(`Type.${flag}`, 'socket', `the flag '${flag}' of a type (${name})`);
  }, type);
}

/** The readable name for the system's number, or the number itself if it has no name. */
export function readableName(driver: Driver, kind: ConstantKind, number: number): string | number {
  for (const [name, system] of Object.entries(systemNames[kind])) {
    if (driver.constants[system] === number) return name;
  }
  return number;
}

const shutdownNumbers: Readonly<Record<string, number>> = { read: 0, write: 1, both: 2 };

/** The number of {@link Driver.shutdown}. */
export function shutdownNumber(how: unknown): number {
  if (typeof how !== 'string') throw invalidType('how', `one of 'read', 'write', 'both'`, how);
  const number = Object.hasOwn(shutdownNumbers, how) ? shutdownNumbers[how] : undefined;
  if (number === undefined) throw invalidValue('how', `must be 'read', 'write' or 'both'`, how);
  return number;
}

/** The constants of a backend whose names begin with `prefix`, under the rest of their names. Systems differ in what they have. */
function constantsNamed(driver: Driver, prefix: string): Readonly<Record<string, number>> {
  return Object.freeze(
    Object.fromEntries(
      Object.entries(driver.constants)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, number]) => [name.slice(prefix.length), number]),
    ),
  );
}

/** The numbers of a backend's `MSG_...` flags: `PEEK`, `DONTWAIT`, `WAITALL`, ... */
export function messageFlags(driver: Driver): Readonly<Record<string, number>> {
  return constantsNamed(driver, 'MSG_');
}

/**
 * The numbers of a backend's `SOCK_...` types and their flags: `STREAM`, `NONBLOCK`, `CLOEXEC`, ..., for
 * {@link Socket.accept4} and wherever a type may be a number.
 */
export function socketTypes(driver: Driver): Readonly<Record<string, number>> {
  return constantsNamed(driver, 'SOCK_');
}
