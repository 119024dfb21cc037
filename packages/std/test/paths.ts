/** The ways to make a server and a connected client, node's own first. */
import { once } from 'node:events';
import net from 'node:net';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { intoNetServer, intoNetSocket } from '@sock/std';
import { Socket as WasiSocket } from '@sock/wasi';

export interface Path {
  readonly name: string;
  /** A server on a port of 127.0.0.1: a new one or `options.server`. */
  listen(
    onConnection?: (socket: net.Socket) => void,
    options?: net.ServerOpts & { readonly server?: net.Server },
  ): Promise<{ server: net.Server; port: number }>;
  /** A connecting client. */
  dial(port: number, options?: { readonly allowHalfOpen?: boolean }): net.Socket;
}

export async function connected(path: Path, port: number, options = {}): Promise<net.Socket> {
  const client = path.dial(port, options);
  if (client.connecting) await once(client, 'connect');
  return client;
}

export type AnySocket = new (domain: Domain, type: Type) => Socket;

export const wasiSocket = WasiSocket as unknown as AnySocket;

function adopted(name: string, SocketOf: AnySocket, duplex: boolean): Path {
  return {
    name,
    async listen(onConnection, options = {}) {
      const socket = new SocketOf(Domain.IPV4, Type.STREAM);
      socket.bind(SockAddr.ipv4('127.0.0.1', 0));
      socket.listen(16);
      const { port } = socket.localAddr();
      const server = intoNetServer(socket, { duplex, ...options }, onConnection);
      if (!socket.closed) throw new Error('the socket was not consumed');
      await once(server, 'listening');
      return { server, port };
    },
    dial(port, options = {}) {
      const socket = new SocketOf(Domain.IPV4, Type.STREAM);
      socket.tryConnect(SockAddr.ipv4('127.0.0.1', port));
      const stream = intoNetSocket(socket, { duplex, ...options });
      if (!socket.closed) throw new Error('the socket was not consumed');
      return stream;
    },
  };
}

export const nodePath: Path = {
  name: 'node:net itself',
  async listen(onConnection, { server: given, ...options } = {}) {
    const server = given ?? net.createServer(options);
    if (onConnection !== undefined) server.on('connection', onConnection);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, port: (server.address() as net.AddressInfo).port };
  },
  dial: (port, options = {}) => net.connect({ port, host: '127.0.0.1', ...options }),
};

export const adoptedPaths: Path[] = [
  adopted('an adopted descriptor', Socket, false),
  adopted('the Duplex path', Socket, true),
  adopted('the Duplex path on @sock/wasi', wasiSocket, false),
];

/** Records the events of a stream in order, of `data` only that it was emitted. */
export function record(stream: net.Socket, name: string, into: string[]): void {
  const note = (what: string): void => {
    into.push(`${name} ${what}`);
  };
  for (const event of ['connect', 'ready', 'end', 'finish', 'timeout'] as const) {
    stream.on(event, () => note(event));
  }
  stream.on('error', (error: NodeJS.ErrnoException) =>
    note(`error ${error.code} ${error.syscall ?? ''}`.trimEnd()),
  );
  stream.on('close', (hadError) => note(`close ${hadError}`));
}
