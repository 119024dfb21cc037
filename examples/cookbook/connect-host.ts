/**
 * Connect by name
 *
 * `connectHost` looks up IPv6 and IPv4 at the same time and tries all addresses in parallel: RFC 8305, Happy Eyeballs. A
 * black-holed address costs a quarter of a second, and not a time-out. The socket is a Socket like any other, with its
 * options set before it connects.
 *
 * Backends: native, wasi.
 * Prints: hello from localhost
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { connectHost } from '@sock/std';

using listener = new Socket(Domain.IPV4, Type.STREAM);
listener.bind(SockAddr.parse('127.0.0.1:0'));
listener.listen(8);
const { port } = listener.localAddr();

using socket = await connectHost(Socket, 'localhost', port, {
  timeout: 5000,
  sock: { nodelay: true },
});
await socket.sendAllAsync(new TextEncoder().encode('hello from localhost'));

const [accepted] = await listener.acceptAsync();
const buffer = new Uint8Array(64);
const length = await accepted.recvAsync(buffer);
console.log(new TextDecoder().decode(buffer.subarray(0, length)));
accepted.close();
