import type { Socket } from '@sock/native';
import { splice } from '@sock/std';

/**
 * Moves bytes between two connections, in both directions, until both have ended. The end of one direction leaves the
 * other one open: a client may send everything, shut down its half, and wait for the answer.
 *
 * `splice` has a `timeout`, but a proxy can't use it: one direction may rest for hours while the other is busy.
 * Keepalive finds the peers that are gone.
 * @throws {SockError} of the direction that fails first; both connections are reset
 */
export async function join(client: Socket, server: Socket, signal?: AbortSignal): Promise<void> {
  for (const socket of [client, server]) {
    socket.setNodelay(true);
    socket.setTcpKeepalive({ time: 60_000, interval: 10_000, retries: 6 });
  }
  try {
    await Promise.all([splice(client, server, { signal }), splice(server, client, { signal })]);
  } catch (error) {
    for (const socket of [client, server]) {
      // A close would look like the regular end of the data. With linger 0 it sends a reset.
      socket.setLinger(0);
      socket.close();
    }
    throw error;
  }
}
