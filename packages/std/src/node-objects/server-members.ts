/**
 * What a `net.Server` does above its handle, for Bun's http and https servers: those are not `net.Server`s, and serve
 * each connection that they get by the event `connection`.
 */
import type { EventEmitter } from 'node:events';
import type net from 'node:net';
import type { NetServer, ServerHandle } from '../node-internals.js';
import { nodeError } from '../node-errors.js';

type Handle = ServerHandle & {
  readonly unix?: string | undefined;
  getsockname?(out: object): number;
  ref(): void;
  unref(): void;
};

type Callback = (error?: Error) => void;

/** Makes a server work on a handle: `address`, `close`, `listening` and the like are about it from then on. */
export function serveBy(server: NetServer, handle: Handle): void {
  const connections = new Set<net.Socket>();
  const requests = new Map<unknown, number>();
  let open: Handle | null = handle;
  let isClosing = false;
  const idle = (): void => {
    for (const each of connections) if ((requests.get(each) ?? 0) === 0) each.destroy();
  };
  const closed = (): void => {
    if (isClosing && connections.size === 0) {
      isClosing = false;
      process.nextTick(() => server.emit('close'));
    }
  };
  const connected = (connection: net.Socket): void => {
    connections.add(connection);
    connection.once('close', () => {
      connections.delete(connection);
      requests.delete(connection);
      closed();
    });
  };
  // A connection with a request is not idle.
  const requested = (request: { socket: unknown }, response: EventEmitter): void => {
    const [only] = connections.size === 1 ? connections : [request.socket];
    requests.set(only, (requests.get(only) ?? 0) + 1);
    response.once('close', () => {
      requests.set(only, (requests.get(only) ?? 1) - 1);
      if (isClosing) idle();
    });
  };
  server.prependListener('connection', connected);
  server.prependListener('request' as never, requested as never);
  const members: PropertyDescriptorMap & ThisType<NetServer> = {
    listening: { get: () => open !== null },
    _connections: { get: () => connections.size, set: () => undefined },
    _emitCloseIfDrained: { value: closed },
    address: {
      value() {
        if (open === null) return null;
        if (open.unix !== undefined) return open.unix;
        const out = {};
        open.getsockname?.(out);
        return out;
      },
    },
    getConnections: {
      value(callback: (error: null, count: number) => void) {
        process.nextTick(callback, null, connections.size);
        return this;
      },
    },
    closeAllConnections: { value: () => connections.forEach((each) => each.destroy()) },
    closeIdleConnections: { value: idle },
    ref: { value: () => (open?.ref(), server) },
    unref: { value: () => (open?.unref(), server) },
    close: {
      value(callback?: Callback) {
        if (open === null) {
          const error = nodeError('ERR_SERVER_NOT_RUNNING', 'Server is not running.');
          if (callback !== undefined) process.nextTick(callback, error);
          return this;
        }
        if (callback !== undefined) server.once('close', callback);
        open.close();
        open = null;
        isClosing = true;
        idle();
        closed();
        return this;
      },
    },
    [Symbol.asyncDispose]: {
      value: () =>
        new Promise<void>((resolve, reject) => {
          server.close((error) => (error === undefined ? resolve() : reject(error)));
        }),
    },
  };
  for (const [name, descriptor] of Object.entries(members)) {
    Object.defineProperty(server, name, { configurable: true, ...descriptor });
  }
  const dispose = members[Symbol.asyncDispose as never] as PropertyDescriptor;
  Object.defineProperty(server, Symbol.asyncDispose, { configurable: true, ...dispose });
  handle.listen?.(0);
  process.nextTick(() => {
    if (open !== null) server.emit('listening');
  });
}
