/**
 * From Sockets to node's own objects. Each function consumes the Socket: if it succeeds, the Socket
 * reads `closed` and node closes the descriptor. If it fails, the Socket is unchanged.
 */
import dgram from 'node:dgram';
import net from 'node:net';
import { addAbortSignal } from 'node:stream';
import type { Socket } from '@sock/core';
import { asCall, connectionError, invalidArgument, nodeError } from '../node-errors.js';
import {
  dgramState,
  listen2,
  type NetServer,
  serverHandle,
  type UvHandle,
} from '../node-internals.js';
import { type DatagramSocket, withJoinAll } from '../multicast/join-all.js';
import { DatagramEmitter } from '../node-objects/datagram-emitter.js';
import { fillsErrorQueue, needsControlMessages } from '../node-objects/error-queue-options.js';
import { acceptInto } from '../node-objects/duplex-server.js';
import { DuplexSocket } from '../node-objects/duplex-socket.js';
import {
  RinfoColumns,
  type RinfoField,
  rinfoFields,
  type RinfoOption,
  type SocketWithRinfo,
} from '../node-objects/rinfo-columns.js';
import { ADOPTS_STREAMS, HAS_DATAGRAM_HANDLE, HAS_STREAM_HANDLE } from '../runtime.js';
import { describe, kindOf, type SocketKind, wrongKind } from './socket-kind.js';

/** Options of every conversion. */
export interface IntoOptions {
  /**
   * `true` makes an object with the interface of node's that works without a descriptor, over
   * `readable()` and `writable()`. Sockets of backends without descriptors always become such an
   * object. Default: `false`.
   */
  readonly duplex?: boolean;
}

/** Options of {@link intoNetSocket}, among them those of node's `net.Socket`. */
export interface IntoNetSocketOptions extends IntoOptions {
  readonly allowHalfOpen?: boolean;
  readonly pauseOnCreate?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Turns a stream socket into a `net.Socket`. The socket is connected or connecting. If it is
 * connecting, the `net.Socket` emits `connect` once the connection is made.
 * @returns node's own class if node supports the socket; otherwise (a backend without descriptors,
 *   sequenced packets, times of transmission asked for by `timestamping`, which node never reads and
 *   which would keep it busy) a {@link DuplexSocket}, which has the same interface
 * @throws {TypeError} `ERR_INVALID_ARG_VALUE` if the socket is closed, listens, is a datagram socket or
 *   is not connected
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE` if `signal` is not an AbortSignal
 *
 * @example
 * const socket = new Socket(Domain.IPV4, Type.STREAM);
 * socket.setTcpUserTimeout(5000);
 * socket.connect(SockAddr.parse('192.0.2.1:80'));
 * intoNetSocket(socket).end('GET / HTTP/1.0\r\n\r\n');
 */
export function intoNetSocket(socket: Socket, options: IntoNetSocketOptions = {}): net.Socket {
  const kind = kindOf(socket);
  if (kind.type === 'dgram' || kind.type === 'raw' || kind.listening) {
    throw wrongKind('a connected stream socket', describe(kind));
  }
  checkOptions(options);
  const { allowHalfOpen = false, pauseOnCreate = false, signal } = options;
  checkSignal(signal);
  const connecting = !kind.connected;
  // A failed connect leaves its error in SO_ERROR.
  const failure = connecting ? socket.takeError() : null;
  if (connecting && failure === null && !isConnecting(socket, kind)) {
    throw wrongKind('a connected stream socket', describe(kind));
  }
  const make =
    !kind.native || !ADOPTS_STREAMS || options.duplex === true || fillsErrorQueue(socket)
      ? makeDuplex
      : makeNetSocket;
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
  new DuplexSocket(adopt(socket), { ...options, connecting }) as unknown as net.Socket;

const makeNetSocket: Make = (socket, options, connecting) => {
  const watcher = connecting ? socket.tryClone() : undefined;
  try {
    const stream = new net.Socket({
      ...options,
      fd: socket.asRawFd(),
      readable: true,
      writable: true,
      // Node would read at once. A socket that is still connecting cannot be read.
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

/** Everything is checked before the Socket is taken: after a failure it is as it was. */
function checkOptions(options: object): void {
  if (typeof options !== 'object' || options === null) throw wrongProperty('options', 'an object');
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  // Not `instanceof`: a test runner may have another AbortSignal. Both functions get called later.
  const { addEventListener, removeEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  if (
    typeof signal === 'object' &&
    signal !== null &&
    'aborted' in signal &&
    typeof addEventListener === 'function' &&
    typeof removeEventListener === 'function'
  ) {
    return;
  }
  throw wrongProperty('options.signal', 'an AbortSignal');
}

const wrongProperty = (name: string, expected: string): TypeError =>
  invalidArgument('ERR_INVALID_ARG_TYPE', `The "${name}" property must be ${expected}`);

/** Whether a stream socket without a peer is connecting to one. */
function isConnecting(socket: Socket, { domain }: SocketKind): boolean {
  if (domain !== 'ipv4' && domain !== 'ipv6') return false;
  if (socket.supports('tcpInfo').level !== 'unsupported')
    return socket.tcpInfo().state === 'synSent';
  // Without TCP_INFO it is unknown. A socket that never started to connect fails later with ENOTCONN.
  return true;
}

function awaitConnection(watcher: Socket, stream: net.Socket): void {
  const state = stream as unknown as { connecting: boolean };
  state.connecting = true;
  stream.once('close', () => watcher.close());
  const done = (failed: Error | null): void => {
    // Nothing happens after `destroy()`.
    const error = stream.destroyed ? null : (failed ?? connectionError(watcher));
    watcher.close();
    if (stream.destroyed) return;
    state.connecting = false;
    if (error !== null) {
      stream.destroy(error);
      return;
    }
    stream.emit('connect');
    stream.emit('ready');
    if (!stream.isPaused()) stream.read(0);
  };
  // Outside of the promise: what a listener throws is an uncaught exception, as with node.
  watcher.writable().then(
    () => process.nextTick(done, null),
    (error: Error) => process.nextTick(done, error),
  );
}

/** Options of {@link intoNetServer}, among them those of node's `net.Server`. */
export interface IntoNetServerOptions extends IntoOptions, net.ServerOpts {
  /** The server that accepts on the socket: http, https, http2 or tls. Default: a new `net.Server`. */
  readonly server?: net.Server;
  /** Connections that may wait to be accepted. Node calls listen(2) again with it. Default: 511. */
  readonly backlog?: number;
}

/**
 * Turns a listening stream socket into a `net.Server`, which emits `listening` in a later turn.
 * @param onConnection a listener of `connection`
 * @throws {TypeError} `ERR_INVALID_ARG_VALUE` if the socket is closed or does not listen
 * @throws {Error} `ERR_SERVER_ALREADY_LISTEN` if `options.server` is listening
 *
 * @example
 * const socket = new Socket(Domain.IPV6, Type.STREAM);
 * socket.setReusePort(true);
 * socket.bind(SockAddr.parse('[::]:8080'));
 * socket.listen(511);
 * intoNetServer(socket, { server: http.createServer(onRequest) });
 */
export function intoNetServer(
  socket: Socket,
  options: IntoNetServerOptions = {},
  onConnection?: (socket: net.Socket) => void,
): net.Server {
  const kind = kindOf(socket);
  if (!kind.listening) throw wrongKind('a listening stream socket', describe(kind));
  checkOptions(options);
  const { server, backlog, duplex, ...rest } = options;
  if (onConnection !== undefined && typeof onConnection !== 'function') {
    throw wrongProperty('onConnection', 'a function');
  }
  if (backlog !== undefined && !Number.isInteger(backlog))
    throw wrongProperty('backlog', 'an integer');
  if (server !== undefined && !isServer(server)) {
    throw wrongProperty('options.server', 'a net.Server');
  }
  const made = (server ?? new net.Server(rest)) as NetServer;
  if (made.listening) {
    throw nodeError('ERR_SERVER_ALREADY_LISTEN', 'The server listens already');
  }
  const adopts = kind.native && duplex !== true && !fillsErrorQueue(socket);
  if (!adopts || (!HAS_STREAM_HANDLE && !listensOnDescriptors(made, kind))) {
    if (onConnection !== undefined) made.on('connection', onConnection);
    acceptInto(made, adopt(socket));
    return made;
  }
  if (!HAS_STREAM_HANDLE) {
    if (onConnection !== undefined) made.on('connection', onConnection);
    const options = { fd: socket.asRawFd(), ...(backlog === undefined ? {} : { backlog }) };
    // The drop-in module has another `listen` on its servers, which ends here.
    Reflect.apply(net.Server.prototype.listen, made, [options]);
    socket.intoRawFd();
    return made;
  }
  const listen = listen2();
  const { path } = socket.localAddr();
  const handle = serverHandle(socket.asRawFd());
  if (typeof handle === 'number') throw new Error(`node refused the descriptor: ${handle}`);
  socket.intoRawFd();
  if (onConnection !== undefined) made.on('connection', onConnection);
  // The server's address() returns it.
  if (path !== undefined) made._pipeName = path;
  made._handle = handle;
  // Not `listen`: in a cluster's worker it would ask the primary for a descriptor of this number.
  listen.call(made, null, -1, -1, backlog, undefined, undefined);
  return made;
}

/** Bun's http and https servers are no `net.Server`. They serve what they get by the event `connection`. */
const isServer = (server: unknown): boolean =>
  server instanceof net.Server ||
  (!HAS_STREAM_HANDLE &&
    typeof (server as Partial<net.Server> | null)?.listen === 'function' &&
    typeof (server as Partial<net.Server>).emit === 'function');

/** Whether Bun's `listen({ fd })` accepts on the socket: a `net.Server` does, on a port. */
const listensOnDescriptors = (server: net.Server, { domain }: SocketKind): boolean =>
  server instanceof net.Server && server.constructor === net.Server && domain !== 'unix';

/** CONNECT_STATE_CONNECTED of node's lib/dgram.js. */
const CONNECTED = 2;

/** Options of {@link intoDgramSocket}. */
export interface IntoDgramSocketOptions extends IntoOptions, RinfoOption {
  /** Closes the socket when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Turns a datagram socket into a `dgram.Socket`. If the socket is bound or connected, the
 * `dgram.Socket` emits `listening` in a later turn. Otherwise it is bound by `bind` or the first send,
 * as node's own.
 * @returns node's own class for UDP over a descriptor; otherwise (a backend without descriptors, unix
 *   datagrams, raw sockets, sequenced packets) a {@link DatagramEmitter}, which extends it. So is UDP with
 *   `udpGro`, `recvErrV4`, `recvErrV6` or `timestamping` on: node reads no control message and no error
 *   queue, so it would join datagrams or never rest. So is UDP with `options.rinfo`
 * @param options.rinfo what the `rinfo` of each message says beside its sender: `localAddress`, `interface`,
 *   `ecn`, `tos`, `ttl`, `timestamp`, `hardwareTimestamp`, `drops`
 * @throws {TypeError} `ERR_INVALID_ARG_VALUE` if the socket is closed, listens or is a stream; for a name that
 *   `rinfo` does not have, or if the socket with `rinfo` is not IPv4 or IPv6
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE` if `signal` is not an AbortSignal, or `rinfo` not an array
 * @throws {Error} `ERR_SOCK_UNSUPPORTED` for a field of `rinfo` that the backend does not support
 *
 * @example
 * const server = intoDgramSocket(socket, { rinfo: ['localAddress', 'ecn'] });
 * server.on('message', (message, { address, localAddress, ecn }) => {});
 */
export function intoDgramSocket<Field extends RinfoField>(
  socket: Socket,
  options: IntoDgramSocketOptions & { readonly rinfo: readonly Field[] },
): SocketWithRinfo<Field>;
export function intoDgramSocket(socket: Socket, options?: IntoDgramSocketOptions): DatagramSocket;
export function intoDgramSocket(
  socket: Socket,
  options: IntoDgramSocketOptions = {},
): DatagramSocket {
  const kind = kindOf(socket);
  if (kind.type !== 'dgram' && kind.type !== 'raw' && kind.type !== 'seqpacket') {
    throw wrongKind('a datagram socket', describe(kind));
  }
  if (kind.listening) throw wrongKind('a datagram socket', describe(kind));
  checkOptions(options);
  const { signal, duplex } = options;
  checkSignal(signal);
  const fields = rinfoFields(options.rinfo);
  if (fields !== undefined && kind.domain !== 'ipv4' && kind.domain !== 'ipv6') {
    throw wrongKind("a socket of IPv4 or IPv6 for 'options.rinfo'", describe(kind));
  }
  const adopts = kind.native && HAS_DATAGRAM_HANDLE;
  if (!adopts || duplex === true || fields !== undefined || needsControlMessages(socket)) {
    const rinfo = fields && new RinfoColumns(fields);
    rinfo?.enable(socket);
    return new DatagramEmitter(adopt(socket), { signal }, rinfo);
  }
  const made = withJoinAll(
    dgram.createSocket({
      type: kind.domain === 'ipv4' ? 'udp4' : 'udp6',
      ...(signal === undefined ? {} : { signal }),
    }),
  );
  const state = dgramState(made);
  if (state.handle === null) {
    // An aborted signal has closed it.
    socket.close();
    return made;
  }
  const reuse = socket.reuseAddress();
  try {
    if (kind.bound || kind.connected) bindTo(made, socket.asRawFd());
    else openOn(state.handle, socket.asRawFd());
  } catch (error) {
    // Node's handle has not adopted the Socket's descriptor, so closing it leaves the Socket open.
    made.close();
    throw error;
  }
  // libuv sets SO_REUSEADDR on every datagram descriptor that it adopts.
  socket.setReuseAddress(reuse);
  socket.intoRawFd();
  if (kind.connected) state.connectState = CONNECTED;
  return made;
}

function openOn(handle: UvHandle, fd: number): void {
  const error = handle.open(fd);
  if (error < 0) throw new Error(`node refused the descriptor: ${error}`);
}

/** Binds to a descriptor. Node emits `listening` inside the call, before anybody can listen: delay it. */
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

/** Moves the handle into a new Socket. The caller's Socket then reads `closed`. */
function adopt(socket: Socket): Socket {
  const SocketOf = socket.constructor as typeof Socket & { fromRawFd(fd: number): Socket };
  return SocketOf.fromRawFd.call(SocketOf as never, socket.intoRawFd()) as Socket;
}
