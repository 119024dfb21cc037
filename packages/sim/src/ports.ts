/** The ports of one protocol on one host: who is bound where. */
import type { Ip } from './ip.js';
import { errors } from './numbers.js';
import type { SimSocket } from './sim-socket.js';

/** Linux's net.ipv4.ip_local_port_range. */
const FIRST = 32_768;
const LAST = 60_999;

/** A socket that a port may have. */
export interface PortHolder extends SimSocket {
  readonly localIp: Ip;
  /** The connection is in TIME_WAIT, or the like: sockets that reuse the address may bind over it. */
  readonly yields: boolean;
}

/** Whether packets of one address family could be for both. */
function overlap(one: PortHolder, ip: Ip, other: PortHolder): boolean {
  const [a, b] = [ip, other.localIp];
  const covers = (any: Ip, of: PortHolder, it: Ip): boolean =>
    any.isAny && (any.family === it.family || (any.family === 6 && !of.options.onlyV6));
  return a === b || covers(a, one, b) || covers(b, other, a);
}

/** The bound sockets by port. */
export class Ports<T extends PortHolder> {
  readonly #bound = new Map<number, Set<T>>();
  #next: number;

  /** @param start where the search for free ports begins, any integer */
  constructor(start: number) {
    this.#next = FIRST + (start % (LAST - FIRST + 1));
  }

  at(port: number): ReadonlySet<T> | undefined {
    return this.#bound.get(port);
  }

  clear(): void {
    this.#bound.clear();
  }

  *all(): Generator<T> {
    for (const sockets of this.#bound.values()) yield* sockets;
  }

  add(port: number, socket: T): void {
    const sockets = this.#bound.get(port);
    if (sockets === undefined) this.#bound.set(port, new Set([socket]));
    else sockets.add(socket);
  }

  remove(port: number, socket: T): void {
    const sockets = this.#bound.get(port);
    if (sockets === undefined) return;
    sockets.delete(socket);
    if (sockets.size === 0) this.#bound.delete(port);
  }

  /** Whether a socket may bind to an address: 0, or a negative error number. */
  check(socket: T, ip: Ip, port: number): number {
    for (const other of this.#bound.get(port) ?? []) {
      if (other === socket || !overlap(socket, ip, other)) continue;
      const { options } = socket;
      if (options.reusePort && other.options.reusePort) continue;
      if (options.reuseAddress && other.options.reuseAddress && other.yields) continue;
      return -errors.EADDRINUSE;
    }
    return 0;
  }

  /** A free port, or a negative error number. */
  choose(isFree: (port: number) => boolean = (port) => !this.#bound.has(port)): number {
    for (let tries = LAST - FIRST; tries >= 0; tries--) {
      const port = this.#next;
      this.#next = port === LAST ? FIRST : port + 1;
      if (isFree(port)) return port;
    }
    return -errors.EADDRNOTAVAIL;
  }
}
