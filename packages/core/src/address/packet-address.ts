/** Addresses of packet sockets: `struct sockaddr_ll`, packet(7). */
import { checkBytes } from '../socket/buffer.js';
import { checkInteger, invalidValue, outOfRange } from '../errors.js';

/** Who a packet was sent to: `PACKET_HOST`, `PACKET_BROADCAST`, ..., or a number that has no name. */
export type PacketType =
  | 'host'
  | 'broadcast'
  | 'multicast'
  | 'otherhost'
  | 'outgoing'
  | (number & {});

const packetTypes: readonly PacketType[] = [
  'host',
  'broadcast',
  'multicast',
  'otherhost',
  'outgoing',
];

/** The result of {@link SockAddr.asPacketAddress}: the fields of `struct sockaddr_ll`. */
export interface PacketAddress {
  /** `sll_ifindex`: the interface; 0 for any. */
  readonly interfaceIndex: number;
  /** `sll_protocol`: the EtherType, in host byte order: 0x0800 for IPv4; 0 for none. */
  readonly protocol: number;
  /** `sll_hatype`: the ARP hardware type of the interface: 1 for Ethernet, 772 for the loopback. */
  readonly hardwareType: number;
  /** `sll_pkttype`: who a received packet was sent to. */
  readonly packetType: PacketType;
  /** `sll_addr`: the sender's link-layer address, `'02:00:00:00:00:01'`; `''` if it has none. */
  readonly hardwareAddress: string;
}

/** The argument of {@link SockAddr.packet}. */
export interface PacketAddressInit {
  /** The interface to send on or bind to, 1 to 2147483647; 0, the default, binds to any. */
  readonly interfaceIndex?: number | undefined;
  /** The EtherType, in host byte order; 3 (`ETH_P_ALL`) binds to all; default 0. */
  readonly protocol?: number | undefined;
  /** The receiver: text as in node's `os.networkInterfaces()`, or at most 20 bytes. */
  readonly hardwareAddress?: string | Uint8Array | undefined;
  /** Filled in by the system; default 0. */
  readonly hardwareType?: number | undefined;
  /** Filled in by the system; default `'host'`. */
  readonly packetType?: PacketType | undefined;
}

/** The longest link-layer address of Linux: InfiniBand's. */
const HARDWARE_MAX = 20;

/** The bytes of a link-layer address; throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` or `ERR_OUT_OF_RANGE`. */
export function hardwareBytes(
  argument: string,
  address: unknown,
  most: number = HARDWARE_MAX,
): Uint8Array {
  const bytes =
    typeof address === 'string'
      ? parseHardware(argument, address)
      : checkBytes(argument, address, 'of type string or an instance of Uint8Array');
  if (bytes.length > most) {
    throw outOfRange(`${argument}.length`, `at most ${most} bytes`, bytes.length);
  }
  return Uint8Array.from(bytes);
}

function parseHardware(argument: string, text: string): Uint8Array {
  if (text === '') return new Uint8Array(0);
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(text)) {
    throw invalidValue(argument, "must be like '02:00:00:00:00:01'", text);
  }
  return Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
}

/** Lower-case hexadecimal with colons. */
export function formatHardware(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** The number of a packet type; throws `ERR_INVALID_ARG_VALUE`, `ERR_INVALID_ARG_TYPE` or `ERR_OUT_OF_RANGE`. */
export function packetTypeNumber(argument: string, type: unknown): number {
  if (typeof type !== 'string') return checkInteger(argument, type, 0, 255);
  const number = packetTypes.indexOf(type as PacketType);
  if (number >= 0) return number;
  throw invalidValue(argument, `must be one of ${packetTypes.join(', ')} or a number`, type);
}

/** The name of a packet type, or the number if it has no name. */
export function packetTypeName(number: number): PacketType {
  return packetTypes[number] ?? number;
}
