/** The same servers on the Poller of @sock/native: `sock-native.mjs echo|accept|flood|bulk`. */
import { DatagramBatch, Domain, Interest, Poller, SockAddr, Socket, Type } from '@sock/native';

const [what] = process.argv.slice(2);
const stream = what === 'echo' || what === 'accept';
const socket = new Socket(Domain.IPV4, stream ? Type.STREAM : Type.DGRAM);
socket.bind(SockAddr.ipv4('127.0.0.1', 0));
const poller = new Poller();

if (stream) {
  socket.listen(4096);
  const connections = [];
  const buffer = new Uint8Array(65536);
  const accept = () => {
    for (let accepted = socket.tryAccept(); accepted !== undefined; accepted = socket.tryAccept()) {
      const [connection] = accepted;
      if (what === 'accept') {
        connection.close();
        continue;
      }
      connection.setNodelay(true);
      poller.register(connection, connections.push(connection), Interest.READABLE);
    }
  };
  const echo = (connection) => {
    try {
      const length = connection.tryRecv(buffer);
      if (length === undefined) return;
      if (length === 0) connection.close();
      else connection.trySend(length === 64 ? small : buffer.subarray(0, length));
    } catch {
      connection.close();
    }
  };
  const small = buffer.subarray(0, 64);
  poller.register(socket, 0, Interest.READABLE);
  poller.attach((events) => {
    for (let i = 0; i < events.length; i++) {
      const token = events.token(i);
      if (token === 0) accept();
      else echo(connections[token - 1]);
    }
  });
} else {
  socket.setRecvBufferSize(4 << 20);
  if (what === 'bulk') socket.setUdpGro(true);
  const size = what === 'bulk' ? 65536 : 2048;
  const batch = new DatagramBatch({ count: 64, size, addresses: false });
  let datagrams = 0;
  let bytes = 0;
  poller.register(socket, 0, Interest.READABLE);
  poller.attach(() => {
    // A few batches a turn, so that the loop goes on with the rest of the program.
    for (let turn = 0; turn < 16; turn++) {
      const count = socket.tryRecvBatch(batch);
      if (count === undefined) return;
      datagrams += count;
      for (let i = 0; i < count; i++) bytes += batch.lengths[i];
      if (count < 64) return;
    }
  });
  process.stdin.on('data', () => {
    process.stdout.write(`${datagrams} ${bytes}\n`);
    process.exit();
  });
}
process.stdout.write(`${socket.localAddr().port}\n`);
