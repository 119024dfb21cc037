/** `connect` of WinterTC's Sockets API over the sockets of a backend. */
import type tls from 'node:tls';
import type { ConnectHostOptions, ConnectingClass, Socket as AnySocket } from '@sock/core';
import { connectHost } from '../connect/connect-host.js';
import { plain, type SecureTransport, secure, Socket } from './connection.js';
import { type DirectSockets, directSockets } from './direct-sockets.js';
import { SocketError } from './socket-error.js';

/** Where to connect: `'example.com:443'`, `'[::1]:443'`, or in two parts. */
export type AnySocketAddress = string | { readonly hostname: string; readonly port: number };

/** What is added to the drafts: how names are looked up, the sockets' options, and those of TLS. */
export interface BindingOptions extends Pick<
  ConnectHostOptions,
  'timeout' | 'attemptDelay' | 'lookup' | 'sock' | 'protocol'
> {
  /** Ends the connection while it is made. */
  readonly signal?: AbortSignal | undefined;
  /** Options of `tls.connect`, such as `ca`. */
  readonly tls?: tls.ConnectionOptions | undefined;
}

/** Options of {@link Binding.connect}. */
export interface SocketOptions extends BindingOptions {
  /** `'on'`: TLS from the beginning; `'starttls'`: TLS once `startTls` is called. Default: `'off'`. */
  readonly secureTransport?: SecureTransport;
  /** Whether the writable stays open when the peer sends no more. Default: `false`. */
  readonly allowHalfOpen?: boolean;
  /** The server name that TLS asks for. Default: the hostname. */
  readonly sni?: string | null;
  /** The protocols to negotiate over TLS. */
  readonly alpn?: readonly string[];
}

/** The Sockets API and Direct Sockets over one backend. */
export interface Binding extends DirectSockets {
  /**
   * Connects to a server by connect(2), all addresses of a name in parallel.
   * @param address `'example.com:443'`, `'[::1]:443'` or `{ hostname, port }`
   * @param options `secureTransport`, `allowHalfOpen` and the options of `connectHost`
   * @returns the Socket at once; its `opened` fulfils when it is connected, and rejects with a SocketError
   * @throws {SocketError} for an address or options that are wrong
   */
  connect(address: AnySocketAddress, options?: SocketOptions): Socket;
}

function parts(address: unknown): { hostname: string; port: number } {
  if (typeof address === 'string') {
    const [, six, name, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address) ?? [];
    const hostname = six ?? name;
    if (hostname === undefined) throw new SocketError(`the address "${address}" is not host:port`);
    return { hostname, port: portOf(Number(digits)) };
  }
  if (typeof address !== 'object' || address === null) {
    throw new SocketError('the address must be text or an object with hostname and port');
  }
  const { hostname, port } = address as { hostname?: unknown; port?: unknown };
  if (typeof hostname !== 'string' || hostname === '' || hostname === '[]') {
    throw new SocketError('the address needs a hostname');
  }
  return { hostname: /^\[(.*)\]$/.exec(hostname)?.[1] ?? hostname, port: portOf(port) };
}

function portOf(given: unknown): number {
  // Text as `URL.port` has it.
  const port = typeof given === 'string' && /^\d{1,5}$/.test(given) ? Number(given) : given;
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535)
    return port;
  throw new SocketError(`the port must be an integer from 0 to 65535: ${String(given)}`);
}

function checked(options: SocketOptions): Required<
  Pick<SocketOptions, 'secureTransport' | 'allowHalfOpen' | 'alpn'>
> & {
  readonly sni: string | undefined;
} {
  if (typeof options !== 'object' || options === null) {
    throw new SocketError('the options must be an object');
  }
  const { secureTransport = 'off', allowHalfOpen = false, sni = null, alpn = [] } = options;
  if (secureTransport !== 'off' && secureTransport !== 'on' && secureTransport !== 'starttls') {
    throw new SocketError(
      `secureTransport must be "off", "on" or "starttls": ${String(secureTransport)}`,
    );
  }
  if (sni !== null && typeof sni !== 'string') throw new SocketError('sni must be text');
  if (!Array.isArray(alpn) || alpn.some((name) => typeof name !== 'string')) {
    throw new SocketError('alpn must be a list of text');
  }
  if (secureTransport === 'off' && (sni !== null || alpn.length > 0)) {
    throw new SocketError('sni and alpn need secureTransport "on" or "starttls"');
  }
  return { secureTransport, allowHalfOpen: Boolean(allowHalfOpen), sni: sni ?? undefined, alpn };
}

/**
 * The Sockets API of WinterTC and Direct Sockets over the sockets of a backend: a binding object of the draft.
 * @param find gives the `Socket` class of the backend; asked for when the first socket is made
 * @param defaults options of every connection; those of a call come first
 */
export function bindingOf(
  find: () => ConnectingClass<AnySocket>,
  defaults: BindingOptions = {},
): Binding {
  return {
    ...directSockets(find, defaults),
    connect(address, given) {
      // Web IDL takes null for a dictionary without members.
      const options = given ?? {};
      const { hostname, port } = parts(address);
      const { secureTransport, allowHalfOpen, sni, alpn } = checked(options);
      const {
        tls: own,
        signal,
        timeout,
        attemptDelay,
        lookup,
        sock,
        protocol,
      } = {
        ...defaults,
        ...options,
      };
      const settings = { host: hostname, sni, alpn, tls: { ...defaults.tls, ...own } };
      const open = async (stop: AbortSignal) => {
        const start = performance.now();
        const all = signal === undefined ? stop : AbortSignal.any([stop, signal]);
        const wait = { timeout, attemptDelay, lookup, sock, protocol, signal: all };
        const transport = plain(await connectHost(find(), hostname, port, wait));
        if (secureTransport !== 'on') return transport;
        if (timeout === undefined) return secure(transport, settings, all);
        const rest = Math.max(1, Math.ceil(timeout - (performance.now() - start)));
        return secure(transport, settings, AbortSignal.any([all, AbortSignal.timeout(rest)]));
      };
      return Socket.make({ ...settings, secureTransport, allowHalfOpen, open });
    },
  };
}
