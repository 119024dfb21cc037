/** docs/benchmarks.md, its plots and its figures, from one run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { copyCases } from './cases.js';
import {
  type BenchReport,
  type CaseReport,
  type FewCopies,
  roundsText,
  targetText,
  verdictText,
} from './report.js';

/** A smaller ratio than this is a saving, not noise. */
const PAYS = 0.95;

async function svg(spec: TopLevelSpec): Promise<string> {
  return new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG();
}

interface Point {
  readonly case: string;
  readonly side: string;
  readonly ratio: number;
}

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v5.json';
const MULTIPLE = "multiple of C's figure";
const config = { background: 'white', axis: { labelLimit: 300 } } as const;

/** Multiples of C's figure of every case, on a logarithmic scale. Bars would have no starting point there. */
function dots(title: string, sides: readonly string[], points: readonly Point[]): TopLevelSpec {
  return {
    $schema: SCHEMA,
    config,
    title,
    width: 560,
    height: { step: 34 },
    data: { values: [...points] },
    mark: { type: 'point', filled: true, size: 90, opacity: 1 },
    encoding: {
      y: { field: 'case', type: 'nominal', title: null, sort: null },
      x: { field: 'ratio', type: 'quantitative', title: MULTIPLE, scale: { type: 'log' } },
      color: { field: 'side', type: 'nominal', sort: [...sides] },
      shape: { field: 'side', type: 'nominal', sort: [...sides] },
    },
  };
}

/** A panel of bars for every case. */
function bars(title: string, sides: readonly string[], points: readonly Point[]): TopLevelSpec {
  return {
    $schema: SCHEMA,
    config,
    title,
    data: { values: [...points] },
    facet: {
      field: 'case',
      type: 'nominal',
      title: null,
      sort: [...new Set(points.map((point) => point.case))],
    },
    columns: 3,
    spec: {
      width: 170,
      height: { step: 15 },
      mark: 'bar',
      encoding: {
        y: { field: 'side', type: 'nominal', title: null, sort: [...sides] },
        x: { field: 'ratio', type: 'quantitative', title: MULTIPLE },
        color: {
          condition: { test: "datum.side === 'sock-native'", value: '#d9480f' },
          value: '#748ca3',
        },
      },
    },
  };
}

function scaling(cases: readonly CaseReport[]): TopLevelSpec {
  const values = cases.flatMap(({ name, sides }) => {
    const connections = Number(/^echo-(\d+)$/.exec(name)?.[1]);
    if (!(connections > 1)) return [];
    return Object.entries(sides)
      .filter(([side]) => cases.some((it) => it.name === 'echo-8000' && side in it.sides))
      .map(([side, rate]) => ({ connections, side, cost: 1e9 / rate }));
  });
  return {
    $schema: SCHEMA,
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

const isMemory = ({ name }: CaseReport): boolean => name.startsWith('memory');

function number(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(1)}e9`;
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0 });
}

/** One cell: the figure of C, or another side's multiple of it. Memory is always the side's own figure. */
export function figureText(measured: CaseReport, side: string): string {
  const value = measured.sides[side];
  if (value === undefined) return 'missing';
  if (side === 'c') return `${number(value)} ${measured.unit}`;
  const ratio = measured.ratios[side];
  if (isMemory(measured) || ratio === undefined || !Number.isFinite(ratio)) return number(value);
  if (ratio >= 100) return `${ratio.toFixed(0)}x`;
  return `${ratio.toFixed(ratio < 0.1 ? 3 : 2)}x`;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function copiesText({ sides }: FewCopies): string {
  const pays = Object.values(sides).every((ratio) => ratio < PAYS);
  return pays ? 'pays' : 'does not pay on loopback';
}

/** A reason that several cases share is printed once. */
function missingText(missing: Readonly<Record<string, string>>): string {
  const byReason = new Map<string, string[]>();
  for (const [name, reason] of Object.entries(missing)) {
    const [side = '', measured] = name.split(': ');
    const key = `${reason.startsWith('measured in C') ? 'other sides' : side}: ${reason}`;
    const cases = byReason.get(key) ?? [];
    if (measured !== undefined && !cases.includes(measured)) cases.push(measured);
    byReason.set(key, cases);
  }
  return [...byReason]
    .map(([key, cases]) => `- ${key}${cases.length === 0 ? '' : ` (${cases.join(', ')})`}`)
    .join('\n');
}

/** Writes the document, its plots and its figures into a folder. */
export async function writeDocument(report: BenchReport, folder: string): Promise<void> {
  const plots = join(folder, 'benchmarks');
  mkdirSync(plots, { recursive: true });
  const { cases, machine, versions, apis, missing, targets, fewCopies } = report;
  /** These cases have their own table. */
  const saved = new Set(copyCases.map(({ name }) => name));
  const pointsOf = (better: string): Point[] =>
    cases
      .filter(
        (it) => it.better === better && it.unit !== 'x' && !isMemory(it) && !saved.has(it.name),
      )
      .flatMap(({ name, ratios }) =>
        Object.entries(ratios)
          .filter(([, ratio]) => Number.isFinite(ratio))
          .map(([side, ratio]) => ({ case: name, side, ratio })),
      );
  const plot = async (name: string, spec: TopLevelSpec): Promise<void> =>
    writeFileSync(join(plots, name), await svg(spec));
  const sides = Object.keys(versions);
  await plot('calls.svg', dots('Time of a call: less is better', sides, pointsOf('lower')));
  await plot('servers.svg', bars('Rate of a server: more is better', sides, pointsOf('higher')));
  await plot('scaling.svg', scaling(cases));
  writeFileSync(join(plots, 'figures.json'), `${JSON.stringify(report, null, 2)}\n`);

  const measured = cases.filter(({ name }) => !saved.has(name));
  writeFileSync(
    join(folder, 'benchmarks.md'),
    `<!-- Made by bench/document.ts from one run: \`${report.command}\`. -->
# Benchmarks

All sides in one run, interleaved round by round on one machine; medians of ${roundsText(cases)} rounds, as multiples of the same
program in C in the same round. Absolute times vary from run to run, ratios do not. Memory is
each side's own figure.

- command: \`${report.command}\`
- machine: ${machine.cpu}, ${machine.cores} cores, ${machine.platform}
- figures of every round: [benchmarks/figures.json](benchmarks/figures.json)

${markdownTable(
  ['case', 'better', ...sides],
  measured.map((it) => [it.name, it.better, ...sides.map((side) => figureText(it, side))]),
)}

![Time of a call](benchmarks/calls.svg)

![Rate of a server](benchmarks/servers.svg)

![Cost of a request as connections grow](benchmarks/scaling.svg)

## Targets

${markdownTable(
  ['side', 'case', 'target', 'reached', ''],
  targets.map((it) => [it.side, it.case, targetText(it), ...verdictText(it)]),
)}

[Limits](benchmarks/limits.md) explains the targets that were missed.

## Copies and packets saved

The time with the technique as a multiple of the time without it, in the same round.

${markdownTable(
  ['case', 'compared with', 'c', '@sock/native', ''],
  fewCopies.map((it) => [
    it.name,
    it.plain,
    ...['c', 'sock-native'].map((side) => `${it.sides[side]?.toFixed(2) ?? '-'}x`),
    copiesText(it),
  ]),
)}

The loopback interface copies the data that MSG_ZEROCOPY sends. It has no device queue to poll, and it delivers every packet on the
processor of its sender.

## Cases

${cases.map(({ name, about }) => `- ${name}: ${about}`).join('\n')}

## Sides

${markdownTable(
  ['side', 'version', 'written with'],
  sides.map((side) => [side, versions[side] ?? '', apis[side] ?? '']),
)}

## Not measured

${missingText(missing)}
`,
  );
}
