import type { Socket } from '@sock/native';
import { printable } from '../printable.js';

/** The longest line, in bytes. A client that sends a longer one is no chat client. */
const LONGEST_LINE = 4096;
/** The most bytes that wait for a client. A client that reads too slowly must not fill the memory of the server. */
const MOST_WAITING = 256 * 1024;

/** A client of the chat. */
export class Member {
  readonly #socket: Socket;
  #waiting = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNodelay(true);
    // A client whose machine is gone sends nothing, not even an end: the system finds out within 50 seconds.
    socket.setTcpKeepalive({ time: 30_000, interval: 5000, retries: 4 });
  }

  /** Sends a line. Does not wait: lines leave in their order, as fast as the client reads. */
  say(text: string): void {
    if (this.#socket.closed) return;
    const bytes = new TextEncoder().encode(`${text}\n`);
    this.#waiting += bytes.length;
    if (this.#waiting > MOST_WAITING) {
      // Its lines end by this, and then its member leaves.
      this.#socket.close();
      return;
    }
    this.#socket.sendAllAsync(bytes).then(
      () => {
        this.#waiting -= bytes.length;
      },
      () => this.#socket.close(),
    );
  }

  /** The lines that the client sends, without the ends of lines and without control characters. */
  async *lines(signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const buffer = new Uint8Array(LONGEST_LINE);
    let length = 0;
    for (;;) {
      const received = await this.#socket.recvAsync(buffer.subarray(length), { signal });
      if (received === 0) return;
      length += received;
      let start = 0;
      for (let end; (end = buffer.subarray(0, length).indexOf(10, start)) >= 0; start = end + 1) {
        const text = new TextDecoder().decode(buffer.subarray(start, end)).trim();
        if (text !== '') yield printable(text);
      }
      buffer.copyWithin(0, start, length);
      length -= start;
      if (length === buffer.length) throw new Error(`a line is longer than ${LONGEST_LINE} bytes`);
    }
  }
}
