/** The handle below a DuplexSocket: what libuv's TCP and Pipe handles do, on a Socket of any backend. */
import type { Socket } from '@sock/core';
import { driverOf, toNodeAddress } from '../node-address.js';
import { asCall, uvError, uvNumber } from '../node-errors.js';
import { drainErrorQueue } from './error-queue.js';
import { SendDelay } from './send-delay.js';
import { CALLS_PER_TURN, SocketWaits } from './socket-waits.js';
import { receiveWhole } from './whole-message.js';
import { worksOn } from './socket-of-handle.js';

/** Bytes of the buffer that a receive may fill. */
const BUFFER_SIZE = 65536;
/** Buffers up to this many bytes together are copied into one; more go out by one sendmsg(2). */
const COPY_MOST = 65536;
/** IOV_MAX: the most buffers of one sendmsg(2). */
const BUFFERS_MOST = 1024;
/** The probes that libuv sets: every second, ten times. */
const PROBE_INTERVAL = 1000;
const PROBES = 10;

/** Whether this version of node reports ECANCELED to a write that is cut off by the end. Node 20 reports success. */
const CUT_WRITES_FAIL = Number.parseInt(process.versions.node, 10) >= 22;

const cutWrite = (): Error =>
  Object.assign(new Error('write ECANCELED'), {
    errno: uvNumber('ECANCELED'),
    code: 'ECANCELED',
    syscall: 'write',
  });

type Callback = (error?: Error | null) => void;

/** What a {@link StreamHandle} tells its stream. */
interface Owner {
  /** @returns whether the stream takes more */
  received(chunk: Buffer): boolean;
  ended(): void;
  failed(error: Error): void;
  /** Some bytes were sent or received. */
  active(): void;
}

/**
 * It has those members of node's handles that node's net.Socket uses, and none by which node's C++ would
 * take it for a handle of its own.
 */
export class StreamHandle {
  readonly fd = -1;
  reading = false;
  bytesRead = 0;
  bytesWritten = 0;
  /** Node clears it when it closes. */
  onread: unknown;
  /** Only for IP addresses: a Pipe of node's has none. */
  readonly getsockname?: (out: object) => number;
  readonly getpeername?: (out: object) => number;
  /** Only for TCP: node ignores these calls on other sockets. */
  readonly setNoDelay?: (on: boolean) => number;
  readonly setKeepAlive?: (
    on: boolean,
    seconds: number,
    intervalSeconds?: number,
    count?: number,
  ) => number;
  readonly setTypeOfService?: (tos: number) => number;
  readonly getTypeOfService?: () => number;
  /** Whether the socket is TCP. */
  readonly isTcp: boolean;
  readonly #socket: Socket;
  readonly #waits: SocketWaits;
  readonly #owner: Owner;
  /** Whether the socket keeps message boundaries: seqpacket. */
  readonly #packets: boolean;
  readonly #delay = new SendDelay();
  #buffer = new Uint8Array(BUFFER_SIZE);
  #waiting = false;
  #pending: Uint8Array[] = [];
  #written: Callback | undefined;

  constructor(socket: Socket, owner: Owner) {
    this.#socket = socket;
    worksOn(this, () => (socket.closed ? undefined : socket));
    this.#owner = owner;
    this.#waits = new SocketWaits(socket);
    this.#packets = socket.type() === 'seqpacket';
    const domain = socket.domain();
    this.isTcp = domain === 'ipv4' || domain === 'ipv6';
    if (!this.isTcp) return;
    this.getsockname = (out) => this.#fill(out, () => socket.localAddr());
    this.getpeername = (out) => this.#fill(out, () => socket.peerAddr());
    this.setNoDelay = (on) => this.#call(() => socket.setNodelay(on));
    this.setKeepAlive = (on, seconds, interval, count) =>
      this.#call(() => this.#keepAlive(on, seconds, interval, count));
    const v6 = domain === 'ipv6';
    this.setTypeOfService = (tos) =>
      this.#call(() => (v6 ? socket.setTclassV6(tos) : socket.setTosV4(tos)));
    this.getTypeOfService = () => {
      try {
        return v6 ? socket.tclassV6() : socket.tosV4();
      } catch (error) {
        return uvError(error);
      }
    };
  }

  #call(run: () => void): number {
    try {
      run();
      return 0;
    } catch (error) {
      return uvError(error);
    }
  }

  #fill(out: object, read: () => ReturnType<Socket['localAddr']>): number {
    return this.#call(() => Object.assign(out, toNodeAddress(read(), driverOf(this.#socket))));
  }

  #keepAlive(
    on: boolean,
    seconds: number,
    interval = PROBE_INTERVAL / 1000,
    retries = PROBES,
  ): void {
    this.#socket.setKeepalive(on);
    if (!on || seconds < 1) return;
    this.#socket.setTcpKeepalive({ time: seconds * 1000, interval: interval * 1000, retries });
  }

  /** Calls back once the socket is connected, or its attempt has failed. */
  whenConnected(done: (error: Error | null) => void): void {
    this.#waits.whenWritable(() => done(null), done);
  }

  // Reading

  readStart(): number {
    this.reading = true;
    if (!this.#waiting) this.#wait();
    return 0;
  }

  readStop(): number {
    this.reading = false;
    return 0;
  }

  #wait(): void {
    this.#waiting = true;
    this.#waits.whenReadable(
      () => {
        this.#waiting = false;
        this.#receive();
      },
      (error) => {
        this.#waiting = false;
        if (!this.#socket.closed) this.#owner.failed(error);
      },
    );
  }

  #receive(): void {
    for (let taken = 0; taken < CALLS_PER_TURN && this.reading; taken += 1) {
      let chunk: Buffer | null | undefined;
      try {
        chunk = this.#packets ? this.#packet() : this.#bytes();
      } catch (error) {
        this.#owner.failed(asCall(error as Error, 'read'));
        return;
      }
      if (chunk === undefined) {
        // Readable without data: the error queue has an entry, such as a transmit timestamp.
        if (taken === 0) drainErrorQueue(this.#socket);
        break;
      }
      this.#owner.active();
      if (chunk === null) {
        this.reading = false;
        this.#owner.ended();
        return;
      }
      this.bytesRead += chunk.length;
      // An empty packet has no place in a stream of bytes, and is not its end.
      if (chunk.length > 0 && !this.#owner.received(chunk)) this.reading = false;
    }
    if (this.reading && !this.#waiting && !this.#socket.closed) this.#wait();
  }

  /** The next packet; `null` at the end. */
  #packet(): Buffer | null | undefined {
    const message = receiveWhole(this.#socket, true);
    if (message === undefined || message === null) return message;
    if (message.truncated) {
      throw Object.assign(new Error('read EMSGSIZE'), { code: 'EMSGSIZE', syscall: 'read' });
    }
    return message.bytes;
  }

  /** The next bytes, for the consumer to keep: a small chunk is copied, a large one is the buffer. */
  #bytes(): Buffer | null | undefined {
    const length = this.#socket.tryRecv(this.#buffer);
    if (length === undefined) return undefined;
    if (length === 0) return null;
    const chunk = Buffer.from(this.#buffer.buffer, 0, length);
    if (length <= BUFFER_SIZE / 2) return Buffer.from(chunk);
    this.#buffer = new Uint8Array(BUFFER_SIZE);
    return chunk;
  }

  // Writing

  /** Sends at once what the system accepts, so that it is sent even if `destroy()` follows. */
  write(chunks: Uint8Array[], callback: Callback): void {
    for (const { length } of chunks) this.bytesWritten += length;
    this.#pending = chunks;
    this.#written = callback;
    this.#flush();
  }

  #flush(): void {
    try {
      while (this.#pending.length > 0) {
        const count = this.#trySend();
        if (count === undefined) {
          this.#awaitRoom();
          return;
        }
        this.#delay.sent();
        this.#owner.active();
      }
    } catch (error) {
      this.#finish(asCall(error as Error, 'write'));
      return;
    }
    this.#finish(null);
  }

  #finish(error: Error | null): void {
    const callback = this.#written;
    this.#pending = [];
    this.#written = undefined;
    callback?.(error);
  }

  #trySend(): number | undefined {
    const [first = new Uint8Array(0)] = this.#pending;
    // Each chunk of a seqpacket socket is a message.
    if (this.#packets || this.#pending.length === 1) {
      const sent = this.#socket.trySend(first);
      if (sent !== undefined) this.#advance(sent);
      return sent;
    }
    const total = this.#pending.reduce((sum, { length }) => sum + length, 0);
    if (total > COPY_MOST && this.#socket.supports('sendmsg').level !== 'unsupported') {
      const buffers = this.#pending.slice(0, BUFFERS_MOST);
      const sent = this.#socket.trySendmsg({ buffers });
      if (sent !== undefined) this.#advance(sent);
      return sent;
    }
    this.#pending = [Buffer.concat(this.#pending)];
    return this.#trySend();
  }

  /** Drops what was sent from what is pending. */
  #advance(sent: number): void {
    let rest = sent;
    let done = 0;
    for (const chunk of this.#pending) {
      if (chunk.length > rest) {
        this.#pending[done] = chunk.subarray(rest);
        break;
      }
      rest -= chunk.length;
      done += 1;
      if (this.#packets) break;
    }
    this.#pending.splice(0, done);
  }

  #awaitRoom(): void {
    this.#waits.whenWritable(
      () => {
        this.#delay.woken();
        if (this.reading === false) drainErrorQueue(this.#socket);
        this.#flush();
      },
      (error) => this.#finish(asCall(error, 'write')),
      this.#delay.next(),
    );
  }

  /** Ends the writing half. `request.oncomplete` is called in the next turn, as by libuv. */
  shutdown(request: { oncomplete?(status: number): void }): number {
    const status = this.#call(() => this.#socket.shutdown('write'));
    if (status === 0) setImmediate(() => request.oncomplete?.(0));
    return status;
  }

  // The rest

  ref(): void {
    this.#waits.ref();
  }

  unref(): void {
    this.#waits.unref();
  }

  hasRef(): boolean {
    return this.#waits.hasRef();
  }

  close(callback?: () => void): void {
    this.reading = false;
    this.#waits.close();
    try {
      this.#socket.close();
    } catch {
      // The descriptor is closed nevertheless, and node's handle reports no error of close(2).
    }
    const written = this.#written;
    this.#written = undefined;
    // As node: a write that is cut off by the end is called back in the turn of `close`.
    setImmediate(() => {
      written?.(CUT_WRITES_FAIL ? cutWrite() : null);
      callback?.();
    });
  }

  /** Closes the connection by a reset: SO_LINGER of 0. Without that option it closes as {@link close}. */
  reset(callback?: () => void): number {
    const supported = this.#socket.supports('linger').level !== 'unsupported';
    const status = supported ? this.#call(() => this.#socket.setLinger(0)) : 0;
    if (status === 0) this.close(callback);
    return status;
  }
}
