/** The part of host.ts that runs in the worker of Node's host, which has the sockets. */
import type { Socket } from 'node:net';
import { setDefaultHighWaterMark } from 'node:stream';
import type {
  WorkerExtension,
  WorkerExtensionContext,
} from '@bytecodealliance/preview2-shim/io-worker';

/** The bytes that a socket queues before a send has to wait: several sends of the usual size. */
const QUEUE = 256 * 1024;

/**
 * `load` does nothing. `write` and `flushed` return how many bytes may be written next. `flushed` returns 0 while
 * something is queued. `flush` returns a future of that.
 */
export type Operation = 'load' | 'write' | 'flush' | 'flushed';

/**
 * Resolves when the system has everything that was written, or never will. An empty write queues behind the others.
 */
const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.write(new Uint8Array(0), () => resolve());
  });

export default function extend(context: WorkerExtensionContext): WorkerExtension {
  // For the sockets that the host makes from now on. Node's own value differs between versions.
  setDefaultHighWaterMark(false, QUEUE);
  return (operation, [id, bytes]) => {
    if (operation === 'load') return 0;
    const socket = context.getStream(id as number) as Socket;
    if (operation === 'flush') return context.createFuture(drained(socket));
    if (operation === 'flushed' && socket.writableLength > 0) return 0;
    if (operation === 'write') {
      // A send is a whole message. Nagle's algorithm would hold it back until the peer acknowledges the last one.
      socket.setNoDelay(true);
      socket.write(bytes as Uint8Array);
    }
    return socket.writableHighWaterMark - socket.writableLength;
  };
}
