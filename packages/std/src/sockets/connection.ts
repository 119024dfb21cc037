/**
 * The connection of WinterTC's Sockets API, as Cloudflare Workers has it.
 * @see https://sockets-api.proposal.wintertc.org/
 */
import type { Socket as AnySocket } from '@sock/core';
import type tls from 'node:tls';
import { SocketError } from './socket-error.js';
import { PlainTransport, type TlsSettings, TlsTransport, type Transport } from './transport.js';

/** How a connection is secured. */
export type SecureTransport = 'off' | 'on' | 'starttls';

/** What {@link Socket.opened} says. */
export interface SocketInfo {
  /** Where the peer is: `'192.0.2.1:443'`, `'[2001:db8::1]:443'`. */
  readonly remoteAddress: string | null;
  readonly localAddress: string | null;
  /** The protocol of the `alpn` list that the server chose. */
  readonly alpn: string | null;
}

/** Options of {@link Socket.startTls}. */
export interface StartTlsOptions {
  /** The name that the certificate must have. Default: that of the host. */
  readonly expectedServerHostname?: string;
  /** Options of `tls.connect`, such as `ca`. */
  readonly tls?: tls.ConnectionOptions;
}

/** What a {@link Socket} is made of. @internal */
export interface ConnectionParts {
  readonly secureTransport: SecureTransport;
  readonly allowHalfOpen: boolean;
  readonly host: string;
  readonly sni: string | undefined;
  readonly alpn: readonly string[];
  readonly tls: tls.ConnectionOptions | undefined;
  /** Opens the connection. Once the signal is aborted it rejects, and nothing is left open. */
  open(signal: AbortSignal): Promise<Transport>;
}

interface Settled<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** A promise that nobody has to handle. */
function settled<T>(): Settled<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((fulfil, refuse) => {
    [resolve, reject] = [fulfil, refuse];
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

const TOKEN = Symbol('connect');
const encoder = new TextEncoder();

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (chunk instanceof ArrayBuffer || chunk instanceof SharedArrayBuffer)
    return new Uint8Array(chunk);
  // As the draft's examples write it.
  if (typeof chunk === 'string') return encoder.encode(chunk);
  throw new TypeError('A chunk must be a string, an ArrayBuffer or a view of one');
}

/** A connection to a server: what `connect` returns at once, before it is open. */
export class Socket {
  /** What the peer sends, as a stream of bytes. Nothing is read ahead of its reader. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What is sent to the peer. Chunks are buffers, views or text, which is sent as UTF-8. */
  readonly writable: WritableStream<unknown>;
  /** `'on'` for TLS, `'starttls'` for a connection that may become TLS. */
  readonly secureTransport: SecureTransport;
  readonly #parts: ConnectionParts;
  readonly #opened = settled<SocketInfo>();
  readonly #closed = settled<undefined>();
  /** Ends what is under way: opening, or a read. */
  readonly #stop = new AbortController();
  readonly #transport: Promise<Transport>;
  #reader: ReadableByteStreamController | undefined;
  #writer: WritableStreamDefaultController | undefined;
  /** The read that is under way. */
  #reading: Promise<unknown> | undefined;
  /** Chunks that were written to the stream, and those that were sent. */
  #queued = 0;
  #sent = 0;
  #drained: (() => void) | undefined;
  #isOpen = false;
  /** Whether the connection is over, or belongs to another Socket. */
  #isOver = false;
  #isUpgraded = false;
  #isClosing = false;
  #hasEnded = false;
  #hasFinished = false;

  /** Not to be called: `connect` makes it. */
  private constructor(token: unknown, parts?: ConnectionParts) {
    if (token !== TOKEN || parts === undefined)
      throw new TypeError('Illegal constructor: call connect()');
    this.#parts = parts;
    this.secureTransport = parts.secureTransport;
    this.#transport = parts.open(this.#stop.signal);
    this.readable = new ReadableStream({
      type: 'bytes',
      start: (controller: ReadableByteStreamController) => {
        this.#reader = controller;
      },
      pull: () => this.#pull(),
      cancel: () => {
        this.#reader = undefined;
      },
    });
    this.writable = new WritableStream(
      {
        start: (controller) => {
          this.#writer = controller;
        },
        write: (chunk) => this.#write(chunk),
        close: () => this.#finish(),
        abort: (reason: unknown) => this.#abort(reason),
      },
      {
        highWaterMark: 1,
        // It is called once for each chunk, as the chunk is queued.
        size: () => {
          this.#queued += 1;
          return 1;
        },
      },
    );
    this.#transport.then(
      ({ remoteAddress, localAddress, alpn }) => {
        if (this.#isOver) return;
        this.#isOpen = true;
        this.#opened.resolve({ remoteAddress, localAddress, alpn });
      },
      (error: unknown) => this.#fail(error),
    );
  }

  /** @internal */
  static make(parts: ConnectionParts): Socket {
    return new Socket(TOKEN, parts);
  }

  /** Fulfils once the connection is made, with TLS once the handshake is; rejects with a SocketError. */
  get opened(): Promise<SocketInfo> {
    return this.#opened.promise;
  }

  /** Fulfils once the connection is closed by either side; rejects with a SocketError if it failed. */
  get closed(): Promise<undefined> {
    return this.#closed.promise;
  }

  /** Whether `startTls` was called. */
  get upgraded(): boolean {
    return this.#isUpgraded;
  }

  /**
   * Closes the connection: without a reason once what was written is sent, with a reason at once. Both streams end, also
   * for those who hold a reader or writer.
   * @param reason the error of both streams and of `opened` if it is pending; without it the readable just ends
   * @returns {@link closed}
   */
  close(reason?: unknown): Promise<undefined> {
    if (this.#isOver) return this.closed;
    const end = (): void => this.#end(reason, () => this.#closed.resolve(undefined));
    if (!this.#isOpen) {
      this.#opened.reject(reason ?? new SocketError('the socket was closed before it was open'));
      end();
    } else if (reason !== undefined) end();
    else if (!this.#isClosing) {
      this.#isClosing = true;
      void this.#flushed().then(end);
    }
    return this.closed;
  }

  /**
   * Begins TLS on the connection. This Socket is closed, its reader and writer work no longer, and the connection goes
   * on in the Socket that is returned. What was written before is sent before.
   * @throws {SocketError} unless `secureTransport` is `'starttls'`, or if it was called before or the socket is closed
   */
  startTls({ expectedServerHostname, tls: options }: StartTlsOptions = {}): Socket {
    const { secureTransport, host, sni, alpn, tls: given } = this.#parts;
    if (secureTransport !== 'starttls') {
      throw new SocketError('secureTransport must be set to "starttls" for startTls to work');
    }
    if (this.#isUpgraded) throw new SocketError('startTls was called already');
    if (this.#isOver || this.#isClosing) throw new SocketError('the socket is closed');
    this.#isUpgraded = true;
    const settings: TlsSettings = {
      host: expectedServerHostname ?? host,
      sni: expectedServerHostname ?? sni,
      alpn,
      tls: { ...given, ...options },
    };
    return Socket.make({
      ...this.#parts,
      secureTransport: 'on',
      open: (signal) => this.#upgrade(settings, signal),
    });
  }

  async #upgrade(settings: TlsSettings, signal: AbortSignal): Promise<Transport> {
    const abort = (): void => this.#stop.abort(signal.reason);
    signal.addEventListener('abort', abort);
    try {
      const plain = await this.#transport;
      await this.#flushed();
      if (this.#isOver) throw new SocketError('the connection was closed before TLS began');
      // The socket is no longer this one's; the end of its streams must not close it.
      this.#isOver = true;
      this.#stop.abort();
      await this.#reading;
      this.#endStreams(undefined);
      this.#closed.resolve(undefined);
      return await secure(plain, settings, signal);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #pull(): Promise<void> {
    const pulled = this.#read();
    this.#reading = pulled;
    return pulled;
  }

  async #read(): Promise<void> {
    try {
      const transport = await this.#transport;
      if (this.#isOver) return;
      const request = this.#reader?.byobRequest ?? null;
      const bytes = await transport.read(
        (request?.view as Uint8Array | null | undefined) ?? undefined,
        this.#stop.signal,
      );
      const controller = this.#reader;
      if (controller === undefined) return;
      if (bytes === undefined) this.#ended(controller);
      else if (request === null) controller.enqueue(bytes as Uint8Array<ArrayBuffer>);
      else request.respond(bytes.length);
    } catch (error) {
      if (!this.#isOver) this.#fail(error);
    }
  }

  /** The peer sends no more. */
  #ended(controller: ReadableByteStreamController): void {
    this.#hasEnded = true;
    this.#reader = undefined;
    closeReader(controller);
    if (!this.#parts.allowHalfOpen) {
      // Only a stream without a writer can be closed. Any other fails, once what was written is sent.
      if (!this.writable.locked) this.writable.close().catch(() => undefined);
      void this.close();
    } else if (this.#hasFinished) this.#end(undefined, () => this.#closed.resolve(undefined));
  }

  async #write(chunk: unknown): Promise<void> {
    try {
      const bytes = bytesOf(chunk);
      const transport = await this.#transport;
      if (this.#isOver) throw new SocketError('the socket is closed');
      await transport.write(bytes);
      this.#sent += 1;
      if (this.#sent === this.#queued) this.#drained?.();
    } catch (error) {
      // The stream has failed: it sends nothing more.
      this.#writesNoMore();
      // A chunk of a wrong type is the caller's mistake, and the connection stays.
      if (error instanceof TypeError && !(error instanceof SocketError)) throw error;
      const failure = SocketError.of(error);
      this.#fail(failure);
      throw failure;
    }
  }

  #writesNoMore(): void {
    this.#writer = undefined;
    this.#drained?.();
  }

  async #finish(): Promise<void> {
    this.#writesNoMore();
    this.#hasFinished = true;
    const transport = await this.#transport;
    if (this.#isOver) return;
    try {
      await transport.end();
    } catch (error) {
      this.#fail(error);
      throw SocketError.of(error);
    }
    if (this.#hasEnded) this.#end(undefined, () => this.#closed.resolve(undefined));
  }

  /** What is queued is dropped, so the peer must not take what it has for all. */
  #abort(reason: unknown): void {
    this.#writesNoMore();
    if (this.#isOver) return;
    const error = SocketError.of(reason ?? new SocketError('the writable was aborted'));
    this.#fail(error);
  }

  /** Fulfils when what was written is sent, or can be sent no more. */
  #flushed(): Promise<void> {
    if (this.#sent === this.#queued || this.#writer === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  #fail(cause: unknown): void {
    if (this.#isOver) return;
    const error = SocketError.of(cause);
    this.#opened.reject(error);
    this.#end(error, () => this.#closed.reject(error));
  }

  #end(reason: unknown, settle: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stop.abort(reason);
    this.#transport.then(
      (transport) => transport.close(),
      () => undefined,
    );
    this.#endStreams(reason);
    this.#drained?.();
    settle();
  }

  #endStreams(reason: unknown): void {
    const [reader, writer] = [this.#reader, this.#writer];
    this.#reader = undefined;
    this.#writer = undefined;
    if (reader !== undefined) {
      if (reason === undefined) closeReader(reader);
      else reader.error(reason);
    }
    writer?.error(reason ?? new SocketError('the socket is closed'));
  }
}

function closeReader(controller: ReadableByteStreamController): void {
  controller.close();
  // A read with a buffer ends by this.
  controller.byobRequest?.respond(0);
}

/** TLS over a connection that is open. */
export async function secure(
  transport: Transport,
  settings: TlsSettings,
  signal: AbortSignal,
): Promise<Transport> {
  if (!(transport instanceof PlainTransport))
    throw new SocketError('the connection is secure already');
  return TlsTransport.connect(transport, settings, signal);
}

/** The bytes of a Socket that is connected. */
export function plain(socket: AnySocket): PlainTransport {
  try {
    return new PlainTransport(socket);
  } catch (error) {
    socket.close();
    throw error;
  }
}
