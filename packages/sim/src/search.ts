/**
 * Looks for a seed and a schedule of faults under which a scenario fails, and shrinks the schedule with
 * fast-check to the smallest that still makes it fail.
 */
import fc from 'fast-check';
import type { CallName, Fault, FaultKind } from './fault.js';
import { formatFault } from './fault.js';
import { Network, type NetworkOptions } from './network.js';

/** A program to be tried: it makes its hosts, and throws when something is wrong. */
export type Scenario = (context: { readonly network: Network }) => void | Promise<void>;

/** Which faults a search draws. */
export interface FaultSpace {
  /**
   * Default: `drop`, `duplicate` and `delay` of single packets; where hosts are given also `partition`,
   * `refuse`, `reset` and `stopReading`. `crash`, `call`, `dns`, `skew`, `blackhole` and `link` by request only.
   */
  readonly kinds?: readonly FaultKind[];
  /** The names of the hosts that the faults are about. */
  readonly hosts?: readonly string[];
  /** Faults begin within so many milliseconds; default 10,000. They last as long at most. */
  readonly within?: number;
  /** The most faults of a schedule; default 8. */
  readonly most?: number;
  /** Packets with a smaller number than this may be lost, doubled or late; default 64. */
  readonly packets?: number;
  /** The calls that `call` has fail, and with what; default EINTR of a `recv` or `send`, EMFILE of an `accept`. */
  readonly calls?: readonly (readonly [call: CallName, error: string])[];
}

/** How a scenario is tried. What is left are conditions of the network. */
export interface SearchOptions extends Omit<NetworkOptions, 'seed' | 'faults'> {
  /** How many seeds are tried; default 1000. */
  readonly runs?: number;
  /** By which the seeds are chosen; the same one finds the same failure. Default 1. */
  readonly seed?: number;
  /** Default: single packets that are lost, doubled or late; `false`: none. */
  readonly faults?: FaultSpace | false;
  /** Virtual milliseconds that a run may take; default an hour. */
  readonly limit?: number;
}

/** All that a replay needs. */
export interface Replay {
  readonly seed: number;
  readonly faults: readonly Fault[];
}

/** A run that failed. */
export interface Failure extends Replay {
  readonly error: unknown;
  /** The run of the shortest schedule: its trace, its capture, ... */
  readonly network: Network;
  /** How many seeds were tried before it failed, that one included. */
  readonly runs: number;
  /** What to print. */
  readonly report: string;
}

const HOUR = 3_600_000;
const CALLS = [
  ['recv', 'EINTR'],
  ['send', 'EINTR'],
  ['accept', 'EMFILE'],
] as const;
const OF_PACKETS = ['drop', 'duplicate', 'delay'] as const;
const OF_HOSTS = ['partition', 'refuse', 'reset', 'stopReading'] as const;

type Arbitrary = fc.Arbitrary<Fault>;

/** Schedules of faults, as fast-check draws and shrinks them. */
export function faultSchedules(space: FaultSpace = {}): fc.Arbitrary<Fault[]> {
  const { hosts = [], within = 10_000, most = 8, packets = 64, calls = CALLS } = space;
  const kinds = space.kinds ?? (hosts.length > 0 ? [...OF_PACKETS, ...OF_HOSTS] : OF_PACKETS);
  const packet = fc.nat({ max: Math.max(0, packets - 1) });
  const time = fc.nat({ max: within });
  const period = { at: time, for: fc.integer({ min: 1, max: within }) };
  const host = fc.constantFrom(...(hosts.length === 0 ? ['*'] : hosts));
  const pair = fc.tuple(host, host).filter(([from, to]) => from !== to || hosts.length < 2);
  const made: Readonly<Record<FaultKind, () => Arbitrary>> = {
    drop: () => fc.record({ kind: fc.constant('drop' as const), packet }),
    duplicate: () => fc.record({ kind: fc.constant('duplicate' as const), packet }),
    delay: () =>
      fc.record({
        kind: fc.constant('delay' as const),
        packet,
        by: fc.integer({ min: 1, max: within }),
      }),
    partition: () =>
      fc
        .tuple(pair, fc.record({ ...period, oneWay: fc.boolean() }))
        .map(([[from, to], rest]) => ({ kind: 'partition' as const, from, to, ...rest })),
    link: () =>
      fc
        .tuple(pair, fc.record(period), fc.integer({ min: 1, max: 1000 }), fc.nat({ max: 90 }))
        .map(([[from, to], rest, latency, loss]) => ({
          kind: 'link' as const,
          from,
          to,
          conditions: { latency, loss: loss / 100 },
          ...rest,
        })),
    crash: () => fc.record({ kind: fc.constant('crash' as const), host, ...period }),
    stopReading: () => fc.record({ kind: fc.constant('stopReading' as const), host, ...period }),
    reset: () =>
      fc.tuple(pair, time, fc.nat({ max: 4096 })).map(([[from, to], at, afterBytes]) => ({
        kind: 'reset' as const,
        from,
        to,
        at,
        afterBytes,
      })),
    refuse: () => fc.record({ kind: fc.constant('refuse' as const), to: host, ...period }),
    blackhole: () => fc.record({ kind: fc.constant('blackhole' as const), to: host, ...period }),
    call: () =>
      fc
        .tuple(host, fc.constantFrom(...calls), fc.integer({ min: 1, max: 20 }), time)
        .map(([of, [call, error], nth, at]) => ({
          kind: 'call' as const,
          host: of,
          call,
          error,
          nth,
          at,
        })),
    dns: () =>
      fc.record({
        kind: fc.constant('dns' as const),
        delay: fc.integer({ min: 1, max: within }),
        ...period,
      }),
    skew: () =>
      fc.record({
        kind: fc.constant('skew' as const),
        host,
        by: fc.integer({ min: -within, max: within }),
        at: time,
      }),
  };
  return fc.array(fc.oneof(...kinds.map((kind) => made[kind]())), { maxLength: most });
}

/** Runs a scenario once, under a seed and a schedule. */
export async function replay(
  scenario: Scenario,
  { seed, faults }: Replay,
  options: SearchOptions = {},
): Promise<{ readonly network: Network; readonly failed: boolean; readonly error?: unknown }> {
  const { runs: _runs, seed: _seed, faults: _faults, limit = HOUR, ...conditions } = options;
  const network = new Network({ ...conditions, seed, faults });
  try {
    await network.run(() => scenario({ network }), { limit, report: () => {} });
  } catch (error) {
    return { network, failed: true, error };
  }
  return { network, failed: false };
}

/**
 * Runs a scenario under many seeds, each with a schedule of faults of its own.
 * @returns the failure with the shortest schedule; `undefined` when no run failed
 */
export async function findFailure(
  scenario: Scenario,
  options: SearchOptions = {},
): Promise<Failure | undefined> {
  const { runs = 1000, seed = 1, faults = {} } = options;
  const schedules = faults === false ? fc.constant([]) : faultSchedules(faults);
  let tried = 0;
  let found = false;
  const outcome = await fc.check(
    fc.asyncProperty(fc.noShrink(fc.nat({ max: 0x7fffffff })), schedules, async (of, schedule) => {
      if (!found) tried += 1;
      const { failed } = await replay(scenario, { seed: of, faults: schedule }, options);
      found ||= failed;
      return !failed;
    }),
    { seed, numRuns: runs },
  );
  if (!outcome.failed || outcome.counterexample === null) return undefined;
  const [of, schedule] = outcome.counterexample;
  const { network, error } = await replay(scenario, { seed: of, faults: schedule }, options);
  return {
    seed: of,
    faults: schedule,
    error,
    network,
    runs: tried,
    report: reportOf({ seed: of, faults: schedule }, tried, network),
  };
}

function reportOf({ seed, faults }: Replay, runs: number, network: Network): string {
  const lines = faults.map((fault) => `  ${formatFault(fault)}`);
  return [
    `failed under seed ${seed}, the ${runs}. of those tried, with ${faults.length} faults${lines.length === 0 ? '' : ':'}`,
    ...lines,
    `replay: '${JSON.stringify({ seed, faults })}'`,
    'trace:',
    network.trace(40),
  ].join('\n');
}
