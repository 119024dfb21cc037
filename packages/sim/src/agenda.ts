/** What is to happen at a time: a heap of events, earliest first, in order of entry where times are the same. */

/** An event of an {@link Agenda}. */
export class AgendaEvent {
  /** Its place in the heap; -1 when it is not in it. */
  place = -1;

  constructor(
    readonly time: number,
    readonly order: number,
    readonly run: () => void,
  ) {}
}

const before = (a: AgendaEvent, b: AgendaEvent): boolean =>
  a.time < b.time || (a.time === b.time && a.order < b.order);

/** Events by time. */
export class Agenda {
  readonly #heap: AgendaEvent[] = [];
  #count = 0;

  /** How many events are to come. */
  get size(): number {
    return this.#heap.length;
  }

  /** The earliest event. */
  get first(): AgendaEvent | undefined {
    return this.#heap[0];
  }

  /** Adds an event at a time, in milliseconds. */
  add(time: number, run: () => void): AgendaEvent {
    const event = new AgendaEvent(time, this.#count++, run);
    this.#heap.push(event);
    this.#up(this.#heap.length - 1, event);
    return event;
  }

  /** Takes an event out; does nothing for one that is not in it. */
  remove(event: AgendaEvent): void {
    const { place } = event;
    if (place < 0) return;
    event.place = -1;
    const last = this.#heap.pop() as AgendaEvent;
    if (last === event) return;
    const parent = this.#heap[(place - 1) >> 1];
    if (place > 0 && parent !== undefined && before(last, parent)) this.#up(place, last);
    else this.#down(place, last);
  }

  /** Takes the earliest event out. */
  shift(): AgendaEvent | undefined {
    const event = this.#heap[0];
    if (event !== undefined) this.remove(event);
    return event;
  }

  #up(from: number, event: AgendaEvent): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above] as AgendaEvent;
      if (!before(event, parent)) break;
      this.#put(place, parent);
      place = above;
    }
    this.#put(place, event);
  }

  #down(from: number, event: AgendaEvent): void {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.#heap.length) break;
      const right = this.#heap[below + 1];
      if (right !== undefined && before(right, this.#heap[below] as AgendaEvent)) below += 1;
      const child = this.#heap[below] as AgendaEvent;
      if (!before(child, event)) break;
      this.#put(place, child);
      place = below;
    }
    this.#put(place, event);
  }

  #put(place: number, event: AgendaEvent): void {
    this.#heap[place] = event;
    event.place = place;
  }
}
