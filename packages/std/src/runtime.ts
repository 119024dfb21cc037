/** What the runtime's `node:net` and `node:dgram` let @sock/std do. */
import { nodeError } from './node-errors.js';

const versions = process.versions as Readonly<Record<string, string | undefined>>;

/** The runtime: Node, or one that has node's modules of its own. */
export const runtime: 'node' | 'bun' | 'deno' =
  versions['bun'] !== undefined ? 'bun' : versions['deno'] !== undefined ? 'deno' : 'node';

/** Whether `new net.Socket({ fd })` reads and writes a connected stream socket. In Bun it never does. */
export const ADOPTS_STREAMS = runtime !== 'bun';

/** Whether a `dgram.Socket` works on node's handle, whose calls @sock/std replaces. */
export const HAS_DATAGRAM_HANDLE = runtime === 'node';

/** Whether a `net.Socket` and a `net.Server` work on node's handles, whose calls @sock/std replaces. */
export const HAS_STREAM_HANDLE = runtime !== 'bun';

/**
 * Whether a handle takes a descriptor that it did not open, and connects or binds that: so options can be set
 * before. Node alone does.
 */
export const HANDLES_TAKE_DESCRIPTORS = runtime === 'node';

/** The error for what only node's own objects can do. */
export const onlyInNode = (what: string, instead: string): Error =>
  nodeError('ERR_SOCK_UNSUPPORTED', `${what} is not supported in ${NAMES[runtime]}: ${instead}`);

const NAMES = { node: 'Node', bun: 'Bun', deno: 'Deno' } as const;
