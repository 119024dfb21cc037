/** The delays of {@link SendDelay}, in milliseconds. */
const FIRST = 1;
const LAST = 50;

/**
 * How long to wait before a send is tried again. Usually not at all: the system says when there is room.
 * A full receiver of unix datagrams is different: the sending socket counts as writable, and the system has
 * no event for the receiver's room. Such waits get longer, up to 50 ms, so that the process rests.
 */
export class SendDelay {
  #woken = false;
  #delay = 0;

  /** To call when the wait for room has ended. */
  woken(): void {
    this.#woken = true;
  }

  /** To call when a send went through. */
  sent(): void {
    this.#woken = false;
    this.#delay = 0;
  }

  /** To call when a send found no room. @returns milliseconds to wait; 0 to wait for the system's event */
  next(): number {
    if (this.#woken) this.#delay = Math.min(LAST, this.#delay * 2 || FIRST);
    return this.#delay;
  }
}
