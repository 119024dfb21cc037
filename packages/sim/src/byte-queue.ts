import { Queue } from './queue.js';
import { scatter } from './sim-socket.js';

/** Bytes in their order, kept as the chunks they came in. */
export class ByteQueue {
  readonly #chunks = new Queue<Uint8Array>();
  #length = 0;

  /** How many bytes it holds. */
  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  clear(): void {
    this.#chunks.clear();
    this.#length = 0;
  }

  /** Removes and returns the first bytes: `most`, or all when there are fewer. */
  take(most: number): Uint8Array {
    const first = this.#chunks.first as Uint8Array;
    if (first.length >= most || this.#chunks.length === 1) return this.#takeFirst(most);
    const data = new Uint8Array(Math.min(most, this.#length));
    for (let at = 0; at < data.length;) {
      const part = this.#takeFirst(data.length - at);
      data.set(part, at);
      at += part.length;
    }
    return data;
  }

  /** Removes and returns at most so many bytes of the first chunk. */
  #takeFirst(most: number): Uint8Array {
    const first = this.#chunks.first as Uint8Array;
    const part = first.length <= most ? first : first.subarray(0, most);
    if (part === first) this.#chunks.shift();
    else this.#chunks.first = first.subarray(most);
    this.#length -= part.length;
    return part;
  }

  /**
   * Removes the first bytes and copies them into buffers.
   * @param start where in the buffers
   * @param most how many bytes
   * @param copies false to remove them only
   * @returns where in the buffers the bytes end
   */
  read(buffers: readonly Uint8Array[], start: number, most: number, copies: boolean): number {
    let at = start;
    const end = start + most;
    while (at < end && this.#length > 0) {
      const part = this.#takeFirst(end - at);
      if (copies) scatter(part, buffers, at);
      at += part.length;
    }
    return at;
  }

  /** As {@link read}, and removes nothing. */
  peek(buffers: readonly Uint8Array[], start: number, most: number, copies: boolean): number {
    let at = start;
    const end = start + most;
    for (const chunk of this.#chunks) {
      if (at >= end) break;
      const part = chunk.subarray(0, end - at);
      if (copies) scatter(part, buffers, at);
      at += part.length;
    }
    return at;
  }
}
