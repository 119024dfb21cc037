/** A wire between two interfaces that delays or drops requests to connect, by their destination. */
import { Domain, SockAddr, Socket, Type } from '@sock/native';

const ETH_P_ALL = 3;
/** network byte order, as packet(7) asks for. */
const PROTOCOL = ETH_P_ALL << 8;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const TCP = 6;
const SYN = 2;

/** `undefined`: the request is dropped; otherwise how long it takes, in milliseconds. */
export type Delays = ReadonlyMap<string, number | undefined>;

/** The parts of a frame that the wire looks at; `undefined` if it carries no TCP. */
function tcpOf(
  frame: Uint8Array,
): { at: number; from: Uint8Array; to: Uint8Array; end: number } | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (frame.length < 54) return undefined;
  const type = view.getUint16(12);
  if (type === IPV4 && frame[23] === TCP) {
    const at = 14 + ((frame[14] as number) & 15) * 4;
    const end = 14 + view.getUint16(16);
    return { at, end, from: frame.subarray(26, 30), to: frame.subarray(30, 34) };
  }
  if (type === IPV6 && frame[20] === TCP) {
    const end = 54 + view.getUint16(18);
    return { at: 54, end, from: frame.subarray(22, 38), to: frame.subarray(38, 54) };
  }
  return undefined;
}

/** Sets the checksum of TCP: the kernel leaves it to hardware, which a pair of virtual interfaces does not have. */
function setChecksum(frame: Uint8Array): void {
  const tcp = tcpOf(frame);
  if (tcp === undefined) return;
  const { at, end, from, to } = tcp;
  frame[at + 16] = frame[at + 17] = 0;
  let sum = TCP + (end - at);
  const add = (bytes: Uint8Array): void => {
    for (let index = 0; index < bytes.length; index += 2) {
      sum += ((bytes[index] as number) << 8) | (bytes[index + 1] ?? 0);
    }
  };
  for (const part of [from, to, frame.subarray(at, end)]) add(part);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  const checksum = ~sum & 0xffff;
  frame[at + 16] = checksum >> 8;
  frame[at + 17] = checksum & 0xff;
}

/** The text by which {@link Delays} has an address. */
const textOf = (bytes: Uint8Array): string =>
  bytes.length === 4 ? bytes.join('.') : Buffer.from(bytes).toString('hex');

/** The key of an address in {@link Delays}. */
export const keyOf = (address: string): string =>
  textOf(SockAddr.from({ address, port: 0 }).asOctets() as Uint8Array);

function open(index: number): Socket {
  const socket = new Socket(Domain.PACKET, Type.RAW, PROTOCOL);
  socket.bind(SockAddr.packet({ interfaceIndex: index, protocol: ETH_P_ALL }));
  return socket;
}

/** Carries frames from one interface to the other, until a socket is closed. */
async function carry(from: Socket, to: Socket, delays: () => Delays): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (;;) {
    await from.readable();
    for (;;) {
      const received = from.tryRecvFrom(buffer);
      if (received === undefined) break;
      const [length, sender] = received;
      // What this wire sends itself comes back as outgoing.
      if (sender.asPacketAddress()?.packetType === 'outgoing') continue;
      const frame = buffer.slice(0, length);
      setChecksum(frame);
      const tcp = tcpOf(frame);
      const isRequest = tcp !== undefined && ((frame[tcp.at + 13] as number) & 0x12) === SYN;
      const key = tcp === undefined ? '' : textOf(tcp.to);
      const send = (): void => {
        if (!to.closed) to.trySend(frame);
      };
      if (!isRequest || !delays().has(key)) send();
      else {
        const delay = delays().get(key);
        if (delay !== undefined) setTimeout(send, delay);
      }
    }
  }
}

/**
 * Joins two interfaces.
 * @param delays asked for each request to connect
 * @returns ends it
 */
export function join(left: number, right: number, delays: () => Delays): () => void {
  const sockets = [open(left), open(right)] as const;
  const [one, other] = sockets;
  const ended = (error: { code?: string }): void => {
    if (error.code !== 'EBADF') throw error;
  };
  carry(one, other, delays).catch(ended);
  carry(other, one, delays).catch(ended);
  return () => {
    for (const socket of sockets) socket.close();
  };
}
