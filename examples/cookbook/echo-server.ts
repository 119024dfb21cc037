/**
 * An async echo server
 *
 * `readable()` and `writable()` wait on the event loop. `tryAccept`, `tryRecv` and `trySend` never block:
 * they return `undefined` if there is nothing to do yet.
 *
 * Backends: native, wasi.
 * Prints: hello
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';

const listener = new Socket(Domain.IPV4, Type.STREAM);
listener.bind(SockAddr.parse('127.0.0.1:0')); // port 0: the system picks a free one
listener.listen(128);

async function serve(): Promise<void> {
  for (;;) {
    await listener.readable();
    const accepted = listener.tryAccept();
    if (accepted !== undefined) void echo(accepted[0]);
  }
}

async function echo(connection: Socket): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (;;) {
    await connection.readable();
    const length = connection.tryRecv(buffer);
    if (length === 0) break; // the peer has sent everything
    for (let sent = 0; sent < (length ?? 0);) {
      sent += connection.trySend(buffer.subarray(sent, length)) ?? 0;
      if (sent < (length ?? 0)) await connection.writable();
    }
  }
  connection.close();
}

const serving = serve();

// A client, to show that it works.
const client = new Socket(Domain.IPV4, Type.STREAM);
while (client.tryConnect(listener.localAddr()) === undefined) await client.writable();
client.send(new TextEncoder().encode('hello'));
await client.readable();
const answer = new Uint8Array(64);
console.log(new TextDecoder().decode(answer.subarray(0, client.recv(answer))));
client.close();

listener.close(); // the wait for the next connection rejects with EBADF
await serving.catch((error: { code: string }) => {
  if (error.code !== 'EBADF') throw error;
});
