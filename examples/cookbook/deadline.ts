/**
 * A time limit on a wait, and a way to cancel it
 *
 * Every wait takes `{ timeout, signal }`. A wait that runs out of time rejects with ETIMEDOUT. A wait that you
 * cancel rejects with the signal's reason. The socket stays usable after both.
 *
 * Backends: native, wasi.
 * Prints: ETIMEDOUT, then cancelled
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';

using socket = new Socket(Domain.IPV4, Type.DGRAM);
socket.bind(SockAddr.parse('127.0.0.1:0'));

const late = await socket.readable({ timeout: 50 }).catch((error: { code: string }) => error.code);

const controller = new AbortController();
setTimeout(() => controller.abort('cancelled'), 50);
const stopped = await socket
  .readable({ signal: controller.signal })
  .catch(() => controller.signal.reason as string);

console.log(`${late}, then ${stopped}`);
