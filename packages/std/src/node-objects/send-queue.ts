import type { SockAddr, SockError, Socket } from '@sock/core';
import { uvError, uvNumber } from '../node-errors.js';
import { SendDelay } from './send-delay.js';
import type { SocketWaits } from './socket-waits.js';

/** A message to send. */
export interface QueuedMessage {
  readonly bytes: Uint8Array;
  /** Left out on a connected socket. */
  readonly to: SockAddr | undefined;
  /** Called with 0 or libuv's number of the error, and the bytes sent. */
  readonly done: ((status: number, sent: number) => void) | undefined;
}

/** The messages of a socket that wait for room. They go out in the order of the calls. */
export class SendQueue {
  readonly #waits: SocketWaits;
  readonly #explain: (code: string | undefined) => void;
  readonly #queue: QueuedMessage[] = [];
  readonly #delay = new SendDelay();
  #bytes = 0;

  /** @param explain called with the code of a send's error, or without one when there was no room after a wait */
  constructor(waits: SocketWaits, explain: (code: string | undefined) => void) {
    this.#waits = waits;
    this.#explain = explain;
  }

  /** How many messages wait. */
  get count(): number {
    return this.#queue.length;
  }

  /** How many bytes they have. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Sends at once if nothing waits and there is room.
   * @returns the bytes sent; `undefined` if the message waits, and `done` will be called
   * @throws {SockError} as `trySend`
   */
  send(socket: Socket, message: QueuedMessage): number | undefined {
    if (this.#queue.length === 0) {
      const sent = this.#trySend(socket, message);
      if (sent !== undefined) return sent;
    }
    this.#queue.push(message);
    this.#bytes += message.bytes.length;
    if (this.#queue.length === 1) this.#awaitRoom(socket);
    return undefined;
  }

  #trySend(socket: Socket, { bytes, to }: QueuedMessage): number | undefined {
    try {
      const sent = to === undefined ? socket.trySend(bytes) : socket.trySendTo(bytes, to);
      if (sent !== undefined) this.#delay.sent();
      return sent;
    } catch (error) {
      this.#explain((error as SockError).code);
      throw error;
    }
  }

  #awaitRoom(socket: Socket): void {
    const woken = (): void => {
      this.#delay.woken();
      this.#flush(socket);
    };
    this.#waits.whenWritable(woken, woken, this.#delay.next());
  }

  #flush(socket: Socket): void {
    while (!socket.closed) {
      const [message] = this.#queue;
      if (message === undefined) return;
      let status = 0;
      let sent: number | undefined;
      try {
        sent = this.#trySend(socket, message);
      } catch (error) {
        status = uvError(error);
      }
      if (sent === undefined && status === 0) {
        this.#explain(undefined);
        if (!socket.closed) this.#awaitRoom(socket);
        return;
      }
      this.#complete(status, sent ?? 0);
    }
  }

  #complete(status: number, sent: number): void {
    const { bytes, done } = this.#queue.shift() as QueuedMessage;
    this.#bytes -= bytes.length;
    if (done !== undefined) process.nextTick(done, status, sent);
  }

  /** Ends every send that waits: ECANCELED, as libuv does when a handle is closed. */
  cancel(): void {
    while (this.#queue.length > 0) this.#complete(uvNumber('ECANCELED'), 0);
  }
}
