import { unlinkSync } from 'node:fs';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { whenReadable } from '../when-readable.js';

/** The longest message, in bytes. A longer one is cut. */
const ROOM = 65536;
const CONTROL_ROOM = 64;

/** A message and its sender. The kernel vouches for the sender: SCM_CREDENTIALS. */
export interface Datagram {
  readonly text: string;
  readonly pid: number;
  readonly uid: number;
}

/**
 * Makes a unix datagram socket in the file system and receives messages with the sender's credentials. It stops when the
 * signal aborts and all messages that were sent before are read. The generator's end removes the socket's file.
 * @throws {SockError} EADDRINUSE if the path is taken, EACCES, ENOENT
 */
export function receive(path: string, signal: AbortSignal): AsyncGenerator<Datagram> {
  const socket = new Socket(Domain.UNIX, Type.DGRAM);
  socket.setPasscred(true);
  socket.bind(SockAddr.unix(path));
  return datagrams(socket, path, signal);
}

async function* datagrams(
  socket: Socket,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Datagram> {
  try {
    for await (const _ of whenReadable(socket, signal)) yield* waiting(socket);
    yield* waiting(socket);
  } finally {
    socket.close();
    unlinkSync(path);
  }
}

/** The messages that have arrived already. */
function* waiting(socket: Socket): Generator<Datagram> {
  const buffer = new Uint8Array(ROOM);
  for (;;) {
    const message = socket.tryRecvmsg({ buffers: [buffer], control: CONTROL_ROOM });
    if (message === undefined) return;
    const sender = message.control.find((item) => item.kind === 'credentials');
    yield {
      text: new TextDecoder().decode(buffer.subarray(0, message.length)),
      pid: sender?.pid ?? 0,
      uid: sender?.uid ?? 0,
    };
  }
}
