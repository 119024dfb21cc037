import net from 'node:net';
import type { SockAddr, SockError, Socket } from '@sock/core';
import { nodeAddress } from '../node-address.js';
import { listen2, type NetServer, type ServerHandle } from '../node-internals.js';
import { DuplexSocket } from './duplex-socket.js';
import { CALLS_PER_TURN, whenReadable } from './readable-callback.js';

/** After a failed accept, such as EMFILE: milliseconds until the next attempt. */
const RETRY_DELAY = 100;

/** The handle of a net.Server that accepts on a Socket of any backend, in place of libuv's. */
class AcceptingHandle implements ServerHandle {
  readonly fd = -1;
  readonly #server: NetServer;
  readonly #socket: Socket;
  /** Only for IP addresses. For a path node uses `_pipeName` instead. */
  readonly getsockname?: (out: object) => number;

  constructor(server: NetServer, socket: Socket) {
    this.#server = server;
    this.#socket = socket;
    const local = socket.localAddr();
    if (local.isIpv4() || local.isIpv6()) {
      this.getsockname = (out) => {
        Object.assign(
          out,
          nodeAddress(() => local, false),
        );
        return 0;
      };
    } else if (local.path !== undefined) {
      server._pipeName = local.path;
    }
  }

  /** Starts to accept. The socket is listening already. */
  listen(): number {
    this.#wait();
    return 0;
  }

  close(): void {
    this.#socket.close();
  }

  /** For node's interface. Both do nothing: a wait always keeps the process alive. */
  ref(): void {}
  unref(): void {}

  #wait(): void {
    whenReadable(
      this.#socket,
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
      if (syscall !== 'accept') throw error;
      // The peer closed the connection before it was accepted: not an error of the server.
      if (code === 'ECONNABORTED') return;
      wait = () => setTimeout(() => this.#wait(), RETRY_DELAY);
      this.#server.emit('error', error);
    } finally {
      if (!this.#socket.closed) wait();
    }
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
  const local = nodeAddress(() => connection.localAddr(), false);
  const remote = nodeAddress(() => peer, false);
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
  const listen = listen2();
  const owner = server as NetServer;
  owner._handle = new AcceptingHandle(owner, socket);
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
