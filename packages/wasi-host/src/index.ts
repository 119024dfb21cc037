/**
 * A host of wasi:sockets for JavaScript, over any backend of `@sock` that can wait: runs components of any language,
 * and allows them nothing that a policy does not.
 *
 * @example
 * import { run } from '@sock/wasi-host';
 *
 * const code = await run('program.wasm', { policy: { tcp: { connect: ['127.0.0.0/8:*'] } } });
 */
export { createHost, type Host, type HostInit } from './create-host.js';
export { UnsupportedComponentError } from './component/binary.js';
export {
  type Decision,
  everything,
  type Limits,
  type PolicyInit,
  type PolicyRequest,
  type Use,
} from './policy/policy.js';
export type { ProgramInit } from './program/command-line.js';
export { run, type RunInit } from './program/run.js';
export type { Input, Output } from './program/standard-streams.js';
export type { Answer, Lookup } from './sockets/lookup.js';
export type { BackendModule } from './sockets/system.js';
