/** A connection as Web streams. */
import { Type } from '../constants.js';
import { checkBoolean, checkInteger, SockError } from '../errors.js';
import { type WaitOptions, waitOptions, type WaitSignal } from '../socket/waits.js';
import type { AsyncSocket } from './async-socket.js';
import type { Pending } from './pending.js';
import { Recv, SendAll } from './transfers.js';

/** The options of {@link AsyncSocket.streams}. */
export interface StreamOptions extends WaitOptions {
  /** Leaves the socket open when both streams are done. Default `false`. */
  readonly keepOpen?: boolean | undefined;
  /** Bytes of room for a read without a buffer of its own. Default 65536. */
  readonly chunkSize?: number | undefined;
  /** Bytes that the writable queues before its writers are to wait. Default 65536. */
  readonly highWaterMark?: number | undefined;
}

/** The type of the instances of a global class, or another type where the program's types have no such class. */
type Global<Name extends string, Otherwise> = typeof globalThis extends {
  [K in Name]: { prototype: infer Instance };
}
  ? Instance
  : Otherwise;

/** What every engine's `ReadableStream` has. */
export interface ReadableBytes {
  readonly locked: boolean;
  cancel(reason?: unknown): Promise<void>;
  getReader(options?: object): unknown;
  pipeTo(destination: unknown, options?: object): Promise<void>;
}

/** What every engine's `WritableStream` has. */
export interface WritableBytes {
  readonly locked: boolean;
  abort(reason?: unknown): Promise<void>;
  close(): Promise<void>;
  getWriter(): unknown;
}

/** The two directions of a connection. */
export interface SocketStreams {
  readonly readable: Global<'ReadableStream', ReadableBytes>;
  readonly writable: Global<'WritableStream', WritableBytes>;
}

/** `ReadableByteStreamController`, as far as it is used. */
interface ReadController {
  readonly byobRequest: {
    readonly view: Uint8Array | null;
    respond(length: number): void;
  } | null;
  close(): void;
  enqueue(chunk: Uint8Array): void;
  error(reason: unknown): void;
}

/** `WritableStreamDefaultController`, as far as it is used. */
interface WriteController {
  readonly signal?: WaitSignal;
  error(reason: unknown): void;
}

/** The classes of the engine. */
interface Engine {
  readonly ReadableStream?: new (source: object) => SocketStreams['readable'];
  readonly WritableStream?: new (sink: object, strategy: object) => SocketStreams['writable'];
}

const SIZE = 65536;
const SIZE_MAX = 1 << 30;

/** What both streams of a socket know. */
class Ends {
  readonly #socket: AsyncSocket;
  readonly #wait: WaitOptions;
  readonly #signal: WaitSignal | undefined;
  readonly #keepOpen: boolean;
  readonly #chunkSize: number;
  #room: Uint8Array | undefined;
  #read: ReadController | undefined;
  #written: WriteController | undefined;
  #receiving: Pending<number> | undefined;
  /** The request whose view the receive fills. */
  #request: ReadController['byobRequest'] = null;
  /** Whether another reader waits by now for what the receive gets. */
  #isOvertaken = false;
  #sending: Pending<number> | undefined;

  constructor(socket: AsyncSocket, options: StreamOptions) {
    const { signal, timeout } = waitOptions(options);
    const { keepOpen = false, chunkSize = SIZE } = options;
    this.#socket = socket;
    this.#wait = { timeout };
    this.#signal = signal;
    this.#keepOpen = checkBoolean('options.keepOpen', keepOpen);
    this.#chunkSize = checkInteger('options.chunkSize', chunkSize, 1, SIZE_MAX);
  }

  /** The underlying byte source. */
  source(): object {
    return {
      type: 'bytes',
      start: (controller: ReadController) => {
        this.#read = controller;
      },
      pull: (controller: ReadController) => this.#pull(controller),
      cancel: (reason: unknown) => this.#cancel(reason),
    };
  }

  /** The underlying sink. */
  sink(): object {
    return {
      start: (controller: WriteController) => {
        this.#written = controller;
        const { signal } = controller;
        // `abort` of the sink waits for the write that is under way. The signal ends that write; an engine without
        // it has to wait.
        signal?.addEventListener('abort', () => this.#endSending(signal.reason));
      },
      write: (chunk: Uint8Array) => this.#write(chunk),
      close: () => this.#closeWriting(),
      abort: (reason: unknown) => this.#fail(reason, false),
    };
  }

  /** Begins to listen to the caller's signal, once both streams are there. */
  begin(): void {
    const signal = this.#signal;
    if (signal === undefined) return;
    if (signal.aborted) this.#aborted();
    else signal.addEventListener('abort', this.#aborted);
  }

  readonly #aborted = (): void => this.#fail(this.#signal?.reason);

  /**
   * Returns at once, so that the stream calls again if somebody reads meanwhile. With a view that waits, only a reader
   * without one has the stream call: a reader with a view has released its lock.
   */
  #pull(controller: ReadController): void {
    if (this.#receiving !== undefined) {
      this.#isOvertaken = this.#request !== null;
      return;
    }
    this.#isOvertaken = false;
    const request = (this.#request = controller.byobRequest);
    const room = request?.view ?? (this.#room ??= new Uint8Array(this.#chunkSize));
    const call = new Recv(this.#socket).with(room, 0);
    this.#receiving = call;
    const received = (length: number): void => {
      if (this.#receiving !== call) return;
      this.#receiving = undefined;
      if (length === 0) this.#endOfStream(controller);
      else if (request === null) controller.enqueue(this.#chunk(length));
      // A `respond` would queue the bytes and tell nobody.
      else if (this.#isOvertaken) controller.enqueue(room.slice(0, length));
      else request.respond(length);
    };
    const failed = (error: unknown): void => {
      if (this.#receiving !== call) return;
      this.#receiving = undefined;
      this.#fail(error);
    };
    void this.#socket.incoming.start(call, this.#wait).then(received, failed);
  }

  /** What was received into the room: a copy if it is little, as the room would live as long as the chunk. */
  #chunk(length: number): Uint8Array {
    const room = this.#room as Uint8Array;
    if (2 * length < room.length) return room.slice(0, length);
    // The stream takes over the memory.
    this.#room = undefined;
    return room.subarray(0, length);
  }

  #endOfStream(controller: ReadController): void {
    this.#read = undefined;
    try {
      controller.close();
      // The reads with a buffer that wait end by this.
      controller.byobRequest?.respond(0);
    } catch {
      // The stream ended inside an element of a view. The controller has errored it by now.
    }
    this.#finish();
  }

  #cancel(reason: unknown): void {
    this.#read = undefined;
    this.#endReceiving(reason);
    this.#shutdown('read');
    this.#finish();
  }

  #write(chunk: Uint8Array): Promise<void> {
    try {
      const call = new SendAll(this.#socket, chunk, 0, undefined);
      this.#sending = call;
      return this.#socket.outgoing.start(call, this.#wait).then(
        () => {
          if (this.#sending === call) this.#sending = undefined;
        },
        (error: unknown) => {
          if (this.#sending === call) this.#fail(error);
          throw error;
        },
      );
    } catch (error) {
      this.#fail(error);
      return Promise.reject(error);
    }
  }

  #closeWriting(): void {
    this.#written = undefined;
    try {
      this.#shutdown('write');
    } finally {
      this.#finish();
    }
  }

  /** shutdown(2) of a half; ENOTCONN: the peer has ended the connection already. */
  #shutdown(how: 'read' | 'write'): void {
    const socket = this.#socket;
    const { context } = socket;
    const result = socket.driver.shutdown(socket.handle, how === 'read' ? 0 : 1);
    if (result >= 0 || result === context.result('ENOTCONN')) return;
    if (how === 'write') throw context.error(result, 'shutdown');
  }

  #endReceiving(reason: unknown): void {
    const call = this.#receiving;
    this.#receiving = undefined;
    if (call !== undefined) this.#socket.incoming.end(call, reason, 'signal');
  }

  #endSending(reason: unknown): void {
    const call = this.#sending;
    this.#sending = undefined;
    if (call !== undefined) this.#socket.outgoing.end(call, reason, 'signal');
  }

  /** Errors what is not done yet, and gives up the connection. */
  #fail(reason: unknown, andWritable = true): void {
    const read = this.#read;
    const written = this.#written;
    if (read === undefined && written === undefined) return;
    this.#read = undefined;
    this.#written = undefined;
    read?.error(reason);
    if (andWritable) written?.error(reason);
    this.#endReceiving(reason);
    this.#endSending(reason);
    if (!this.#keepOpen && !this.#socket.closed) {
      try {
        // The peer must not take the end of what was sent for the end of the data.
        this.#socket.setLinger(0);
      } catch {
        // A backend without SO_LINGER: the peer gets the end of the stream.
      }
    }
    this.#finish();
  }

  /** Closes the socket when both directions are done. */
  #finish(): void {
    if (this.#read !== undefined || this.#written !== undefined) return;
    this.#signal?.removeEventListener('abort', this.#aborted);
    if (!this.#keepOpen) this.#socket.close();
  }
}

/**
 * The bytes of a chunk. What is no buffer is refused when it is written: an error here would error the writable, and
 * tell neither the readable nor the socket.
 */
function sizeOf(chunk: unknown): number {
  try {
    const size = (chunk as { readonly byteLength?: unknown }).byteLength;
    return typeof size === 'number' && size >= 0 && size < Infinity ? size : 1;
  } catch {
    return 1;
  }
}

/** Makes the streams of a connection. */
export function streamsOf(socket: AsyncSocket, options: StreamOptions = {}): SocketStreams {
  const ends = new Ends(socket, options);
  const { highWaterMark = SIZE } = options;
  checkInteger('options.highWaterMark', highWaterMark, 0, SIZE_MAX);
  if (socket.type() !== Type.STREAM) {
    throw new SockError('EPROTOTYPE', {
      syscall: 'streams',
      message: `streams EPROTOTYPE: only a socket of type STREAM is a stream of bytes, not one of type ${socket.type()}`,
    });
  }
  const { ReadableStream, WritableStream } = globalThis as Engine;
  if (ReadableStream === undefined || WritableStream === undefined) {
    throw new SockError('ERR_SOCK_UNSUPPORTED', {
      syscall: 'streams',
      message: 'streams: this engine has no ReadableStream and WritableStream',
    });
  }
  const readable = new ReadableStream(ends.source());
  const writable = new WritableStream(ends.sink(), { highWaterMark, size: sizeOf });
  ends.begin();
  return { readable, writable };
}
