/** The metrics of the sockets of a process: TCP_INFO and socket memory, added up. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import dgram from 'node:dgram';
import net from 'node:net';
import { type MemoryInfo, Socket, type TcpInfo, type TcpState } from '@sock/core';
import { wrongType } from '../node-errors.js';
import { type FromOptions, sockRef } from '../convert/from.js';
import { nativeSocket } from '../native-backend.js';
import { beforeClose, handleOf } from '../node-internals.js';
import { runtime } from '../runtime.js';
import { type Attributes, Distribution, type MetricsSnapshot, Sums } from './snapshot.js';
import { connectionOf, type SnapshotSource, socketSnapshot } from './socket-snapshot.js';

/** The options of {@link SocketMetrics}. */
export interface SocketMetricsOptions extends FromOptions {
  /** Sockets that are watched from the start. */
  readonly sockets?: Iterable<SnapshotSource> | undefined;
  /**
   * Whether it watches each `net` and `dgram` socket that node makes from now on, those of http and of each kind of server
   * among them. Node does not tell of the clients of `tls.connect`: {@link SocketMetrics.add} them. Default: `true`.
   */
  readonly all?: boolean | undefined;
}

/** Where node publishes its new sockets: diagnostics_channel. */
const CHANNELS = ['net.client.socket', 'net.server.socket', 'udp.socket'];

/** What a socket had counted when it was read last. */
interface Watched {
  readonly transport: string;
  sent: number;
  received: number;
  retransmitted: number;
  retransmissions: number;
  drops: number;
}

/** The sockets that are watched, in the order in which they were added. */
class WatchedSockets {
  readonly #all = new Map<object, Watched>();
  readonly #references = new WeakMap<Socket, WeakRef<Socket>>();

  /** A Socket that its owner has lost has to be collected, which closes it. Node keeps its own while they are open. */
  #keyOf(socket: SnapshotSource): object {
    if (!(socket instanceof Socket)) return socket;
    let reference = this.#references.get(socket);
    if (reference === undefined) {
      reference = new WeakRef(socket);
      this.#references.set(socket, reference);
    }
    return reference;
  }

  get size(): number {
    return [...this].length;
  }

  has(socket: SnapshotSource): boolean {
    return this.#all.has(this.#keyOf(socket));
  }

  get(socket: SnapshotSource): Watched | undefined {
    return this.#all.get(this.#keyOf(socket));
  }

  set(socket: SnapshotSource, watched: Watched): void {
    this.#all.set(this.#keyOf(socket), watched);
  }

  delete(socket: SnapshotSource): boolean {
    return this.#all.delete(this.#keyOf(socket));
  }

  clear(): void {
    this.#all.clear();
  }

  *[Symbol.iterator](): Generator<[SnapshotSource, Watched]> {
    for (const [key, watched] of this.#all) {
      const socket = key instanceof WeakRef ? (key.deref() as Socket | undefined) : key;
      if (socket === undefined) this.#all.delete(key);
      else yield [socket, watched];
    }
  }
}

/**
 * Counts what the sockets of this process do. It keeps no socket alive, and reads nothing until
 * {@link collect} is called, or a socket of node's closes: two calls of getsockopt(2) a socket.
 *
 * | metric | unit | |
 * |---|---|---|
 * | `process.network.io` | `By` | counter: payload sent and received over TCP, without retransmissions; over unix streams of node's too |
 * | `sock.count` | `{socket}` | open sockets, by transport and by state |
 * | `sock.created` | `{socket}` | counter: sockets that were watched so far |
 * | `sock.tcp.retransmissions` | `{segment}` | counter |
 * | `sock.tcp.retransmitted` | `By` | counter |
 * | `sock.tcp.rtt` | `s` | histogram: the smoothed round-trip time of each established connection, at each reading |
 * | `sock.tcp.unsent` | `By` | what was written and not sent yet |
 * | `sock.memory` | `By` | memory that the system has for the sockets' queues |
 * | `sock.drops` | `{packet}` | counter: packets that the system dropped, mostly as a receive queue was full |
 *
 * A socket of @sock/core is read when you call {@link collect}. What it counted since is lost when it closes.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`
 * @throws {Error} when @sock/native is not installed
 * @see tcp(7), `TCP_INFO`
 *
 * @example
 * const metrics = new SocketMetrics();
 * http.createServer((request, response) => {
 *   response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
 *   response.end(prometheusText(metrics.collect()));
 * });
 */
export class SocketMetrics implements Disposable {
  readonly #from: FromOptions;
  readonly #startTime = Date.now();
  readonly #watched = new WatchedSockets();
  readonly #bytes = new Sums();
  readonly #created = new Sums();
  readonly #rtt = new Distribution();
  #retransmissions = 0;
  #retransmitted = 0;
  #drops = 0;
  readonly #made = (message: unknown): void => {
    this.add((message as { readonly socket: SnapshotSource }).socket);
  };
  #all: boolean;

  constructor(options: SocketMetricsOptions = {}) {
    checkMetricsOptions(options);
    const { sockets = [], all = true, Socket: SocketOf = nativeSocket() } = options;
    this.#from = { Socket: SocketOf };
    this.#all = false;
    for (const socket of sockets) this.add(socket);
    this.#all = all;
    if (all) for (const name of CHANNELS) subscribe(name, this.#made);
  }

  /** The number of open sockets that it watches. */
  get size(): number {
    return this.#watched.size;
  }

  /**
   * Watches a socket until it closes. One that is watched already stays so.
   * @throws {TypeError} `ERR_INVALID_ARG_TYPE`
   * @throws {SockError} EBADF if it is a closed Socket
   */
  add(socket: SnapshotSource): void {
    if (typeof socket !== 'object' || socket === null) throw wrongType('socket', 'a socket');
    const source = connectionOf(socket);
    // Every socket and server of node's is an emitter. Another object would be counted for ever, as it never closes.
    if (!(source instanceof Socket) && typeof (source as net.Socket).once !== 'function') {
      throw wrongType('socket', 'a socket');
    }
    if (this.#watched.has(source)) return;
    const watched: Watched = {
      transport: transportOf(source),
      sent: 0,
      received: 0,
      retransmitted: 0,
      retransmissions: 0,
      drops: 0,
    };
    this.#watched.set(source, watched);
    this.#created.add({ 'network.transport': watched.transport }, 1);
    if (source instanceof Socket) return;
    const emitter = source as net.Socket;
    emitter.once('close', () => this.#watched.delete(source));
    if (this.#readAtEnd(source, watched)) return;
    const opened = source instanceof dgram.Socket ? 'listening' : 'connect';
    emitter.once(opened, () => this.#readAtEnd(source, watched));
  }

  /** Forgets a socket. What it counted stays counted. */
  delete(socket: SnapshotSource): boolean {
    return this.#watched.delete(connectionOf(socket));
  }

  /** Reads the sockets. */
  collect(): MetricsSnapshot {
    const [count, memory] = [new Sums(), new Sums()];
    let unsent = 0;
    for (const [socket, watched] of this.#watched) {
      if (socket instanceof Socket && socket.closed) {
        this.#watched.delete(socket);
        continue;
      }
      const { transport } = watched;
      const read = this.#read(socket, watched);
      if (read === undefined) continue;
      const state = read.tcp?.state;
      count.add(
        {
          'network.transport': transport,
          ...(state === undefined ? {} : { 'network.connection.state': stateName(state) }),
        },
        1,
      );
      unsent += read.tcp?.notSentBytes ?? 0;
      // Before the connection is there, the time is the system's guess.
      if (read.tcp?.state === 'established') this.#rtt.observe(read.tcp.rtt / 1000);
      if (read.memory === null) continue;
      memory.add(directed('receive', transport), read.memory.receiveAllocated);
      memory.add(directed('transmit', transport), read.memory.sendAllocated);
    }
    return {
      startTime: this.#startTime,
      time: Date.now(),
      metrics: [
        {
          name: 'process.network.io',
          description: 'Payload that the process sent and received over streams.',
          unit: 'By',
          kind: 'counter',
          points: this.#bytes.points(),
        },
        {
          name: 'sock.count',
          description: 'Open sockets.',
          unit: '{socket}',
          kind: 'gauge',
          points: count.points(),
        },
        {
          name: 'sock.created',
          description: 'Sockets that were made, or were given to the metrics.',
          unit: '{socket}',
          kind: 'counter',
          points: this.#created.points(),
        },
        {
          name: 'sock.tcp.retransmissions',
          description: 'TCP segments that were sent again.',
          unit: '{segment}',
          kind: 'counter',
          points: [{ attributes: {}, value: this.#retransmissions }],
        },
        {
          name: 'sock.tcp.retransmitted',
          description: 'Payload that was sent again over TCP.',
          unit: 'By',
          kind: 'counter',
          points: [{ attributes: {}, value: this.#retransmitted }],
        },
        {
          name: 'sock.tcp.rtt',
          description: 'Smoothed round-trip times of the established connections at each reading.',
          unit: 's',
          kind: 'histogram',
          points: [this.#rtt.point()],
        },
        {
          name: 'sock.tcp.unsent',
          description: 'Payload that was written to TCP sockets and was not sent yet.',
          unit: 'By',
          kind: 'gauge',
          points: [{ attributes: {}, value: unsent }],
        },
        {
          name: 'sock.memory',
          description: "Memory that the system uses for the sockets' queues.",
          unit: 'By',
          kind: 'gauge',
          points: memory.points(),
        },
        {
          name: 'sock.drops',
          description: 'Packets that the system dropped at the sockets.',
          unit: '{packet}',
          kind: 'counter',
          points: [{ attributes: {}, value: this.#drops }],
        },
      ],
    };
  }

  /** Stops: it watches no socket any more. What was counted can still be collected. */
  close(): void {
    if (this.#all) for (const name of CHANNELS) unsubscribe(name, this.#made);
    this.#all = false;
    this.#watched.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Has a socket of node's read once more when it closes: the system forgets the numbers then.
   * @returns `false` if it has no descriptor yet
   */
  #readAtEnd(socket: SnapshotSource, watched: Watched): boolean {
    if (runtime !== 'node') return true;
    const handle = handleOf(socket);
    if (handle === undefined || !(handle.fd >= 0)) return false;
    // First, so that the view is closed after the numbers are read through it.
    sockRef(socket, this.#from);
    beforeClose(handle, () => {
      if (this.#watched.get(socket) !== watched) return;
      this.#read(socket, watched);
      this.#watched.delete(socket);
    });
    return true;
  }

  /** Reads a socket and counts what is new. `undefined` if it is not open yet, or any more. */
  #read(
    socket: SnapshotSource,
    watched: Watched,
  ): { readonly tcp: TcpInfo | null; readonly memory: MemoryInfo | null } | undefined {
    let read: ReturnType<typeof socketSnapshot>;
    try {
      read = socketSnapshot(socket, this.#from);
    } catch {
      return undefined;
    }
    const { tcp, memory } = read;
    const { transport } = watched;
    if (tcp !== null) {
      const retransmitted = tcp.bytesRetransmitted ?? 0;
      // Linux before 4.19 has no number of the bytes that were sent.
      const sent = tcp.bytesSent === undefined ? tcp.bytesAcked : tcp.bytesSent - retransmitted;
      this.#count(watched, sent ?? 0, tcp.bytesReceived ?? 0);
      this.#retransmitted += grown(watched, 'retransmitted', retransmitted);
      this.#retransmissions += grown(watched, 'retransmissions', tcp.totalRetrans);
    } else if (transport === 'unix' && socket instanceof net.Socket) {
      this.#count(watched, socket.bytesWritten, socket.bytesRead);
    }
    if (memory !== null) this.#drops += grown(watched, 'drops', memory.drops);
    return read;
  }

  #count(watched: Watched, sent: number, received: number): void {
    const { transport } = watched;
    this.#bytes.add(directed('transmit', transport), grown(watched, 'sent', sent));
    this.#bytes.add(directed('receive', transport), grown(watched, 'received', received));
  }
}

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE` */
export function checkMetricsOptions(options: SocketMetricsOptions): void {
  if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object');
  const { sockets = [], all = true, Socket: SocketOf } = options;
  if (typeof all !== 'boolean') throw wrongType('options.all', 'a boolean');
  if (typeof sockets?.[Symbol.iterator] !== 'function') {
    throw wrongType('options.sockets', 'an iterable');
  }
  if (SocketOf !== undefined && typeof SocketOf !== 'function') {
    throw wrongType('options.Socket', 'the Socket class of a backend');
  }
}

type Counted = Exclude<keyof Watched, 'transport'>;

/** By how much a socket's number has grown. */
function grown(watched: Watched, name: Counted, value: number): number {
  const growth = Math.max(0, value - watched[name]);
  watched[name] = value;
  return growth;
}

const directed = (direction: 'transmit' | 'receive', transport: string): Attributes => ({
  'network.io.direction': direction,
  'network.transport': transport,
});

/** As OpenTelemetry writes it: `closeWait` is `close_wait`. */
const stateName = (state: TcpState): string =>
  (state === 'close' ? 'closed' : state).replaceAll(/(?<=[a-z])(?=[A-Z0-9])/g, '_').toLowerCase();

/** OpenTelemetry's `network.transport`: `tcp`, `udp`, `unix`; else the kind of the socket. */
function transportOf(socket: SnapshotSource): string {
  if (socket instanceof dgram.Socket) return 'udp';
  if (!(socket instanceof Socket)) {
    return isPipe(socket) ? 'unix' : 'tcp';
  }
  const domain = socket.domain();
  if (domain !== 'ipv4' && domain !== 'ipv6') return String(domain);
  const type = socket.type();
  return type === 'stream' ? 'tcp' : type === 'dgram' ? 'udp' : String(type);
}

/** Whether a net.Socket is a unix socket: its class of handle is another one. */
const isPipe = (socket: object): boolean => handleOf(socket)?.constructor.name === 'Pipe';
