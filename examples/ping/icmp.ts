/** Echo requests and replies: RFC 792 and RFC 4443. The two differ only in their numbers. */

export interface EchoKind {
  readonly request: number;
  readonly reply: number;
  /** The text of ping(8) for an error of this type and code. A router or the host itself reports it. */
  explain(type: number, code: number): string;
}

export const ICMP: EchoKind = {
  request: 8,
  reply: 0,
  explain(type, code) {
    if (type === 11) return 'Time to live exceeded';
    if (type !== 3) return `ICMP type ${type}, code ${code}`;
    const what: Readonly<Record<number, string>> = {
      0: 'Destination Net Unreachable',
      1: 'Destination Host Unreachable',
      2: 'Destination Protocol Unreachable',
      3: 'Destination Port Unreachable',
      4: 'Fragmentation needed',
      13: 'Packet filtered',
    };
    return what[code] ?? `Destination Unreachable, code ${code}`;
  },
};

export const ICMPV6: EchoKind = {
  request: 128,
  reply: 129,
  explain(type, code) {
    if (type === 2) return 'Packet too big';
    if (type === 3) return 'Time exceeded: Hop limit';
    if (type !== 1) return `ICMPv6 type ${type}, code ${code}`;
    const what: Readonly<Record<number, string>> = {
      0: 'No route',
      1: 'Administratively prohibited',
      3: 'Address unreachable',
      4: 'Port unreachable',
    };
    return `Destination unreachable: ${what[code] ?? `code ${code}`}`;
  },
};

export const HEADER = 8;

export interface Echo {
  readonly type: number;
  readonly id: number;
  readonly sequence: number;
}

/** An echo request with `size` bytes of data. */
export function encodeRequest(kind: EchoKind, id: number, sequence: number, size: number): Buffer {
  const message = Buffer.alloc(HEADER + size, 'abcdefghijklmnopqrstuvwxyz');
  message.writeUInt8(kind.request, 0);
  message.writeUInt8(0, 1);
  message.writeUInt16BE(0, 2);
  message.writeUInt16BE(id, 4);
  message.writeUInt16BE(sequence, 6);
  message.writeUInt16BE(checksum(message), 2);
  return message;
}

/** The fields of a request or a reply; `undefined` if it is too short. */
export function decodeEcho(message: Buffer): Echo | undefined {
  if (message.length < HEADER) return undefined;
  return {
    type: message.readUInt8(0),
    id: message.readUInt16BE(4),
    sequence: message.readUInt16BE(6),
  };
}

/** The checksum of RFC 1071. The kernel computes it for ICMPv6, because it covers the addresses. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  if (bytes.length % 2 === 1) sum += bytes.readUInt8(bytes.length - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
