/**
 * Look at the first bytes before you decide
 *
 * `peek` reads without removing. A server can tell a TLS handshake (first byte 22) from plain HTTP and hand
 * the untouched connection to the right `http` or `https` server.
 *
 * Backends: native, wasi.
 * Prints: plain, then TLS
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';

using listener = new Socket(Domain.IPV4, Type.STREAM);
listener.bind(SockAddr.parse('127.0.0.1:0'));
listener.listen(128);

async function protocolOf(first: Uint8Array): Promise<string> {
  using client = new Socket(Domain.IPV4, Type.STREAM);
  client.connect(listener.localAddr());
  client.send(first);
  const [connection] = listener.accept();
  await connection.readable();
  const byte = new Uint8Array(1);
  connection.peek(byte);
  connection.close();
  return byte[0] === 22 ? 'TLS' : 'plain';
}

const plain = await protocolOf(new TextEncoder().encode('GET / HTTP/1.1\r\n'));
const tls = await protocolOf(Uint8Array.of(22, 3, 1));
console.log(`${plain}, then ${tls}`);
