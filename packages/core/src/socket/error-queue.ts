/** What the network reports of datagrams that had left, from the error queue of a socket: IP_RECVERR. */
import type { SockAddr } from '../address.js';
import { Domain } from '../constants.js';
import { SockError } from '../errors.js';
import type { Socket } from '../socket.js';
import type { DatagramReport } from './datagram-endpoint.js';

/** Errors read at once. More stay in the queue for the next time. */
const MOST = 64;
/** Path MTUs remembered, the oldest forgotten first. */
const PATHS = 1024;

/** The error queue of a UDP socket. */
export class ErrorQueue {
  readonly #socket: Socket;
  readonly #report: (report: DatagramReport) => void;
  readonly #ERRQUEUE: number | undefined;
  /** MSG_TRUNC of the backend. */
  readonly TRUNC: number;
  readonly #room = { buffers: [new Uint8Array(64)], control: 512 };
  readonly #mtus = new Map<string, number>();
  #isOpen = false;

  constructor(socket: Socket, report: (report: DatagramReport) => void) {
    this.#socket = socket;
    this.#report = report;
    const { constants } = socket.driver;
    this.#ERRQUEUE = constants['MSG_ERRQUEUE'];
    this.TRUNC = constants['MSG_TRUNC'] ?? 0;
  }

  /** Has the system fill the queue. Returns whether it does. */
  open(): boolean {
    const socket = this.#socket;
    const can = (name: string): boolean => socket.supports(name).level !== 'unsupported';
    if (this.#ERRQUEUE === undefined || !can('recvmsg')) return false;
    const domain = socket.domain();
    if (domain !== Domain.IPV4 && domain !== Domain.IPV6) return false;
    const ipv6 = domain === Domain.IPV6;
    const needed = ipv6 ? ['setRecvErrV4', 'setRecvErrV6'] : ['setRecvErrV4'];
    if (!needed.every(can)) return false;
    if (ipv6) socket.setRecvErrV6(true);
    // A dual-stack socket has errors of IPv4 as well. On one that is not, the option does nothing.
    socket.setRecvErrV4(true);
    this.#isOpen = true;
    return true;
  }

  /**
   * Whether the error of a call was of a datagram that had left. It is reported then, and the call may be made again.
   */
  take(error: SockError): boolean {
    if (this.drain() > 0) return true;
    // No send of a datagram fails by itself with this: a peer refused an earlier one. RFC 1122, 4.1.3.3
    if (error.code !== 'ECONNREFUSED') return false;
    this.#report({ error, address: undefined, origin: 'socket', mtu: undefined });
    return true;
  }

  /** Reads what is in the queue. Returns how many errors were of datagrams that had left. */
  drain(): number {
    if (!this.#isOpen) return 0;
    let reports = 0;
    for (let i = 0; i < MOST; i++) {
      const message = this.#next();
      if (message === undefined) break;
      const { address } = message;
      for (const part of message.control) {
        if (part.kind !== 'error') continue;
        const { error, origin, info } = part;
        const mtu = error.code === 'EMSGSIZE' && info > 0 ? info : undefined;
        if (mtu !== undefined && address !== null) this.#remember(address, mtu);
        // The call that sent the datagram already failed with a local error.
        if (origin === 'local') continue;
        reports++;
        this.#report({ error, address: address ?? undefined, origin, mtu });
      }
    }
    return reports;
  }

  #next(): ReturnType<Socket['recvmsg']> | undefined {
    try {
      return this.#socket.tryRecvmsg(this.#room, this.#ERRQUEUE) as
        | ReturnType<Socket['recvmsg']>
        | undefined;
    } catch (error) {
      if (error instanceof SockError && error.code !== 'EBADF') return undefined;
      throw error;
    }
  }

  #remember(address: SockAddr, mtu: number): void {
    const { address: key } = address;
    this.#mtus.delete(key);
    if (this.#mtus.size >= PATHS) {
      const [oldest] = this.#mtus.keys();
      this.#mtus.delete(oldest as string);
    }
    this.#mtus.set(key, mtu);
  }

  /** The path MTU that was reported last for an address. */
  mtu(address: SockAddr): number | undefined {
    return this.#mtus.get(address.address);
  }
}
