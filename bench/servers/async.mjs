/** The servers on the asynchronous forms of a backend of @sock: `async.mjs PACKAGE echo|accept|flood-loop|relay`. */
import { writeSync } from 'node:fs';
import process from 'node:process';

const [name, what] = process.argv.slice(2);
const { DatagramBatch, Domain, SockAddr, Socket, Type } = await import(name);
const stream = what !== 'flood-loop';
const socket = new Socket(Domain.IPV4, stream ? Type.STREAM : Type.DGRAM);
socket.bind(SockAddr.ipv4('127.0.0.1', 0));

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
      for (const one of pair) one.close();
    });
}

async function accept() {
  socket.listen(4096);
  socket.setNonblocking(true);
  writeSync(1, `${socket.localAddr().port}\n`);
  for await (const [connection] of socket.connections()) {
    if (what === 'accept') connection.close();
    else {
      connection.setNodelay(true);
      if (what === 'relay') relay(connection);
      else void echo(connection);
    }
  }
}

async function receive() {
  socket.setRecvBufferSize(4 << 20);
  const batch = new DatagramBatch({ count: 64, size: 2048, addresses: false });
  let datagrams = 0;
  let bytes = 0;
  writeSync(1, `${socket.localAddr().port}\n`);
  for (;;) {
    const received = await socket.recvBatchAsync(batch);
    datagrams += received;
    for (let i = 0; i < received; i++) {
      const length = batch.lengths[i];
      bytes += length;
      // A datagram of one byte asks how much arrived.
      if (length === 1) writeSync(1, `${batch.data[i * batch.size]} ${datagrams} ${bytes}\n`);
    }
  }
}

await (stream ? accept() : receive());
