/**
 * The part of the contract that needs more than a JavaScript engine to observe: other processes,
 * threads, garbage collection, network namespaces, the kernel's tables.
 */
import type { Case } from '../case.js';
import { can } from './network/can.js';
import { closeOnExec } from './process/close-on-exec.js';
import { devices } from './network/devices.js';
import { interfaces } from './network/interfaces.js';
import { extendedBpf } from './kernel/extended-bpf.js';
import { files } from './process/files.js';
import { kernelState } from './kernel/kernel-state.js';
import { multicastNetwork } from './network/multicast-network.js';
import { endpointFaults } from './network/endpoint-faults.js';
import { paths } from './network/paths.js';
import { processLife } from './process/process-life.js';
import { processors } from './kernel/processors.js';
import type { NodeBackend } from './program.js';
import { redirections } from './network/redirected.js';
import { sourceFilters } from './network/source-filters.js';
import { tables } from './kernel/tables.js';
import { socketStatistics } from './kernel/socket-statistics.js';
import { threads } from './process/threads.js';

export { openSockets } from './descriptors.js';
export type { NodeBackend } from './program.js';

/** The cases for a backend whose sockets are file descriptors of this process. */
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
    ...endpointFaults(backend),
    ...paths(backend),
    ...interfaces(backend),
    ...can(backend),
    ...redirections(backend),
    ...multicastNetwork(backend),
    ...sourceFilters(backend),
  ];
}
