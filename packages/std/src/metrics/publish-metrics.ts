/** Metrics of sockets on a channel of diagnostics_channel, for whoever listens. */
import { channel } from 'node:diagnostics_channel';
import { outOfRange, wrongType } from '../node-errors.js';
import { LONGEST_TIME } from '../wait-options.js';
import { checkMetricsOptions, SocketMetrics, type SocketMetricsOptions } from './socket-metrics.js';

/** The options of {@link publishMetrics}. */
export interface PublishMetricsOptions extends SocketMetricsOptions {
  /** The time between two messages, in milliseconds. Default: 10,000. */
  readonly interval?: number | undefined;
}

/** What ends the messages of {@link publishMetrics}. */
export interface MetricsPublisher extends Disposable {
  close(): void;
}

/** The channel: each message is a {@link MetricsSnapshot}. */
const metricsChannel = channel('sock:metrics');
const INTERVAL = 10_000;

/**
 * Publishes the metrics of {@link SocketMetrics} on the channel `sock:metrics` of `node:diagnostics_channel`, again and
 * again. An exporter of any vendor subscribes to it, and this package depends on none.
 *
 * While nobody subscribes, no socket is watched or read: there is one check an interval, by a timer that does not keep
 * the process alive. Subscribe first: sockets that were made before count only if `options.sockets` has them.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`
 * @throws {RangeError} `ERR_OUT_OF_RANGE`
 *
 * @example
 * import { subscribe } from 'node:diagnostics_channel';
 *
 * subscribe('sock:metrics', (snapshot) => console.log(prometheusText(snapshot)));
 * using publisher = publishMetrics({ interval: 5000 });
 */
export function publishMetrics(options: PublishMetricsOptions = {}): MetricsPublisher {
  checkMetricsOptions(options);
  const { interval = INTERVAL, ...rest } = options;
  if (typeof interval !== 'number') throw wrongType('options.interval', 'a number');
  if (!(interval >= 1 && interval <= LONGEST_TIME)) {
    throw outOfRange(
      `The value of "options.interval" must be >= 1 and <= ${LONGEST_TIME}: ${interval}`,
    );
  }
  let metrics: SocketMetrics | undefined;
  const watch = (): void => {
    if (!metricsChannel.hasSubscribers) {
      metrics?.close();
      metrics = undefined;
    } else metrics ??= new SocketMetrics(rest);
  };
  const timer = setInterval(() => {
    watch();
    if (metrics !== undefined) metricsChannel.publish(metrics.collect());
  }, interval);
  timer.unref();
  watch();
  const close = (): void => {
    clearInterval(timer);
    metrics?.close();
    metrics = undefined;
  };
  return { close, [Symbol.dispose]: close };
}
