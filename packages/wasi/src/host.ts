/**
 * Adds to the sockets of Node's host what it lacks. The host keeps its sockets in a worker, and every call is a
 * round trip to it. So a send, which is two calls of the interface, has to be one call to the worker.
 */
import {
  callExtension,
  createIoError,
  futureDispose,
  futureSubscribe,
  outputStreamId,
} from '@bytecodealliance/preview2-shim/io-worker';
import type { Operation } from './host-worker.js';

const DISPOSE: symbol = Symbol.dispose ?? Symbol.for('dispose');
const worker = new URL('./host-worker.js', import.meta.url);

type Disposable = Record<symbol, () => void>;

interface OutputStream extends Disposable {
  checkWrite(): bigint;
  write(bytes: Uint8Array): void;
  flush(): void;
  subscribe(): object;
}

interface TcpSocket {
  finishConnect(): [input: Disposable, output: OutputStream];
  accept(): [connection: TcpSocket, input: Disposable, output: OutputStream];
  shutdown(half: 'receive' | 'send' | 'both'): void;
}

interface OutgoingDatagramStream {
  checkSend(): bigint;
}

interface UdpSocket {
  stream(remote?: unknown): [incoming: Disposable, outgoing: OutgoingDatagramStream];
}

/** The host's function that makes TCP sockets. */
export interface TcpCreateSocket {
  createTcpSocket(family: string): TcpSocket;
}

/** The host's function that makes UDP sockets. */
export interface UdpCreateSocket {
  createUdpSocket(family: string): UdpSocket;
}

/** Calls the worker. The error of a stream crosses as data and becomes a resource on this side. */
function inWorker(operation: Operation, ...args: unknown[]): bigint {
  try {
    return BigInt(callExtension(worker, operation, args) as number);
  } catch (error) {
    const { tag, val } = error as { tag?: string; val?: { message?: string } };
    if (tag !== 'last-operation-failed') throw error;
    // A variant of the interface crosses as this plain object.
    throw { tag, val: createIoError(val?.message ?? '') };
  }
}

/**
 * A write returns how many bytes may be written next, so asking for that costs no call. A flush does not wait. The
 * interface requires that, and Node's host waits.
 */
function sending(stream: OutputStream): OutputStream {
  const id = outputStreamId(stream as unknown as Parameters<typeof outputStreamId>[0]);
  const { checkWrite, subscribe } = stream;
  const dispose = stream[DISPOSE] as () => void;
  let room = 0n;
  let flushing = false;
  let flushed: number | undefined;
  return Object.assign(stream, {
    checkWrite(): bigint {
      if (flushing) {
        room = inWorker('flushed', id);
        flushing = room === 0n;
      } else if (room === 0n) {
        // Calls the host's own function too, because it makes the host's pollable wait.
        room = checkWrite.call(stream);
      }
      return room;
    },
    write(bytes: Uint8Array): void {
      room = 0n;
      room = inWorker('write', id, bytes);
    },
    flush(): void {
      flushing = true;
      room = 0n;
    },
    subscribe(): object {
      if (!flushing) return subscribe.call(stream);
      flushed ??= Number(inWorker('flush', id));
      return futureSubscribe(flushed, stream);
    },
    [DISPOSE](): void {
      dispose.call(stream);
      if (flushed !== undefined) futureDispose(flushed);
      flushed = undefined;
    },
  });
}

/**
 * The host's `shutdown` ends both directions at once. Dropping the stream of one direction ends only that one: it
 * sends the FIN, and receiving goes on. libsock itself ends the reading direction.
 */
function connecting(socket: TcpSocket, accepted?: OutputStream): TcpSocket {
  let output = accepted;
  const { finishConnect, accept } = socket;
  return Object.assign(socket, {
    finishConnect(): ReturnType<TcpSocket['finishConnect']> {
      const [input, stream] = finishConnect.call(socket);
      output = sending(stream);
      return [input, output];
    },
    accept(): ReturnType<TcpSocket['accept']> {
      const [connection, input, stream] = accept.call(socket);
      sending(stream);
      return [connecting(connection, stream), input, stream];
    },
    shutdown(half: 'receive' | 'send' | 'both'): void {
      if (half !== 'receive') output?.[DISPOSE]?.();
    },
  });
}

/** The host returns from a send when the system has taken it. So its permit never changes. */
function permitting(stream: OutgoingDatagramStream): OutgoingDatagramStream {
  const { checkSend } = stream;
  let permit = 0n;
  return Object.assign(stream, {
    checkSend(): bigint {
      if (permit === 0n) permit = checkSend.call(stream);
      return permit;
    },
  });
}

/** The host's TCP. A send is one call, and a connection closes one direction at a time. */
export function tcpOf(host: TcpCreateSocket): TcpCreateSocket {
  let loaded = false;
  return {
    createTcpSocket(family) {
      // The size of the queue is fixed when the socket is made.
      if (!loaded) inWorker('load');
      loaded = true;
      return connecting(host.createTcpSocket(family));
    },
  };
}

/** The host's UDP. A send is one call. */
export function udpOf(host: UdpCreateSocket): UdpCreateSocket {
  return {
    createUdpSocket(family) {
      const socket = host.createUdpSocket(family);
      const { stream } = socket;
      return Object.assign(socket, {
        stream(remote?: unknown): ReturnType<UdpSocket['stream']> {
          const [incoming, outgoing] = stream.call(socket, remote);
          return [incoming, permitting(outgoing)];
        },
      });
    },
  };
}
