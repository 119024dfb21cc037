/** The Socket of each handle that works on one, where node has a handle of libuv's. */
import type { Socket } from '@sock/core';

const sockets = new WeakMap<object, () => Socket | undefined>();

/** @param socket returns `undefined` before the handle opens and after it closes */
export function worksOn(handle: object, socket: () => Socket | undefined): void {
  sockets.set(handle, socket);
}

/** The Socket that a handle of node's works on; `undefined` if it is node's own, or not open. */
export const socketOfHandle = (handle: object): Socket | undefined => sockets.get(handle)?.();
