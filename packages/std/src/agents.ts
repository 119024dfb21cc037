/** Socket options for HTTP clients: agents for node's `http` and `https`, and a connector for undici. */
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { applySockOptions } from '@sock/core';
import { invalidArgument, outOfRange } from './node-errors.js';
import { sockRef } from './convert/from.js';
import { connect, type WithSock } from './drop-in/net.js';
import { splitConnectOptions } from './drop-in/parallel-connect.js';
import { checkOptions, type SockOptions } from './drop-in/sock-options.js';
import { LONGEST_TIME } from './wait-options.js';

/** Checks the options when they are given, and not first when a request is made. */
function checked(sock: SockOptions): SockOptions {
  checkOptions(splitConnectOptions(sock).settings, 'stream');
  return sock;
}

/** Whether addresses are tried in parallel: unless the caller or node was told to try no more than one. */
const inParallel = (autoSelectFamily: boolean | undefined): boolean =>
  autoSelectFamily ?? net.getDefaultAutoSelectFamily();

/** Node sets options of its own on a connection after it is made: the caller's come last. */
function connectWith(options: http.ClientRequestArgs, sock: SockOptions): net.Socket {
  const { nodelay, tcpNodelay } = sock;
  const { autoSelectFamily } = options as { readonly autoSelectFamily?: boolean };
  const noDelay = tcpNodelay ?? nodelay;
  return connect({
    ...options,
    ...(noDelay === undefined ? {} : { noDelay }),
    sock: { happyEyeballs: inParallel(autoSelectFamily), ...sock },
  } as net.NetConnectOpts & WithSock);
}

/** Keep-alive of an idle connection, which `http.Agent` sets to values of node's. */
function restoreKeepalive(socket: Duplex, sock: SockOptions): void {
  const mine = Object.entries(sock).filter(([name]) => /^(tcpK|k)eepalive/.test(name));
  if (mine.length > 0) applySockOptions(sockRef(socket), Object.fromEntries(mine));
}

/** Node's types give it no result, but node keeps the connection only if the result is true. */
const { keepSocketAlive } = http.Agent.prototype as unknown as {
  keepSocketAlive(this: http.Agent, socket: Duplex): boolean;
};

/** Options of {@link SockAgent}. */
export interface SockAgentOptions extends http.AgentOptions {
  /**
   * Set on every connection before it connects. Checked when the agent is made. The addresses of a name are tried in
   * parallel, as `connectHost` does, unless `happyEyeballs` or node's `autoSelectFamily` is `false`.
   */
  readonly sock: SockOptions;
}

/**
 * An `http.Agent` that sets socket options on its connections.
 *
 * @example
 * http.get('http://db.example/', { agent: new SockAgent({ sock: { tcpUserTimeout: 5000 } }) });
 */
export class SockAgent extends http.Agent {
  readonly #sock: SockOptions;

  constructor({ sock, ...options }: SockAgentOptions) {
    super(options);
    this.#sock = checked(sock);
  }

  override createConnection(options: http.ClientRequestArgs): net.Socket {
    return connectWith(options, this.#sock);
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const keeps = keepSocketAlive.call(this, socket);
    if (keeps) restoreKeepalive(socket, this.#sock);
    return keeps;
  }
}

/** Options of {@link SockHttpsAgent}. */
export interface SockHttpsAgentOptions extends https.AgentOptions {
  /**
   * Set on every connection before it connects. Checked when the agent is made. The addresses of a name are tried in
   * parallel, as `connectHost` does, unless `happyEyeballs` or node's `autoSelectFamily` is `false`.
   */
  readonly sock: SockOptions;
}

/** An `https.Agent` that sets socket options on its connections. */
export class SockHttpsAgent extends https.Agent {
  readonly #sock: SockOptions;

  constructor({ sock, ...options }: SockHttpsAgentOptions) {
    super(options);
    this.#sock = checked(sock);
  }

  override createConnection(options: http.ClientRequestArgs): Duplex {
    const socket = connectWith(options, this.#sock);
    return super.createConnection({ ...options, socket } as http.ClientRequestArgs) as Duplex;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const keeps = keepSocketAlive.call(this, socket);
    if (keeps) restoreKeepalive(socket, this.#sock);
    return keeps;
  }
}

interface ConnectOptions {
  readonly hostname: string;
  readonly host?: string;
  readonly protocol: string;
  readonly port: string;
  readonly servername?: string | null;
  readonly localAddress?: string | null;
  /** The connection to a proxy that carries this one. */
  readonly httpSocket?: net.Socket;
}

/** Options of {@link sockConnector}: those of `tls.connect`, for https, and when to stop connecting. */
export interface SockConnectorOptions extends tls.ConnectionOptions {
  /**
   * How long a connection may take, with the TLS handshake, in milliseconds; `0`: without end.
   * undici does not tell a connector its `connectTimeout`: give the same number here. Default: 10,000,
   * as undici's own.
   */
  readonly timeout?: number;
  /** Ends every attempt to connect, and later ones at once. */
  readonly signal?: AbortSignal;
}

/** The error of an attempt that took too long, with the code of undici's own. */
const connectTimeoutError = (host: string, port: number, timeout: number): Error =>
  Object.assign(
    new Error(`Connect Timeout Error (attempted address: ${host}:${port}, timeout: ${timeout}ms)`),
    { name: 'ConnectTimeoutError', code: 'UND_ERR_CONNECT_TIMEOUT' },
  );

/**
 * A connector for undici that sets socket options on its connections, and tries the addresses of a name in parallel, as
 * `connectHost` does, unless `happyEyeballs` is `false`.
 * @param sock socket options by their names in the option table, checked here
 * @param options options of `tls.connect`, `timeout` and `signal`
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for a wrong option
 *
 * @example
 * new Agent({ connect: sockConnector({ tcpUserTimeout: 5000 }, { timeout: 2000 }) });
 */
export function sockConnector(sock: SockOptions, options: SockConnectorOptions = {}) {
  const settings = checked(sock);
  const { timeout = 10_000, signal, ...secure } = options;
  const { lookup } = secure;
  checkStops(timeout, signal);
  return (
    { hostname, protocol, port: portText, servername, localAddress, httpSocket }: ConnectOptions,
    callback: (...result: [error: null, socket: net.Socket] | [error: Error, socket: null]) => void,
  ): net.Socket => {
    const isSecure = protocol === 'https:';
    const port = Number(portText) || (isSecure ? 443 : 80);
    const raw =
      httpSocket ??
      connect({
        host: hostname,
        port,
        ...(localAddress == null ? {} : { localAddress }),
        ...(lookup === undefined ? {} : { lookup }),
        sock: { happyEyeballs: inParallel(undefined), ...settings },
      });
    const name = servername ?? hostname;
    const socket = isSecure
      ? tls.connect({
          host: hostname,
          // RFC 6066, section 3: a server name is not an address.
          ...(net.isIP(name) === 0 ? { servername: name } : {}),
          ...secure,
          socket: raw,
        })
      : raw;
    const event = isSecure ? 'secureConnect' : 'connect';
    let timer: NodeJS.Timeout | undefined;
    const settled = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.off(event, connected);
      socket.off('error', failed);
    };
    const failed = (error: Error): void => {
      settled();
      // A TLS socket emits the error of the socket below it once more.
      socket.on('error', () => undefined);
      callback(error, null);
    };
    const connected = (): void => {
      settled();
      callback(null, socket);
    };
    const stop = (error: Error): void => {
      raw.destroy(error);
      if (isSecure) socket.destroy(error);
    };
    const abort = (): void => stop(abortError(signal as AbortSignal));
    socket.once('error', failed);
    socket.once(event, connected);
    raw.once('error', (error) => {
      if (isSecure) socket.destroy(error);
    });
    if (timeout > 0) {
      timer = setTimeout(() => stop(connectTimeoutError(hostname, port, timeout)), timeout);
    }
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    return socket;
  };
}

/** The reason of a signal, as an error: undici and streams take nothing else. */
const abortError = ({ reason }: AbortSignal): Error =>
  reason instanceof Error
    ? reason
    : Object.assign(new Error('The operation was aborted', { cause: reason }), {
        name: 'AbortError',
        code: 'ABORT_ERR',
      });

function checkStops(timeout: unknown, signal: unknown): void {
  if (typeof timeout !== 'number' || !(timeout >= 0 && timeout <= LONGEST_TIME)) {
    throw outOfRange(
      `The "options.timeout" property must be >= 0 and <= ${LONGEST_TIME} milliseconds`,
    );
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidArgument(
      'ERR_INVALID_ARG_TYPE',
      'The "options.signal" property must be an AbortSignal',
    );
  }
}
