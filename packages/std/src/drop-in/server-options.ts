/** Has node's `listen` use a socket that was bound by us, with options set before that. */
import { rmSync } from 'node:fs';
import type net from 'node:net';
import { constants } from 'node:os';
import {
  interfaceNames,
  type OptionName,
  SockAddr,
  type SockError,
  type Socket,
  Type,
} from '@sock/core';
import { nativeSocket } from '../convert/from.js';
import {
  beforeClose,
  type Listen2,
  listen2,
  type NetServer,
  type ServerHandle,
  serverHandle,
  type UvHandle,
} from '../node-internals.js';
import type { SockOptions } from './sock-options.js';
import { applyToFd, socketWith } from './handle-options.js';

/** Of the flags of a bind in libuv's uv.h. */
const IPV6_ONLY = 1;
const REUSE_PORT = 2;
const { EACCES, EADDRINUSE, ENOENT } = constants.errno;

/** Options that a connection can't have set in its listener's place. */
const OF_A_LISTENER = new Set<string>([
  'attachReusePortBpf',
  'bindAddressNoPort',
  'freebindV4',
  'freebindV6',
  'ipTransparentV4',
  'ipTransparentV6',
  'onlyV6',
  'reuseAddress',
  'reusePort',
  'tcpDeferAccept',
  'tcpFastopen',
  'tcpFastopenNoCookie',
  'tcpSaveSyn',
] satisfies OptionName[]);

/** What a server binds to: of node's arguments, those that say where. */
interface Place {
  readonly address: string;
  readonly port: number;
  /** 4, 6, or -1 for a path. */
  readonly type: number;
  readonly flags: number;
}

function bound({ address, port, type, flags }: Place, sock: SockOptions): Socket {
  const [family, to] =
    type === -1
      ? (['unix', SockAddr.unix(address)] as const)
      : type === 6
        ? (['ipv6', ipv6(address, port)] as const)
        : (['ipv4', SockAddr.ipv4(address, port)] as const);
  const socket = socketWith(family, Type.STREAM, sock, (made) => {
    // What libuv sets; an option of the caller's comes after it.
    if (family !== 'unix') made.setReuseAddress(true);
    if (family === 'ipv6') made.setOnlyV6((flags & IPV6_ONLY) !== 0);
    if ((flags & REUSE_PORT) !== 0) made.setReusePort(true);
  });
  try {
    socket.bind(to);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** An IPv6 address, whose zone node knows by the name of the interface too: `fe80::1%eth0`. */
function ipv6(address: string, port: number): SockAddr {
  const [ip, zone] = address.split('%');
  if (zone === undefined || /^\d+$/.test(zone)) return SockAddr.ipv6(address, port);
  const index = interfaceNames(nativeSocket().driver).ifNameToIndex(zone);
  return SockAddr.ipv6(`${ip}%${index}`, port);
}

/** Node's handle on the socket, which it owns from here on. */
function handleOn(socket: Socket): UvHandle {
  try {
    const handle = serverHandle(socket.asRawFd());
    if (typeof handle === 'number') throw new Error(`node did not take the descriptor: ${handle}`);
    socket.intoRawFd();
    return handle;
  } finally {
    if (!socket.closed) socket.close();
  }
}

/** The file of a path goes when the handle closes, as libuv has it for one that it bound. */
function unlinkWith(handle: UvHandle, path: string): UvHandle {
  beforeClose(handle, () => rmSync(path, { force: true }));
  return handle;
}

/** A handle on a socket that is bound to the place; or the number of the error, for node to word. */
function open(place: Place, sock: SockOptions): UvHandle | number {
  let socket: Socket;
  try {
    socket = bound(place, sock);
  } catch (error) {
    const { errno, syscall } = error as SockError;
    if (syscall !== 'bind' && syscall !== 'socket') throw error;
    // libuv's word for a folder that is not there, which is that of Windows.
    return place.type === -1 && errno === -ENOENT ? -EACCES : errno;
  }
  const handle = handleOn(socket);
  const path = place.type === -1 && !place.address.startsWith('\0');
  return path ? unlinkWith(handle, place.address) : handle;
}

/** The same where no address is given: as node, on IPv4 where there is no IPv6. */
function openAny(port: number, flags: number, sock: SockOptions): [Place, UvHandle | number] {
  const both = { address: '::', port, type: 6, flags };
  const handle = open(both, sock);
  // That the port is in use libuv tells later, when node has decided.
  if (typeof handle !== 'number' || handle === -EADDRINUSE) return [both, handle];
  const ipv4 = { address: '0.0.0.0', port, type: 4, flags };
  return [ipv4, open(ipv4, sock)];
}

/** In the place of a handle, what gives this error when node listens on it. */
const failing = (error: number): ServerHandle => ({
  fd: -1,
  listen: () => error,
  close: () => undefined,
});

/**
 * Has the server's next `listen` set the options: before it binds, or, on a
 * descriptor that is handed in (`fd`, a handle, that of a cluster's primary), before it listens. Where
 * the primary keeps the descriptor and hands out connections, on each of them.
 */
export function listenWith(server: net.Server, sock: SockOptions): void {
  const original = listen2();
  const prepared: Listen2 = function (address, port, type, backlog, fd, flags) {
    Reflect.deleteProperty(this, '_listen2');
    let where = { address, type };
    try {
      if (this._handle !== null) {
        applyToHandle(this._handle, sock);
      } else if (typeof fd === 'number') {
        const handle = serverHandle(fd);
        // A number: node makes the same attempt, and words the error.
        if (typeof handle !== 'number') {
          this._handle = handle;
          applyToHandle(handle, sock);
        }
      } else {
        const at = { port: port ?? -1, type: type ?? -1, flags: flags ?? 0 };
        const [taken, handle] =
          address === null
            ? openAny(at.port, at.flags, sock)
            : [{ address, type }, open({ ...at, address }, sock)];
        where = taken;
        this._handle = typeof handle === 'number' ? failing(handle) : handle;
      }
    } catch (error) {
      this._handle?.close();
      this._handle = null;
      process.nextTick(() => this.emit('error', error));
      return;
    }
    original.call(this, where.address, port, where.type, backlog, fd, flags);
    applyToConnections(this, sock);
  };
  Object.defineProperty(server, '_listen2', {
    configurable: true,
    writable: true,
    value: prepared,
  });
}

function applyToHandle(handle: ServerHandle, sock: SockOptions): void {
  if (handle.fd >= 0) {
    applyToFd(handle.fd, sock);
    return;
  }
  const name = Object.keys(sock).find((option) => OF_A_LISTENER.has(option));
  if (name === undefined) return;
  throw Object.assign(
    new Error(
      `options.sock.${name} is not supported: the cluster's primary listens for this worker; ` +
        'pass `exclusive: true` to have the worker listen itself',
    ),
    { code: 'ERR_SOCK_UNSUPPORTED' },
  );
}

/** The options of connections that somebody else accepts are set on each, as a listener's would pass on to it. */
function applyToConnections(server: NetServer, sock: SockOptions): void {
  const { _handle: handle } = server;
  const { onconnection } = handle ?? {};
  if (handle === null || handle.fd >= 0 || onconnection === undefined) return;
  handle.onconnection = function (this: unknown, error, connection) {
    try {
      if (connection !== undefined) applyToFd(connection.fd, sock);
    } catch (failure) {
      connection?.close();
      server.emit('error', failure);
      return;
    }
    Reflect.apply(onconnection, this, [error, connection]);
  };
}
