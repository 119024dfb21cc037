/**
 * A connect that gives up
 *
 * `connectTimeout` is a blocking connect with a time limit, for scripts and workers. It fails with the error of the
 * connection, or with ETIMEDOUT once the time is over. On an event loop use `tryConnect` and `writable({ timeout })`.
 *
 * Backends: native, wasi.
 * Prints: connect ECONNREFUSED
 */
import { Domain, SockAddr, Socket, type SockError, Type } from '@sock/native';

// A port that was free a moment ago: nobody listens there.
const probe = new Socket(Domain.IPV4, Type.DGRAM);
probe.bind(SockAddr.parse('127.0.0.1:0'));
const address = probe.localAddr();
probe.close();

using socket = new Socket(Domain.IPV4, Type.STREAM);
try {
  socket.connectTimeout(address, 1000);
} catch (error) {
  const { syscall, code } = error as SockError;
  console.log(syscall, code);
}
