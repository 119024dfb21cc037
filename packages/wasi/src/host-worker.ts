/** The part of host.ts that runs in the worker of Node's host, where its sockets are. */
import type { Socket } from 'node:net';
import { setDefaultHighWaterMark } from 'node:stream';
import type {
  WorkerExtension,
  WorkerExtensionContext,
} from '@bytecodealliance/preview2-shim/io-worker';

/** What a socket queues before a send has to wait, in bytes: several sends of the usual size. */
const QUEUE = 256 * 1024;

/** All but `load`, which does nothing, return how much may be written next; `flush` 0 while something is queued. */
export type Operation = 'load' | 'write' | 'flush';

export default function extend({ getStream }: WorkerExtensionContext): WorkerExtension {
  // For the sockets that the host makes from now on; Node's own measure differs from version to version.
  setDefaultHighWaterMark(false, QUEUE);
  return (operation, [id, bytes]) => {
    if (operation === 'load') return 0;
    const socket = getStream(id as number) as Socket;
    if (operation === 'flush' && socket.writableLength > 0) return 0;
    if (operation === 'write') {
      // What one send gives is whole: held back for an acknowledgement, it would wait for its peer's timer.
      socket.setNoDelay(true);
      socket.write(bytes as Uint8Array);
    }
    return socket.writableHighWaterMark - socket.writableLength;
  };
}
