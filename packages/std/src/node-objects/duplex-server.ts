import net from 'node:net';
import type { SockAddr, SockError, Socket } from '@sock/core';
import { driverOf, toNodeAddress } from '../node-address.js';
import { uvNumber } from '../node-errors.js';
import { listen2, type NetServer, type ServerHandle } from '../node-internals.js';
import { HAS_STREAM_HANDLE } from '../runtime.js';
import { DuplexSocket } from './duplex-socket.js';
import { serveBy } from './server-members.js';
import { CALLS_PER_TURN, SocketWaits } from './socket-waits.js';
import { worksOn } from './socket-of-handle.js';

/** After a failed accept, such as EMFILE: milliseconds until the next attempt. */
const RETRY_DELAY = 100;
/** The system is short of descriptors or memory. Connections wait in the queue until that is over. */
const SHORTAGE = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);
/** The connection ended before it was accepted: errors of the connection, not of the server. accept(2) */
const GONE = new Set([
  'ECONNABORTED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENONET',
  'ENOPROTOOPT',
  'EPROTO',
]);

/** The handle of a net.Server that accepts on a Socket of any backend, in place of libuv's. */
class AcceptingHandle implements ServerHandle {
  readonly fd = -1;
  readonly #server: NetServer;
  readonly #socket: Socket;
  readonly #waits: SocketWaits;
  #retry: NodeJS.Timeout | undefined;
  /** A path, as Bun's handles have it. */
  readonly unix?: string | undefined;
  /** Only for IP addresses. For a path node uses `_pipeName` instead. */
  readonly getsockname?: (out: object) => number;

  constructor(server: NetServer, socket: Socket) {
    this.#server = server;
    this.#socket = socket;
    worksOn(this, () => (socket.closed ? undefined : socket));
    this.#waits = new SocketWaits(socket);
    // As libuv does: another thread or process that accepts too may take the connection first.
    socket.setNonblocking(true);
    const local = socket.localAddr();
    if (local.isIpv4() || local.isIpv6()) {
      this.getsockname = (out) => {
        Object.assign(out, toNodeAddress(local, driverOf(socket)));
        return 0;
      };
    } else if (local.isUnix()) {
      // With the NUL of an abstract name, as node has it.
      this.unix = local.asUnix()?.path ?? '';
      server._pipeName = this.unix;
    }
  }

  /** Starts to accept. The socket is listening already. */
  listen(): number {
    this.#wait();
    return 0;
  }

  close(callback?: () => void): void {
    clearTimeout(this.#retry);
    this.#waits.close();
    try {
      this.#socket.close();
    } catch {
      // The descriptor is closed nevertheless, and node's handle reports no error of close(2).
    }
    if (callback !== undefined) setImmediate(callback);
  }

  ref(): void {
    this.#waits.ref();
    this.#retry?.ref();
  }

  unref(): void {
    this.#waits.unref();
    this.#retry?.unref();
  }

  hasRef(): boolean {
    return this.#waits.hasRef();
  }

  #wait(): void {
    this.#waits.whenReadable(
      () => this.#accept(),
      (error) => {
        if (!this.#socket.closed) this.#server.emit('error', error);
      },
    );
  }

  #accept(): void {
    let wait = (): void => this.#wait();
    try {
      for (let taken = 0; taken < CALLS_PER_TURN && !this.#socket.closed; taken += 1) {
        const accepted = this.#socket.tryAccept();
        if (accepted === undefined) break;
        this.#admit(...accepted);
      }
    } catch (error) {
      const { code, syscall } = error as SockError;
      // A listener of `connection` threw it.
      if (syscall !== 'accept' && syscall !== 'fcntl') throw error;
      if (GONE.has(code)) return;
      wait = () => this.#waitLater();
      if (!SHORTAGE.has(code)) {
        this.#server.emit('error', Object.assign(error as SockError, { errno: uvNumber(code) }));
      }
    } finally {
      if (!this.#socket.closed) wait();
    }
  }

  #waitLater(): void {
    this.#retry = setTimeout(() => this.#wait(), RETRY_DELAY);
    if (!this.#waits.hasRef()) this.#retry.unref();
  }

  #admit(connection: Socket, peer: SockAddr): void {
    const server = this.#server;
    if (server.maxConnections != null && server._connections >= server.maxConnections) {
      server.emit('drop', dropArgument(connection, peer));
      connection.close();
      return;
    }
    const stream = new DuplexSocket(connection, {
      allowHalfOpen: server.allowHalfOpen,
      pauseOnCreate: server.pauseOnConnect,
      ...(server.highWaterMark === undefined ? {} : { highWaterMark: server.highWaterMark }),
    });
    if (server.noDelay) stream.setNoDelay(true);
    if (server.keepAlive) stream.setKeepAlive(true, server.keepAliveInitialDelay * 1000);
    server._connections += 1;
    stream.server = server;
    stream._server = server;
    server.emit('connection', stream);
  }
}

/** What node passes to listeners of `drop`: the connection's addresses. */
function dropArgument(connection: Socket, peer: SockAddr): net.DropArgument | undefined {
  const driver = driverOf(connection);
  const local = toNodeAddress(connection.localAddr(), driver);
  const remote = toNodeAddress(peer, driver);
  if (local.address === undefined) return undefined;
  return {
    localAddress: local.address,
    localPort: local.port,
    localFamily: local.family,
    remoteAddress: remote.address,
    remotePort: remote.port,
    remoteFamily: remote.family,
  } as net.DropArgument;
}

/** Makes a server (net, http, https, http2 or tls) accept on a listening Socket. */
export function acceptInto(server: net.Server, socket: Socket): void {
  const owner = server as NetServer;
  const handle = new AcceptingHandle(owner, socket);
  if (!(server instanceof net.Server)) {
    serveBy(owner, handle);
    return;
  }
  if (!HAS_STREAM_HANDLE) {
    owner._handle = handle;
    handle.listen();
    process.nextTick(() => {
      if (owner._handle === handle) server.emit('listening');
    });
    return;
  }
  const listen = listen2();
  owner._handle = handle;
  listen.call(owner, null, -1, -1, undefined, undefined, undefined);
}

/** A `net.Server` without a descriptor: it accepts on a listening Socket of any backend. */
export class DuplexServer extends net.Server {
  constructor(
    socket: Socket,
    options: net.ServerOpts = {},
    onConnection?: (socket: net.Socket) => void,
  ) {
    super(options, onConnection);
    acceptInto(this, socket);
  }
}
