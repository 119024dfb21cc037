/**
 * The few things that node's objects keep to themselves and that adopting a descriptor takes. Each is
 * looked for and, where a version of node has it elsewhere, said to be missing.
 */
import type dgram from 'node:dgram';

/** A libuv handle: `TCP`, `Pipe` or `UDP` of node's bindings. */
export interface UvHandle {
  readonly fd: number;
  open(fd: number): number;
  connect?(request: unknown, address: string, port: number): number;
  connect6?(request: unknown, address: string, port: number): number;
  bind?(address: string, port: number, flags?: number): number;
  bind6?(address: string, port: number, flags?: number): number;
}

interface DgramState {
  handle: UvHandle;
  connectState: number;
}

/** The state of a dgram.Socket, which closing it takes away. */
export function dgramState(socket: dgram.Socket): DgramState {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  );
  const state =
    symbol === undefined ? undefined : (socket as unknown as Record<symbol, DgramState>)[symbol];
  if (state === undefined) {
    throw new Error(`Node ${process.version} keeps the state of a dgram.Socket elsewhere`);
  }
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
  const direct = (object as { _handle?: UvHandle | null })._handle;
  if (direct === undefined || direct === null) return undefined;
  if (typeof direct.fd === 'number') return direct;
  // Of tls: the TLSWrap stands on the handle of the socket below it.
  return (direct as { _parent?: UvHandle })._parent;
}
