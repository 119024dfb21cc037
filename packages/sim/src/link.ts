/** The way from one host to another: when a packet arrives, if it does. */
import type { LinkConditions } from './fault.js';
import type { Faults } from './faults.js';
import type { Host } from './host.js';
import { Random } from './random.js';

/** The largest packet of an Ethernet. */
export const DEFAULT_MTU = 1500;
/** How much longer a packet takes that others overtake, as a multiple of latency and jitter, and at least so many ms. */
const OVERTAKEN = 2;
const OVERTAKEN_LEAST = 1;

/** When a packet arrives: in how many milliseconds from now; twice where it is duplicated. */
export interface Passage {
  readonly lost: 'lost' | 'partition' | undefined;
  readonly delay: number;
  readonly again: number | undefined;
}

/** One direction between two hosts. */
export class Link {
  readonly #random: Random;
  #version = -1;
  #partitioned = false;
  #conditions: LinkConditions = {};
  #own: LinkConditions = {};
  /** When the last packet that keeps its place arrives. */
  #last = 0;
  /** When the last packet has left, where there is a bandwidth. */
  #busy = 0;

  constructor(
    readonly from: Host,
    readonly to: Host,
    private readonly defaults: LinkConditions,
    private readonly faults: Faults,
    seed: number,
  ) {
    this.#random = new Random(seed, `${from.name}>${to.name}`);
  }

  /** Sets conditions of this direction; those left out stay. */
  set(conditions: LinkConditions): void {
    this.#own = { ...this.#own, ...conditions };
    this.#version = -1;
  }

  get conditions(): LinkConditions {
    this.#refresh();
    return this.#conditions;
  }

  get mtu(): number {
    return this.conditions.mtu ?? DEFAULT_MTU;
  }

  #refresh(): void {
    const { version } = this.faults;
    if (this.#version === version) return;
    this.#version = version;
    this.#partitioned = this.faults.isPartitioned(this.from, this.to);
    const ofFaults = this.faults.conditions(this.from, this.to);
    this.#conditions = { ...this.defaults, ...this.#own, ...ofFaults };
  }

  /** Takes a packet of so many bytes. */
  pass(now: number, size: number, index: number): Passage {
    this.#refresh();
    const random = this.#random;
    const {
      latency = 0,
      jitter = 0,
      loss = 0,
      duplicate = 0,
      reorder = 0,
      bandwidth = 0,
    } = this.#conditions;
    const ofPacket = this.faults.ofPacket(index);
    let leaves = now;
    if (bandwidth > 0) {
      leaves = Math.max(now, this.#busy) + (size * 1000) / bandwidth;
      this.#busy = leaves;
    }
    let lost: Passage['lost'];
    if (random.chance(loss)) lost = 'lost';
    let arrives = leaves + latency + (jitter > 0 ? random.next() * jitter : 0);
    let again = random.chance(duplicate) ? arrives + latency : undefined;
    let overtaken = 0;
    if (random.chance(reorder)) {
      overtaken = OVERTAKEN_LEAST + random.next() * OVERTAKEN * (latency + jitter);
    }
    for (const fault of ofPacket ?? []) {
      if (fault.kind === 'drop') lost = 'lost';
      else if (fault.kind === 'duplicate') again = arrives + latency;
      else overtaken += fault.by;
    }
    if (this.#partitioned) lost = 'partition';
    if (overtaken > 0) {
      arrives += overtaken;
    } else {
      arrives = Math.max(arrives, this.#last);
      this.#last = arrives;
    }
    return { lost, delay: arrives - now, again: again === undefined ? undefined : again - now };
  }
}
