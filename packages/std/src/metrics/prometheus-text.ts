/** Metrics in the text format of Prometheus, version 0.0.4. */
import { wrongType } from '../node-errors.js';
import type { Attributes, Metric, MetricsSnapshot } from './snapshot.js';

/** The units of OpenTelemetry by the suffix that Prometheus has for each. Those in braces have none. */
const UNITS: Readonly<Record<string, string>> = { By: '_bytes', s: '_seconds' };

/**
 * The metrics in the text format of Prometheus, as the answer to `GET /metrics`. Names are converted as OpenTelemetry's
 * specification for Prometheus has it: `process.network.io` in `By` becomes `process_network_io_bytes_total`.
 * @param labels added to each value
 * @returns the text, whose Content-Type is `text/plain; version=0.0.4; charset=utf-8`
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * @example
 * response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
 * response.end(prometheusText(metrics.collect()));
 */
export function prometheusText(snapshot: MetricsSnapshot, labels: Attributes = {}): string {
  if (!Array.isArray((snapshot as MetricsSnapshot | null)?.metrics)) {
    throw wrongType('snapshot', 'what SocketMetrics.collect() returns');
  }
  if (typeof labels !== 'object' || labels === null) throw wrongType('labels', 'an object');
  return snapshot.metrics.map((metric) => textOf(metric, labels)).join('');
}

function textOf(metric: Metric, labels: Attributes): string {
  const base = safeName(metric.name) + (UNITS[metric.unit] ?? '');
  const name = metric.kind === 'counter' ? `${base}_total` : base;
  const lines = [
    `# HELP ${name} ${escape(metric.description, /[\\\n]/g)}`,
    `# TYPE ${name} ${metric.kind}`,
  ];
  const value = (suffix: string, attributes: Attributes, number: number): void => {
    lines.push(`${name}${suffix}${labelText({ ...labels, ...attributes })} ${numberText(number)}`);
  };
  if (metric.kind === 'histogram') {
    for (const { attributes, buckets, count, sum } of metric.points) {
      for (const bucket of buckets) {
        value('_bucket', { ...attributes, le: numberText(bucket.atMost) }, bucket.count);
      }
      value('_bucket', { ...attributes, le: '+Inf' }, count);
      value('_sum', attributes, sum);
      value('_count', attributes, count);
    }
  } else {
    for (const { attributes, value: number } of metric.points) value('', attributes, number);
  }
  return `${lines.join('\n')}\n`;
}

function labelText(attributes: Attributes): string {
  const pairs = Object.entries(attributes).map(
    ([name, value]) => `${safeName(name)}="${escape(value, /[\\"\n]/g)}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** A name may have letters, digits and underscores, and does not begin with a digit. */
const safeName = (name: string): string =>
  name.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');

const escape = (text: string, special: RegExp): string =>
  String(text).replaceAll(special, (character) => (character === '\n' ? '\\n' : `\\${character}`));

const numberText = (value: number): string =>
  value === Number.POSITIVE_INFINITY
    ? '+Inf'
    : value === Number.NEGATIVE_INFINITY
      ? '-Inf'
      : String(value);
