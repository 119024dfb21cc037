/**
 * One program for every backend: an echo server with a client, a file sent over TCP, datagrams. It uses only the
 * Socket class that it is given. So it runs unchanged on @sock/native, on @sock/wasi under Node, and as a
 * component inside a WASI runtime.
 */
import { Domain, SockAddr, type Socket, Type } from '@sock/core';

/** The class that a backend exports. */
export type SocketClass = new (domain: Domain, type: Type) => Socket;

/** The result of one step of the program. */
export interface Step {
  readonly name: string;
  readonly result: string;
}

const TIMEOUT = 10_000;
const FILE_SIZE = 1 << 20;
const loopback = SockAddr.ipv4('127.0.0.1', 0);

/** FNV-1a: a checksum that needs no library. */
function checksum(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

async function sendAll(socket: Socket, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    const count = socket.trySend(bytes.subarray(sent));
    if (count === undefined) await socket.writable({ timeout: TIMEOUT });
    else sent += count;
  }
}

/** Receives until the peer ends its stream or `most` bytes have arrived. */
async function recvAll(socket: Socket, most: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(most);
  let length = 0;
  while (length < most) {
    const count = socket.tryRecv(bytes.subarray(length));
    if (count === undefined) await socket.readable({ timeout: TIMEOUT });
    else if (count === 0) break;
    else length += count;
  }
  return bytes.subarray(0, length);
}

function listen(SocketOf: SocketClass): Socket {
  const listener = new SocketOf(Domain.IPV4, Type.STREAM);
  listener.bind(loopback);
  listener.listen(8);
  return listener;
}

async function connect(SocketOf: SocketClass, address: SockAddr): Promise<Socket> {
  const socket = new SocketOf(Domain.IPV4, Type.STREAM);
  while (socket.tryConnect(address) === undefined) await socket.writable({ timeout: TIMEOUT });
  return socket;
}

async function accept(listener: Socket): Promise<Socket> {
  for (;;) {
    const accepted = listener.tryAccept();
    if (accepted !== undefined) return accepted[0];
    await listener.readable({ timeout: TIMEOUT });
  }
}

/** Both ends of a connection through a listener. */
async function connection(SocketOf: SocketClass): Promise<[client: Socket, server: Socket]> {
  const listener = listen(SocketOf);
  try {
    const server = accept(listener);
    const client = await connect(SocketOf, listener.localAddr());
    return [client, await server];
  } finally {
    listener.close();
  }
}

async function echo(SocketOf: SocketClass): Promise<string> {
  const [client, server] = await connection(SocketOf);
  const serving = (async () => {
    const buffer = new Uint8Array(1024);
    for (;;) {
      const count = server.tryRecv(buffer);
      if (count === 0) break;
      if (count === undefined) await server.readable({ timeout: TIMEOUT });
      else await sendAll(server, buffer.subarray(0, count));
    }
    server.close();
  })();
  const messages = ['hello', 'from one program', 'on every backend'];
  for (const message of messages) {
    await sendAll(client, new TextEncoder().encode(message));
    const answer = new TextDecoder().decode(await recvAll(client, message.length));
    if (answer !== message) throw new Error(`sent '${message}', got '${answer}'`);
  }
  client.shutdown('write');
  await serving;
  client.close();
  return `${messages.length} messages came back`;
}

async function transfer(SocketOf: SocketClass): Promise<string> {
  const file = Uint8Array.from(
    { length: FILE_SIZE },
    (_, index) => (index * 31 + (index >> 8)) & 255,
  );
  const [client, server] = await connection(SocketOf);
  const receiving = recvAll(server, FILE_SIZE + 1);
  await sendAll(client, file);
  client.shutdown('write');
  const arrived = await receiving;
  client.close();
  server.close();
  if (checksum(arrived) !== checksum(file)) throw new Error('the file arrived changed');
  return `${arrived.length} bytes, checksum ${checksum(arrived)}`;
}

async function datagrams(SocketOf: SocketClass): Promise<string> {
  const receiver = new SocketOf(Domain.IPV4, Type.DGRAM);
  receiver.bind(loopback);
  const sender = new SocketOf(Domain.IPV4, Type.DGRAM);
  sender.bind(loopback);
  const buffer = new Uint8Array(64);
  for (let i = 0; i < 10; i++) {
    sender.trySendTo(Uint8Array.of(i), receiver.localAddr());
    await receiver.readable({ timeout: TIMEOUT });
    const received = receiver.tryRecvFrom(buffer);
    if (received?.[1].port !== sender.localAddr().port || buffer[0] !== i) {
      throw new Error(`datagram ${i} did not arrive`);
    }
  }
  receiver.close();
  sender.close();
  return '10 datagrams, each with its sender';
}

/** A call that cannot work must fail: nobody listens at this address. */
async function refused(SocketOf: SocketClass): Promise<string> {
  const listener = listen(SocketOf);
  const address = listener.localAddr();
  listener.close();
  try {
    (await connect(SocketOf, address)).close();
  } catch (error) {
    return String((error as { code?: string }).code);
  }
  throw new Error('connected to nobody');
}

/** Runs every step on a backend's Socket. */
export async function program(SocketOf: SocketClass): Promise<Step[]> {
  const steps: [string, (SocketOf: SocketClass) => Promise<string>][] = [
    ['TCP echo', echo],
    ['file over TCP', transfer],
    ['UDP', datagrams],
    ['connection refused', refused],
  ];
  const done: Step[] = [];
  for (const [name, step] of steps) done.push({ name, result: await step(SocketOf) });
  return done;
}
