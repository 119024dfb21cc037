/**
 * An async echo server
 *
 * Each `...Async` method tries first and waits on the event loop only if the call would block. `connections()` is
 * a loop over the clients, which ends when the listener is closed.
 *
 * Backends: native, wasi.
 * Prints: hello
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';

const listener = new Socket(Domain.IPV4, Type.STREAM);
listener.bind(SockAddr.parse('127.0.0.1:0')); // port 0: the system picks a free one
listener.listen(128);

async function serve(): Promise<void> {
  for await (const [connection] of listener.connections()) echo(connection).catch(console.error);
}

async function echo(connection: Socket): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (let length; (length = await connection.recvAsync(buffer)) > 0;) {
    await connection.sendAllAsync(buffer.subarray(0, length));
  }
  connection.close(); // the peer has sent everything
}

const serving = serve();

// A client, to show that it works.
const client = new Socket(Domain.IPV4, Type.STREAM);
await client.connectAsync(listener.localAddr(), { timeout: 5000 });
await client.sendAllAsync(new TextEncoder().encode('hello'));
const answer = new Uint8Array(5);
await client.recvExactAsync(answer);
console.log(new TextDecoder().decode(answer));
client.close();

listener.close(); // ends the loop
await serving;
