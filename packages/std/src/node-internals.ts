/**
 * The few things that node's objects keep to themselves and that adopting a descriptor takes. Each is
 * looked for and, where a version of node has it elsewhere, said to be missing.
 */
import type dgram from 'node:dgram';
import net from 'node:net';

/** A libuv handle: `TCP`, `Pipe` or `UDP` of node's bindings. */
export interface UvHandle {
  readonly fd: number;
  open(fd: number): number;
  close(callback?: () => void): void;
  reset?(callback?: () => void): number;
  connect?(request: unknown, address: string, port: number): number;
  connect6?(request: unknown, address: string, port: number): number;
  bind?(address: string, port: number, flags?: number): number;
  bind6?(address: string, port: number, flags?: number): number;
}

interface DgramState {
  /** `null` once it is closed. */
  handle: UvHandle | null;
  connectState: number;
}

/** The error for what this version of node keeps in a place that is not known here. */
export const elsewhere = (what: string): Error =>
  new Error(`Node ${process.version} keeps ${what} elsewhere`);

/** The state of a dgram.Socket, which closing it takes away. */
export function dgramState(socket: dgram.Socket): DgramState {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  );
  const state =
    symbol === undefined ? undefined : (socket as unknown as Record<symbol, DgramState>)[symbol];
  if (state === undefined) throw elsewhere('the state of a dgram.Socket');
  return state;
}

/** The handle of a net, dgram, http or tls object; `undefined` before it is open and after it is closed. */
export function handleOf(object: object): UvHandle | undefined {
  // A dgram.Socket first: its `_handle` is deprecated.
  const symbol = Object.getOwnPropertySymbols(object).find(
    ({ description }) => description === 'state symbol',
  );
  if (symbol !== undefined) {
    return (object as Record<symbol, DgramState | undefined>)[symbol]?.handle ?? undefined;
  }
  const { _handle: handle } = object as { _handle?: (UvHandle & { _parent?: UvHandle }) | null };
  // Of tls: the TLSWrap stands on the handle of the socket below it, which is what gets closed.
  return handle?._parent ?? handle ?? undefined;
}

/** Calls back just before the handle's descriptor is closed, whoever closes it. */
export function beforeClose(handle: UvHandle, closing: () => void): void {
  // `reset` is the close of resetAndDestroy.
  for (const name of ['close', 'reset'] as const) {
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

/** What node's `listen` ends in: a handle that is there is taken, and listened on. */
export type Listen2 = (
  this: NetServer,
  address: string | null,
  port: number | null,
  addressType: number | null,
  backlog: number | undefined,
  fd: number | undefined,
  flags: number | undefined,
) => void;

/** What a server listens on; in a worker of a cluster it may have no descriptor. */
export interface ServerHandle {
  readonly fd: number;
  listen?(backlog: number): number;
  close(callback?: () => void): void;
  onconnection?(error: number, connection: UvHandle | undefined): void;
}

/** A net.Server with what it keeps to itself. */
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
  _createServerHandle?: (address: null, port: null, type: null, fd: number) => UvHandle | number;
};

/** The options and the callback of a call that takes a port and a host, a path, or options. */
export function normalizeArgs(values: unknown[]): Normalized {
  if (internal._normalizeArgs === undefined) throw elsewhere('net._normalizeArgs');
  return internal._normalizeArgs(values);
}

/** A handle, for a server, on a stream socket's descriptor; the number of the error that it gave. */
export function serverHandle(fd: number): UvHandle | number {
  if (internal._createServerHandle === undefined) throw elsewhere('net._createServerHandle');
  return internal._createServerHandle(null, null, null, fd);
}

/** `Server.prototype._listen2`, which whoever patches a server knows by this name. */
export function listen2(): Listen2 {
  const { _listen2: found } = net.Server.prototype as NetServer;
  if (found === undefined) throw elsewhere('net.Server.prototype._listen2');
  return found;
}
