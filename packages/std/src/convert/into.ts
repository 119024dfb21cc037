/**
 * Out of a Socket, node's own objects. They consume it: after a success it reads `closed` and the
 * descriptor is node's to close; after a failure it is as it was.
 */
import dgram from 'node:dgram';
import net from 'node:net';
import { addAbortSignal } from 'node:stream';
import type { Socket } from '@sock/core';
import { DatagramEmitter } from '../node-objects/datagram-emitter.js';
import { acceptInto } from '../node-objects/duplex-server.js';
import { DuplexSocket } from '../node-objects/duplex-socket.js';
import { dgramState, listen2, type NetServer, serverHandle, type UvHandle } from '../node-internals.js';
import { asCall, connectionError, describe, type Kind, kindOf, wrongKind } from './socket-kind.js';

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
  checkSignal(options.signal);
  const connecting = !kind.connected;
  // One that did not get there has an error to tell.
  const failure = connecting ? socket.takeError() : null;
  if (connecting && failure === null && !isConnecting(socket, kind)) {
    throw wrongKind('a connected stream socket', describe(kind));
  }
  const { allowHalfOpen = false, pauseOnCreate = false, signal } = options;
  const make = !kind.native || options.duplex === true ? makeDuplex : makeNetSocket;
  const stream = make(socket, { allowHalfOpen, pauseOnCreate }, connecting && failure === null);
  if (failure !== null) stream.destroy(asCall(failure, 'connect'));
  else if (signal !== undefined) addAbortSignal(signal, stream);
  return stream;
}

type Make = (
  socket: Socket,
  options: { readonly allowHalfOpen: boolean; readonly pauseOnCreate: boolean },
  connecting: boolean,
) => net.Socket;

const makeDuplex: Make = (socket, options, connecting) =>
  new DuplexSocket(take(socket), { ...options, connecting }) as unknown as net.Socket;

const makeNetSocket: Make = (socket, options, connecting) => {
  const watcher = connecting ? socket.tryClone() : undefined;
  try {
    const stream = new net.Socket({
      ...options,
      fd: socket.asRawFd(),
      readable: true,
      writable: true,
      // Node would read at once, which a socket that is still connecting can't.
      manualStart: connecting,
    } as net.SocketConstructorOpts);
    socket.intoRawFd();
    if (watcher !== undefined) awaitConnection(watcher, stream);
    return stream;
  } catch (error) {
    watcher?.close();
    throw error;
  }
};

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || (typeof signal === 'object' && 'aborted' in signal)) return;
  throw Object.assign(new TypeError('The "options.signal" property must be an AbortSignal'), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
}

/** Whether a stream socket without a peer is on its way to one. */
function isConnecting(socket: Socket, { domain }: Kind): boolean {
  if (domain !== 'ipv4' && domain !== 'ipv6') return false;
  if (socket.supports('tcpInfo').level !== 'unsupported')
    return socket.tcpInfo().state === 'synSent';
  // It can't be told yet: one that was never asked to connect has ENOTCONN to tell.
  return true;
}

function awaitConnection(watcher: Socket, stream: net.Socket): void {
  const state = stream as unknown as { connecting: boolean };
  state.connecting = true;
  stream.once('close', () => watcher.close());
  watcher.writable().then(
    () => {
      const error = connectionError(watcher);
      watcher.close();
      state.connecting = false;
      if (error !== null) {
        stream.destroy(error);
        return;
      }
      stream.emit('connect');
      stream.emit('ready');
      if (!stream.isPaused()) stream.read(0);
    },
    (error: Error) => {
      if (!stream.destroyed) stream.destroy(error);
    },
  );
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
  const made = (server ?? new net.Server(rest)) as NetServer;
  if (made._handle !== null) {
    throw Object.assign(new Error('The server listens already'), {
      code: 'ERR_SERVER_ALREADY_LISTEN',
    });
  }
  if (!kind.native || duplex === true) {
    if (onConnection !== undefined) made.on('connection', onConnection);
    acceptInto(made, take(socket));
    return made;
  }
  const listen = listen2();
  const { path } = socket.localAddr();
  const handle = serverHandle(socket.asRawFd());
  if (typeof handle === 'number') throw new Error(`node did not take the descriptor: ${handle}`);
  socket.intoRawFd();
  if (onConnection !== undefined) made.on('connection', onConnection);
  // What node's address() answers for a path.
  if (path !== undefined) made._pipeName = path;
  made._handle = handle;
  // Below `listen`, which would ask a cluster's primary for a descriptor of this number.
  listen.call(made, null, -1, -1, backlog, undefined, undefined);
  return made;
}

/** CONNECT_STATE_CONNECTED of node's lib/dgram.js. */
const CONNECTED = 2;

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
  checkSignal(options.signal);
  const made = dgram.createSocket({
    type: kind.domain === 'ipv4' ? 'udp4' : 'udp6',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const state = dgramState(made);
  if (state.handle === null) {
    // Its signal was aborted, which closes it.
    socket.close();
    return made;
  }
  const reuse = socket.reuseAddress();
  try {
    if (kind.bound || kind.connected) bindTo(made, socket.asRawFd());
    else openOn(state.handle, socket.asRawFd());
  } catch (error) {
    // The handle that node made has no descriptor of ours.
    made.close();
    throw error;
  }
  // libuv lets the address of every datagram descriptor that it adopts be reused.
  socket.setReuseAddress(reuse);
  socket.intoRawFd();
  if (kind.connected) state.connectState = CONNECTED;
  return made;
}

function openOn(handle: UvHandle, fd: number): void {
  const error = handle.open(fd);
  if (error < 0) throw new Error(`node did not take the descriptor: ${error}`);
}

/** Node announces a descriptor while it is being bound, when nobody can listen yet. */
function bindTo(made: dgram.Socket, fd: number): void {
  const { emit } = made;
  made.emit = function (this: dgram.Socket, event: string, ...values: unknown[]) {
    if (event !== 'listening') return Reflect.apply(emit, this, [event, ...values]) as boolean;
    process.nextTick(() => made.emit(event));
    return true;
  } as typeof made.emit;
  try {
    made.bind({ fd, exclusive: true });
  } finally {
    Reflect.deleteProperty(made, 'emit');
  }
}

/** The Socket's description under a Socket of our own; the caller's reads `closed`. */
function take(socket: Socket): Socket {
  const SocketOf = socket.constructor as typeof Socket & { fromRawFd(fd: number): Socket };
  return SocketOf.fromRawFd.call(SocketOf as never, socket.intoRawFd()) as Socket;
}
