/** The echo server on the asynchronous forms of a backend of @sock: `async.mjs PACKAGE echo|accept`. */
import { writeSync } from 'node:fs';
import process from 'node:process';

const [name, what] = process.argv.slice(2);
const { Domain, SockAddr, Socket, Type } = await import(name);
const listener = new Socket(Domain.IPV4, Type.STREAM);
listener.bind(SockAddr.ipv4('127.0.0.1', 0));
listener.listen(4096);
listener.setNonblocking(true);

async function echo(connection) {
  // Of its own: the receives of several connections may be done before the code after the first `await` runs.
  const buffer = new Uint8Array(4096);
  const small = buffer.subarray(0, 64);
  try {
    for (let length; (length = await connection.recvAsync(buffer)) > 0;) {
      const bytes = length === 64 ? small : buffer.subarray(0, length);
      const sent = connection.trySend(bytes) ?? 0;
      if (sent < length) await connection.sendAllAsync(bytes.subarray(sent));
    }
  } catch {
    // The peer is gone.
  }
  connection.close();
}

writeSync(1, `${listener.localAddr().port}\n`);
for await (const [connection] of listener.connections()) {
  if (what === 'accept') connection.close();
  else {
    connection.setNodelay(true);
    void echo(connection);
  }
}
