/** How node's stand-ins wait for data: by callbacks, a bounded number of calls in each turn. */
import type { Socket } from '@sock/core';

/** Calls in a row before the event loop gets its next turn, as in libuv. */
export const CALLS_PER_TURN = 32;

/**
 * Calls back once, when the socket is readable. The callback runs outside of any promise: an exception
 * of a listener is then an uncaught exception, as with node's own objects, and not an unhandled rejection.
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
