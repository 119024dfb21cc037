/** Makes medians, ratios and verdicts of the figures of every round. */
import { type Case, copyCases, startCase, type Target, targets } from './cases.js';

/** The figures of one case: medians, ratios to C, and every round. */
export interface CaseReport {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly about: string;
  /** Medians. */
  readonly sides: Readonly<Record<string, number>>;
  /** Medians of the ratios to C's figure in the same round. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly runs: Readonly<Record<string, readonly number[]>>;
}

/** A target and its result. */
export interface Verdict extends Target {
  /** The ratio, or the figure; `undefined` when a side has no figure. */
  readonly ratio?: number;
  readonly met: boolean;
}

/** The time with a technique that saves copies, as a multiple of the time without. */
export interface FewCopies {
  readonly name: string;
  readonly plain: string;
  readonly sides: Readonly<Record<string, number>>;
}

/** One run. */
export interface BenchReport {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly platform: string };
  readonly versions: Readonly<Record<string, string>>;
  /** The library that each side's programs use. */
  readonly apis: Readonly<Record<string, string>>;
  readonly command: string;
  readonly rounds: number;
  readonly cases: readonly CaseReport[];
  readonly targets: readonly Verdict[];
  readonly fewCopies: readonly FewCopies[];
  /** Why a side, or a case of a side, has no figure. */
  readonly missing: Readonly<Record<string, string>>;
}

/** Figures by case, side and round. */
export class Figures {
  readonly #rounds = new Map<string, Map<string, number[]>>();

  record(name: string, side: string, round: number, value: number): void {
    const sides = this.#rounds.get(name) ?? new Map<string, number[]>();
    const rounds = sides.get(side) ?? [];
    rounds[round] = value;
    this.#rounds.set(name, sides.set(side, rounds));
  }

  has(name: string, side: string): boolean {
    return this.#rounds.get(name)?.has(side) ?? false;
  }

  of(name: string): Map<string, number[]> {
    return this.#rounds.get(name) ?? new Map<string, number[]>();
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** The median of the ratios to another figure in the same round. */
function ratio(values: readonly number[], others: readonly number[]): number {
  return median(values.map((value, round) => value / (others[round] ?? Number.NaN)));
}

const growth: Case = {
  name: 'echo-growth',
  unit: 'x',
  better: 'lower',
  about: 'cost of a request on 8,000 connections, as a multiple of that on 64',
};

/** The cost of a request on many connections, as a multiple of its cost on few. */
export function addGrowth(figures: Figures): void {
  const many = figures.of('echo-8000');
  for (const [side, rounds] of figures.of('echo-64')) {
    for (const [round, few] of rounds.entries()) {
      const rate = many.get(side)?.[round];
      if (rate !== undefined) figures.record(growth.name, side, round, few / rate);
    }
  }
}

/** The reports of the cases that have figures. */
export function reportCases(figures: Figures, cases: readonly Case[]): CaseReport[] {
  return [...cases, growth].flatMap(({ name, unit, better, about }) => {
    const rounds = figures.of(name);
    if (rounds.size === 0) return [];
    const c = rounds.get('c') ?? [];
    const each = <T>(make: (values: number[]) => T): Record<string, T> =>
      Object.fromEntries([...rounds].map(([side, values]) => [side, make(values)]));
    return [
      {
        name,
        unit,
        better,
        about,
        sides: each(median),
        ratios: each((values) => ratio(values, c)),
        runs: each((values) => values.filter(Number.isFinite)),
      },
    ];
  });
}

/** The targets whose case was measured and whose other side was selected. */
export function judge(figures: Figures, ran: (side: string) => boolean): Verdict[] {
  return targets.flatMap((target): Verdict[] => {
    const rounds = figures.of(target.case);
    const { side, versus } = target;
    if (rounds.size === 0 || !ran(side) || (versus !== undefined && !ran(versus))) return [];
    const mine = rounds.get(side);
    const other = versus === undefined ? undefined : rounds.get(versus);
    if (mine === undefined || (versus !== undefined && other === undefined)) {
      return [{ ...target, met: false }];
    }
    const reached = other === undefined ? median(mine) : ratio(mine, other);
    const met = reached <= (target.most ?? Infinity) && reached >= (target.least ?? 0);
    return [{ ...target, ratio: reached, met }];
  });
}

/** The cases with fewer copies, as multiples of the cases without. */
export function compareCopies(figures: Figures): FewCopies[] {
  return copyCases.flatMap(({ name, plain }) => {
    if (plain === undefined) return [];
    const without = figures.of(plain);
    const sides = Object.fromEntries(
      [...figures.of(name)].flatMap(([side, rounds]) => {
        const others = without.get(side);
        return others === undefined ? [] : [[side, ratio(rounds, others)] as const];
      }),
    );
    return Object.keys(sides).length === 0 ? [] : [{ name, plain, sides }];
  });
}

/** `<= 1.10x c`, `>= 2.00x node`, `<= 50 ms`. */
export function targetText({ case: name, most, least, versus }: Target): string {
  if (versus === undefined) return `<= ${most} ${name === startCase.name ? startCase.unit : ''}`;
  return most === undefined
    ? `>= ${(least ?? 0).toFixed(2)}x ${versus}`
    : `<= ${most.toFixed(2)}x ${versus}`;
}

/** The result of a target, and whether it is met. */
export function verdictText({
  ratio: reached,
  met,
  versus,
}: Verdict): [reached: string, verdict: string] {
  if (reached === undefined) return ['not measured', ''];
  const text = versus === undefined ? reached.toFixed(1) : `${reached.toFixed(3)}x`;
  return [text, met ? 'met' : 'MISSED'];
}

/** `7`, or `1 to 3` where some cases had fewer. */
export function roundsText(cases: readonly CaseReport[]): string {
  const counts = cases.flatMap(({ runs }) => Object.values(runs).map(({ length }) => length));
  const [lowest, highest] = [Math.min(...counts), Math.max(...counts)];
  return lowest === highest ? `${highest}` : `${lowest} to ${highest}`;
}
