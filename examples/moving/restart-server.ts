/**
 * The server of restart.ts, the old process and the new one.
 *
 * A connection moves when no request is being answered. What the client sends meanwhile waits in the system's buffer,
 * which moves along. A request of which only a part has been read would be lost: this server expects small requests.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { intoNetServer, intoNetSocket, receiveSocket, sendSocket, socketFrom } from '@sock/std';

const isFirst = process.argv[2] === 'first';
const connections = new Set<net.Socket>();
const busy = new Set<net.Socket>();
const server = http.createServer((request, response) => {
  const { socket } = request;
  busy.add(socket);
  response.once('close', () => busy.delete(socket));
  response.end(isFirst ? 'old' : 'new');
});
let accepting: net.Server | undefined;

function serve(connection: net.Socket): void {
  connections.add(connection);
  connection.once('close', () => connections.delete(connection));
  server.emit('connection', connection);
}

/** A server of its own accepts: closing it leaves the connections alone, and an http server would close some. */
function accept(listener: Socket): void {
  accepting = intoNetServer(listener, {}, serve);
}

async function move(next: ChildProcess, connection: net.Socket): Promise<void> {
  const socket = socketFrom(connection);
  // Closes this descriptor only: the duplicate keeps the connection open.
  connection.destroy();
  connections.delete(connection);
  await sendSocket(next, socket);
}

async function restart(): Promise<void> {
  const next = fork(fileURLToPath(import.meta.url), ['next']);
  await once(next, 'message');
  if (accepting === undefined) throw new Error('this process does not listen');
  await sendSocket(next, socketFrom(accepting));
  accepting.close();
  process.send?.({ successor: next.pid });
  while (connections.size > 0) {
    for (const connection of connections) {
      if (busy.has(connection) || connection.writableLength > 0) continue;
      await move(next, connection);
    }
    await nextTurn();
  }
  // Nothing keeps this process alive now.
  next.disconnect();
  next.unref();
  process.disconnect();
}

if (isFirst) {
  process.once('message', () => void restart());
  const listener = new Socket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(1024);
  const { port } = listener.localAddr();
  accept(listener);
  process.send?.({ port });
} else {
  process.send?.('ready');
  const end = new AbortController();
  process.once('disconnect', () => end.abort());
  while (!end.signal.aborted) {
    try {
      const socket = await receiveSocket(process, Socket, { signal: end.signal });
      if (socket.isListener()) accept(socket);
      else serve(intoNetSocket(socket));
    } catch (error) {
      if (!end.signal.aborted) throw error;
    }
  }
}
