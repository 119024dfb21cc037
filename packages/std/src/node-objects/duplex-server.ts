import net from 'node:net';
import type { SockAddr, SockError, Socket } from '@sock/core';
import { addressOf, DuplexSocket } from './duplex-socket.js';
import { listen2, type NetServer, type ServerHandle } from '../node-internals.js';
import { BATCH, whenReadable } from './readable-callback.js';

/** How long a server waits that has no descriptor left to accept with. */
const PAUSE = 100;

/** In the place of libuv's handle, what a net.Server listens on: any backend's Socket. */
class AcceptingHandle implements ServerHandle {
  readonly fd = -1;
  readonly #server: NetServer;
  readonly #socket: Socket;
  /** There where node asks for it: of a path, it answers with what it knows. */
  readonly getsockname?: (out: object) => number;

  constructor(server: NetServer, socket: Socket) {
    this.#server = server;
    this.#socket = socket;
    const local = socket.localAddr();
    if (local.isIpv4() || local.isIpv6()) {
      this.getsockname = (out) => {
        Object.assign(
          out,
          addressOf(() => local, false),
        );
        return 0;
      };
    } else if (local.path !== undefined) {
      server._pipeName = local.path;
    }
  }

  /** It listens already. */
  listen(): number {
    this.#wait();
    return 0;
  }

  close(): void {
    this.#socket.close();
  }

  /** Waiting keeps the process alive, which these can't change: kept for node's interface. */
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
      for (let taken = 0; taken < BATCH && !this.#socket.closed; taken += 1) {
        const accepted = this.#socket.tryAccept();
        if (accepted === undefined) break;
        this.#admit(...accepted);
      }
    } catch (error) {
      const { code, syscall } = error as SockError;
      // What a listener threw.
      if (syscall !== 'accept') throw error;
      // The peer has gone meanwhile: its error, not the server's.
      if (code === 'ECONNABORTED') return;
      wait = () => setTimeout(() => this.#wait(), PAUSE);
      this.#server.emit('error', error);
    } finally {
      if (!this.#socket.closed) wait();
    }
  }

  #admit(connection: Socket, peer: SockAddr): void {
    const server = this.#server;
    if (server.maxConnections != null && server._connections >= server.maxConnections) {
      server.emit('drop', places(connection, peer));
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

/** What node tells of a connection that was dropped. */
function places(connection: Socket, peer: SockAddr): net.DropArgument | undefined {
  const local = addressOf(() => connection.localAddr(), false);
  const remote = addressOf(() => peer, false);
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

/** Has a net.Server, or http's, tls's, http2's, listen on a Socket that listens. */
export function acceptInto(server: net.Server, socket: Socket): void {
  const listen = listen2();
  const owner = server as NetServer;
  owner._handle = new AcceptingHandle(owner, socket);
  listen.call(owner, null, -1, -1, undefined, undefined, undefined);
}

/** A net.Server without a descriptor, over `readable()` of any backend's listening Socket. */
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
