/** Socket options for HTTP clients: agents of node's `http` and `https`, and a connector of undici. */
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { connect, type WithSock } from './drop-in/net.js';
import type { SockOptions } from './drop-in/sock-options.js';

/** What {@link SockAgent} takes. */
export interface SockAgentOptions extends http.AgentOptions {
  /** Set on every connection before it connects. */
  readonly sock: SockOptions;
}

/** An `http.Agent` whose connections have socket options. */
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

/** What {@link SockHttpsAgent} takes. */
export interface SockHttpsAgentOptions extends https.AgentOptions {
  /** Set on every connection before it connects. */
  readonly sock: SockOptions;
}

/** An `https.Agent` whose connections have socket options. */
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
  /** The connection of a proxy, through which the secure one goes. */
  readonly httpSocket?: net.Socket;
}

/**
 * A connector for undici: `new Agent({ connect: sockConnector({ tcpUserTimeout: 5000 }) })`.
 * @param secure options of `tls.connect`, for https
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
          // RFC 6066 has no addresses for names.
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
