/** Hosts with good and bad addresses, drawn by a seed, and the time at which RFC 8305 connects to them. */

/** What becomes of an attempt to connect to an address. */
export type Fate =
  /** Connects after so many milliseconds. */
  | { readonly kind: 'answers'; readonly after: number }
  /** Refuses after so many milliseconds. */
  | { readonly kind: 'refuses'; readonly after: number }
  /** Never answers. */
  | { readonly kind: 'black hole' }
  /** There is no way to it: connect(2) fails at once. */
  | { readonly kind: 'unreachable' };

export interface ScenarioAddress {
  readonly family: 4 | 6;
  readonly address: string;
  readonly fate: Fate;
}

/** A look-up of one family. */
export interface ScenarioAnswer {
  readonly after: number;
  readonly addresses: readonly ScenarioAddress[];
}

export interface Scenario {
  readonly seed: number;
  readonly v6: ScenarioAnswer;
  readonly v4: ScenarioAnswer;
  readonly attemptDelay: number;
  /** In milliseconds, of the whole connect. */
  readonly timeout: number;
}

/** How a scenario ends: connected, or failed because all attempts did, or because time was up. */
export interface Outcome {
  readonly kind: 'connected' | 'failed' | 'timed out';
  readonly at: number;
  /** The longest time by which a timer of the process was late, in milliseconds: the machine was busy. */
  readonly held?: number;
}

/** RFC 8305, section 8. */
const RESOLUTION_DELAY = 50;

/** Mulberry32: numbers from 0 to 1 that a seed decides. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Draws a scenario.
 * @param addressOf the n-th address of a family
 * @param coarse the unit of all times, in milliseconds: real clocks need times that are well apart
 */
export function draw(
  seed: number,
  addressOf: (family: 4 | 6, index: number) => string,
  coarse = 1,
): Scenario {
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const time = (most: number): number => Math.max(1, Math.round(below(most) / coarse)) * coarse;
  const fate = (): Fate => {
    const kind = below(10);
    if (kind < 3) return { kind: 'answers', after: time(random() < 0.3 ? 600 : 80) };
    if (kind < 5) return { kind: 'refuses', after: time(random() < 0.3 ? 400 : 40) };
    return { kind: kind < 8 ? 'black hole' : 'unreachable' };
  };
  const answer = (family: 4 | 6): ScenarioAnswer => ({
    after: time(random() < 0.3 ? 200 : 30),
    addresses: Array.from({ length: below(4) }, (_, index) => ({
      family,
      address: addressOf(family, index),
      fate: fate(),
    })),
  });
  const attemptDelay = [100, 250, 250, 400][below(4)] as number;
  return { seed, v6: answer(6), v4: answer(4), attemptDelay, timeout: 3000 };
}

/**
 * When the scenario ends by RFC 8305, worked out millisecond by millisecond from its text and with none of the
 * connector's code. Addresses that cannot be reached come last (RFC 6724, rule 1), IPv6 before IPv4 (rule 6).
 */
export function ideal({ v6, v4, attemptDelay, timeout }: Scenario): Outcome {
  const untried: ScenarioAddress[] = [];
  const running: { readonly at: number; readonly ends: number; readonly good: boolean }[] = [];
  let last: 4 | 6 | undefined;
  let lastStart = -Infinity;
  let open = false;
  for (let now = 0; now < timeout; now++) {
    for (const { after, addresses } of [v6, v4]) if (after === now) untried.push(...addresses);
    const rankOf = ({ family, fate }: ScenarioAddress): number =>
      (fate.kind === 'unreachable' ? 2 : 0) + (family === 4 ? 1 : 0);
    untried.sort((one, other) => rankOf(one) - rankOf(other));

    let failed = false;
    for (const [index, attempt] of [...running].entries()) {
      if (attempt.ends !== now) continue;
      if (attempt.good) return { kind: 'connected', at: now };
      failed = true;
      running[index] = { ...attempt, ends: -1 };
    }
    for (let index = running.length; index-- > 0;) {
      if (running[index]?.ends === -1) running.splice(index, 1);
    }

    const [has6, has4] = [now >= v6.after, now >= v4.after];
    open ||=
      (has6 && v6.addresses.length > 0) ||
      (has6 && has4) ||
      (v4.addresses.length > 0 && now >= v4.after + RESOLUTION_DELAY);
    if (!open) continue;
    while (
      untried.length > 0 &&
      (failed || running.length === 0 || now >= lastStart + attemptDelay)
    ) {
      const other = untried.findIndex(({ family }) => family !== last);
      const [next] = untried.splice(last === undefined || other < 0 ? 0 : other, 1);
      const { family, fate } = next as ScenarioAddress;
      last = family;
      lastStart = now;
      failed = fate.kind === 'unreachable';
      if (fate.kind === 'unreachable') continue;
      const ends = fate.kind === 'black hole' ? Infinity : now + fate.after;
      running.push({ at: now, ends, good: fate.kind === 'answers' });
    }
    if (untried.length === 0 && running.length === 0 && has6 && has4) {
      return { kind: 'failed', at: now };
    }
  }
  return { kind: 'timed out', at: timeout };
}

/** How late anything may happen on a busy machine, in milliseconds. */
const SLACK = 25;

/**
 * Whether the end of a scenario stays about the same if one of its events is a little late. Where a few milliseconds decide
 * which address is tried next, real sockets say nothing about the connector.
 */
export function isSteady(scenario: Scenario): boolean {
  const { kind, at } = ideal(scenario);
  const same = (other: Scenario): boolean => {
    const end = ideal(other);
    return end.kind === kind && Math.abs(end.at - at) <= SLACK;
  };
  const late = (answer: ScenarioAnswer, index: number): ScenarioAnswer => ({
    ...answer,
    addresses: answer.addresses.map((address, position) => {
      const { fate } = address;
      if (position !== index || !('after' in fate)) return address;
      return { ...address, fate: { ...fate, after: fate.after + SLACK } };
    }),
  });
  for (const family of ['v6', 'v4'] as const) {
    const answer = scenario[family];
    if (!same({ ...scenario, [family]: { ...answer, after: answer.after + SLACK } })) return false;
    for (const index of answer.addresses.keys()) {
      if (!same({ ...scenario, [family]: late(answer, index) })) return false;
    }
  }
  return true;
}
