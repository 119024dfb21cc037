import { ByteQueue } from './byte-queue.js';
import { type Segment, TcpFlag } from './packet.js';
import type { TcpOptions } from './tcp-options.js';

/** The receiving half of a TCP connection: what came in order, what came too early, and the window (RFC 9293). */
export class TcpReceiver {
  /** What the program has not read yet. */
  readonly bytes = new ByteQueue();
  /** The sequence number that comes next. */
  expected = 0;
  /** The peer sends no more. */
  finished = false;
  /** Nobody reads any more: what comes is acknowledged and thrown away. */
  discards = false;
  readonly #options: TcpOptions;
  /** Segments beyond a gap, by their sequence numbers. */
  #early: Segment[] = [];
  #earlyBytes = 0;
  #announced = 0;
  /** The end of the largest window that was announced. */
  #edge = 0;

  constructor(options: TcpOptions) {
    this.#options = options;
  }

  /** The window to announce, in bytes. */
  get window(): number {
    const free = this.#options.receiveBuffer - this.bytes.length - this.#earlyBytes;
    // What was announced stands, though the buffer became smaller: RFC 9293, section 3.8.6.
    return Math.max(0, free, this.#edge - this.expected - this.#earlyBytes);
  }

  /** The window, which the peer is told now. */
  announce(): number {
    this.#announced = this.window;
    this.#edge = Math.max(this.#edge, this.expected + this.#announced);
    return this.#announced;
  }

  /** Whether the peer has to hear of room that it may be waiting for: RFC 9293, section 3.8.6.2.2. */
  opens(mss: number): boolean {
    const most = this.#options.receiveBuffer;
    if (this.#announced > most / 2) return false;
    return this.window - this.#announced >= Math.min(mss, most / 2);
  }

  /** Takes a segment. Returns whether the program has more to read now. */
  take(segment: Segment): boolean {
    if (segment.sequence > this.expected) {
      this.#keepEarly(segment);
      return false;
    }
    if (!this.#append(segment)) return false;
    for (let first = this.#early[0]; first !== undefined; first = this.#early[0]) {
      if (first.sequence > this.expected) break;
      this.#early.shift();
      this.#earlyBytes -= first.data.length;
      this.#append(first);
    }
    return true;
  }

  /** Drops what came too early: no gap will be filled. */
  forgetEarly(): void {
    this.#early = [];
    this.#earlyBytes = 0;
  }

  #keepEarly(segment: Segment): void {
    if (segment.data.length > this.window) return;
    if (this.#early.some((other) => other.sequence === segment.sequence)) return;
    this.#early.push(segment);
    this.#earlyBytes += segment.data.length;
    this.#early.sort((a, b) => a.sequence - b.sequence);
  }

  /** Takes what is new of a segment. Returns false when nothing is new, or there is no room for it. */
  #append({ sequence, data, flags }: Segment): boolean {
    const skip = this.expected - sequence;
    let taken = false;
    if (data.length > skip) {
      const fresh = skip === 0 ? data : data.subarray(skip);
      const room = Math.max(
        this.#options.receiveBuffer - this.bytes.length,
        this.#edge - this.expected,
      );
      if (fresh.length > room) {
        // A probe of a closed window.
        if (room <= 0) return false;
        this.#keep(fresh.subarray(0, room));
        return true;
      }
      this.#keep(fresh);
      taken = true;
    }
    if ((flags & TcpFlag.FIN) !== 0 && this.expected === sequence + data.length) {
      this.expected += 1;
      this.finished = true;
      taken = true;
    }
    return taken;
  }

  #keep(data: Uint8Array): void {
    this.expected += data.length;
    if (!this.discards) this.bytes.push(data);
  }
}
