/**
 * Ask what this system and backend can do
 *
 * `supports` answers for every option and operation: `native`, `emulated`, `advisory` or `unsupported`, and why. A call that
 * is unsupported throws `ERR_SOCK_UNSUPPORTED`: nothing is silently ignored.
 *
 * Backends: native, wasi.
 * Prints: nodelay
 */
import { Domain, Socket, Type } from '@sock/native';

using socket = new Socket(Domain.IPV4, Type.STREAM);
for (const name of ['nodelay', 'reusePort', 'tcpUserTimeout', 'sendfile']) {
  const { level, reason } = socket.supports(name);
  console.log(name, level, reason ?? '');
}
