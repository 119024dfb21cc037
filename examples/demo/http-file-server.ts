import type { SockAddr, Socket } from '@sock/native';
import { whenReadable } from '../when-readable.js';

/** Called for each request once it is answered. */
export type OnAnswered = (peer: SockAddr, request: string, sent: number) => void;

/** Answers HTTP/1.1 requests on a listening socket with one file, until the signal aborts. */
export async function serveFile(
  listener: Socket,
  file: { readonly name: string; readonly bytes: Uint8Array },
  onAnswered: OnAnswered,
  signal: AbortSignal,
): Promise<void> {
  const connections = new Set<Promise<void>>();
  for await (const _ of whenReadable(listener, signal)) {
    const accepted = listener.tryAccept();
    // Another process may share the queue and may have been quicker.
    if (accepted === undefined) continue;
    const connection = answer(...accepted, file, onAnswered).finally(() =>
      connections.delete(connection),
    );
    connections.add(connection);
  }
  await Promise.all(connections);
}

async function answer(
  connection: Socket,
  peer: SockAddr,
  file: { readonly name: string; readonly bytes: Uint8Array },
  onAnswered: OnAnswered,
): Promise<void> {
  using socket = connection;
  socket.setNonblocking(true);
  socket.setNodelay(true);
  const request = await readHead(socket);
  const head = [
    'HTTP/1.1 200 OK',
    'Content-Type: application/octet-stream',
    `Content-Disposition: inline; filename="${file.name}"`,
    `Content-Length: ${file.bytes.length}`,
    'Connection: close',
    '\r\n',
  ].join('\r\n');
  await sendAll(socket, new TextEncoder().encode(head));
  await sendAll(socket, file.bytes);
  socket.shutdown('write');
  // Read until the peer ends its stream. Data that arrives at a closed socket would reset the connection.
  const rest = new Uint8Array(1024);
  for (;;) {
    const length = socket.tryRecv(rest);
    if (length === 0) break;
    if (length === undefined) await socket.readable({ timeout: 5000 });
  }
  onAnswered(peer, request, file.bytes.length);
}

/** Reads the head up to its empty line and returns the request line. */
async function readHead(socket: Socket): Promise<string> {
  const buffer = new Uint8Array(8192);
  let length = 0;
  for (;;) {
    const received = socket.tryRecv(buffer.subarray(length));
    if (received === undefined) {
      await socket.readable({ timeout: 5000 });
      continue;
    }
    if (received === 0) throw new Error('the client closed before its request was complete');
    length += received;
    const text = new TextDecoder('latin1').decode(buffer.subarray(0, length));
    if (text.includes('\r\n\r\n')) return text.slice(0, text.indexOf('\r\n'));
    if (length === buffer.length) throw new Error('the request head is longer than 8192 bytes');
  }
}

async function sendAll(socket: Socket, bytes: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < bytes.length) {
    const sent = socket.trySend(bytes.subarray(offset));
    if (sent === undefined) await socket.writable({ timeout: 5000 });
    else offset += sent;
  }
}
