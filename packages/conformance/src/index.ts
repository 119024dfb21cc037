/**
 * The contract of a `@sock` backend: what `Socket` promises, one case for each promise. The cases run
 * unchanged against every backend, with a test framework or without.
 *
 * @example
 * register({ name: 'native', Socket, MSG }, { test, afterAll });
 */
export * as assert from './assert.js';
export type { Backend, BackendSocket, Case } from './case.js';
export type { ScheduleHost } from './schedules/calls.js';
export { runSchedule } from './schedules/index.js';
export { cases } from './cases/index.js';
export { Context, type Link } from './context.js';
export { type Framework, register } from './register.js';
export { type Result, run, type RunOptions, type Totals } from './run.js';
