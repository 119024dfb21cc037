/** The sockets of this system, as ss(8) lists them: sock_diag(7). */
import { TCP_STATES, type TcpState, type WaitOptions } from '@sock/core';
import { invalidArgument } from '../node-errors.js';
import type { SocketClass } from '../native-backend.js';
import { checkWaitOptions } from '../wait-options.js';
import {
  attributesOf,
  bytesOf,
  dump,
  ipText,
  LITTLE,
  netlinkSocket,
  viewOf,
} from './netlink-message.js';

// linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const FAMILIES = { ipv4: 2, ipv6: 10 } as const;
const PROTOCOLS = { tcp: 6, udp: 17 } as const;
const INET_DIAG_SKMEMINFO = 7;
/** `struct inet_diag_req_v2` and `struct inet_diag_msg`, in bytes. */
const REQUEST = 56;
const ENTRY = 72;

/** Options of {@link listSockets}. */
export interface ListSocketsOptions extends WaitOptions {
  /** Default: both. */
  readonly protocols?: readonly (keyof typeof PROTOCOLS)[] | undefined;
  /** Default: both. */
  readonly families?: readonly (keyof typeof FAMILIES)[] | undefined;
  /** The class of the netlink socket. Default: that of @sock/native. */
  readonly Socket?: SocketClass | undefined;
}

/** One socket of this system. */
export interface ListedSocket {
  readonly protocol: keyof typeof PROTOCOLS;
  readonly family: keyof typeof FAMILIES;
  /** A datagram socket is `close`, or `established` once it is connected. */
  readonly state: TcpState;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The index of the interface it is bound to, or 0. */
  readonly interfaceIndex: number;
  /** In bytes; of a listener the number of connections that wait to be accepted. */
  readonly receiveQueue: number;
  /** In bytes; of a listener the length of that queue. */
  readonly sendQueue: number;
  readonly uid: number;
  /** The number in /proc/PID/fd, as `socket:[N]`; 0 if no process has it open any more. */
  readonly inode: number;
  /** The socket's SO_COOKIE: what `socket.cookie()` returns. */
  readonly cookie: bigint;
  /** Bytes of memory that its receive and send buffers take, SK_MEMINFO_RMEM_ALLOC and _WMEM_ALLOC; 0 if unknown. */
  readonly receiveMemory: number;
  readonly sendMemory: number;
}

/**
 * Lists the TCP and UDP sockets of this network namespace, of all users: one request to the kernel for each protocol and
 * family, over a netlink socket.
 * @param options.protocols `'tcp'`, `'udp'`
 * @param options.families `'ipv4'`, `'ipv6'`
 * @param options.signal aborts it: rejects with `signal.reason`
 * @param options.timeout the longest wait for the next answer of the kernel, in milliseconds: rejects with ETIMEDOUT
 * @returns the sockets, as they were when the kernel came to each: they change meanwhile
 * @throws {SockError} `ERR_SOCK_UNSUPPORTED` on other systems than Linux; EMFILE, ETIMEDOUT
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 * @throws {RangeError} `ERR_OUT_OF_RANGE` for the timeout
 * @see sock_diag(7), ss(8)
 *
 * @example
 * const listeners = (await listSockets({ protocols: ['tcp'] })).filter(({ state }) => state === 'listen');
 */
export async function listSockets(options: ListSocketsOptions = {}): Promise<ListedSocket[]> {
  checkWaitOptions(options);
  const { protocols = ['tcp', 'udp'], families = ['ipv4', 'ipv6'], signal, timeout } = options;
  checkNames('protocols', protocols, PROTOCOLS);
  checkNames('families', families, FAMILIES);
  const found: ListedSocket[] = [];
  const socket = netlinkSocket('listSockets', NETLINK_SOCK_DIAG, options.Socket);
  try {
    for (const protocol of protocols) {
      for (const family of families) {
        const request = new Uint8Array(REQUEST);
        request[0] = FAMILIES[family];
        request[1] = PROTOCOLS[protocol];
        request[2] = 1 << (INET_DIAG_SKMEMINFO - 1);
        // idiag_states: all.
        viewOf(request).setUint32(4, 0xffffffff, LITTLE);
        const entries = await dump(socket, SOCK_DIAG_BY_FAMILY, request, { signal, timeout });
        for (const entry of entries) found.push(read(entry, protocol, family));
      }
    }
    return found;
  } finally {
    socket.close();
  }
}

/** Reads a `struct inet_diag_msg`. Ports and addresses are in network byte order. */
function read(
  entry: DataView,
  protocol: keyof typeof PROTOCOLS,
  family: keyof typeof FAMILIES,
): ListedSocket {
  const size = family === 'ipv4' ? 4 : 16;
  const bytes = bytesOf(entry);
  const memory = attributesOf(entry, ENTRY).get(INET_DIAG_SKMEMINFO);
  return {
    protocol,
    family,
    state: TCP_STATES[entry.getUint8(1)] ?? 'unknown',
    localAddress: ipText(bytes.subarray(8, 8 + size)),
    localPort: entry.getUint16(4),
    remoteAddress: ipText(bytes.subarray(24, 24 + size)),
    remotePort: entry.getUint16(6),
    interfaceIndex: entry.getUint32(40, LITTLE),
    receiveQueue: entry.getUint32(56, LITTLE),
    sendQueue: entry.getUint32(60, LITTLE),
    uid: entry.getUint32(64, LITTLE),
    inode: entry.getUint32(68, LITTLE),
    // Two numbers of 32 bits, the lower first.
    cookie: BigInt(entry.getUint32(44, LITTLE)) | (BigInt(entry.getUint32(48, LITTLE)) << 32n),
    receiveMemory: memory?.getUint32(0, LITTLE) ?? 0,
    sendMemory: memory?.getUint32(8, LITTLE) ?? 0,
  };
}

function checkNames(option: string, names: unknown, known: object): void {
  const valid =
    Array.isArray(names) &&
    names.every((name) => typeof name === 'string' && Object.hasOwn(known, name));
  if (valid) return;
  throw invalidArgument(
    'ERR_INVALID_ARG_VALUE',
    `The property "options.${option}" must be an array of ${Object.keys(known).join(', ')}`,
  );
}
