/** Makes node's `listen` use a socket whose options were set before it was bound. */
import { unlinkSync } from 'node:fs';
import type net from 'node:net';
import { constants } from 'node:os';
import { SockAddr, type SockError, type Socket, Type } from '@sock/core';
import { nodeError } from '../node-errors.js';
import { nativeSocket } from '../native-backend.js';
import { ipv6Address } from '../node-address.js';
import {
  beforeClose,
  type Listen2,
  listen2,
  type NetServer,
  pipeHandle,
  type ServerHandle,
  serverHandle,
  type UvHandle,
} from '../node-internals.js';
import { applyToFd, openSocket } from './handle-options.js';
import type { SockOptions } from './sock-options.js';

/** UV_TCP_IPV6ONLY and UV_TCP_REUSEPORT of libuv's uv.h. */
const IPV6_ONLY = 1;
const REUSE_PORT = 2;
const { EACCES, EADDRINUSE, ENOENT } = constants.errno;

/** Options that have an effect only on a listener, not on its connections. */
const LISTENER_OPTIONS = new Set<string>([
  'attachReusePortBpf',
  'attachReusePortFilter',
  'attachReuseportFilter',
  'bindAddressNoPort',
  'freebindV4',
  'freebindV6',
  'ipTransparentV4',
  'ipTransparentV6',
  'localPortRange',
  'onlyV6',
  'protocol',
  'reuseAddress',
  'reusePort',
  'tcpDeferAccept',
  'tcpFastopen',
  'tcpFastopenNoCookie',
  'tcpMd5sig',
  'tcpMd5sigExt',
  'tcpSaveSyn',
] satisfies (keyof SockOptions)[]);

/** What a server binds to: those of `_listen2`'s arguments that say where. */
interface BindTarget {
  readonly address: string;
  readonly port: number;
  /** 4, 6, or -1 for the path of a unix socket. */
  readonly type: number;
  readonly flags: number;
}

function bound({ address, port, type, flags }: BindTarget, sock: SockOptions): Socket {
  const [family, to] =
    type === -1
      ? (['unix', SockAddr.unix(pathAsNode(address))] as const)
      : type === 6
        ? (['ipv6', ipv6Address(address, port, () => nativeSocket().driver)] as const)
        : (['ipv4', SockAddr.ipv4(address, port)] as const);
  const socket = openSocket(family, Type.STREAM, sock, (made) => {
    // As libuv does. The caller's options come after it.
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

/** `sun_path` of Linux. */
const PATH_SIZE = 108;
let padsNames: boolean | undefined;

/** Whether this version of node fills abstract names with NULs up to the end of `sun_path`, as Node 20 does. */
function nodePadsNames(): boolean {
  if (padsNames !== undefined) return padsNames;
  padsNames = false;
  const handle = pipeHandle(`\0sock ${process.pid} ${Math.random()}`);
  if (typeof handle === 'number') return padsNames;
  const view = nativeSocket().borrowRawFd(handle.fd);
  try {
    padsNames = view.localAddr().len() >= PATH_SIZE;
  } finally {
    view.close();
    handle.close();
  }
  return padsNames;
}

/** A path as this version of node binds and connects to it: both sides must use the same abstract name. */
function pathAsNode(path: string): string {
  if (!path.startsWith('\0') || !nodePadsNames()) return path;
  return path.padEnd(PATH_SIZE - (Buffer.byteLength(path) - path.length), '\0');
}

/** A handle of node's that adopts the socket. */
function handleOn(socket: Socket): UvHandle {
  try {
    const handle = serverHandle(socket.asRawFd());
    if (typeof handle === 'number') throw new Error(`node refused the descriptor: ${handle}`);
    socket.intoRawFd();
    return handle;
  } finally {
    if (!socket.closed) socket.close();
  }
}

/** Removes the file of a path when the handle closes, as libuv does for a path that it bound. */
function unlinkWith(handle: UvHandle, path: string): UvHandle {
  beforeClose(handle, () => {
    try {
      unlinkSync(path);
    } catch {
      // The server closes nevertheless. libuv ignores the result of unlink(2) too.
    }
  });
  return handle;
}

/**
 * A handle on a socket that is bound to the target.
 * @returns a negative error number if bind fails; node makes the error of it
 */
function open(target: BindTarget, sock: SockOptions): UvHandle | number {
  let socket: Socket;
  try {
    socket = bound(target, sock);
  } catch (error) {
    const { errno, syscall } = error as SockError;
    if (
      (syscall !== 'bind' && syscall !== 'socket') ||
      (sock.protocol !== undefined && syscall === 'socket')
    )
      throw error;
    // libuv reports a folder that does not exist as EACCES on every system, as Windows does.
    return target.type === -1 && errno === -ENOENT ? -EACCES : errno;
  }
  const handle = handleOn(socket);
  const isPath = target.type === -1 && !target.address.startsWith('\0');
  return isPath ? unlinkWith(handle, target.address) : handle;
}

/** Binds without an address: to `::`, or to 0.0.0.0 if the machine has no IPv6, as node does. */
function openAny(port: number, flags: number, sock: SockOptions): [BindTarget, UvHandle | number] {
  const both = { address: '::', port, type: 6, flags };
  const handle = open(both, sock);
  // With libuv EADDRINUSE appears only in listen, when node has chosen the family: keep `::`.
  if (typeof handle !== 'number' || handle === -EADDRINUSE) return [both, handle];
  const ipv4 = { address: '0.0.0.0', port, type: 4, flags };
  return [ipv4, open(ipv4, sock)];
}

/** Takes the place of a handle and fails with this error when node listens on it. */
const failing = (error: number): ServerHandle => ({
  fd: -1,
  listen: () => error,
  close: () => undefined,
});

/**
 * Makes the server's next `listen` set the options before it binds. If the descriptor exists already
 * (`fd`, a handle, or one that a cluster's primary shares), they are set before it listens. If the
 * primary keeps the descriptor and distributes connections, they are set on each connection.
 */
export function setBeforeListen(server: net.Server, sock: SockOptions): void {
  const original = listen2();
  const prepared: Listen2 = function (address, port, type, backlog, fd, flags) {
    Reflect.deleteProperty(this, '_listen2');
    let where = { address, type };
    try {
      if (this._handle !== null) {
        applyToHandle(this._handle, sock);
      } else if (typeof fd === 'number') {
        const handle = serverHandle(fd);
        // If it is an error number: node tries the same below and makes the error.
        if (typeof handle !== 'number') {
          this._handle = handle;
          applyToHandle(handle, sock);
        }
      } else {
        const target = { port: port ?? -1, type: type ?? -1, flags: flags ?? 0 };
        const [chosen, handle] =
          address === null
            ? openAny(target.port, target.flags, sock)
            : [{ address, type }, open({ ...target, address }, sock)];
        where = chosen;
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
  const name = Object.keys(sock).find((option) => LISTENER_OPTIONS.has(option));
  if (name === undefined) return;
  throw nodeError(
    'ERR_SOCK_UNSUPPORTED',
    `options.sock.${name} is not supported: the cluster's primary listens for this worker. ` +
      'Pass `exclusive: true` to make the worker listen itself',
  );
}

/** Sets the options on each connection that a cluster's primary accepts, as a listener passes them on. */
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
