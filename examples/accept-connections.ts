import { setTimeout as delay } from 'node:timers/promises';
import type { SockAddr, SockError, Socket } from '@sock/native';

/** accept(2): the process or the system has no descriptor or no memory left for another connection. */
const SHORTAGES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/**
 * Yields the connections of a listener until the signal aborts. A plain `for await` loop over `connections()` throws
 * when descriptors run out. A server goes on: it waits until a connection has ended, and the next ones wait in the
 * queue of the system.
 */
export async function* acceptConnections(
  listener: Socket,
  signal?: AbortSignal,
): AsyncGenerator<[Socket, SockAddr], void, undefined> {
  const connections = listener.connections({ signal });
  for (;;) {
    const next = await connections.next().catch(async (error: SockError) => {
      if (!SHORTAGES.has(error.code)) throw error;
      console.error(`${error.message}: waiting for a connection to end`);
      await delay(100);
    });
    if (next?.done === true) return;
    if (next !== undefined) yield next.value;
  }
}
