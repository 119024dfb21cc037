/** What carries the bytes of a connection: a Socket, or TLS over one. */
import net from 'node:net';
import tls from 'node:tls';
import type { Socket } from '@sock/core';
import { intoNetSocket } from '../convert/into.js';

/** Bytes of room for a read that brings none. */
const ROOM = 65_536;

/** A connection that is open. */
export interface Transport {
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** The protocol that TLS negotiated. */
  readonly alpn: string | null;
  /**
   * The next bytes, in `room` if it is given and there are any; `undefined` at the end. A read that the signal ends has
   * taken nothing.
   */
  read(room: Uint8Array | undefined, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Sends all of it. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the writing half. */
  end(): Promise<void>;
  /** Ends the connection at once. */
  close(): void;
}

/** The bytes of a Socket as they are. */
export class PlainTransport implements Transport {
  readonly alpn = null;
  readonly localAddress: string;
  readonly remoteAddress: string;
  #room: Uint8Array | undefined;

  constructor(readonly socket: Socket) {
    this.localAddress = String(socket.localAddr());
    this.remoteAddress = String(socket.peerAddr());
  }

  async read(room: Uint8Array | undefined, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const buffer = room ?? (this.#room ??= new Uint8Array(ROOM));
    const length = await this.socket.recvAsync(buffer, { signal });
    if (length === 0) return undefined;
    if (room !== undefined) return buffer.subarray(0, length);
    // A little is copied: the room would live as long as the chunk.
    if (2 * length < ROOM) return buffer.slice(0, length);
    this.#room = undefined;
    return buffer.subarray(0, length);
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.socket.sendAllAsync(bytes);
  }

  async end(): Promise<void> {
    try {
      this.socket.shutdown('write');
    } catch (error) {
      // The peer has ended the connection already.
      if ((error as { code?: string }).code !== 'ENOTCONN') throw error;
    }
  }

  close(): void {
    this.socket.close();
  }
}

/** How TLS begins. */
export interface TlsSettings {
  /** The host of the certificate; for a name also the server name that is asked for. */
  readonly host: string;
  readonly sni: string | undefined;
  readonly alpn: readonly string[];
  /** Options of `tls.connect`. */
  readonly tls: tls.ConnectionOptions | undefined;
}

/** TLS over a Socket of any backend, by node:tls. */
export class TlsTransport implements Transport {
  readonly alpn: string | null;

  private constructor(
    private readonly stream: tls.TLSSocket,
    readonly localAddress: string,
    readonly remoteAddress: string,
  ) {
    this.alpn = stream.alpnProtocol || null;
  }

  /**
   * Takes a connection and makes the handshake.
   * @throws the error of the handshake, or the signal's reason; the connection is closed then
   */
  static async connect(
    { socket, localAddress, remoteAddress }: PlainTransport,
    { host, sni, alpn, tls: options }: TlsSettings,
    signal: AbortSignal,
  ): Promise<TlsTransport> {
    const name = sni ?? host;
    const raw = intoNetSocket(socket, { allowHalfOpen: true });
    let stream: tls.TLSSocket;
    try {
      stream = tls.connect({
        host,
        // RFC 6066, section 3: a server name is not an address.
        ...(net.isIP(name) === 0 ? { servername: name } : {}),
        ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
        ...options,
        allowHalfOpen: true,
        socket: raw,
      } as tls.ConnectionOptions);
    } catch (error) {
      raw.destroy();
      throw error;
    }
    raw.once('error', (error) => stream.destroy(error));
    try {
      await handshake(stream, signal);
    } catch (error) {
      stream.on('error', () => undefined).destroy();
      raw.destroy();
      throw error;
    }
    // Each call reports it; none may be under way when it happens.
    stream.on('error', () => undefined);
    return new TlsTransport(stream, localAddress, remoteAddress);
  }

  async read(room: Uint8Array | undefined, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { stream } = this;
    for (;;) {
      signal.throwIfAborted();
      if (stream.errored) throw stream.errored;
      const most = Math.min(stream.readableLength, room?.length ?? ROOM);
      const chunk = (most === 0 ? stream.read() : stream.read(most)) as Buffer | null;
      if (chunk !== null) {
        if (room === undefined) return new Uint8Array(chunk);
        room.set(chunk);
        return room.subarray(0, chunk.length);
      }
      if (stream.readableEnded || stream.destroyed) return undefined;
      await readable(stream, signal);
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.stream.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  end(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { stream } = this;
      if (stream.destroyed) resolve();
      else stream.end((error?: Error | null) => (error ? reject(error) : resolve()));
    });
  }

  close(): void {
    this.stream.destroy();
  }
}

function handshake(stream: tls.TLSSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: unknown): void => {
      stream.off('secureConnect', connected).off('error', done).off('close', closed);
      signal.removeEventListener('abort', aborted);
      if (error === undefined) resolve();
      else reject(error);
    };
    const connected = (): void => done();
    const closed = (): void =>
      done(new Error('The connection was closed before TLS was established'));
    const aborted = (): void => done(signal.reason);
    stream.on('secureConnect', connected).on('error', done).on('close', closed);
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted);
  });
}

/** Waits until a stream has data, has ended or has failed. */
function readable(stream: tls.TLSSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const names = ['readable', 'end', 'error', 'close'] as const;
    const done = (): void => {
      for (const name of names) stream.off(name, done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    for (const name of names) stream.on(name, done);
    signal.addEventListener('abort', done);
  });
}
