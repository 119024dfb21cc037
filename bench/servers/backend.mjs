/** The servers on a backend of @sock; its Poller waits for connections: `backend.mjs PACKAGE echo|accept|flood|bulk|flood-meta|bulk-meta|flood-loop`. */
import { writeSync } from 'node:fs';
import process from 'node:process';

const [name, what] = process.argv.slice(2);
const { DatagramBatch, Domain, Interest, Poller, SockAddr, Socket, Type } = await import(name);
const stream = what === 'echo' || what === 'accept';
const socket = new Socket(Domain.IPV4, stream ? Type.STREAM : Type.DGRAM);
socket.bind(SockAddr.ipv4('127.0.0.1', 0));
const poller = new Poller();

/** A connection, and the data that its peer has not taken yet. */
class Connection {
  pending;
  constructor(socket, token) {
    this.socket = socket;
    this.token = token;
  }

  echo() {
    const length = this.socket.tryRecv(buffer);
    if (length === undefined) return;
    if (length === 0) {
      this.close();
      return;
    }
    const sent = this.socket.trySend(length === 64 ? small : buffer.subarray(0, length)) ?? 0;
    if (sent === length) return;
    this.pending = buffer.slice(sent, length);
    poller.reregister(this.socket, this.token, Interest.WRITABLE);
  }

  flush() {
    this.pending = this.pending.subarray(this.socket.trySend(this.pending) ?? 0);
    if (this.pending.length > 0) return;
    this.pending = undefined;
    poller.reregister(this.socket, this.token, Interest.READABLE);
  }

  close() {
    this.socket.close();
    connections[this.token] = undefined;
    free.push(this.token);
  }
}

const connections = [undefined];
const free = [];
const buffer = new Uint8Array(65536);
const small = buffer.subarray(0, 64);

function accept() {
  for (let batch = socket.tryAcceptBatch(); batch !== undefined; batch = socket.tryAcceptBatch()) {
    for (const [connection] of batch) {
      if (what === 'accept') {
        connection.close();
        continue;
      }
      connection.setNodelay(true);
      const token = free.pop() ?? connections.length;
      connections[token] = new Connection(connection, token);
      poller.register(connection, token, Interest.READABLE);
    }
  }
}

function serve(connection) {
  try {
    if (connection.pending === undefined) connection.echo();
    else connection.flush();
  } catch {
    connection.close();
  }
}

function tellPort() {
  writeSync(1, `${socket.localAddr().port}\n`);
}

const bulk = what.startsWith('bulk');
const meta = what.endsWith('-meta');
/** What came with the datagrams. */
const ecn = new Float64Array(4);
let destination;
let time = 0;

/** What came so far. */
let datagrams = 0;
let bytes = 0;

/** Counts the datagrams of a batch, and reads what came with them. */
function count(batch, received) {
  datagrams += received;
  for (let i = 0; i < received; i++) {
    const length = batch.lengths[i];
    bytes += length;
    if (meta) {
      ecn[batch.ecn[i]]++;
      destination = batch.destination(i);
      time = batch.receivedAt(i);
    }
    // A datagram of one byte asks how much arrived.
    if (length !== 1) continue;
    if (meta && (time === 0 || destination === undefined)) throw new Error('no meta data');
    writeSync(1, `${batch.data[i * batch.size]} ${datagrams} ${bytes}\n`);
  }
}

/** Like the receiver in C: one call waits for the first datagram and takes all others that have arrived. */
function receive(batch) {
  for (;;) count(batch, socket.recvBatch(batch));
}

/** The most batches of one call of the handler, for all sockets that are ready: as in C. */
const TURN_BATCHES = 16;

/** Like the loop in C: a batch that is not full is the last. */
function receiveOnLoop(batch) {
  poller.register(socket, 0, Interest.READABLE);
  poller.attach((events) => {
    for (let event = 0; event < events.length; event++) {
      for (let left = TURN_BATCHES; left > 0; left -= events.length) {
        const received = socket.tryRecvBatch(batch);
        if (received === undefined) break;
        count(batch, received);
        if (received < batch.capacity) break;
      }
    }
  });
}

if (stream) {
  socket.listen(4096);
  socket.setNonblocking(true);
  poller.register(socket, 0, Interest.READABLE);
  poller.attach((events) => {
    for (let i = 0; i < events.length; i++) {
      const connection = connections[events.token(i)];
      if (connection === undefined) accept();
      else serve(connection);
    }
  });
  tellPort();
} else {
  const can = (operation) => socket.supports(operation).level !== 'unsupported';
  socket.setRecvBufferSize(4 << 20);
  if (bulk && can('setUdpGro')) socket.setUdpGro(true);
  const batch = new DatagramBatch({
    count: 64,
    size: bulk ? 65536 : 2048,
    addresses: false,
    ...(meta ? { columns: ['ecn', 'destination', 'timestamp'] } : {}),
  });
  batch.enable(socket);
  tellPort();
  if (what.endsWith('-loop')) receiveOnLoop(batch);
  else receive(batch);
}
