/**
 * A TCP echo server on a Poller. The event loop calls it once for a batch of ready connections, without an object or
 * a callback for each.
 *
 *   node --import tsx examples/poller/echo.ts --port 7000
 */
import { Domain, type Events, Interest, Poller, SockAddr, Socket, Type } from '@sock/native';
import { Command } from 'commander';
import { port } from '../arguments.js';

const options = new Command('echo.ts')
  .description('A TCP echo server on a Poller.')
  .option('--host <address>', 'the IPv4 address to listen on', '127.0.0.1')
  .option('--port <port>', '0: any that is free', port, 7000)
  .parse()
  .opts<{ host: string; port: number }>();

const LISTENER = 0;
const CHUNK = 65536;

/** A connection, and the bytes that its peer was too slow to take. */
interface Connection {
  readonly socket: Socket;
  readonly token: number;
  pending: Uint8Array | undefined;
}

const listener = new Socket(Domain.IPV4, Type.STREAM);
listener.setReuseAddress(true);
listener.setNonblocking(true);
listener.bind(SockAddr.ipv4(options.host, options.port));
listener.listen(4096);

const poller = new Poller();
/** Connections by token. A new connection takes the place of a closed one. */
const connections: (Connection | undefined)[] = [undefined];
const free: number[] = [];
const buffer = new Uint8Array(CHUNK);
poller.register(listener, LISTENER, Interest.READABLE);
poller.attach(serve);
console.log(`echo: ${listener.localAddr()}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    poller.close();
    listener.close();
    for (const connection of connections) connection?.socket.close();
  });
}

function serve(events: Events): void {
  for (let i = 0; i < events.length; i++) {
    const token = events.token(i);
    if (token === LISTENER) {
      accept();
      continue;
    }
    const connection = connections[token];
    if (connection === undefined) continue;
    try {
      if (connection.pending === undefined) echo(connection);
      else flush(connection);
    } catch {
      // The peer reset the connection.
      close(connection);
    }
  }
}

function accept(): void {
  for (;;) {
    const accepted = listener.tryAccept();
    if (accepted === undefined) return;
    const [socket] = accepted;
    socket.setNonblocking(true);
    socket.setNodelay(true);
    const token = free.pop() ?? connections.length;
    connections[token] = { socket, token, pending: undefined };
    poller.register(socket, token, Interest.READABLE);
  }
}

function echo(connection: Connection): void {
  const length = connection.socket.tryRecv(buffer);
  if (length === undefined) return;
  if (length === 0) {
    close(connection);
    return;
  }
  const sent = connection.socket.trySend(buffer.subarray(0, length)) ?? 0;
  if (sent === length) return;
  connection.pending = buffer.slice(sent, length);
  poller.reregister(connection.socket, connection.token, Interest.WRITABLE);
}

function flush(connection: Connection): void {
  const pending = connection.pending as Uint8Array;
  const sent = connection.socket.trySend(pending) ?? 0;
  if (sent < pending.length) {
    connection.pending = pending.subarray(sent);
    return;
  }
  connection.pending = undefined;
  poller.reregister(connection.socket, connection.token, Interest.READABLE);
}

function close({ socket, token }: Connection): void {
  // Closing a socket deregisters it.
  socket.close();
  connections[token] = undefined;
  free.push(token);
}
