/**
 * An HTTP/1.1 plaintext server on a Poller, with keep-alive and pipelining. It answers every GET with
 * `Hello, World!`.
 *
 *   node --import tsx examples/poller/http.ts --port 7080
 */
import { Domain, type Events, Interest, Poller, SockAddr, Socket, Type } from '@sock/native';
import { Command } from 'commander';
import { port } from '../arguments.js';

const options = new Command('http.ts')
  .description('An HTTP/1.1 plaintext server on a Poller.')
  .option('--host <address>', 'the IPv4 address to listen on', '127.0.0.1')
  .option('--port <port>', '0: any that is free', port, 7080)
  .parse()
  .opts<{ host: string; port: number }>();

const LISTENER = 0;
/** The longest head of a request, in bytes. */
const HEAD_MAX = 8192;
const BODY = 'Hello, World!';
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
);
const REFUSAL = Buffer.from(
  'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
);
const END = '\r\n\r\n';

interface Connection {
  readonly socket: Socket;
  /** The beginning of a head that has not arrived completely. */
  head: string;
}

const listener = new Socket(Domain.IPV4, Type.STREAM);
listener.setReuseAddress(true);
listener.setNonblocking(true);
listener.bind(SockAddr.ipv4(options.host, options.port));
listener.listen(4096);
const poller = new Poller();
const connections: (Connection | undefined)[] = [undefined];
const free: number[] = [];
const buffer = Buffer.alloc(65536);
/** Room for the answers to one read that is full of the smallest requests. */
const answers = Buffer.concat(Array.from({ length: 64 }, () => ANSWER));
poller.register(listener, LISTENER, Interest.READABLE);
poller.attach(serve);
console.log(`http: http://${listener.localAddr()}/`);
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
    const connection = connections[token];
    if (token === LISTENER) accept();
    else if (connection !== undefined && !answer(connection)) {
      connection.socket.close();
      connections[token] = undefined;
      free.push(token);
    }
  }
}

function accept(): void {
  for (
    let accepted = listener.tryAccept();
    accepted !== undefined;
    accepted = listener.tryAccept()
  ) {
    const [socket] = accepted;
    socket.setNodelay(true);
    const token = free.pop() ?? connections.length;
    connections[token] = { socket, head: '' };
    poller.register(socket, token, Interest.READABLE);
  }
}

/** @returns whether the connection stays open */
function answer(connection: Connection): boolean {
  try {
    const length = connection.socket.tryRecv(buffer);
    if (length === undefined) return true;
    if (length === 0) return false;
    const text = connection.head + buffer.toString('latin1', 0, length);
    let requests = 0;
    let start = 0;
    for (let end = text.indexOf(END); end !== -1; end = text.indexOf(END, start)) {
      if (!text.startsWith('GET ', start)) return refuse(connection);
      requests += 1;
      start = end + END.length;
    }
    connection.head = text.slice(start);
    if (connection.head.length > HEAD_MAX) return refuse(connection);
    for (; requests > 0; requests -= 64) {
      const bytes = answers.subarray(0, Math.min(requests, 64) * ANSWER.length);
      // Close the connection of a client that sends requests faster than it reads answers.
      if (connection.socket.trySend(bytes) !== bytes.length) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function refuse(connection: Connection): boolean {
  connection.socket.trySend(REFUSAL);
  return false;
}
