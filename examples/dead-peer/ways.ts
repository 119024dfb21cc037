import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from '@sock/native';

/** A way rejects with ETIMEDOUT when the peer is gone. It calls `alive` when the peer gave a sign of life. */
type Way = (socket: Socket, alive: () => void) => Promise<void>;

/**
 * For a connection that rests: the system sends probes. The peer's system answers, so a program that hangs looks alive.
 * The first probe leaves after 1 s of rest, and after 3 probes without an answer, 1 s apart, the peer counts as dead.
 */
async function keepalive(socket: Socket, alive: () => void): Promise<void> {
  socket.setTcpKeepalive({ time: 1000, interval: 1000, retries: 3 });
  const buffer = new Uint8Array(1024);
  while ((await socket.recvAsync(buffer)) > 0) alive();
}

/**
 * For a connection that sends: data that nobody acknowledges for 3 s. The default is some 15 minutes of retransmissions
 * (tcp(7), tcp_retries2). The system does this too. If keepalive is on, this time replaces its number of probes.
 */
async function userTimeout(socket: Socket, alive: () => void): Promise<void> {
  socket.setTcpUserTimeout(3000);
  const receive = async (): Promise<void> => {
    const buffer = new Uint8Array(1024);
    while ((await socket.recvAsync(buffer)) > 0) alive();
  };
  const send = async (): Promise<void> => {
    for (;;) {
      await socket.sendAllAsync(new TextEncoder().encode('data\n'));
      await delay(500);
    }
  };
  await Promise.race([receive(), send()]);
}

/** By the program: a question each second, and no answer for 3 s. It alone notices a peer whose program hangs. */
async function heartbeat(socket: Socket, alive: () => void): Promise<void> {
  const buffer = new Uint8Array(1024);
  for (;;) {
    await socket.sendAllAsync(new TextEncoder().encode('ping\n'), { timeout: 3000 });
    if ((await socket.recvAsync(buffer, { timeout: 3000 })) === 0) return;
    alive();
    await delay(1000);
  }
}

export const ways = { keepalive, 'user-timeout': userTimeout, heartbeat } satisfies Record<
  string,
  Way
>;
