/** What metrics are, in the terms of OpenTelemetry, and how they add up over the sockets of a process. */

/** The dimensions of one value: names of OpenTelemetry's attributes, such as `network.transport`. */
export type Attributes = Readonly<Record<string, string>>;

/** A value of a counter or a gauge. */
export interface NumberPoint {
  readonly attributes: Attributes;
  readonly value: number;
}

/** How many observations were at most so large, from the start on. */
export interface HistogramPoint {
  readonly attributes: Attributes;
  readonly count: number;
  readonly sum: number;
  /** Cumulative: each bucket has the observations of those before. `Infinity` is left out, as it is `count`. */
  readonly buckets: readonly { readonly atMost: number; readonly count: number }[];
}

/** One metric at one moment. */
export type Metric = {
  /** As OpenTelemetry writes names: `sock.tcp.rtt`. */
  readonly name: string;
  readonly description: string;
  /** A unit of UCUM, as in OpenTelemetry: `By`, `s`, `{connection}`. */
  readonly unit: string;
} & (
  | {
      /** A counter only grows. A gauge goes up and down; its points may be summed, as an UpDownCounter's. */
      readonly kind: 'counter' | 'gauge';
      readonly points: readonly NumberPoint[];
    }
  | { readonly kind: 'histogram'; readonly points: readonly HistogramPoint[] }
);

/** The metrics of a process at one moment. */
export interface MetricsSnapshot {
  /** When counting began and when this was read, in milliseconds since 1970. */
  readonly startTime: number;
  readonly time: number;
  readonly metrics: readonly Metric[];
}

/** A sum of numbers for each combination of attributes. */
export class Sums {
  readonly #points = new Map<string, { readonly attributes: Attributes; value: number }>();

  add(attributes: Attributes, value: number): void {
    const key = JSON.stringify(attributes);
    const point = this.#points.get(key);
    if (point === undefined) this.#points.set(key, { attributes, value });
    else point.value += value;
  }

  points(): NumberPoint[] {
    return Array.from(this.#points.values(), ({ attributes, value }) => ({ attributes, value }));
  }
}

/** The upper bounds of the buckets of round-trip times, in seconds: from loopback to a satellite. */
const BOUNDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

/** The distribution of the values that were observed. */
export class Distribution {
  readonly #counts = BOUNDS.map(() => 0);
  #count = 0;
  #sum = 0;

  observe(value: number): void {
    this.#count++;
    this.#sum += value;
    const index = BOUNDS.findIndex((bound) => value <= bound);
    if (index >= 0) this.#counts[index] = (this.#counts[index] as number) + 1;
  }

  point(): HistogramPoint {
    let count = 0;
    const buckets = BOUNDS.map((atMost, index) => {
      count += this.#counts[index] as number;
      return { atMost, count };
    });
    return { attributes: {}, count: this.#count, sum: this.#sum, buckets };
  }
}
