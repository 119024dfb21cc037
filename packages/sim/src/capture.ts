/** A trace's packets as a pcapng file: draft-ietf-opsawg-pcapng, with raw IP packets. */
import { wordAt } from './ip.js';
import { type Packet, type Segment, sizeOf, TcpFlag, TTL } from './packet.js';
import { hashOf } from './random.js';
import type { TraceEntry } from './trace.js';

const LINKTYPE_RAW = 101;
const PROTOCOLS = { tcp: 6, udp: 17, icmp: 1, icmp6: 58 } as const;
/** Options of an enhanced packet block: a comment, and the end. */
const OPT_COMMENT = 1;
const OPT_END = 0;
/** The most that an IP packet can say of its own length. */
const LENGTH_MAX = 0xffff;

const padded = (length: number): number => (length + 3) & ~3;

/** RFC 1071, over several parts of even length but the last. */
function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let i = 0; i + 1 < part.length; i += 2) sum += wordAt(part, i);
    if (part.length % 2 === 1) sum += (part.at(-1) as number) << 8;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The pseudo header of RFC 9293 and RFC 8200, section 8.1. */
function pseudoHeader(
  { source, destination }: Packet,
  protocol: number,
  length: number,
): Uint8Array {
  const header = new Uint8Array(2 * source.bytes.length + 8);
  header.set(source.bytes);
  header.set(destination.bytes, source.bytes.length);
  const view = new DataView(header.buffer);
  view.setUint32(header.length - 8, length);
  view.setUint32(header.length - 4, protocol);
  return header;
}

/** The initial sequence number of a direction. */
function initialSequence(seed: number, from: string): number {
  return hashOf(`${seed} ${from}`);
}

function tcpOf(segment: Segment, seed: number): Uint8Array {
  const { sourcePort, destinationPort, flags, window, data, mss } = segment;
  const here = `${segment.source.text} ${sourcePort} ${segment.destination.text} ${destinationPort}`;
  const there = `${segment.destination.text} ${destinationPort} ${segment.source.text} ${sourcePort}`;
  const header = mss > 0 ? 24 : 20;
  const bytes = new Uint8Array(header + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  view.setUint32(4, (initialSequence(seed, here) + segment.sequence) >>> 0);
  if ((flags & TcpFlag.ACK) !== 0) {
    view.setUint32(8, (initialSequence(seed, there) + segment.acknowledgment) >>> 0);
  }
  view.setUint8(12, (header / 4) << 4);
  view.setUint8(13, flags | (data.length > 0 ? TcpFlag.PSH : 0));
  view.setUint16(14, Math.min(window, LENGTH_MAX));
  if (mss > 0) {
    view.setUint16(20, 0x0204);
    view.setUint16(22, Math.min(mss, LENGTH_MAX));
  }
  bytes.set(data, header);
  view.setUint16(16, checksum(pseudoHeader(segment, PROTOCOLS.tcp, bytes.length), bytes));
  return bytes;
}

function udpOf(packet: Extract<Packet, { protocol: 'udp' }>): Uint8Array {
  const bytes = new Uint8Array(8 + packet.data.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, packet.sourcePort);
  view.setUint16(2, packet.destinationPort);
  view.setUint16(4, bytes.length);
  bytes.set(packet.data, 8);
  const sum = checksum(pseudoHeader(packet, PROTOCOLS.udp, bytes.length), bytes);
  // RFC 768: 0 would mean that there is none.
  view.setUint16(6, sum === 0 ? LENGTH_MAX : sum);
  return bytes;
}

function icmpOf(packet: Extract<Packet, { protocol: 'icmp' }>, seed: number): Uint8Array {
  const six = packet.source.family === 6;
  const about = ipOf({ ...packet.about, data: new Uint8Array(0) }, seed);
  const bytes = new Uint8Array(8 + about.length);
  // Destination unreachable, port unreachable: RFC 792, RFC 4443.
  bytes[0] = six ? 1 : 3;
  bytes[1] = six ? 4 : 3;
  bytes.set(about, 8);
  const pseudo = six ? [pseudoHeader(packet, PROTOCOLS.icmp6, bytes.length)] : [];
  new DataView(bytes.buffer).setUint16(2, checksum(...pseudo, bytes));
  return bytes;
}

function payloadOf(packet: Packet, seed: number): Uint8Array {
  switch (packet.protocol) {
    case 'tcp':
      return tcpOf(packet, seed);
    case 'udp':
      return udpOf(packet);
    case 'icmp':
      return icmpOf(packet, seed);
  }
}

/** The packet from its IP header on: RFC 791, RFC 8200. */
function ipOf(packet: Packet, seed: number): Uint8Array {
  const payload = payloadOf(packet, seed);
  const { source, destination } = packet;
  const six = source.family === 6;
  const header = six ? 40 : 20;
  const { tos, ttl } = packet.protocol === 'icmp' ? { tos: 0, ttl: TTL } : packet;
  const protocol = packet.protocol === 'icmp' && six ? PROTOCOLS.icmp6 : PROTOCOLS[packet.protocol];
  const bytes = new Uint8Array(header + payload.length);
  const view = new DataView(bytes.buffer);
  if (six) {
    view.setUint32(0, (0x60000000 | (tos << 20)) >>> 0);
    view.setUint16(4, Math.min(payload.length, LENGTH_MAX));
    view.setUint8(6, protocol);
    view.setUint8(7, ttl);
    bytes.set(source.bytes, 8);
    bytes.set(destination.bytes, 24);
  } else {
    view.setUint8(0, 0x45);
    view.setUint8(1, tos);
    view.setUint16(2, Math.min(bytes.length, LENGTH_MAX));
    view.setUint8(8, ttl);
    view.setUint8(9, protocol);
    bytes.set(source.bytes, 12);
    bytes.set(destination.bytes, 16);
    view.setUint16(10, checksum(bytes.subarray(0, header)));
  }
  bytes.set(payload, header);
  return bytes;
}

function block(type: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes.length, true);
  bytes.set(body, 8);
  view.setUint32(bytes.length - 4, bytes.length, true);
  return bytes;
}

function sectionHeader(): Uint8Array {
  const body = new Uint8Array(16);
  const view = new DataView(body.buffer);
  view.setUint32(0, 0x1a2b3c4d, true);
  view.setUint16(4, 1, true);
  // A section of unknown length.
  view.setUint32(8, 0xffffffff, true);
  view.setUint32(12, 0xffffffff, true);
  return block(0x0a0d0d0a, body);
}

function interfaceDescription(): Uint8Array {
  const body = new Uint8Array(8);
  new DataView(body.buffer).setUint16(0, LINKTYPE_RAW, true);
  return block(1, body);
}

/** Times are in microseconds, pcapng's default. */
function enhancedPacket(time: number, bytes: Uint8Array, comment: string): Uint8Array {
  const text = Uint8Array.from(comment, (character) => character.charCodeAt(0) & 127);
  const options = text.length === 0 ? 0 : 4 + padded(text.length) + 4;
  const body = new Uint8Array(20 + padded(bytes.length) + options);
  const view = new DataView(body.buffer);
  const microseconds = Math.round(time * 1000);
  view.setUint32(4, Math.floor(microseconds / 0x100000000), true);
  view.setUint32(8, microseconds % 0x100000000, true);
  view.setUint32(12, bytes.length, true);
  view.setUint32(16, bytes.length, true);
  body.set(bytes, 20);
  if (options > 0) {
    const at = 20 + padded(bytes.length);
    view.setUint16(at, OPT_COMMENT, true);
    view.setUint16(at + 2, text.length, true);
    body.set(text, at + 4);
    view.setUint16(at + 4 + padded(text.length), OPT_END, true);
  }
  return block(6, body);
}

/** The packets of a trace, each at the time it was sent, with what became of it as a comment. */
export function captureOf(entries: Iterable<TraceEntry>, epoch: number, seed: number): Uint8Array {
  const blocks = [sectionHeader(), interfaceDescription()];
  for (const entry of entries) {
    if (!('packet' in entry) || sizeOf(entry.packet) > LENGTH_MAX) continue;
    const { time, packet, fate, from, to } = entry;
    const comment = fate === 'arrives' ? `${from} to ${to}` : `${from} to ${to}: ${fate}`;
    blocks.push(enhancedPacket(epoch + time, ipOf(packet, seed), comment));
  }
  const file = new Uint8Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const bytes of blocks) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}
