/**
 * Has a net.Socket connect by `connectHost`. Node asks its `lookup` for an address; the answer is the address that the
 * winning attempt is connected to, and node's handle adopts that attempt's descriptor in place of connecting.
 */
import net from 'node:net';
import type { ConnectingClass, HostLookup, SockAddr, Socket } from '@sock/core';
import { connectWith } from '../connect/connect-host.js';
import { nativeSocket } from '../native-backend.js';
import type { UvHandle } from '../node-internals.js';
import { onEachHandle } from './handle-options.js';
import type { HappyEyeballsOptions, SockOptions } from './sock-options.js';

/**
 * Separates the socket options from how to connect.
 * @returns `parallel` is `undefined` unless the addresses are to be tried in parallel
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE` for a wrong `happyEyeballs`
 */
export function splitConnectOptions(sock: SockOptions): {
  readonly settings: SockOptions;
  readonly parallel: HappyEyeballsOptions | undefined;
} {
  // Whatever is no object is refused by whoever checks the socket options.
  if (typeof sock !== 'object' || sock === null) return { settings: sock, parallel: undefined };
  const { happyEyeballs = false, ...settings } = sock;
  if (typeof happyEyeballs === 'boolean') {
    return { settings, parallel: happyEyeballs ? {} : undefined };
  }
  if (typeof happyEyeballs === 'object' && happyEyeballs !== null) {
    return { settings, parallel: happyEyeballs };
  }
  throw Object.assign(
    new TypeError('The "options.sock.happyEyeballs" property must be of type boolean or object'),
    { code: 'ERR_INVALID_ARG_TYPE', option: 'happyEyeballs' },
  );
}

/** The family of an address in the options of node. */
const FAMILIES: Readonly<Record<string, 4 | 6>> = { 4: 4, 6: 6, IPv4: 4, IPv6: 6 };

type ConnectOptions = net.TcpNetConnectOpts & {
  readonly path?: string | null;
  readonly blockList?: net.BlockList;
};
type LookupCallback = (error: Error | null, address?: string, family?: number) => void;

/** Whether the options name a host that has to be looked up. */
export const connectsByName = ({ path, host = 'localhost' }: ConnectOptions): boolean =>
  // As node: an empty path is none. An http.Agent passes null for both.
  !path && typeof (host ?? '') === 'string' && net.isIP(host ?? '') === 0;

/** A request of node's to connect. */
interface ConnectRequest {
  oncomplete(
    status: number,
    handle: UvHandle,
    request: ConnectRequest,
    readable: boolean,
    writable: boolean,
  ): void;
}

const familyOf = (address: SockAddr): 4 | 6 => (address.isIpv4() ? 4 : 6);

/** Has a net.Socket show the addresses that were tried, as node's does. */
export function showAttempted(socket: net.Socket, attempted: readonly string[]): void {
  Object.defineProperty(socket, 'autoSelectFamilyAttemptedAddresses', {
    configurable: true,
    enumerable: true,
    value: attempted,
  });
}

/** What {@link connectByName} does on its way. */
interface Connecting {
  readonly connected: Promise<Socket>;
  /** Whether the event `lookup` has told an address. */
  hasFound(): boolean;
}

/**
 * Connects to a name as the options of `net.connect` have it, and emits the events of a net.Socket as they happen.
 * @param attempted gets the addresses that are tried
 */
export function connectByName(
  socketOf: () => net.Socket,
  attempted: string[],
  host: string,
  port: number,
  options: Partial<ConnectOptions>,
  sock: SockOptions,
  { attemptDelay = options.autoSelectFamilyAttemptTimeout }: HappyEyeballsOptions,
  signal: AbortSignal,
): Connecting {
  let found = false;
  const connected = connectWith(
    nativeSocket() as unknown as ConnectingClass<Socket>,
    host,
    port,
    {
      signal,
      attemptDelay: attemptDelay === undefined ? undefined : Math.max(1, attemptDelay),
      lookup: options.lookup as unknown as HostLookup | undefined,
      sock,
      family: FAMILIES[options.family ?? 0] ?? 0,
      hints: options.hints,
      localAddress: options.localAddress,
      localPort: options.localPort,
      blockList: options.blockList,
    },
    {
      lookedUp(error, address, family) {
        const socket = socketOf();
        // One family without addresses is no failure. If both have none, the error tells it.
        if (error !== null || socket.destroyed) return;
        found = true;
        socket.emit('lookup', null as unknown as Error, address as string, family, host);
      },
      attempt(address) {
        attempted.push(`${address.address}:${address.port}`);
        socketOf().emit('connectionAttempt', address.address, address.port, familyOf(address));
      },
      attemptFailed(failed, error) {
        const { address, port: at } = failed;
        socketOf().emit('connectionAttemptFailed', address, at, familyOf(failed), error);
      },
    },
  );
  return { connected, hasFound: () => found };
}

/** Calls `run` while the socket emits none of the events: they have been emitted already, as they happened. */
function without(socket: net.Socket, events: readonly string[], run: () => void): void {
  const before = Object.getOwnPropertyDescriptor(socket, 'emit');
  const { emit } = socket;
  socket.emit = function (this: net.Socket, event: string, ...values: unknown[]) {
    if (events.includes(event)) return false;
    return Reflect.apply(emit, this, [event, ...values]) as boolean;
  } as typeof emit;
  try {
    run();
  } finally {
    if (before === undefined) Reflect.deleteProperty(socket, 'emit');
    else Object.defineProperty(socket, 'emit', before);
  }
}

/**
 * Prepares a net.Socket that is about to connect by name.
 * @returns the options for its `connect`
 */
export function connectInParallel(
  socket: net.Socket,
  options: ConnectOptions,
  sock: SockOptions,
  parallel: HappyEyeballsOptions,
): net.SocketConnectOpts {
  /** Connected, until node's handle adopts it. */
  let winner: Socket | undefined;
  const adopt = (handle: UvHandle): number => {
    if (winner === undefined) return 0;
    const error = handle.open(winner.asRawFd());
    if (error < 0) return error;
    winner.intoRawFd();
    winner = undefined;
    return 0;
  };
  onEachHandle(socket, (handle) => {
    const replace = (name: 'bind' | 'bind6' | 'connect' | 'connect6', value: unknown): void => {
      Object.defineProperty(handle, name, { configurable: true, writable: true, value });
    };
    // The winner is bound already.
    for (const name of ['bind', 'bind6'] as const) replace(name, () => adopt(handle));
    for (const name of ['connect', 'connect6'] as const) {
      replace(name, (request: ConnectRequest) => {
        const error = adopt(handle);
        if (error === 0) setImmediate(() => request.oncomplete(0, handle, request, true, true));
        return error;
      });
    }
  });

  const attempted: string[] = [];
  showAttempted(socket, attempted);
  const connect = async (host: string, callback: LookupCallback): Promise<void> => {
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    socket.once('close', abort);
    const { connected, hasFound } = connectByName(
      () => socket,
      attempted,
      host,
      Number(options.port),
      options,
      sock,
      parallel,
      stop.signal,
    );
    try {
      winner = await connected;
      const found = winner.peerAddr();
      without(socket, ['lookup', 'connectionAttempt'], () =>
        callback(null, found.address, familyOf(found)),
      );
    } catch (error) {
      const told = hasFound() ? ['lookup'] : [];
      without(socket, told, () => callback(error as Error));
    } finally {
      socket.off('close', abort);
      // Node has not taken it: it was destroyed meanwhile.
      winner?.close();
    }
  };
  const lookup = (host: string, _: unknown, callback: LookupCallback): void => {
    void connect(host, callback);
  };
  return { ...options, autoSelectFamily: false, lookup } as net.SocketConnectOpts;
}
