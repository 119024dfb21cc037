/**
 * All of `node:net`, with one addition: `connect`, `createServer` and the server's `listen` take
 * `sock: {...}`, socket options that are set before bind, connect or listen. Without it every call is
 * node's own.
 *
 * @example
 * import { connect, createServer } from '@sock/std/net';
 * connect({ host: 'db.example', port: 5432, sock: { tcpUserTimeout: 5000 } });
 * createServer({ sock: { reusePort: true } }).listen(8080);
 */
import { channel } from 'node:diagnostics_channel';
import net from 'node:net';
import { nodeError } from '../node-errors.js';
import { normalizeArgs } from '../node-internals.js';
import { asksTransmitTimes } from '../node-objects/error-queue-options.js';
import { HANDLES_TAKE_DESCRIPTORS } from '../runtime.js';
import { setBeforeConnect } from './handle-options.js';
import { copyModule } from './module-copy.js';
import { connectInParallel, connectsByName, splitConnectOptions } from './parallel-connect.js';
import { setBeforeListen } from './server-options.js';
import { checkOptions, type SockOptions } from './sock-options.js';
import { connectWith, listenWith } from './without-handles.js';

export * from 'node:net';

/** Options with socket options among them. */
export interface WithSock {
  /** Socket options by their names in the option table, set before bind, connect or listen. */
  readonly sock?: SockOptions;
}

/** What a server can listen on that is open already. */
type Listenable = net.Server | net.Socket | { readonly fd: number } | { readonly _handle: object };

/**
 * A server of {@link createServer}: its `listen` takes `sock` too. Node's own type takes any object
 * as a handle; this one does not, so that a compiler finds an option that does not exist.
 */
export interface SockServer extends net.Server {
  listen(port?: number, hostname?: string, backlog?: number, listeningListener?: () => void): this;
  listen(port?: number, hostname?: string, listeningListener?: () => void): this;
  listen(port?: number, backlog?: number, listeningListener?: () => void): this;
  listen(port?: number, listeningListener?: () => void): this;
  listen(path: string, backlog?: number, listeningListener?: () => void): this;
  listen(path: string, listeningListener?: () => void): this;
  listen(handle: Listenable, backlog?: number, listeningListener?: () => void): this;
  listen(handle: Listenable, listeningListener?: () => void): this;
  listen(options: net.ListenOptions & WithSock, listeningListener?: () => void): this;
}

const sockOf = (value: unknown): SockOptions | undefined =>
  typeof value === 'object' && value !== null ? (value as WithSock).sock : undefined;

/** Checks the options of a stream: {@link checkOptions}, and what node's own streams cannot live with. */
function checkStreamOptions(sock: SockOptions): void {
  checkOptions(sock, 'stream');
  if (!asksTransmitTimes(sock.timestamping)) return;
  throw nodeError(
    'ERR_SOCK_UNSUPPORTED',
    'options.sock.timestamping is not supported with times of transmission: node does not read the ' +
      'error queue, and would never rest. Use `intoNetSocket` of @sock/std',
  );
}

/**
 * `net.connect` with `sock` among its options. They are set on every descriptor before it connects. With
 * `sock.happyEyeballs` the addresses of a name are tried in parallel.
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for a wrong `sock` object
 * @throws {Error} `ERR_SOCK_UNSUPPORTED` for an option that the system does not support
 */
export function connect(port: number, host?: string, connectionListener?: () => void): net.Socket;
export function connect(port: number, connectionListener?: () => void): net.Socket;
export function connect(path: string, connectionListener?: () => void): net.Socket;
// The last one: a compiler's message is about the last overload, and names the unknown property then.
export function connect(
  options: net.NetConnectOpts & WithSock,
  connectionListener?: () => void,
): net.Socket;
export function connect(...values: unknown[]): net.Socket {
  const sock = sockOf(values[0]);
  if (sock === undefined) return Reflect.apply(net.connect, net, values) as net.Socket;
  const { settings, parallel } = splitConnectOptions(sock);
  checkStreamOptions(settings);
  if (!HANDLES_TAKE_DESCRIPTORS) return connectWith(values, settings, parallel);
  const normalized = normalizeArgs(values);
  const [options] = normalized as unknown as [net.TcpNetConnectOpts];
  const socket = new net.Socket(options as net.SocketConstructorOpts);
  if (parallel === undefined || !connectsByName(options)) setBeforeConnect(socket, settings);
  else {
    const replaced = connectInParallel(socket, options, settings, parallel);
    // The array that node knows as normalized arguments.
    (normalized as unknown[])[0] = replaced;
  }
  channel('net.client.socket').publish({ socket });
  if (options.timeout) socket.setTimeout(options.timeout);
  return socket.connect(normalized as unknown as net.SocketConnectOpts);
}

export const createConnection = connect;

/**
 * `net.createServer` with `sock` among its options and among those of the server's `listen`. The
 * options are set before the server binds.
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for a wrong `sock` object
 * @throws {Error} `ERR_SOCK_UNSUPPORTED` for an option that the system does not support
 */
export function createServer(connectionListener?: (socket: net.Socket) => void): SockServer;
export function createServer(
  options: net.ServerOpts & WithSock,
  connectionListener?: (socket: net.Socket) => void,
): SockServer;
export function createServer(
  options?: (net.ServerOpts & WithSock) | ((socket: net.Socket) => void),
  connectionListener?: (socket: net.Socket) => void,
): SockServer {
  const own = sockOf(options);
  if (own !== undefined) checkStreamOptions(own);
  const server = net.createServer(options as net.ServerOpts, connectionListener) as SockServer;
  // A test may have replaced net.createServer by a function that returns anything.
  if (!(server instanceof net.Server)) return server;
  Object.defineProperty(server, 'listen', {
    configurable: true,
    writable: true,
    value(this: net.Server, ...values: unknown[]) {
      const passed = sockOf(values[0]);
      if (passed !== undefined) checkStreamOptions(passed);
      if (own !== undefined || passed !== undefined) {
        const sock = { ...own, ...passed };
        if (!HANDLES_TAKE_DESCRIPTORS) return listenWith(this, sock, values);
        setBeforeListen(this, sock);
      }
      return Reflect.apply(net.Server.prototype.listen, this, values) as net.Server;
    },
  });
  return server;
}

const module = copyModule(net, { connect, createConnection, createServer });
// The module's types are members of its default export too, as in node's own types.
declare namespace module {
  type AddressInfo = net.AddressInfo;
  type BlockList = net.BlockList;
  type ConnectOpts = net.ConnectOpts;
  type DropArgument = net.DropArgument;
  type IpcNetConnectOpts = net.IpcNetConnectOpts;
  type IpcSocketConnectOpts = net.IpcSocketConnectOpts;
  type IPVersion = net.IPVersion;
  type ListenOptions = net.ListenOptions;
  type LookupFunction = net.LookupFunction;
  type NetConnectOpts = net.NetConnectOpts;
  type OnReadOpts = net.OnReadOpts;
  type Server = net.Server;
  type ServerOpts = net.ServerOpts;
  type Socket = net.Socket;
  type SocketAddress = net.SocketAddress;
  type SocketAddressInitOptions = net.SocketAddressInitOptions;
  type SocketConnectOpts = net.SocketConnectOpts;
  type SocketConstructorOpts = net.SocketConstructorOpts;
  type SocketReadyState = net.SocketReadyState;
  type TcpNetConnectOpts = net.TcpNetConnectOpts;
  type TcpSocketConnectOpts = net.TcpSocketConnectOpts;
}
export { module as default };
