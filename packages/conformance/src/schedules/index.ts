/**
 * Random schedules of asynchronous calls against models. The numbers that decode to a schedule come from the caller,
 * such as fast-check, which shrinks them.
 */
import type { ScheduleHost } from './calls.js';
import { runConnectionSchedule } from './connection-schedules.js';
import { runDatagramSchedule } from './datagram-schedules.js';
import { runStreamSchedule } from './stream-schedules.js';

/**
 * Runs the schedule of some numbers: half of them of a connection, a quarter of a datagram socket, a quarter of a
 * listener. Fails if something is not as the model says.
 */
export function runSchedule(host: ScheduleHost, numbers: readonly number[]): Promise<void> {
  const [first = 0, ...rest] = numbers;
  const schedule = [first >> 2, ...rest];
  switch (first % 4) {
    case 0:
      return runDatagramSchedule(host, schedule);
    case 1:
      return runConnectionSchedule(host, schedule);
    default:
      return runStreamSchedule(host, schedule);
  }
}
