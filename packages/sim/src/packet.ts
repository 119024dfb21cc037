/** What goes over the network. */
import type { Ip } from './ip.js';

/** Bits of a TCP header's flags: RFC 9293. */
export const TcpFlag = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

const NAMES = [
  [TcpFlag.SYN, 'SYN'],
  [TcpFlag.FIN, 'FIN'],
  [TcpFlag.RST, 'RST'],
  [TcpFlag.ACK, 'ACK'],
] as const;

/** The time to live and the hop limit of packets, unless a program says otherwise: net.ipv4.ip_default_ttl. */
export const TTL = 64;

/** The data of a packet that has none. */
export const NO_DATA: Uint8Array = new Uint8Array(0);

/** What a call may say of the header of one packet, in place of the socket's options. */
export interface PacketHeader {
  readonly source?: Ip | undefined;
  /** The interface that it leaves by. */
  readonly interfaceIndex?: number | undefined;
  /** The type of service or traffic class. */
  readonly tos?: number | undefined;
  /** The time to live or hop limit. */
  readonly ttl?: number | undefined;
}

/** A TCP segment. Sequence numbers count from 0, the SYN, and never wrap. */
export interface Segment {
  readonly protocol: 'tcp';
  readonly source: Ip;
  readonly sourcePort: number;
  readonly destination: Ip;
  readonly destinationPort: number;
  /** By which the receiver's host knows the connection. */
  readonly key: string;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  readonly data: Uint8Array;
  /** The largest segment that the sender takes, in a SYN. */
  readonly mss: number;
  /** The type of service or traffic class. */
  readonly tos: number;
  /** The time to live or hop limit. */
  readonly ttl: number;
}

/** A UDP datagram. */
export interface Datagram {
  readonly protocol: 'udp';
  readonly source: Ip;
  readonly sourcePort: number;
  readonly destination: Ip;
  readonly destinationPort: number;
  readonly data: Uint8Array;
  /** The interface that a multicast or broadcast datagram came by; 0 for unicast. */
  readonly interfaceIndex: number;
  /** The type of service or traffic class. */
  readonly tos: number;
  /** The time to live or hop limit. Every host is one hop away, so nobody takes one off. */
  readonly ttl: number;
}

/** ICMP's and ICMPv6's report that nobody listens at a port: RFC 792, RFC 4443. */
export interface Unreachable {
  readonly protocol: 'icmp';
  readonly source: Ip;
  readonly destination: Ip;
  /** What was sent in vain. */
  readonly about: Datagram;
}

export type Packet = Segment | Datagram | Unreachable;

/** The names of TCP's flags: `SYN,ACK`. */
export function flagNames(flags: number): string {
  const names: string[] = [];
  for (const [bit, name] of NAMES) if ((flags & bit) !== 0) names.push(name);
  return names.join(',');
}

/** The bytes of a packet's IP header and all that follows it. */
export function sizeOf(packet: Packet): number {
  const header = packet.source.family === 4 ? 20 : 40;
  switch (packet.protocol) {
    case 'tcp':
      return header + 20 + (packet.mss > 0 ? 4 : 0) + packet.data.length;
    case 'udp':
      return header + 8 + packet.data.length;
    case 'icmp':
      return header + 8 + header + 8;
  }
}

const place = (ip: Ip, port: number): string =>
  ip.family === 4 ? `${ip.text}:${port}` : `[${ip.text}]:${port}`;

/** One line on a packet: `tcp 10.0.0.1:32768 > 10.0.0.2:80 SYN seq 0`. */
export function describePacket(packet: Packet): string {
  if (packet.protocol === 'icmp') {
    const { source, destination, about } = packet;
    return `icmp ${source.text} > ${destination.text} port ${about.destinationPort} unreachable`;
  }
  const way = `${packet.protocol} ${place(packet.source, packet.sourcePort)} > ${place(packet.destination, packet.destinationPort)}`;
  if (packet.protocol === 'udp') {
    const tos = packet.tos === 0 ? '' : ` tos 0x${packet.tos.toString(16)}`;
    return `${way} ${packet.data.length} bytes${tos}`;
  }
  const { flags, sequence, acknowledgment, window, data } = packet;
  const ack = (flags & TcpFlag.ACK) === 0 ? '' : ` ack ${acknowledgment}`;
  const length = data.length === 0 ? '' : ` ${data.length} bytes`;
  return `${way} ${flagNames(flags)} seq ${sequence}${ack} win ${window}${length}`;
}

/** The answer to a segment that belongs to no connection: RFC 9293, section 3.5.2. */
export function resetFor(segment: Segment): Segment {
  const { source, sourcePort, destination, destinationPort, flags, data } = segment;
  const acknowledges = (flags & TcpFlag.ACK) !== 0;
  const length = data.length + (flags & TcpFlag.SYN ? 1 : 0) + (flags & TcpFlag.FIN ? 1 : 0);
  return {
    protocol: 'tcp',
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
    key: keyOf(source, sourcePort, destination, destinationPort),
    sequence: acknowledges ? segment.acknowledgment : 0,
    acknowledgment: acknowledges ? 0 : segment.sequence + length,
    flags: acknowledges ? TcpFlag.RST : TcpFlag.RST | TcpFlag.ACK,
    window: 0,
    data: NO_DATA,
    mss: 0,
    tos: 0,
    ttl: TTL,
  };
}

/** By which a host knows a connection: its own address first. */
export function keyOf(local: Ip, localPort: number, peer: Ip, peerPort: number): string {
  return `${local.id},${localPort},${peer.id},${peerPort}`;
}
