/**
 * The internals of node's objects that are needed to adopt a descriptor. If a version of node does not
 * have one of them, an error says which.
 */
import type dgram from 'node:dgram';
import net from 'node:net';
import { ownState } from './node-objects/own-datagrams.js';

/** A libuv handle: `TCP`, `Pipe` or `UDP` of node's internal bindings. */
export interface UvHandle {
  readonly fd: number;
  open(fd: number): number;
  close(callback?: () => void): void;
  reset?(callback?: () => void): number;
  /** Bun's. */
  stop?(): void;
  terminate?(): void;
  /** Deno's: a duplicate of the descriptor, for the caller to close. Negative before the handle opens. */
  fdForIpc?(): number;
  connect?(request: unknown, address: string, port: number): number;
  connect6?(request: unknown, address: string, port: number): number;
  bind?(address: string, port: number, flags?: number): number;
  bind6?(address: string, port: number, flags?: number): number;
}

/** Calls back with an address of the handle's family. */
type HandleLookup = (
  address: string,
  callback: (error: Error | null, address?: string) => void,
) => void;

/** Node's handle of a dgram.Socket. */
export type DgramHandle = UvHandle & {
  lookup: HandleLookup;
  recvStart?(): number;
  recvStop?(): number;
};

/** The internal state of a dgram.Socket. */
export interface DgramState {
  /** `null` after close. */
  handle: DgramHandle | null;
  bindState: number;
  connectState: number;
}

/** The error for an internal that this version of node does not have where @sock/std looks for it. */
export const missingInternal = (what: string): Error =>
  new Error(`@sock/std does not find ${what} in Node ${process.version}`);

/** The key of the state of a dgram.Socket: node's and Bun's, or Deno's. */
const stateSymbol = (object: object): symbol | undefined =>
  Object.getOwnPropertySymbols(object).find(
    ({ description }) => description === 'state symbol' || description === 'kStateSymbol',
  );

/** The internal state of a dgram.Socket. */
export function dgramState(socket: dgram.Socket): DgramState {
  const own = ownState(socket);
  if (own !== undefined) return own;
  const symbol = stateSymbol(socket);
  const state =
    symbol === undefined ? undefined : (socket as unknown as Record<symbol, DgramState>)[symbol];
  if (state === undefined) throw missingInternal('the state of a dgram.Socket');
  return state;
}

/** The handle of a net, dgram, http or tls object; `undefined` before it opens and after it closes. */
export function handleOf(object: object): UvHandle | undefined {
  // First as a dgram.Socket: reading its `_handle` warns that it is deprecated.
  const symbol = stateSymbol(object);
  if (symbol !== undefined) {
    return (object as Record<symbol, DgramState | undefined>)[symbol]?.handle ?? undefined;
  }
  const { _handle: handle } = object as { _handle?: (UvHandle & { _parent?: UvHandle }) | null };
  // A tls object has a TLSWrap, whose parent is the handle of the socket below: that one gets closed.
  return handle?._parent ?? handle ?? undefined;
}

/** Calls back just before the handle's descriptor is closed, no matter who closes it. */
export function beforeClose(handle: UvHandle, closing: () => void): void {
  // resetAndDestroy closes by `reset`. Bun closes a server by `stop`, and a connection by `terminate` too.
  for (const name of ['close', 'reset', 'stop', 'terminate'] as const) {
    const method = handle[name];
    if (method === undefined) continue;
    Object.defineProperty(handle, name, {
      configurable: true,
      writable: true,
      value(this: UvHandle, ...values: unknown[]) {
        closing();
        return Reflect.apply(method, this, values) as unknown;
      },
    });
  }
}

type Normalized = [
  options: Record<string, unknown>,
  callback: ((...values: unknown[]) => void) | null,
];

/** The last step of node's `listen`. If the server has a handle, it listens on that one. */
export type Listen2 = (
  this: NetServer,
  address: string | null,
  port: number | null,
  addressType: number | null,
  backlog: number | undefined,
  fd: number | undefined,
  flags: number | undefined,
) => void;

/** What a server listens on. In a cluster's worker it may have no descriptor: `fd` is then negative. */
export interface ServerHandle {
  readonly fd: number;
  listen?(backlog: number): number;
  close(callback?: () => void): void;
  onconnection?(error: number, connection: UvHandle | undefined): void;
}

/** A net.Server with its internals. */
export type NetServer = net.Server & {
  _handle: ServerHandle | null;
  _pipeName?: string;
  _listen2: Listen2;
  _connections: number;
  _emitCloseIfDrained(): void;
  readonly allowHalfOpen: boolean;
  readonly pauseOnConnect: boolean;
  readonly noDelay: boolean;
  readonly keepAlive: boolean;
  /** In seconds. */
  readonly keepAliveInitialDelay: number;
  readonly highWaterMark?: number;
};

const internal = net as unknown as {
  _normalizeArgs?: (values: unknown[]) => Normalized;
  _createServerHandle?: (
    address: string | null,
    port: number | null,
    type: number | null,
    fd?: number,
  ) => UvHandle | number;
};

/** The options and the callback of a call that takes a port and host, a path, or options. */
export function normalizeArgs(values: unknown[]): Normalized {
  if (internal._normalizeArgs === undefined) throw missingInternal('net._normalizeArgs');
  return internal._normalizeArgs(values);
}

/**
 * A server's handle that adopts a stream socket's descriptor.
 * @returns a negative error number if node refuses the descriptor
 */
export function serverHandle(fd: number): UvHandle | number {
  if (internal._createServerHandle === undefined) throw missingInternal('net._createServerHandle');
  return internal._createServerHandle(null, null, null, fd);
}

/**
 * A handle of node's that is bound to a path, or to an abstract name.
 * @returns a negative error number if it cannot be bound
 */
export function pipeHandle(path: string): UvHandle | number {
  if (internal._createServerHandle === undefined) throw missingInternal('net._createServerHandle');
  return internal._createServerHandle(path, -1, -1);
}

/** `Server.prototype._listen2`. Packages that patch servers replace it under this name. */
export function listen2(): Listen2 {
  const { _listen2: found } = net.Server.prototype as NetServer;
  if (found === undefined) throw missingInternal('net.Server.prototype._listen2');
  return found;
}
