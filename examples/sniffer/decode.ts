/** Describes a frame in one line, as tcpdump(8) does. */
import { SockAddr } from '@sock/native';

/** How many bytes of a frame to capture: all headers below fit, with their options. */
export const SNAP_LENGTH = 256;

const ETHERNET = 14;
const IPV6_HEADER = 40;
const PROTOCOL = { ICMP: 1, TCP: 6, UDP: 17, ICMPV6: 58 } as const;
/** IPv6 extension headers: hop-by-hop options, routing, destination options. */
const EXTENSIONS = new Set([0, 43, 60]);
const TCP_FLAGS = [
  [0x02, 'S'],
  [0x01, 'F'],
  [0x04, 'R'],
  [0x08, 'P'],
  [0x20, 'U'],
  [0x10, '.'],
] as const;

/**
 * @param frame the captured bytes, from the Ethernet header on
 * @param length the length of the whole frame, in bytes
 */
export function decodeFrame(frame: Buffer, length: number): string {
  try {
    const type = frame.readUInt16BE(12);
    const packet = frame.subarray(ETHERNET);
    switch (type) {
      case 0x0800:
        return decodeIpv4(packet);
      case 0x86dd:
        return decodeIpv6(packet);
      case 0x0806:
        return decodeArp(packet);
      default:
        return `${mac(frame, 6)} > ${mac(frame, 0)}, ethertype 0x${hex(type, 4)}, length ${length}`;
    }
  } catch (error) {
    // The header is incomplete: Buffer throws this for a read past its end.
    if (!(error instanceof RangeError)) throw error;
    return `[|truncated], length ${length}`;
  }
}

function decodeIpv4(packet: Buffer): string {
  const header = (packet.readUInt8(0) & 15) * 4;
  const length = packet.readUInt16BE(2) - header;
  const fragment = (packet.readUInt16BE(6) & 0x1fff) * 8;
  const [from, to] = [ipv4(packet, 12), ipv4(packet, 16)];
  if (fragment > 0) return `IP ${from} > ${to}: fragment at ${fragment}, length ${length}`;
  return `IP ${decodeTransport(packet.readUInt8(9), packet.subarray(header), length, from, to)}`;
}

function decodeIpv6(packet: Buffer): string {
  let length = packet.readUInt16BE(4);
  let next = packet.readUInt8(6);
  let rest = packet.subarray(IPV6_HEADER);
  while (EXTENSIONS.has(next)) {
    const size = (rest.readUInt8(1) + 1) * 8;
    next = rest.readUInt8(0);
    rest = rest.subarray(size);
    length -= size;
  }
  return `IP6 ${decodeTransport(next, rest, length, ipv6(packet, 8), ipv6(packet, 24))}`;
}

function decodeTransport(
  protocol: number,
  segment: Buffer,
  length: number,
  from: string,
  to: string,
): string {
  const ports = (): string =>
    `${from}.${segment.readUInt16BE(0)} > ${to}.${segment.readUInt16BE(2)}`;
  switch (protocol) {
    case PROTOCOL.TCP:
      return `${ports()}: ${decodeTcp(segment, length)}`;
    case PROTOCOL.UDP:
      return `${ports()}: UDP, length ${segment.readUInt16BE(4) - 8}`;
    case PROTOCOL.ICMP:
      return `${from} > ${to}: ICMP ${decodeIcmp(segment, { 8: 'request', 0: 'reply' })}, length ${length}`;
    case PROTOCOL.ICMPV6:
      return `${from} > ${to}: ICMP6 ${decodeIcmp(segment, { 128: 'request', 129: 'reply' })}, length ${length}`;
    default:
      return `${from} > ${to}: protocol ${protocol}, length ${length}`;
  }
}

function decodeTcp(segment: Buffer, length: number): string {
  const bits = segment.readUInt8(13);
  const flags = TCP_FLAGS.filter(([bit]) => (bits & bit) !== 0).map(([, letter]) => letter);
  return [
    `Flags [${flags.length === 0 ? 'none' : flags.join('')}]`,
    `seq ${segment.readUInt32BE(4)}`,
    ...((bits & 0x10) === 0 ? [] : [`ack ${segment.readUInt32BE(8)}`]),
    `win ${segment.readUInt16BE(14)}`,
    `length ${length - (segment.readUInt8(12) >> 4) * 4}`,
  ].join(', ');
}

function decodeIcmp(message: Buffer, echo: Readonly<Record<number, string>>): string {
  const type = message.readUInt8(0);
  const kind = echo[type];
  if (kind === undefined) return `type ${type}, code ${message.readUInt8(1)}`;
  return `echo ${kind}, id ${message.readUInt16BE(4)}, seq ${message.readUInt16BE(6)}`;
}

function decodeArp(packet: Buffer): string {
  const [sender, target] = [ipv4(packet, 14), ipv4(packet, 24)];
  return packet.readUInt16BE(6) === 1
    ? `ARP, Request who-has ${target} tell ${sender}`
    : `ARP, Reply ${sender} is-at ${mac(packet, 8)}`;
}

/** The bytes at an offset. Throws the same error as Buffer's readers if some are missing. */
function bytesAt(packet: Buffer, offset: number, length: number): Buffer {
  packet.readUInt8(offset + length - 1);
  return packet.subarray(offset, offset + length);
}

function ipv4(packet: Buffer, offset: number): string {
  return bytesAt(packet, offset, 4).join('.');
}

function ipv6(packet: Buffer, offset: number): string {
  const groups = bytesAt(packet, offset, 16).toString('hex').match(/.{4}/g) as string[];
  return SockAddr.ipv6(groups.join(':'), 0).address;
}

function mac(packet: Buffer, offset: number): string {
  return Array.from(bytesAt(packet, offset, 6), (byte) => hex(byte, 2)).join(':');
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
