/** The part of host.ts that runs in the worker of Node's host, where its sockets are. */
import type { Socket } from 'node:net';
import { setDefaultHighWaterMark } from 'node:stream';
import type {
  WorkerExtension,
  WorkerExtensionContext,
} from '@bytecodealliance/preview2-shim/io-worker';

/** What a socket queues before a send has to wait, in bytes: several sends of the usual size. */
const QUEUE = 256 * 1024;

/**
 * `load` does nothing. `write` and `flushed` return how much may be written next, `flushed` 0 while something is
 * queued; `flush` a future of that.
 */
export type Operation = 'load' | 'write' | 'flush' | 'flushed';

/** Resolves when the system has all that was written, or never will: a write of nothing comes after it. */
const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.write(new Uint8Array(0), () => resolve());
  });

export default function extend(context: WorkerExtensionContext): WorkerExtension {
  // For the sockets that the host makes from now on; Node's own measure differs from version to version.
  setDefaultHighWaterMark(false, QUEUE);
  return (operation, [id, bytes]) => {
    if (operation === 'load') return 0;
    const socket = context.getStream(id as number) as Socket;
    if (operation === 'flush') return context.createFuture(drained(socket));
    if (operation === 'flushed' && socket.writableLength > 0) return 0;
    if (operation === 'write') {
      // What one send gives is whole: held back for an acknowledgement, it would wait for its peer's timer.
      socket.setNoDelay(true);
      socket.write(bytes as Uint8Array);
    }
    return socket.writableHighWaterMark - socket.writableLength;
  };
}
