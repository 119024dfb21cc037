/**
 * Out of a Socket, node's own objects. They consume it: after a success it reads `closed` and the
 * descriptor is node's to close; after a failure it is as it was.
 */
import dgram from 'node:dgram';
import net from 'node:net';
import type { Socket } from '@sock/core';
import { DatagramEmitter } from './datagram-emitter.js';
import { DuplexServer } from './duplex-server.js';
import { DuplexSocket } from './duplex-socket.js';
import { dgramState } from './internals.js';
import { describe, kindOf, wrongKind } from './kind.js';

/** Of each conversion. */
export interface IntoOptions {
  /**
   * Takes the path that needs no descriptor, which the sockets of other backends take anyway: an
   * object with the interface of node's, over `readable()` and `writable()`.
   */
  readonly duplex?: boolean;
}

/** What {@link intoNetSocket} takes: node's options of a `net.Socket` among others. */
export interface IntoNetSocketOptions extends IntoOptions {
  readonly allowHalfOpen?: boolean;
  readonly pauseOnCreate?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * A stream socket as a `net.Socket`: connected, or connecting (it then emits `connect` when it is).
 * @returns node's own; of a backend without descriptors, or of sequenced packets, a Duplex with its interface
 * @throws {TypeError} when the socket listens, is a datagram socket, not connected, or closed
 */
export function intoNetSocket(socket: Socket, options: IntoNetSocketOptions = {}): net.Socket {
  const kind = kindOf(socket);
  if (kind.type === 'dgram' || kind.type === 'raw' || kind.listening) {
    throw wrongKind('a connected stream socket', describe(kind));
  }
  const connecting = !kind.connected;
  if (connecting && !isConnecting(socket)) {
    throw wrongKind('a connected stream socket', describe(kind));
  }
  if (!kind.native || options.duplex === true) {
    return new DuplexSocket(take(socket), { ...options, connecting }) as unknown as net.Socket;
  }
  const { duplex: _, ...rest } = options;
  const stream = new net.Socket({
    ...rest,
    fd: socket.asRawFd(),
    readable: true,
    writable: true,
    // Node would read at once, which a socket that is still connecting can't.
    ...(connecting ? { manualStart: true } : {}),
  } as net.SocketConstructorOpts);
  if (connecting) awaitConnection(socket.tryClone(), stream);
  socket.intoRawFd();
  return stream;
}

/** A stream socket on its way: writable neither yet nor with an error, nor connected. */
function isConnecting(socket: Socket): boolean {
  // A socket that was never asked to connect hangs up when it is looked at; one on its way has
  // taken a local port.
  try {
    const local = socket.localAddr();
    return local.isUnix() ? false : local.port !== 0 && !socket.isListener();
  } catch {
    return false;
  }
}

function awaitConnection(watcher: Socket, stream: net.Socket): void {
  const state = stream as unknown as { connecting: boolean };
  state.connecting = true;
  watcher
    .writable()
    .then(() => {
      const error = watcher.takeError();
      watcher.close();
      state.connecting = false;
      if (stream.destroyed) return;
      if (error !== null) {
        stream.destroy(error);
        return;
      }
      stream.emit('connect');
      stream.emit('ready');
      if (!stream.isPaused()) stream.read(0);
    })
    .catch((error: Error) => {
      watcher.close();
      stream.destroy(error);
    });
  stream.once('close', () => watcher.close());
}

/** What {@link intoNetServer} takes. */
export interface IntoNetServerOptions extends IntoOptions, net.ServerOpts {
  /** Attaches the socket to this server, an http, https, tls or http2 one, instead of a new one. */
  readonly server?: net.Server;
  /** Passed to listen(2) once more, as node does; default 511. */
  readonly backlog?: number;
}

/**
 * A listening stream socket as a `net.Server`, which emits `listening` soon after.
 * @throws {TypeError} when the socket does not listen, is a datagram socket, or closed
 */
export function intoNetServer(
  socket: Socket,
  options: IntoNetServerOptions = {},
  onConnection?: (socket: net.Socket) => void,
): net.Server {
  const kind = kindOf(socket);
  if (!kind.listening) throw wrongKind('a listening stream socket', describe(kind));
  const { server, backlog, duplex, ...rest } = options;
  if (!kind.native || duplex === true) {
    const made = new DuplexServer(take(socket), rest, onConnection);
    if (server !== undefined) made.on('connection', (stream) => server.emit('connection', stream));
    return made as unknown as net.Server;
  }
  const made = server ?? new net.Server(rest);
  if (onConnection !== undefined) made.on('connection', onConnection);
  made.listen({
    fd: socket.asRawFd(),
    // Not the cluster primary's business: this process has the descriptor.
    exclusive: true,
    ...(backlog === undefined ? {} : { backlog }),
  });
  if (!made.listening) throw new Error('node did not take the descriptor');
  const { path } = socket.localAddr();
  // What node's address() answers for a path.
  if (path !== undefined) Object.assign(made, { _pipeName: path });
  socket.intoRawFd();
  return made;
}

/** What {@link intoDgramSocket} takes. */
export interface IntoDgramSocketOptions extends IntoOptions {
  readonly signal?: AbortSignal;
}

/**
 * A datagram socket as a `dgram.Socket`: connected, bound (it then emits `listening` soon after), or
 * neither (it then binds as node's does).
 * @throws {TypeError} when the socket is a stream, or closed
 */
export function intoDgramSocket(
  socket: Socket,
  options: IntoDgramSocketOptions = {},
): dgram.Socket {
  const kind = kindOf(socket);
  if (kind.type !== 'dgram' && kind.type !== 'raw' && kind.type !== 'seqpacket') {
    throw wrongKind('a datagram socket', describe(kind));
  }
  if (kind.listening) throw wrongKind('a datagram socket', describe(kind));
  if (!kind.native || options.duplex === true) {
    return new DatagramEmitter(take(socket), options) as unknown as dgram.Socket;
  }
  const made = dgram.createSocket({
    type: kind.domain === 'ipv4' ? 'udp4' : 'udp6',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const reuse = socket.reuseAddress();
  try {
    adoptDatagramSocket(made, socket.asRawFd(), kind);
    // libuv lets the address of every datagram descriptor that it adopts be reused.
    socket.setReuseAddress(reuse);
  } catch (error) {
    // The handle that node made has no descriptor of ours.
    made.close();
    throw error;
  }
  socket.intoRawFd();
  return made;
}

function adoptDatagramSocket(
  made: dgram.Socket,
  fd: number,
  { bound, connected }: { bound: boolean; connected: boolean },
): void {
  const state = dgramState(made);
  if (!bound && !connected) {
    const error = state.handle.open(fd);
    if (error < 0) throw new Error(`node did not take the descriptor: ${error}`);
    return;
  }
  // Node announces a descriptor while it is being bound, when nobody can listen yet.
  const { emit } = made;
  let announced = false;
  made.emit = function (this: dgram.Socket, event: string, ...values: unknown[]) {
    if (event !== 'listening') return Reflect.apply(emit, this, [event, ...values]) as boolean;
    announced = true;
    return true;
  } as typeof made.emit;
  try {
    made.bind({ fd, exclusive: true });
  } finally {
    Reflect.deleteProperty(made, 'emit');
  }
  if (connected) state.connectState = 2; // CONNECT_STATE_CONNECTED of node's lib/internal/dgram.js
  if (announced) process.nextTick(() => made.emit('listening'));
}

/** The Socket's description under a Socket of our own; the caller's reads `closed`. */
function take(socket: Socket): Socket {
  const SocketOf = socket.constructor as typeof Socket & { fromRawFd(fd: number): Socket };
  return SocketOf.fromRawFd.call(SocketOf as never, socket.intoRawFd()) as Socket;
}
