import { unlinkSync } from 'node:fs';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { whenReadable } from '../when-readable.js';

/** The most that a message may have; what is longer is cut. */
const ROOM = 65536;
const CONTROL_ROOM = 64;

/** A message and who sent it, on the kernel's word: SCM_CREDENTIALS. */
export interface Datagram {
  readonly text: string;
  readonly pid: number;
  readonly uid: number;
}

/**
 * A unix datagram socket in the file system that receives, with the sender's credentials, until the
 * signal aborts and all that was sent before is read. It is there when this returns, and gone when the generator ends.
 * @throws {SockError} EADDRINUSE where the path is taken, EACCES, ENOENT
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

/** What is there already. */
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
