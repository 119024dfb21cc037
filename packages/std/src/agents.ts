/** Socket options for HTTP clients: agents for node's `http` and `https`, and a connector for undici. */
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { connect, type WithSock } from './drop-in/net.js';
import type { SockOptions } from './drop-in/sock-options.js';

/** Options of {@link SockAgent}. */
export interface SockAgentOptions extends http.AgentOptions {
  /** Set on every connection before it connects. */
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
    this.#sock = sock;
  }

  override createConnection(options: http.ClientRequestArgs): net.Socket {
    return connect({ ...options, sock: this.#sock } as net.NetConnectOpts & WithSock);
  }
}

/** Options of {@link SockHttpsAgent}. */
export interface SockHttpsAgentOptions extends https.AgentOptions {
  /** Set on every connection before it connects. */
  readonly sock: SockOptions;
}

/** An `https.Agent` that sets socket options on its connections. */
export class SockHttpsAgent extends https.Agent {
  readonly #sock: SockOptions;

  constructor({ sock, ...options }: SockHttpsAgentOptions) {
    super(options);
    this.#sock = sock;
  }

  override createConnection(options: http.ClientRequestArgs): Duplex {
    const socket = connect({ ...options, sock: this.#sock } as net.NetConnectOpts & WithSock);
    return super.createConnection({ ...options, socket } as http.ClientRequestArgs) as Duplex;
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

/**
 * A connector for undici that sets socket options on its connections.
 * @param sock socket options by their names in the option table
 * @param secure options of `tls.connect`, for https
 *
 * @example
 * new Agent({ connect: sockConnector({ tcpUserTimeout: 5000 }) });
 */
export function sockConnector(sock: SockOptions, secure: tls.ConnectionOptions = {}) {
  return (
    { hostname, protocol, port, servername, localAddress, httpSocket }: ConnectOptions,
    callback: (...result: [error: null, socket: net.Socket] | [error: Error, socket: null]) => void,
  ): net.Socket => {
    const isSecure = protocol === 'https:';
    const raw =
      httpSocket ??
      connect({
        host: hostname,
        port: Number(port) || (isSecure ? 443 : 80),
        ...(localAddress == null ? {} : { localAddress }),
        sock,
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
    const failed = (error: Error): void => {
      socket.off(event, connected);
      callback(error, null);
    };
    const connected = (): void => {
      socket.off('error', failed);
      callback(null, socket);
    };
    socket.once('error', failed);
    socket.once(event, connected);
    raw.once('error', (error) => {
      if (isSecure) socket.destroy(error);
    });
    return socket;
  };
}
