/**
 * A UDP relay on a Poller, with batched datagrams. It sends the datagrams of clients to one server, and the server's
 * answers back to the client of the session.
 *
 *   node --import tsx examples/poller/relay.ts --port 7001 --to 127.0.0.1:53
 */
import {
  DatagramBatch,
  Domain,
  type Events,
  Interest,
  Poller,
  SockAddr,
  Socket,
  Type,
} from '@sock/native';
import { Command } from 'commander';
import { between, port } from '../arguments.js';

const options = new Command('relay.ts')
  .description('A UDP relay: clients on one side, one server on the other.')
  .option('--port <port>', 'where clients send to; 0: any that is free', port, 7001)
  .requiredOption('--to <address>', 'the server, such as 127.0.0.1:53')
  .option(
    '--idle <seconds>',
    'a session ends after so long without a datagram',
    between(1, 86_400),
    60,
  )
  .parse()
  .opts<{ port: number; to: string; idle: number }>();

const FRONT = 0;
const server = SockAddr.parse(options.to);

/** Each client has its own socket towards the server, so that answers find their way back. */
interface Session {
  readonly socket: Socket;
  readonly client: SockAddr;
  readonly key: string;
  lastUsed: number;
}

const front = new Socket(Domain.IPV4, Type.DGRAM);
front.bind(SockAddr.ipv4('127.0.0.1', options.port));
const poller = new Poller();
const batch = new DatagramBatch({ count: 64, size: 2048 });
const answers = new DatagramBatch({ count: 64, size: 2048, addresses: false });
const back = new DatagramBatch({ count: 64, size: 2048 });
const byClient = new Map<string, number>();
const sessions: (Session | undefined)[] = [undefined];
poller.register(front, FRONT, Interest.READABLE);
poller.attach(relay);
console.log(`relay: ${front.localAddr()} -> ${server}`);

const sweep = setInterval(() => {
  const oldest = Date.now() - options.idle * 1000;
  for (const [token, session] of sessions.entries()) {
    if (session === undefined || session.lastUsed > oldest) continue;
    session.socket.close();
    byClient.delete(session.key);
    sessions[token] = undefined;
  }
}, 1000);
sweep.unref();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    poller.close();
    front.close();
    for (const session of sessions) session?.socket.close();
  });
}

function relay(events: Events): void {
  for (let i = 0; i < events.length; i++) {
    const token = events.token(i);
    const session = sessions[token];
    if (token === FRONT) forward();
    else if (session !== undefined) answer(session);
  }
}

function forward(): void {
  if (front.tryRecvBatch(batch) === undefined) return;
  for (let i = 0; i < batch.length; i++) {
    const session = sessionOf(batch.address(i));
    session.lastUsed = Date.now();
    // A datagram that does not fit into the send queue is lost, as datagrams may be.
    session.socket.trySend(batch.bytes(i));
  }
}

function sessionOf(client: SockAddr): Session {
  const key = client.toString();
  const known = sessions[byClient.get(key) ?? FRONT];
  if (known !== undefined) return known;
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.connect(server);
  const session = { socket, client, key, lastUsed: 0 };
  const token = sessions.push(session) - 1;
  byClient.set(key, token);
  poller.register(socket, token, Interest.READABLE);
  return session;
}

function answer(session: Session): void {
  try {
    if (session.socket.tryRecvBatch(answers) === undefined) return;
  } catch {
    // The server's port is closed: the ICMP message arrives as an error of this socket.
    return;
  }
  session.lastUsed = Date.now();
  back.length = 0;
  for (let i = 0; i < answers.length; i++) back.push(answers.bytes(i), session.client);
  front.trySendBatch(back);
}
