/**
 * The first server of README.md: an echo server. Node runs it as it stands, also as a file `server.mjs`.
 *
 *   node --import tsx examples/first/server.ts
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';

const listener = new Socket(Domain.IPV4, Type.STREAM);
listener.setReuseAddress(true);
listener.bind(SockAddr.parse('127.0.0.1:7000'));
listener.listen(128);
for await (const [connection] of listener.connections()) {
  const { readable, writable } = connection.streams();
  readable.pipeTo(writable).catch(console.error);
}
