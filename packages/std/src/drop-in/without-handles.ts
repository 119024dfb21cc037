/**
 * `connect` and `listen` with socket options where the runtime's handles take no descriptor that they did not
 * open (Bun, Deno): the socket is opened, bound and connected here, and then converted.
 */
import { lookup } from 'node:dns';
import net from 'node:net';
import { addAbortSignal } from 'node:stream';
import { type Domain, SockAddr, type Socket, Type } from '@sock/core';
import { intoNetServer, intoNetSocket } from '../convert/into.js';
import { nativeSocket } from '../native-backend.js';
import { ipAddress as ipAddressOf } from '../node-address.js';
import { normalizeArgs } from '../node-internals.js';
import { DuplexSocket } from '../node-objects/duplex-socket.js';
import { onlyInNode } from '../runtime.js';
import { openSocket } from './handle-options.js';
import { connectByName, showAttempted } from './parallel-connect.js';
import type { HappyEyeballsOptions, SockOptions } from './sock-options.js';

/** Connections that may wait, as in node. */
const BACKLOG = 511;

type ConnectOptions = Partial<net.TcpSocketConnectOpts> &
  Partial<net.IpcSocketConnectOpts> &
  net.SocketConstructorOpts & { readonly timeout?: number; readonly path?: string };

const ipAddress = (address: string, port: number): SockAddr =>
  ipAddressOf(address, port, nativeSocket().driver);

/** The address of the options; `undefined` if they have a name, which is to be looked up. */
function target({ path, host, port }: ConnectOptions): SockAddr | undefined {
  // As node: an empty path or host is none.
  if (path) return SockAddr.unix(path);
  if (host && net.isIP(host.split('%')[0] ?? '') !== 0) return ipAddress(host, Number(port));
  return undefined;
}

/**
 * `net.connect` with socket options. The addresses of a name are always tried in parallel, as `connectHost` does.
 * @param parallel how
 */
export function connectWith(
  values: unknown[],
  sock: SockOptions,
  parallel: HappyEyeballsOptions | undefined,
): net.Socket {
  const [given, listener] = normalizeArgs(values) as unknown as [ConnectOptions, () => void];
  const to = target(given);
  const stream =
    to === undefined
      ? startConnectingByName(sock, given, parallel)
      : startConnecting(openSocket(familyOf(to), Type.STREAM, sock), to, given);
  if (given.noDelay === true) stream.setNoDelay(true);
  if (given.keepAlive === true) stream.setKeepAlive(true, given.keepAliveInitialDelay);
  if (given.timeout) stream.setTimeout(given.timeout);
  if (typeof listener === 'function') stream.once('connect', listener);
  return stream;
}

const familyOf = (address: SockAddr) => address.domain() as Domain & ('ipv4' | 'ipv6' | 'unix');

function startConnectingByName(
  sock: SockOptions,
  given: ConnectOptions,
  parallel: HappyEyeballsOptions = {},
): net.Socket {
  const { allowHalfOpen = false, signal } = given;
  const host = given.host || 'localhost';
  // Refuses a wrong port in this call, as node does.
  const { port } = SockAddr.ipv4('0.0.0.0', Number(given.port));
  const stop = new AbortController();
  const attempted: string[] = [];
  const { connected } = connectByName(
    () => stream,
    attempted,
    host,
    port,
    given,
    sock,
    parallel,
    stop.signal,
  );
  const stream = new DuplexSocket(connected, { allowHalfOpen }) as unknown as net.Socket;
  showAttempted(stream, attempted);
  stream.once('close', () => stop.abort());
  return signal === undefined ? stream : addAbortSignal(signal, stream);
}

function startConnecting(socket: Socket, to: SockAddr, given: ConnectOptions): net.Socket {
  const { localAddress, localPort = 0, allowHalfOpen = false, signal } = given;
  const options = { allowHalfOpen, duplex: true, ...(signal === undefined ? {} : { signal }) };
  try {
    if (localAddress !== undefined || localPort !== 0) {
      const any = to.isIpv6() ? '::' : '0.0.0.0';
      socket.bind(ipAddress(localAddress ?? any, localPort));
    }
    socket.tryConnect(to);
    const stream = intoNetSocket(socket, options);
    if (!stream.connecting) {
      // A listener of `connect` cannot be there yet.
      process.nextTick(() => {
        if (stream.destroyed) return;
        stream.emit('connect');
        stream.emit('ready');
      });
    }
    return stream;
  } catch (error) {
    socket.close();
    // Node reports what the system refuses by the event.
    if ((error as { errno?: unknown }).errno === undefined) throw error;
    return new net.Socket().destroy(error as Error);
  }
}

interface ListenOptions extends net.ListenOptions {
  readonly fd?: number;
  readonly reusePort?: boolean;
}

/** `server.listen` with socket options, which are set before the server binds. */
export function listenWith(server: net.Server, sock: SockOptions, values: unknown[]): net.Server {
  const [given, listener] = normalizeArgs(values) as unknown as [ListenOptions, () => void];
  if (given.fd !== undefined) {
    throw onlyInNode(
      'listen on a descriptor with options.sock',
      'use `Socket.fromRawFd` and `intoNetServer` of @sock/std',
    );
  }
  if (typeof listener === 'function') server.once('listening', listener);
  const failed = (error: unknown): void => {
    process.nextTick(() => server.emit('error', error));
  };
  const listen = (address: SockAddr, isAny = false): void => {
    try {
      const socket = bound(address, given, sock, isAny);
      try {
        socket.listen(given.backlog ?? BACKLOG);
        intoNetServer(socket, { server });
      } catch (error) {
        socket.close();
        throw error;
      }
    } catch (error) {
      failed(error);
    }
  };
  const port = Number(given.port ?? 0);
  if (given.path !== undefined) listen(SockAddr.unix(given.path));
  else if (!given.host) listen(SockAddr.ipv6('::', port), true);
  else if (net.isIP(given.host.split('%')[0] ?? '') !== 0) listen(ipAddress(given.host, port));
  else {
    lookup(given.host, (error, address) => {
      if (error === null) listen(ipAddress(address, port));
      else failed(error);
    });
  }
  return server;
}

/** A socket that is bound. Without a host: to `::`, or to 0.0.0.0 if the machine has no IPv6, as node does. */
function bound(address: SockAddr, given: ListenOptions, sock: SockOptions, isAny: boolean): Socket {
  const family = address.domain() as 'ipv4' | 'ipv6' | 'unix';
  try {
    const socket = openSocket(family, Type.STREAM, sock, (made) => {
      // As libuv does. The caller's options come after it.
      if (family !== 'unix') made.setReuseAddress(true);
      if (family === 'ipv6') made.setOnlyV6(given.ipv6Only === true);
      if (given.reusePort === true) made.setReusePort(true);
    });
    try {
      socket.bind(address);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!isAny || code === 'EADDRINUSE' || code === 'EACCES') throw error;
    return bound(SockAddr.ipv4('0.0.0.0', address.port), given, sock, false);
  }
}
