import type { Socket } from '@sock/native';

/** Yields each time that there is something to receive or to accept, until the signal aborts. */
export async function* whenReadable(socket: Socket, signal: AbortSignal): AsyncGenerator<void> {
  while (!signal.aborted) {
    try {
      await socket.readable({ signal });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    yield;
  }
}
