/**
 * The connect() of Cloudflare Workers, in node
 *
 * `@sock/std/sockets` has WinterTC's `connect` and the classes of Direct Sockets. Code that is written for one of them runs
 * unchanged. `binding(Socket)` makes the same over the sockets of another backend.
 *
 * Prints: HELLO
 */
import { connect, TCPServerSocket } from '@sock/std/sockets';

const server = new TCPServerSocket('127.0.0.1');
const { readable: connections, localPort } = await server.opened;

async function serve(): Promise<void> {
  const reader = connections.getReader();
  const { value: connection } = await reader.read();
  reader.releaseLock();
  if (connection === undefined) return;
  const { readable, writable } = await connection.opened;
  const upper = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const text = new TextDecoder().decode(chunk).toUpperCase();
      controller.enqueue(new TextEncoder().encode(text));
    },
  });
  await readable.pipeThrough(upper).pipeTo(writable);
}

const serving = serve();
const socket = connect({ hostname: 'localhost', port: localPort }, { allowHalfOpen: true });
const writer = socket.writable.getWriter();
await writer.write('hello');
await writer.close();
let answer = '';
for await (const chunk of socket.readable) answer += new TextDecoder().decode(chunk);
console.log(answer);
await Promise.all([socket.closed, serving]);
await server.close();
