import type { Socket } from '@sock/core';

/** The most that is taken before the event loop gets its turn, as in libuv. */
export const BATCH = 32;

/**
 * Calls back once when the socket is readable, outside of any promise: what a listener throws there
 * is an uncaught exception, as it is in node's own objects.
 */
export function whenReadable(
  socket: Socket,
  ready: () => void,
  failed: (error: Error) => void,
): void {
  socket.readable().then(
    () => process.nextTick(ready),
    (error: Error) => process.nextTick(failed, error),
  );
}
