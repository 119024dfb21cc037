/** So many of something in a second: a bucket that fills evenly and holds what a second brings. */
export class Rate {
  #level: number;
  #last: number;

  /** @param perSecond may be `Infinity` */
  constructor(
    readonly perSecond: number,
    private readonly now: () => number,
  ) {
    this.#level = perSecond;
    this.#last = now();
  }

  /** How much may be taken now: less than nothing after more was taken than was there. */
  get level(): number {
    if (this.perSecond === Infinity) return Infinity;
    const time = this.now();
    const earned = ((time - this.#last) * this.perSecond) / 1000;
    this.#last = time;
    this.#level = Math.min(this.perSecond, this.#level + earned);
    return this.#level;
  }

  /** Milliseconds until something may be taken. */
  get wait(): number {
    const { level } = this;
    return level >= 1 ? 0 : Math.ceil(((1 - level) * 1000) / this.perSecond);
  }

  take(amount: number): void {
    if (this.perSecond !== Infinity) this.#level = this.level - amount;
  }
}
