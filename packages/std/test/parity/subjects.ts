/** Whom the parity table compares: node's own objects first, then those of @sock/std that stand in for them. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { intoDgramSocket, intoNetServer, intoNetSocket, socketFrom } from '@sock/std';
import { type AnySocket, wasiSocket } from '../paths.js';

/** A stream, with a Socket on the same connection, by which its options can be read. */
export interface Stream {
  readonly stream: net.Socket;
  readonly view: Socket;
}

export interface Subject {
  readonly name: string;
  /** A connected client. The server's side of the connection is `peer`. */
  connect(allowHalfOpen?: boolean): Promise<Stream & { readonly peer: net.Socket }>;
  /** A client that has not connected yet, and the server that it connects to. */
  dial(): Promise<{ readonly stream: net.Socket; readonly server: net.Server }>;
  listen(options?: net.ServerOpts): Promise<net.Server>;
  datagram(type?: 'udp4' | 'udp6'): dgram.Socket;
}

async function listener(): Promise<{ server: net.Server; port: number }> {
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as net.AddressInfo).port };
}

async function accepted(server: net.Server): Promise<net.Socket> {
  const [peer] = (await once(server, 'connection')) as [net.Socket];
  peer.on('error', () => undefined);
  // One connection each: the process must be able to end.
  server.close();
  return peer;
}

export const node: Subject = {
  name: 'node',
  async connect(allowHalfOpen = false) {
    const { server, port } = await listener();
    const peer = accepted(server);
    const stream = net.connect({ port, host: '127.0.0.1', allowHalfOpen });
    await once(stream, 'connect');
    return { stream, view: socketFrom(stream), peer: await peer };
  },
  async dial() {
    const { server, port } = await listener();
    return { stream: net.connect({ port, host: '127.0.0.1' }), server };
  },
  async listen(options = {}) {
    const server = net.createServer(options).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  },
  datagram: (type = 'udp4') => dgram.createSocket(type),
};

/** A class that remembers the last Socket that a conversion adopted. */
function remembering(SocketOf: AnySocket): AnySocket & { last: Socket } {
  class Remembering extends (SocketOf as typeof Socket) {
    static last: Socket;

    static override fromRawFd(handle: number): never {
      Remembering.last = Reflect.apply(super.fromRawFd, Remembering, [handle]) as Socket;
      return Remembering.last as never;
    }
  }
  return Remembering as unknown as AnySocket & { last: Socket };
}

const converted = (name: string, Backend: AnySocket): Subject => {
  const SocketOf = remembering(Backend);
  return {
    name,
    async connect(allowHalfOpen = false) {
      const { server, port } = await listener();
      const peer = accepted(server);
      const socket = new SocketOf(Domain.IPV4, Type.STREAM);
      socket.connect(SockAddr.ipv4('127.0.0.1', port));
      const stream = intoNetSocket(socket, { duplex: true, allowHalfOpen });
      return { stream, view: SocketOf.last, peer: await peer };
    },
    async dial() {
      const { server, port } = await listener();
      const socket = new SocketOf(Domain.IPV4, Type.STREAM);
      // Loopback connects at once. The object is made as for a socket that is still connecting.
      const { peerAddr } = socket;
      socket.peerAddr = () => {
        throw Object.assign(new Error('getpeername ENOTCONN'), { code: 'ENOTCONN' });
      };
      socket.tcpInfo = () => ({ state: 'synSent' }) as ReturnType<Socket['tcpInfo']>;
      socket.tryConnect(SockAddr.ipv4('127.0.0.1', port));
      const stream = intoNetSocket(socket, { duplex: true });
      socket.peerAddr = peerAddr;
      return { stream, server };
    },
    async listen(options = {}) {
      const socket = new SocketOf(Domain.IPV4, Type.STREAM);
      socket.bind(SockAddr.ipv4('127.0.0.1', 0));
      socket.listen(16);
      const server = intoNetServer(socket, { duplex: true, ...options });
      await once(server, 'listening');
      return server;
    },
    datagram: (type = 'udp4') =>
      intoDgramSocket(new SocketOf(type === 'udp4' ? Domain.IPV4 : Domain.IPV6, Type.DGRAM), {
        duplex: true,
      }),
  };
};

export const stands: Subject[] = [
  converted('@sock/native', Socket as unknown as AnySocket),
  converted('@sock/wasi', wasiSocket),
];
