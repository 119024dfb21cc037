/** docs/benchmarks.md and its plots, from one run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** The figures of one case: medians, ratios to C, and every round. */
export interface CaseReport {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly sides: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, number>>;
  readonly runs: Readonly<Record<string, readonly number[]>>;
  readonly target?: number;
}

/** One run. */
export interface BenchReport {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly platform: string };
  readonly versions: Readonly<Record<string, string>>;
  readonly command: string;
  readonly rounds: number;
  readonly cases: readonly CaseReport[];
  /** Sides and cases that could not run, and why. */
  readonly missing: Readonly<Record<string, string>>;
}

async function svg(spec: TopLevelSpec): Promise<string> {
  return new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG();
}

interface Point {
  readonly case: string;
  readonly side: string;
  readonly ratio: number;
}

const config = { background: 'white', axis: { labelLimit: 300 } } as const;

function bars(title: string, points: readonly Point[]): TopLevelSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    config,
    title,
    data: { values: [...points] },
    mark: 'bar',
    encoding: {
      y: { field: 'case', type: 'nominal', title: null, sort: null },
      yOffset: { field: 'side' },
      x: { field: 'ratio', type: 'quantitative', title: "multiple of C's figure" },
      color: { field: 'side', type: 'nominal' },
    },
  };
}

function scaling(cases: readonly CaseReport[]): TopLevelSpec {
  const values = cases.flatMap(({ name, sides }) => {
    const connections = Number(/^echo-(\d+)$/.exec(name)?.[1]);
    if (!(connections > 1)) return [];
    return Object.entries(sides).map(([side, rate]) => ({ connections, side, cost: 1e9 / rate }));
  });
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    config,
    title: 'Cost of a request as connections grow',
    data: { values },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'connections', type: 'quantitative', scale: { type: 'log' } },
      y: { field: 'cost', type: 'quantitative', title: 'ns per request' },
      color: { field: 'side', type: 'nominal' },
    },
  };
}

/** Writes the document and its plots into a folder. */
export async function writeDocument(report: BenchReport, folder: string): Promise<void> {
  const plots = join(folder, 'benchmarks');
  mkdirSync(plots, { recursive: true });
  const { cases, machine, versions, missing } = report;
  const pointsOf = (better: string): Point[] =>
    cases
      .filter((it) => it.better === better && !it.name.startsWith('memory'))
      .flatMap(({ name, ratios }) =>
        Object.entries(ratios)
          .filter(([side, ratio]) => side !== 'sock-wasi' && Number.isFinite(ratio))
          .map(([side, ratio]) => ({ case: name, side, ratio })),
      );
  writeFileSync(
    join(plots, 'calls.svg'),
    await svg(bars('Time of a call: less is better', pointsOf('lower'))),
  );
  writeFileSync(
    join(plots, 'servers.svg'),
    await svg(bars('Rate of a server: more is better', pointsOf('higher'))),
  );
  writeFileSync(join(plots, 'scaling.svg'), await svg(scaling(cases)));
  const sides = [...new Set(cases.flatMap((it) => Object.keys(it.sides)))];
  const figure = (value: number | undefined): string =>
    value === undefined ? '' : `${value.toFixed(value < 10 ? 2 : 0)}x`;
  const rows = cases.map(({ name, unit, better, sides: medians, ratios }) =>
    [
      '',
      name,
      `${(medians['c'] ?? 0).toLocaleString('en', { maximumFractionDigits: 0 })} ${unit}`,
      better,
      ...sides
        .filter((side) => side !== 'c')
        .map((side) => figure(ratios[side]) || (medians[side]?.toFixed(0) ?? '')),
      '',
    ]
      .join(' | ')
      .trim(),
  );
  const others = sides.filter((side) => side !== 'c');
  writeFileSync(
    join(folder, 'benchmarks.md'),
    `<!-- Made by bench/document.ts from one run: \`${report.command}\`. -->
# Benchmarks

All sides in one run, interleaved round by round on one machine; medians of ${report.rounds} rounds, as multiples of the same
program in C in the same round. Absolute times are noise, ratios are not.

- command: \`${report.command}\`
- machine: ${machine.cpu}, ${machine.cores} cores, ${machine.platform}
- versions: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}

| case | C | better | ${others.join(' | ')} |
|---|---|---|${others.map(() => '---').join('|')}|
${rows.join('\n')}

![Time of a call](benchmarks/calls.svg)

![Rate of a server](benchmarks/servers.svg)

![Cost of a request as connections grow](benchmarks/scaling.svg)

Not measured:
${Object.entries(missing)
  .map(([name, reason]) => `- ${name}: ${reason}`)
  .join('\n')}
`,
  );
}
