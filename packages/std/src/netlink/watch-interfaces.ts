/** Network interfaces and addresses that come and go: rtnetlink(7). */
import type { SockAddr, SockError, Socket, WaitSignal } from '@sock/core';
import type { SocketClass } from '../native-backend.js';
import { invalidArgument } from '../node-errors.js';
import { SocketWaits } from '../node-objects/socket-waits.js';
import { checkWaitOptions } from '../wait-options.js';
import { isKernel, messagesIn, netlinkSocket, ROOM } from './netlink-message.js';
import { changeOf, type InterfaceChange, NETLINK_ROUTE } from './route-message.js';

/** RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR. */
const GROUPS = [1, 5, 9];

/** Options of {@link watchInterfaces}. */
export interface WatchInterfacesOptions {
  /** Ends the iteration without an error. */
  readonly signal?: WaitSignal | undefined;
  /** Whether the wait for a change keeps the process alive. Default: `true`. */
  readonly ref?: boolean | undefined;
  /** The class of the netlink socket. Default: that of @sock/native. */
  readonly Socket?: SocketClass | undefined;
}

/**
 * Iterates over the changes of this system's network interfaces and of their addresses. It subscribes in this call, and
 * not in the first turn of the loop, so a list that is made after the call misses no change. It ends with the signal, or
 * when the loop is left.
 *
 * @param options.signal ends the iteration without an error
 * @param options.ref `false` lets the process end while the iteration waits
 * @returns what `for await` takes: a link or an address each time, or `overrun` when changes were lost
 * @throws {SockError} `ERR_SOCK_UNSUPPORTED` on other systems than Linux; EMFILE
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`
 * @see rtnetlink(7)
 *
 * @example
 * for await (const change of watchInterfaces({ signal })) {
 *   if (change.kind === 'address' && !change.gone) console.log(`new: ${change.address}`);
 * }
 */
export function watchInterfaces(
  options: WatchInterfacesOptions = {},
): AsyncGenerator<InterfaceChange, void, undefined> {
  checkWaitOptions(options);
  const { signal, ref = true } = options;
  if (typeof ref !== 'boolean') {
    throw invalidArgument(
      'ERR_INVALID_ARG_TYPE',
      'The "options.ref" property must be of type boolean',
    );
  }
  const socket = netlinkSocket('watchInterfaces', NETLINK_ROUTE, options.Socket);
  try {
    for (const group of GROUPS) socket.addNetlinkMembership(group);
  } catch (error) {
    socket.close();
    throw error;
  }
  return new Changes(socket, signal, ref);
}

/**
 * The iteration. It is no generator alone: that one would not close the socket if it is left before it began, nor while
 * it waits.
 */
class Changes implements AsyncGenerator<InterfaceChange, void, undefined> {
  readonly #socket: Socket;
  readonly #signal: WaitSignal | undefined;
  readonly #waits: SocketWaits;
  readonly #generator: AsyncGenerator<InterfaceChange, void, undefined>;
  #isEnded = false;
  #wake: () => void = () => {};
  readonly #end = (): void => {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#signal?.removeEventListener('abort', this.#end);
    this.#waits.close();
    this.#socket.close();
    this.#wake();
  };

  constructor(socket: Socket, signal: WaitSignal | undefined, ref: boolean) {
    this.#socket = socket;
    this.#signal = signal;
    this.#waits = new SocketWaits(socket);
    if (!ref) this.#waits.unref();
    this.#generator = this.#changes();
    signal?.addEventListener('abort', this.#end);
    if (signal?.aborted === true) this.#end();
  }

  async *#changes(): AsyncGenerator<InterfaceChange, void, undefined> {
    try {
      const buffer = new Uint8Array(ROOM);
      while (!this.#isEnded) {
        let received: [length: number, sender: SockAddr] | undefined;
        try {
          received = this.#socket.tryRecvFrom(buffer);
        } catch (error) {
          if ((error as SockError).code !== 'ENOBUFS') throw error;
          this.#drop(buffer);
          yield { kind: 'overrun' };
          continue;
        }
        if (received === undefined) {
          await this.#readable();
          continue;
        }
        if (!isKernel(received[1])) continue;
        for (const message of messagesIn(buffer.subarray(0, received[0]))) {
          const change = changeOf(message);
          if (change !== undefined) yield change;
        }
      }
    } finally {
      this.#end();
    }
  }

  /**
   * Drops what is in the queue. Until it is empty the kernel loses further changes and does not report that again:
   * changes after the list that the caller makes would be missed.
   */
  #drop(buffer: Uint8Array): void {
    for (let left = true; left;) {
      try {
        left = this.#socket.tryRecvFrom(buffer) !== undefined;
      } catch (error) {
        if ((error as SockError).code !== 'ENOBUFS') throw error;
      }
    }
  }

  /** Waits until the socket is readable or the iteration ends. */
  #readable(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wake = resolve;
      this.#waits.whenReadable(resolve, reject);
    });
  }

  next(): Promise<IteratorResult<InterfaceChange, void>> {
    return this.#generator.next();
  }

  return(): Promise<IteratorResult<InterfaceChange, void>> {
    this.#end();
    return this.#generator.return();
  }

  throw(error: unknown): Promise<IteratorResult<InterfaceChange, void>> {
    this.#end();
    return this.#generator.throw(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
