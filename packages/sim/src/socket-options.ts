/** The options that simulated sockets have, and what each does: everything else is unsupported. */
import {
  EUNSUPPORTED,
  type OperationRow,
  operations,
  optionRow,
  options as rows,
  type OptionRow,
  type Support,
} from '@sock/core';
import { addressIn, type Value } from './option-value.js';
import type { Ip } from './ip.js';
import type { IpSocket } from './ip-socket.js';
import { constants, errors } from './numbers.js';
import { TTL } from './packet.js';
import { type IpOptions, SimSocket } from './sim-socket.js';
import { TcpSocket } from './tcp.js';
import { UdpSocket } from './udp.js';

/** What an option takes and gives: a number, and bytes for addresses. */
interface Option {
  /** Without one the simulated host does what the option says. */
  readonly advice?: string;
  /** Whether a socket has it; ENOPROTOOPT otherwise. */
  readonly of: (socket: SimSocket) => boolean;
  /** The value, or a negative error number. */
  readonly get?: (socket: SimSocket, value: Value) => number | void;
  /** 0, or a negative error number. */
  readonly set?: (socket: SimSocket, value: Value) => number | void;
}

const any: (socket: SimSocket) => boolean = () => true;
const anyNumber: (value: number) => boolean = () => true;
const ip4 = (socket: SimSocket): boolean => socket.domain === constants.AF_INET || ip6(socket);
const ip6 = (socket: SimSocket): boolean => socket.domain === constants.AF_INET6;
const tcp = (socket: SimSocket): boolean => socket instanceof TcpSocket;
const datagram4 = (socket: SimSocket): boolean => ip4(socket);

type Fields = Record<string, unknown>;
const fields = (socket: SimSocket): Fields => socket.options as unknown as Fields;

/** A boolean field of the socket's options. */
const flag = (name: string, of = any, changed?: (socket: SimSocket) => void): Option => ({
  of,
  get: (socket) => Number(fields(socket)[name]),
  set: (socket, { number }) => {
    fields(socket)[name] = number !== 0;
    changed?.(socket);
  },
});

/** A number field of the socket's options. */
const number = (
  name: string,
  of: (socket: SimSocket) => boolean,
  allowed: (value: number) => boolean = anyNumber,
  changed?: (socket: SimSocket) => void,
): Option => ({
  of,
  get: (socket) => fields(socket)[name] as number,
  set: (socket, { number: value }) => {
    if (!allowed(value)) return -errors.EINVAL;
    fields(socket)[name] = value;
    changed?.(socket);
    return 0;
  },
});

const advisory = (
  reason: string,
  of: (socket: SimSocket) => boolean,
  initial: number,
  allowed: (value: number) => boolean = anyNumber,
  replacement: (value: number) => number = (value) => value,
): ((id: number) => Option) => {
  return (id) => ({
    advice: reason,
    of,
    get: (socket) => socket.advisory.get(id) ?? initial,
    set: (socket, { number: value }) => {
      if (!allowed(value)) return -errors.EINVAL;
      socket.advisory.set(id, replacement(value));
      return 0;
    },
  });
};

/** The time to live or hop limit; -1: the usual. */
const hops = (name: 'ttl' | 'unicastHops', of: Option['of'], least: number): Option => ({
  ...number(name, of),
  set: (socket, { number: value }) => {
    if (value !== -1 && (value < least || value > 255)) return -errors.EINVAL;
    fields(socket)[name] = value === -1 ? TTL : value;
    return 0;
  },
});

/** The type of service or traffic class. On TCP the two ECN bits are the system's. */
const typeOfService = (name: 'tos' | 'trafficClass', of: Option['of']): Option => ({
  ...number(name, of),
  set: (socket, { number: value }) => {
    if (name === 'trafficClass' && (value < -1 || value > 255)) return -errors.EINVAL;
    const wanted = value < 0 ? 0 : value & 255;
    fields(socket)[name] = socket instanceof TcpSocket ? wanted & ~3 : wanted;
    return 0;
  },
});

/** SO_TIMESTAMP and SO_TIMESTAMPNS: each turns the other off. */
const receiveTime = (unit: NonNullable<IpOptions['receiveTime']>): Option => ({
  of: ip4,
  get: (socket) => Number(fields(socket)['receiveTime'] === unit),
  set: (socket, { number: value }) => {
    fields(socket)['receiveTime'] = value === 0 ? undefined : unit;
  },
});

const readOnly = (get: (socket: SimSocket) => number, of = any): Option => ({
  of,
  get,
});

const keepaliveChanged = (socket: SimSocket): void => {
  if (socket instanceof TcpSocket) socket.updateKeepalive();
};

const keepaliveNumber = (name: string, most: number): Option => ({
  ...number(name, tcp, (value) => value >= 1 && value <= most, keepaliveChanged),
});

const seconds = (name: string, most: number): Option => ({
  ...number(name, tcp, (value) => value >= 1 && value <= most, keepaliveChanged),
  set: (socket, { number: milliseconds }) => {
    const whole = Math.max(1, Math.trunc(milliseconds / 1000)) * 1000;
    if (whole > most * 1000) return -errors.EINVAL;
    fields(socket)[name] = whole;
    keepaliveChanged(socket);
    return 0;
  },
});

const buffer = (name: string, least: number): Option => ({
  of: any,
  get: (socket) => fields(socket)[name] as number,
  set: (socket, { number: value }) => {
    fields(socket)[name] = SimSocket.bufferSize(value, least);
    if (socket instanceof TcpSocket && name === 'sendBuffer') socket.options.sendBufferSet = true;
    socket.changed();
  },
});

/** The interface of a membership: by address, by index, or the system's choice. */
function interfaceIndex(socket: SimSocket, index: number, address: Ip | undefined): number {
  const { host } = socket;
  if (index > 0) return index <= 2 ? index : -errors.ENODEV;
  if (address === undefined || address.isAny) return 2;
  return host.interfaceOf(address) || -errors.ENODEV;
}

type Membership = (socket: IpSocket, group: Ip, index: number, source: Ip | undefined) => number;

const join: Membership = ({ memberships }, group, index) => memberships.join(group, index);
const leave: Membership = ({ memberships }, group, index) => memberships.leave(group, index);
const joinSource: Membership = ({ memberships }, group, index, source) =>
  memberships.joinSource(group, source as Ip, index);
const leaveSource: Membership = ({ memberships }, group, index, source) =>
  memberships.leaveSource(group, source as Ip, index);
const block: Membership = ({ memberships }, group, index, source) =>
  memberships.block(group, source as Ip, index);
const unblock: Membership = ({ memberships }, group, index, source) =>
  memberships.unblock(group, source as Ip, index);

/** A call on a group: the bytes are the group, then the interface's address or the source. */
const membership = (
  shape: 'mreq' | 'mreqn' | 'source' | 'mreq6' | 'source6',
  call: Membership,
  leaves = false,
): Option => ({
  of: (socket) => (shape.endsWith('6') ? ip6(socket) : ip4(socket)),
  set: (socket, value) => {
    if (socket instanceof TcpSocket && !shape.startsWith('source')) return -errors.EPROTO;
    const ips = socket.host.network.ips;
    const size = shape.endsWith('6') ? 16 : 4;
    const at = (index: number): Ip | undefined => addressIn(ips, value, index * size, size);
    let group = at(0);
    let source: Ip | undefined;
    let address: Ip | undefined;
    if (shape === 'source') {
      [group, source, address] = sourceParts(at);
    } else if (shape === 'source6') source = at(1);
    else if (size === 4) address = at(1);
    const sourceMissing = shape === 'source6' && source === undefined;
    if (group === undefined || sourceMissing) return -errors.EINVAL;
    if (!group.isMulticast) return leaves && size === 4 ? -errors.EADDRNOTAVAIL : -errors.EINVAL;
    const index = interfaceIndex(socket, value.number, address);
    if (index < 0) return leaves ? -errors.EADDRNOTAVAIL : index;
    return call(socket as IpSocket, group, index, source);
  },
});

/** `struct ip_mreq_source` as core lays it out. */
function sourceParts(at: (index: number) => Ip | undefined): (Ip | undefined)[] {
  return [at(0), at(2), at(1)];
}

const named: Readonly<Record<string, Option | ((id: number) => Option)>> = {
  broadcast: flag('broadcast'),
  takeError: readOnly((socket) => -socket.takeError()),
  keepalive: flag('keepalive', any, keepaliveChanged),
  linger: {
    ...number('linger', any),
    set: (socket, { number: value }) => {
      socket.options.linger = value < 0 ? -1 : Math.trunc(value / 1000) * 1000;
    },
  },
  recvBufferSize: buffer('receiveBuffer', 2304),
  sendBufferSize: buffer('sendBuffer', 4608),
  readTimeout: number('readTimeout', any),
  writeTimeout: number('writeTimeout', any),
  reuseAddress: flag('reuseAddress'),
  reusePort: {
    ...flag('reusePort'),
    set: (socket, { number: value }) => {
      if (value !== 0 && socket.domain === constants.AF_UNIX) return -errors.EOPNOTSUPP;
      socket.options.reusePort = value !== 0;
      return 0;
    },
  },
  type: readOnly((socket) => socket.type),
  domain: readOnly((socket) => socket.domain),
  protocol: readOnly((socket) => socket.protocol),
  isListener: readOnly((socket) => Number(socket.isListening)),
  cookie: {
    ...readOnly(() => 0),
    get: (socket, value) => {
      value.bytes = new Uint8Array(8);
      new DataView(value.bytes.buffer).setUint32(0, socket.id, true);
      return 0;
    },
  },
  ttl: hops('ttl', ip4, 1),
  unicastHopsV6: hops('unicastHops', ip6, 0),
  tosV4: typeOfService('tos', ip4),
  tclassV6: typeOfService('trafficClass', ip6),
  pktinfoV4: flag('packetInfo4', ip4),
  recvPktinfoV6: flag('packetInfo6', ip6),
  recvTosV4: flag('receiveTos', ip4),
  recvTclassV6: flag('receiveTrafficClass', ip6),
  recvTtlV4: flag('receiveTtl', ip4),
  recvHoplimitV6: flag('receiveHops', ip6),
  timestamp: receiveTime('microseconds'),
  timestampns: receiveTime('nanoseconds'),
  rxqOvfl: flag('receiveDrops', ip4),
  onlyV6: {
    ...flag('onlyV6', ip6),
    set: (socket, { number: value }) => {
      if ((socket as TcpSocket | UdpSocket).localPort !== 0) return -errors.EINVAL;
      socket.options.onlyV6 = value !== 0;
      return 0;
    },
  },
  mtuDiscoverV4: {
    ...number('mtuDiscover', ip4, (v) => v >= 0 && v <= 5),
  },
  tcpKeepaliveTime: seconds('keepaliveTime', 32_767),
  tcpKeepaliveInterval: seconds('keepaliveInterval', 32_767),
  tcpKeepaliveRetries: keepaliveNumber('keepaliveRetries', 127),
  nodelay: advisory('segments are never held back', tcp, 0, anyNumber, (v) => Number(v !== 0)),
  tcpCork: advisory('segments are never held back', tcp, 0, anyNumber, (v) => Number(v !== 0)),
  tcpUserTimeout: number('userTimeout', tcp),
  tcpSyncnt: number('synRetries', tcp, (v) => v >= 1 && v <= 127),
  tcpLinger2: {
    ...number('lingerTime', tcp),
    set: (socket, { number: value }) => {
      const whole = Math.trunc(value / 1000) * 1000;
      (socket as TcpSocket).options.lingerTime = Math.min(whole, 60_000);
      return 0;
    },
  },
  tcpMss: {
    ...readOnly((socket) => (socket as TcpSocket).mss, tcp),
    set: (socket, { number: value }) => {
      (socket as TcpSocket).options.mss = value;
    },
  },
  multicastLoopV4: {
    ...flag('multicastLoop4', datagram4),
  },
  multicastLoopV6: flag('multicastLoop6', ip6),
  multicastAllV4: flag('multicastAll4', datagram4),
  multicastAllV6: flag('multicastAll6', ip6),
  multicastTtlV4: {
    ...number('multicastTtl', datagram4, (v) => v >= -1 && v <= 255),
    set: (socket, { number: value }) => {
      if (!(socket instanceof UdpSocket)) return -errors.EINVAL;
      socket.options.multicastTtl = value === -1 ? 1 : value;
      return 0;
    },
  },
  multicastHopsV6: {
    ...number('multicastHops', ip6),
    set: (socket, { number: value }) => {
      if (!(socket instanceof UdpSocket)) return -errors.ENOPROTOOPT;
      if (value < -1 || value > 255) return -errors.EINVAL;
      socket.options.multicastHops = value === -1 ? 1 : value;
      return 0;
    },
  },
  multicastIfV4: {
    of: datagram4,
    get: (socket, value) => {
      const { any4 } = socket.host.network.ips;
      value.bytes = ((socket as UdpSocket).options.multicastInterface4 ?? any4).bytes;
      return 0;
    },
    set: (socket, value) => {
      if (!(socket instanceof UdpSocket)) return -errors.EINVAL;
      const ip = addressIn(socket.host.network.ips, value, 0, 4);
      if (ip === undefined) return -errors.EINVAL;
      if (ip.isAny) {
        socket.options.multicastInterface4 = undefined;
        return 0;
      }
      if (socket.host.interfaceOf(ip) === 0) return -errors.EADDRNOTAVAIL;
      socket.options.multicastInterface4 = ip;
      return 0;
    },
  },
  multicastIfV6: {
    ...number('multicastInterface6', ip6),
    set: (socket, { number: value }) => {
      if (!(socket instanceof UdpSocket)) return -errors.ENOPROTOOPT;
      if (value > 2) return -errors.ENODEV;
      socket.options.multicastInterface6 = value;
      return 0;
    },
  },
  joinMulticastV4: membership('mreq', join),
  leaveMulticastV4: membership('mreq', leave, true),
  joinMulticastV4N: membership('mreqn', join),
  leaveMulticastV4N: membership('mreqn', leave, true),
  joinMulticastV6: membership('mreq6', join),
  leaveMulticastV6: membership('mreq6', leave, true),
  joinSsmV4: membership('source', joinSource),
  leaveSsmV4: membership('source', leaveSource),
  blockSourceV4: membership('source', block),
  unblockSourceV4: membership('source', unblock),
  joinSsmV6: membership('source6', joinSource),
  leaveSsmV6: membership('source6', leaveSource),
  blockSourceV6: membership('source6', block),
  unblockSourceV6: membership('source6', unblock),
};

const byId = new Map<number, Option>();
for (const [name, option] of Object.entries(named)) {
  const row = optionRow(name);
  if (row === undefined) throw new Error(`core has no option ${name}`);
  byId.set(row.id, typeof option === 'function' ? option(row.id) : option);
}

/** Reads an option into `value`: the result is 0 or a negative error number. */
export function getOption(socket: SimSocket, id: number, value: Value): number {
  const option = byId.get(id);
  if (option === undefined) return -EUNSUPPORTED;
  // Linux: for IPv4 another protocol's option is not supported, for IPv6 it is unknown.
  if (!option.of(socket) || option.get === undefined) {
    return ip6(socket) ? -errors.ENOPROTOOPT : -errors.EOPNOTSUPP;
  }
  value.number = option.get(socket, value) ?? 0;
  return 0;
}

/** Sets an option: the result is 0 or a negative error number. */
export function setOption(socket: SimSocket, id: number, value: Value): number {
  const option = byId.get(id);
  if (option === undefined) return -EUNSUPPORTED;
  if (!option.of(socket) || option.set === undefined) {
    return socket.domain === constants.AF_UNIX ? -errors.EOPNOTSUPP : -errors.ENOPROTOOPT;
  }
  return option.set(socket, value) ?? 0;
}

const missing = (reason: string): Support => ({ level: 'unsupported', reason });

/** Why a group of options is missing. */
const reasons: Readonly<Record<OptionRow['group'], string>> = {
  socket: 'the simulated host has nothing that it could act on',
  ipv4: 'simulated IPv4 packets carry addresses, type of service and time to live, and nothing else',
  ipv6: 'simulated IPv6 packets carry addresses, traffic class and hop limit, and nothing else',
  tcp: 'simulated TCP has no congestion control and no options but the segment size',
  udp: 'simulated datagrams are sent one by one',
  dccp: 'DCCP is not simulated',
  packet: 'the link layer is not simulated',
  netlink: 'netlink is not simulated',
  raw: 'raw sockets are not simulated',
};

/** The simulated system does it. */
const NATIVE: Support = { level: 'native' };

/** Operations that are no options. */
const lacking: Readonly<Record<string, string>> = {
  recvOutOfBand: "TCP's urgent data is not simulated",
  sendOutOfBand: "TCP's urgent data is not simulated",
  sendmsg: 'control messages are not simulated',
  trySendmsg: 'control messages are not simulated',
  recvmsg: 'control messages are not simulated',
  tryRecvmsg: 'control messages are not simulated',
  'DatagramBatch.hardwareTimestamp': 'simulated interfaces have no clock',
  'DatagramBatch.transmitTime': 'queueing disciplines are not simulated',
  sendfile: 'the simulated host has no files',
  attachFilter: 'packet filters are not simulated',
  attachReuseportFilter: 'packet filters are not simulated',
  attachReusePortFilter: 'packet filters are not simulated',
  getsockoptRaw: 'options have names here, and no numbers',
  setsockoptRaw: 'options have names here, and no numbers',
  setNoInherit: 'the simulated system is Linux',
  'Type.noInherit': 'the simulated system is Linux',
  'Type.registeredIo': 'the simulated system is Linux',
  vsock: 'VM sockets are not simulated',
  packet: 'the link layer is not simulated',
  netlink: 'netlink is not simulated',
  raw: 'raw sockets are not simulated',
};

function setterName({ setter, name }: OptionRow, alias: string): string {
  if (setter !== undefined && alias === name) return setter;
  return `set${alias.charAt(0).toUpperCase()}${alias.slice(1)}`;
}

/** The support of everything that core's tables name. */
export function supportTable(): Record<string, Support> {
  const table: Record<string, Support> = {};
  for (const row of rows as readonly OptionRow[]) {
    const option = byId.get(row.id);
    const support =
      option === undefined
        ? missing(reasons[row.group])
        : option.advice === undefined
          ? NATIVE
          : ({ level: 'advisory', reason: option.advice } as const);
    for (const name of [row.name, ...(row.aliases ?? [])]) {
      table[name] = support;
      table[setterName(row, name)] =
        option !== undefined && option.set === undefined ? missing(reasons[row.group]) : support;
    }
  }
  for (const [name, { over }] of Object.entries<OperationRow>(operations)) {
    const reason = lacking[over ?? name];
    table[name] = reason === undefined ? NATIVE : missing(reason);
  }
  return table;
}
