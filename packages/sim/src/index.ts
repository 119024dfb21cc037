/**
 * A simulated network as a backend: several hosts in one process, in virtual time, with faults that a seed
 * chooses.
 *
 * @example
 * import { Network } from '@sock/sim';
 *
 * const network = new Network({ seed: 1, latency: 20 });
 * const server = network.host('10.0.0.1', { name: 'server' });
 * const client = network.host('10.0.0.2', { name: 'client' });
 * await network.run(async () => {
 *   // server.Socket and client.Socket are sockets on these hosts
 * });
 */
export * from '@sock/core';
export { type Clock, DEFAULT_EPOCH, type FakeTimers } from './clock.js';
export {
  type CallName,
  describeFault,
  type Fault,
  type FaultKind,
  formatFault,
  type LinkConditions,
} from './fault.js';
export type { Injected } from './faults.js';
export type { Host, HostOptions, HostProgram } from './host.js';
export type { HostClock } from './host-clock.js';
export type { Link } from './link.js';
export { Network, type NetworkOptions, type RunOptions } from './network.js';
export { Random } from './random.js';
export type { Fate, TraceEntry } from './trace.js';
