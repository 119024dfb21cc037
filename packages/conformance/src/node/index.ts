/**
 * The part of the contract that only a process can observe: what a program inherits, threads,
 * garbage collection, running out of descriptors, when the process ends.
 */
import type { Case } from '../case.js';
import { can } from './can.js';
import { closeOnExec } from './close-on-exec.js';
import { devices } from './devices.js';
import { interfaces } from './interfaces.js';
import { extendedBpf } from './extended-bpf.js';
import { files } from './files.js';
import { kernelState } from './kernel-state.js';
import { multicastNetwork } from './multicast-network.js';
import { paths } from './paths.js';
import { processLife } from './process-life.js';
import { processors } from './processors.js';
import type { NodeBackend } from './program.js';
import { redirections } from './redirected.js';
import { sourceFilters } from './source-filters.js';
import { tables } from './tables.js';
import { socketStatistics } from './socket-statistics.js';
import { threads } from './threads.js';

export { openSockets } from './descriptors.js';
export type { NodeBackend } from './program.js';

/** The cases for a backend whose sockets are descriptors of the process. */
export function nodeCases(backend: NodeBackend): readonly Case[] {
  return [
    ...closeOnExec(backend),
    ...threads(backend),
    ...processLife(backend),
    ...kernelState,
    ...tables,
    ...files,
    ...extendedBpf,
    ...processors(backend),
    ...socketStatistics,
    ...devices(backend),
    ...paths(backend),
    ...interfaces(backend),
    ...can(backend),
    ...redirections(backend),
    ...multicastNetwork(backend),
    ...sourceFilters(backend),
  ];
}
