/** The echo server on the asynchronous forms of a backend of @sock: `async.mjs PACKAGE echo|accept|relay`. */
import { writeSync } from 'node:fs';
import process from 'node:process';

const [name, what] = process.argv.slice(2);
const { Domain, SockAddr, Socket, Type } = await import(name);
const listener = new Socket(Domain.IPV4, Type.STREAM);
listener.bind(SockAddr.ipv4('127.0.0.1', 0));
listener.listen(4096);
listener.setNonblocking(true);

/** All connections receive into it: what is received is sent or copied before the next turn. */
const buffer = new Uint8Array(65536);
const small = buffer.subarray(0, 64);

async function echo(connection) {
  try {
    for (let length; (length = await connection.recvAsync(buffer)) > 0;) {
      const sent = connection.trySend(length === 64 ? small : buffer.subarray(0, length)) ?? 0;
      if (sent < length) await connection.sendAllAsync(buffer.slice(sent, length));
    }
  } catch {
    // The peer is gone.
  }
  connection.close();
}

const { splice } = what === 'relay' ? await import('@sock/std') : {};
let waiting;

/** Joins connections in pairs. */
function relay(connection) {
  if (waiting === undefined) {
    waiting = connection;
    return;
  }
  const pair = [waiting, connection];
  waiting = undefined;
  Promise.all([splice(...pair), splice(...pair.toReversed())])
    .catch(() => {})
    .finally(() => {
      for (const socket of pair) socket.close();
    });
}

writeSync(1, `${listener.localAddr().port}\n`);
for await (const [connection] of listener.connections()) {
  if (what === 'accept') connection.close();
  else {
    connection.setNodelay(true);
    if (what === 'relay') relay(connection);
    else void echo(connection);
  }
}
