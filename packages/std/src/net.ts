/**
 * All of `node:net`, whose creating calls also take `sock: {...}`: options of the table, set before
 * bind, connect or listen. Without it every call is node's own.
 *
 * @example
 * import { connect, createServer } from '@sock/std/net';
 * connect({ host: 'db.example', port: 5432, sock: { tcpUserTimeout: 5000 } });
 * createServer({ sock: { reusePort: true } }).listen(8080);
 */
import { lookup as dnsLookup } from 'node:dns';
import { rmSync } from 'node:fs';
import net from 'node:net';
import { SockAddr, type Socket as CoreSocket } from '@sock/core';
import { Domain, Type } from '@sock/core';
import { nativeSocket } from './from.js';
import { intoNetServer } from './into.js';
import { applySockOptions, type SockOptions } from './sock-options.js';
import { checkOptions, instrument } from './with-options.js';

export * from 'node:net';

/** Options that take socket options too. */
export interface WithSock {
  /** Options by their names in the table, set before bind, connect or listen. */
  readonly sock?: SockOptions;
}

type Normalized = [
  options: Record<string, unknown>,
  callback: ((...values: unknown[]) => void) | null,
];
const { _normalizeArgs: normalizeArgs } = net as unknown as {
  _normalizeArgs(values: unknown[]): Normalized;
};

const sockOf = (value: unknown): SockOptions | undefined =>
  typeof value === 'object' && value !== null ? (value as WithSock).sock : undefined;

/** Takes `sock` out, so that node's own checks never meet it. */
function without(options: object): Record<string, unknown> {
  const { sock: _, ...rest } = options as Record<string, unknown>;
  return rest;
}

/** `net.connect`, whose options take `sock`. */
export function connect(
  options: net.NetConnectOpts & WithSock,
  connectionListener?: () => void,
): net.Socket;
export function connect(port: number, host?: string, connectionListener?: () => void): net.Socket;
export function connect(port: number, connectionListener?: () => void): net.Socket;
export function connect(path: string, connectionListener?: () => void): net.Socket;
export function connect(...values: unknown[]): net.Socket {
  const sock = sockOf(values[0]);
  if (sock === undefined) return Reflect.apply(net.connect, net, values) as net.Socket;
  checkOptions(sock);
  const options = without(values[0] as object);
  const socket = new net.Socket(options as net.SocketConstructorOpts);
  instrument(socket, sock);
  if (typeof options['timeout'] === 'number') socket.setTimeout(options['timeout']);
  return socket.connect(options as unknown as net.SocketConnectOpts, values[1] as () => void);
}

export const createConnection = connect;

interface ListenOptions {
  readonly port?: number | string;
  readonly host?: string;
  readonly path?: string;
  readonly backlog?: number;
  readonly ipv6Only?: boolean;
  readonly fd?: number;
  readonly signal?: AbortSignal;
}

function bound(
  family: 'ipv4' | 'ipv6' | 'unix',
  address: SockAddr,
  sock: SockOptions,
  ipv6Only?: boolean,
): CoreSocket {
  const SocketOf = nativeSocket() as unknown as new (domain: Domain, type: Type) => CoreSocket;
  const domain = { ipv4: Domain.IPV4, ipv6: Domain.IPV6, unix: Domain.UNIX }[family];
  const socket = new SocketOf(domain, Type.STREAM);
  try {
    // As libuv does it.
    if (family !== 'unix') socket.setReuseAddress(true);
    if (family === 'ipv6') socket.setOnlyV6(ipv6Only === true);
    applySockOptions(socket, sock);
    socket.bind(address);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

function open(
  options: ListenOptions,
  host: { address: string; family: number } | undefined,
  sock: SockOptions,
): CoreSocket {
  const { path, ipv6Only } = options;
  const port = Number(options.port ?? 0);
  if (path !== undefined) return bound('unix', SockAddr.unix(path), sock);
  if (host !== undefined) {
    return host.family === 6
      ? bound('ipv6', SockAddr.ipv6(host.address, port), sock, ipv6Only)
      : bound('ipv4', SockAddr.ipv4(host.address, port), sock);
  }
  try {
    return bound('ipv6', SockAddr.ipv6('::', port), sock, ipv6Only);
  } catch (error) {
    // A machine without IPv6: as node, fall back to IPv4.
    if (!['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes((error as { code: string }).code)) throw error;
    return bound('ipv4', SockAddr.ipv4('0.0.0.0', port), sock);
  }
}

function listen(server: net.Server, sock: SockOptions, values: unknown[]): net.Server {
  const [given, callback] = normalizeArgs(values);
  const options = without(given) as ListenOptions;
  // What node refuses it refuses itself: a server that listens already, a port out of range.
  const refused = server.listening || (options.port !== undefined && !validPort(options.port));
  if (refused || options.fd !== undefined) {
    if (options.fd !== undefined) {
      const view = nativeSocket().borrowRawFd(options.fd);
      applySockOptions(view, sock);
      view.close();
    }
    return net.Server.prototype.listen.call(
      server,
      options as net.ListenOptions,
      (callback ?? undefined) as () => void,
    );
  }
  if (callback !== null) server.once('listening', callback);
  options.signal?.addEventListener('abort', () => server.close(), { once: true });
  const proceed = (host?: { address: string; family: number }): void => {
    try {
      const socket = open(options, host, sock);
      const backlog = options.backlog ?? 511;
      try {
        socket.listen(backlog);
        intoNetServer(socket, { server, backlog });
        const { path } = options;
        // As libuv does for a path that it bound.
        if (path !== undefined && !path.startsWith('\0')) {
          server.once('close', () => rmSync(path, { force: true }));
        }
      } catch (error) {
        socket.close();
        throw error;
      }
    } catch (error) {
      process.nextTick(() => server.emit('error', error));
    }
  };
  if (options.host === undefined || options.path !== undefined) proceed();
  else {
    dnsLookup(options.host, (error, address, family) => {
      if (error === null) proceed({ address, family });
      else server.emit('error', error);
    });
  }
  return server;
}

const validPort = (port: unknown): boolean =>
  (typeof port === 'number' || (typeof port === 'string' && port.trim() !== '')) &&
  Number.isInteger(Number(port)) &&
  Number(port) >= 0 &&
  Number(port) <= 65535;

function withListen(server: net.Server, own: SockOptions | undefined): net.Server {
  if (own !== undefined) checkOptions(own);
  Object.defineProperty(server, 'listen', {
    configurable: true,
    writable: true,
    enumerable: false,
    value(this: net.Server, ...values: unknown[]) {
      const passed = sockOf(values[0]);
      if (passed === undefined && own === undefined) {
        return Reflect.apply(net.Server.prototype.listen, this, values) as net.Server;
      }
      if (passed !== undefined) checkOptions(passed);
      return listen(this, { ...own, ...passed }, values);
    },
  });
  return server;
}

/** `net.createServer`, whose options take `sock`; so do those of the server's `listen`. */
export function createServer(connectionListener?: (socket: net.Socket) => void): net.Server;
export function createServer(
  options: net.ServerOpts & WithSock,
  connectionListener?: (socket: net.Socket) => void,
): net.Server;
export function createServer(...values: unknown[]): net.Server {
  const sock = sockOf(values[0]);
  const rest = sock === undefined ? values : [without(values[0] as object), ...values.slice(1)];
  return withListen(Reflect.apply(net.createServer, net, rest) as net.Server, sock);
}

export default { ...net, connect, createConnection: connect, createServer };
