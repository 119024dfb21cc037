/** The summary that ping(8) prints at the end. */
export class Statistics {
  readonly #began = performance.now();
  #least = Infinity;
  #most = 0;
  #sum = 0;
  #sumOfSquares = 0;
  transmitted = 0;
  received = 0;
  duplicates = 0;
  errors = 0;

  /** Counts a reply with its round trip in milliseconds. */
  add(time: number): void {
    this.received += 1;
    this.#least = Math.min(this.#least, time);
    this.#most = Math.max(this.#most, time);
    this.#sum += time;
    this.#sumOfSquares += time * time;
  }

  toString(): string {
    const { transmitted, received, duplicates, errors } = this;
    const loss = transmitted === 0 ? 0 : ((transmitted - received) / transmitted) * 100;
    const counts = [
      `${transmitted} packets transmitted`,
      `${received} received`,
      ...(duplicates > 0 ? [`+${duplicates} duplicates`] : []),
      ...(errors > 0 ? [`+${errors} errors`] : []),
      `${Number(loss.toPrecision(6))}% packet loss`,
      `time ${Math.round(performance.now() - this.#began)}ms`,
    ].join(', ');
    return received === 0 ? counts : `${counts}\n${this.#roundTrips()}`;
  }

  #roundTrips(): string {
    const mean = this.#sum / this.received;
    const deviation = Math.sqrt(Math.max(0, this.#sumOfSquares / this.received - mean * mean));
    const figures = [this.#least, mean, this.#most, deviation].map((time) => time.toFixed(3));
    return `rtt min/avg/max/mdev = ${figures.join('/')} ms`;
  }
}
