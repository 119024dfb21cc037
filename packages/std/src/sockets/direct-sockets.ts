/**
 * TCPSocket, TCPServerSocket and UDPSocket of Direct Sockets, over the sockets of a backend. The permissions of a browser
 * are left out: whoever imports this may open sockets.
 * @see https://wicg.github.io/direct-sockets/
 */
import net from 'node:net';
import type { ConnectHostOptions, ConnectingClass, Socket as AnySocket } from '@sock/core';
import { connectHost, firstAddress } from '../connect/connect-host.js';
import { driverOf, ipAddress } from '../node-address.js';
import { type MulticastController, multicastOf } from './multicast-controller.js';
import { invalidState, networkError, OpenStreams, Settlement } from './open-streams.js';

/** Which addresses of a name are used. */
export type SocketDnsQueryType = 'ipv4' | 'ipv6';

/** Options of TCPSocket. */
export interface TCPSocketOptions {
  /** SO_SNDBUF, in bytes, > 0. */
  readonly sendBufferSize?: number;
  /** SO_RCVBUF, in bytes, > 0. */
  readonly receiveBufferSize?: number;
  /** TCP_NODELAY. Default: `false`. */
  readonly noDelay?: boolean;
  /** Turns keep-alive on, after so many milliseconds, at least 1000. */
  readonly keepAliveDelay?: number;
  readonly dnsQueryType?: SocketDnsQueryType;
}

/** What the `opened` of TCPSocket says. */
export interface TCPSocketOpenInfo {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<ArrayBufferView | ArrayBuffer>;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

/** Options of TCPServerSocket. */
export interface TCPServerSocketOptions {
  /** 1 to 65535. Left out: the system chooses. */
  readonly localPort?: number;
  /** Connections that may wait to be accepted, > 0. Default: 511, as node. */
  readonly backlog?: number;
  /** IPV6_V6ONLY, only for `'::'`. */
  readonly ipv6Only?: boolean;
}

/** What the `opened` of TCPServerSocket says. */
export interface TCPServerSocketOpenInfo {
  /** The connections. Nothing is accepted before it is asked for. */
  readonly readable: ReadableStream<TCPSocketShape>;
  readonly localAddress: string;
  readonly localPort: number;
}

/** Options of UDPSocket. */
export interface UDPSocketOptions {
  /** The peer, with `remotePort`: only its datagrams are received. */
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  /** The IP address to bind to, instead of a peer. */
  readonly localAddress?: string;
  /** 1 to 65535, with `localAddress`. Left out: the system chooses. */
  readonly localPort?: number;
  readonly sendBufferSize?: number;
  readonly receiveBufferSize?: number;
  /** Only with `remoteAddress`. */
  readonly dnsQueryType?: SocketDnsQueryType;
  /** IPV6_V6ONLY, only for a `localAddress` of `'::'`. */
  readonly ipv6Only?: boolean;
  /** SO_REUSEADDR, and SO_REUSEPORT where a system needs it: several sockets receive the same groups. */
  readonly multicastAllowAddressSharing?: boolean;
  /** IP_MULTICAST_TTL or IPV6_MULTICAST_HOPS, 0 to 255. */
  readonly multicastTimeToLive?: number;
  /** IP_MULTICAST_LOOP or IPV6_MULTICAST_LOOP. */
  readonly multicastLoopback?: boolean;
}

/** A datagram. */
export interface UDPMessage {
  readonly data: ArrayBufferView | ArrayBuffer;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly dnsQueryType?: SocketDnsQueryType;
}

/** What the `opened` of UDPSocket says. */
export interface UDPSocketOpenInfo {
  readonly readable: ReadableStream<UDPMessage>;
  readonly writable: WritableStream<UDPMessage>;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Only for a socket that is bound. */
  readonly multicastController?: MulticastController;
}

/** What the objects of the three classes have. */
export interface DirectSocket<Info> {
  readonly opened: Promise<Info>;
  readonly closed: Promise<undefined>;
  /** Rejects with `InvalidStateError` before it is open, and while a stream is locked. */
  close(): Promise<undefined>;
}

/** An object of the class TCPSocket. */
export type TCPSocketShape = DirectSocket<TCPSocketOpenInfo>;

/** The classes of Direct Sockets. */
export interface DirectSockets {
  readonly TCPSocket: new (
    remoteAddress: string,
    remotePort: number,
    options?: TCPSocketOptions,
  ) => TCPSocketShape;
  readonly TCPServerSocket: new (
    localAddress: string,
    options?: TCPServerSocketOptions,
  ) => DirectSocket<TCPServerSocketOpenInfo>;
  readonly UDPSocket: new (options?: UDPSocketOptions) => DirectSocket<UDPSocketOpenInfo>;
}

const ROOM = 65_536;
const BACKLOG = 511;
const KEEP_ALIVE_LEAST = 1000;

/** Web IDL's `[EnforceRange]`. */
function integer(name: string, value: unknown, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Math.trunc(Number(value));
  if (number >= least && number <= most) return number;
  throw new TypeError(`${name} must be an integer from ${least} to ${most}: ${String(value)}`);
}

/** The first argument of a TCPSocket that was accepted. */
const ACCEPTED = Symbol('accepted');

/** Web IDL's conversion to a dictionary. */
function dictionary<T extends object>(value: T | null | undefined): Partial<T> {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' || typeof value === 'function') return value;
  throw new TypeError(`the options must be an object: ${String(value)}`);
}

const size = (name: string, value: unknown): number | undefined =>
  integer(name, value, 1, 0xffffffff);

function queryType(value: unknown): SocketDnsQueryType | undefined {
  if (value === undefined || value === 'ipv4' || value === 'ipv6') return value;
  throw new TypeError(`dnsQueryType must be "ipv4" or "ipv6": ${String(value)}`);
}

const familyOf = (type: SocketDnsQueryType | undefined): 0 | 4 | 6 =>
  type === undefined ? 0 : type === 'ipv4' ? 4 : 6;

function bytesOf(data: unknown): Uint8Array {
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TypeError('data must be an ArrayBuffer or a view of one');
}

/** `undefined` is left out: a member that is there counts as given. */
const given = <T extends object>(members: T): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;

/** What the three classes share. */
class Opened<Info> implements DirectSocket<Info> {
  readonly #opened = new Settlement<Info>();
  readonly #closed = new Settlement<undefined>();
  #close: (() => Promise<undefined>) | undefined;

  /** @param open makes the socket; returns what `opened` says and what `close` does */
  constructor(
    open: (closed: Settlement<undefined>) => Promise<{
      readonly info: Info;
      close(): Promise<undefined>;
    }>,
  ) {
    // Not in the constructor: what is synchronous may fail too, and is to reject.
    Promise.resolve(this.#closed)
      .then(open)
      .then(
        ({ info, close }) => {
          this.#close = close;
          this.#opened.resolve(info);
        },
        (cause: unknown) => {
          const error = networkError(cause);
          this.#opened.reject(error);
          this.#closed.reject(error);
        },
      );
  }

  get opened(): Promise<Info> {
    return this.#opened.promise;
  }

  get closed(): Promise<undefined> {
    return this.#closed.promise;
  }

  close(): Promise<undefined> {
    if (this.#close === undefined) return Promise.reject(invalidState('the socket is not open'));
    return this.#close();
  }
}

/** The streams of a connection. */
function openTcp(socket: AnySocket, closed: Settlement<undefined>) {
  const streams = new OpenStreams<Uint8Array, ArrayBufferView | ArrayBuffer>(
    {
      bytes: true,
      async receive(room, signal) {
        const buffer = room ?? new Uint8Array(ROOM);
        const length = await socket.recvAsync(buffer, { signal });
        if (length === 0) return undefined;
        if (room !== undefined || 2 * length >= ROOM) return buffer.subarray(0, length);
        return buffer.slice(0, length);
      },
      async send(chunk, signal) {
        const bytes = bytesOf(chunk);
        const sent = socket.trySend(bytes) ?? 0;
        // The draft lets the caller change the chunk meanwhile.
        if (sent < bytes.length) await socket.sendAllAsync(bytes.slice(sent), { signal });
      },
      finish: () => endWriting(socket),
      close: () => socket.close(),
    },
    closed,
  );
  const [local, remote] = [socket.localAddr(), socket.peerAddr()];
  const { readable, writable } = streams;
  const info: TCPSocketOpenInfo = {
    readable,
    writable,
    remoteAddress: remote.address,
    remotePort: remote.port,
    localAddress: local.address,
    localPort: local.port,
  };
  return { info, close: () => streams.close() };
}

function endWriting(socket: AnySocket): void {
  try {
    socket.shutdown('write');
  } catch (error) {
    // The peer has ended the connection already.
    if ((error as { code?: string }).code !== 'ENOTCONN') throw error;
  }
}

/** Closes the socket if what is done with it fails. */
async function closing<T>(socket: AnySocket, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** The classes of Direct Sockets over a backend. */
export function directSockets(
  find: () => ConnectingClass<AnySocket>,
  defaults: ConnectHostOptions = {},
): DirectSockets {
  class TCPSocket extends Opened<TCPSocketOpenInfo> {
    /** @param remoteAddress or `ACCEPTED`, with a connection that was accepted in place of the port */
    constructor(
      ...[remoteAddress, remotePort, init]:
        | [string, number, TCPSocketOptions?]
        | [typeof ACCEPTED, AnySocket, undefined?]
    ) {
      if (remoteAddress === ACCEPTED) {
        const accepted = remotePort as AnySocket;
        super((closed) => closing(accepted, () => openTcp(accepted, closed)));
        return;
      }
      if (remoteAddress === undefined || remotePort === undefined) {
        throw new TypeError('remoteAddress and remotePort must be given');
      }
      const options = dictionary<TCPSocketOptions>(init);
      const port = integer('remotePort', remotePort, 0, 65_535) as number;
      const delay = integer('keepAliveDelay', options.keepAliveDelay, KEEP_ALIVE_LEAST, 0x7fffffff);
      const family = familyOf(queryType(options.dnsQueryType));
      const sock = given({
        ...defaults.sock,
        sendBufferSize: size('sendBufferSize', options.sendBufferSize),
        recvBufferSize: size('receiveBufferSize', options.receiveBufferSize),
        nodelay: options.noDelay === undefined ? undefined : Boolean(options.noDelay),
        tcpKeepalive: delay === undefined ? undefined : { time: delay, interval: delay },
      }) as NonNullable<ConnectHostOptions['sock']>;
      super(async (closed) => {
        const settings = { ...defaults, family, sock };
        const socket = await connectHost(find(), String(remoteAddress), port, settings);
        return closing(socket, () => openTcp(socket, closed));
      });
    }
  }

  class TCPServerSocket extends Opened<TCPServerSocketOpenInfo> {
    constructor(localAddress: string, init?: TCPServerSocketOptions) {
      const options = dictionary<TCPServerSocketOptions>(init);
      const version = net.isIP(localAddress);
      if (version === 0) throw new TypeError(`localAddress must be an IP address: ${localAddress}`);
      const port = integer('localPort', options.localPort, 1, 65_535) ?? 0;
      const backlog = integer('backlog', options.backlog, 1, 0x7fffffff) ?? BACKLOG;
      const ipv6Only = options.ipv6Only === undefined ? undefined : Boolean(options.ipv6Only);
      if (ipv6Only === true && localAddress !== '::') {
        throw new TypeError('ipv6Only needs a localAddress of "::"');
      }
      super(async (closed) => {
        const SocketOf = find();
        const address = ipAddress(localAddress, port, SocketOf.driver);
        const socket = new SocketOf(address.domain(), 'stream');
        return closing(socket, () => {
          // As node and Chrome: a port of connections that have just ended can be bound. Windows lets others steal it.
          if (driverOf(socket).system !== 'win32' && has(socket, 'setReuseAddress')) {
            socket.setReuseAddress(true);
          }
          if (ipv6Only !== undefined && version === 6) socket.setOnlyV6(ipv6Only);
          socket.bind(address);
          socket.listen(backlog);
          return openServer(socket, closed);
        });
      });
    }
  }

  function openServer(socket: AnySocket, closed: Settlement<undefined>) {
    const stop = new AbortController();
    const readable = new ReadableStream<TCPSocketShape>(
      {
        async pull(controller) {
          try {
            const connection = await accept(socket, stop.signal);
            // The stream was cancelled in the meantime.
            if (stop.signal.aborted) connection.close();
            else controller.enqueue(new TCPSocket(ACCEPTED, connection));
          } catch (cause) {
            if (stop.signal.aborted) return;
            const error = networkError(cause);
            controller.error(error);
            socket.close();
            closed.reject(error);
          }
        },
        cancel() {
          stop.abort();
          socket.close();
          closed.resolve(undefined);
        },
      },
      { highWaterMark: 0 },
    );
    const close = (): Promise<undefined> => {
      if (closed.state !== 'pending') return closed.promise;
      if (readable.locked)
        return Promise.reject(invalidState('the stream of the socket is locked'));
      readable.cancel().catch(() => undefined);
      return closed.promise;
    };
    const { address: localAddress, port: localPort } = socket.localAddr();
    return { info: { readable, localAddress, localPort }, close };
  }

  class UDPSocket extends Opened<UDPSocketOpenInfo> {
    constructor(init?: UDPSocketOptions) {
      const options = dictionary<UDPSocketOptions>(init);
      const settings = checkedUdp(options);
      super(async (closed) => {
        const SocketOf = find();
        const { driver } = SocketOf;
        const { remote, local, family } = settings;
        const address =
          remote === undefined
            ? ipAddress(local as string, settings.localPort, driver)
            : await firstAddress(SocketOf, remote.address, remote.port, { ...defaults, family });
        const socket = new SocketOf(address.domain(), 'dgram');
        return closing(socket, () => {
          prepareUdp(socket, options, settings);
          if (remote === undefined) socket.bind(address);
          else socket.connect(address);
          return openUdp(socket, remote !== undefined, closed);
        });
      });
    }
  }

  function openUdp(socket: AnySocket, isConnected: boolean, closed: Settlement<undefined>) {
    const room = new Uint8Array(ROOM);
    const isSix = socket.localAddr().isIpv6();
    const streams = new OpenStreams<UDPMessage, UDPMessage>(
      {
        bytes: false,
        async receive(_, signal) {
          if (isConnected) return { data: room.slice(0, await socket.recvAsync(room, { signal })) };
          const [length, { address, port }] = await socket.recvFromAsync(room, { signal });
          return { data: room.slice(0, length), remoteAddress: address, remotePort: port };
        },
        async send(message, signal) {
          if (typeof message !== 'object' || message === null) {
            throw new TypeError('a message must be an object with data');
          }
          const { data, remoteAddress, remotePort, dnsQueryType } = message;
          const bytes = bytesOf(data).slice();
          if (isConnected) {
            if (
              remoteAddress !== undefined ||
              remotePort !== undefined ||
              dnsQueryType !== undefined
            ) {
              throw new TypeError('a socket with a peer sends to no other address');
            }
            await socket.sendAsync(bytes, { signal });
            return;
          }
          if (remoteAddress === undefined || remotePort === undefined) {
            throw new TypeError('a message needs remoteAddress and remotePort');
          }
          const port = integer('remotePort', remotePort, 0, 65_535) as number;
          const family = familyOf(queryType(dnsQueryType));
          const to = await firstAddress(find(), remoteAddress, port, {
            ...defaults,
            family,
            signal,
          });
          // A socket of IPv6 reaches IPv4 by mapped addresses: RFC 3493, section 3.7.
          const reached =
            isSix && to.isIpv4() ? ipAddress(`::ffff:${to.address}`, port, driverOf(socket)) : to;
          await socket.sendToAsync(bytes, reached, { signal });
        },
        finish: () => undefined,
        close: () => socket.close(),
      },
      closed,
    );
    const { readable, writable } = streams;
    const local = socket.localAddr();
    const remote = isConnected ? socket.peerAddr() : undefined;
    const info: UDPSocketOpenInfo = {
      readable,
      writable,
      localAddress: local.address,
      localPort: local.port,
      ...(remote === undefined
        ? { multicastController: multicastOf(socket, isSix) }
        : { remoteAddress: remote.address, remotePort: remote.port }),
    };
    return { info, close: () => streams.close() };
  }

  return {
    TCPSocket: TCPSocket as unknown as DirectSockets['TCPSocket'],
    TCPServerSocket,
    UDPSocket,
  };
}

/** Accepts a connection. One that ended before it was accepted is skipped: accept(2). */
async function accept(socket: AnySocket, signal: AbortSignal): Promise<AnySocket> {
  for (;;) {
    try {
      const [connection] = await socket.acceptAsync({ signal });
      return connection;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ECONNABORTED') throw error;
    }
  }
}

const has = (socket: AnySocket, method: string): boolean =>
  socket.supports(method).level !== 'unsupported';

interface UdpSettings {
  readonly remote: { readonly address: string; readonly port: number } | undefined;
  readonly local: string | undefined;
  readonly localPort: number;
  readonly family: 0 | 4 | 6;
}

/** The constructor steps of UDPSocket. */
function checkedUdp(options: UDPSocketOptions): UdpSettings {
  const { remoteAddress, remotePort, localAddress, localPort, dnsQueryType, ipv6Only } = options;
  if ((remoteAddress === undefined) !== (remotePort === undefined)) {
    throw new TypeError('remoteAddress and remotePort must be given together');
  }
  if (localPort !== undefined && localAddress === undefined) {
    throw new TypeError('localPort needs a localAddress');
  }
  const isConnected = remoteAddress !== undefined;
  if (isConnected === (localAddress !== undefined)) {
    throw new TypeError('either remoteAddress or localAddress must be given');
  }
  if (localAddress !== undefined && net.isIP(localAddress) === 0) {
    throw new TypeError(`localAddress must be an IP address: ${localAddress}`);
  }
  if (!isConnected && dnsQueryType !== undefined) {
    throw new TypeError('dnsQueryType needs a remoteAddress');
  }
  if (ipv6Only !== undefined && localAddress !== '::') {
    throw new TypeError('ipv6Only needs a localAddress of "::"');
  }
  size('sendBufferSize', options.sendBufferSize);
  size('receiveBufferSize', options.receiveBufferSize);
  integer('multicastTimeToLive', options.multicastTimeToLive, 0, 255);
  const family = familyOf(queryType(dnsQueryType));
  const port = integer('localPort', localPort, 1, 65_535) ?? 0;
  if (!isConnected) return { remote: undefined, local: localAddress, localPort: port, family };
  const remote = {
    address: remoteAddress,
    port: integer('remotePort', remotePort, 0, 65_535) as number,
  };
  return { remote, local: undefined, localPort: port, family };
}

/** Sets the options before the socket is bound. */
function prepareUdp(socket: AnySocket, options: UDPSocketOptions, { local }: UdpSettings): void {
  const { sendBufferSize, receiveBufferSize, ipv6Only } = options;
  if (sendBufferSize !== undefined) socket.setSendBufferSize(sendBufferSize);
  if (receiveBufferSize !== undefined) socket.setRecvBufferSize(receiveBufferSize);
  if (ipv6Only !== undefined) socket.setOnlyV6(Boolean(ipv6Only));
  const { multicastAllowAddressSharing, multicastTimeToLive, multicastLoopback } = options;
  const isSix = socket.domain() === 'ipv6';
  if (multicastAllowAddressSharing === true && local !== undefined) {
    socket.setReuseAddress(true);
    // The BSDs share a port of a group only by this.
    if (driverOf(socket).system !== 'linux' && has(socket, 'setReusePort'))
      socket.setReusePort(true);
  }
  if (multicastTimeToLive !== undefined) {
    if (isSix) socket.setMulticastHopsV6(multicastTimeToLive);
    else socket.setMulticastTtlV4(multicastTimeToLive);
  }
  if (multicastLoopback !== undefined) {
    if (isSix) socket.setMulticastLoopV6(Boolean(multicastLoopback));
    else socket.setMulticastLoopV4(Boolean(multicastLoopback));
  }
}
