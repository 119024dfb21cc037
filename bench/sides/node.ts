/** The cases on node:net and node:dgram. With the argument `sock-std`, @sock/std makes the objects. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { serve, time, timeExchanges } from './serve.js';

interface Objects {
  /** The two ends of a connection. */
  pair(): Promise<[client: net.Socket, server: net.Socket]>;
  /** A socket that is bound to the loopback address. */
  datagram(): Promise<dgram.Socket>;
}

async function nodeObjects(): Promise<Objects> {
  return {
    async pair() {
      const listener = net.createServer().listen(0, '127.0.0.1');
      await once(listener, 'listening');
      const accepted = once(listener, 'connection');
      const client = net.connect((listener.address() as net.AddressInfo).port, '127.0.0.1');
      await once(client, 'connect');
      const [server] = (await accepted) as [net.Socket];
      listener.close();
      return [client, server];
    },
    async datagram() {
      const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
      await once(socket, 'listening');
      return socket;
    },
  };
}

async function sockObjects(): Promise<Objects> {
  const { Domain, SockAddr, Socket, Type } = await import('@sock/native');
  const { intoDgramSocket, intoNetSocket } = await import('@sock/std');
  return {
    async pair() {
      using listener = new Socket(Domain.IPV4, Type.STREAM);
      listener.bind(SockAddr.ipv4('127.0.0.1', 0));
      listener.listen(1);
      const client = new Socket(Domain.IPV4, Type.STREAM);
      client.connect(listener.localAddr());
      const [server] = listener.accept();
      return [intoNetSocket(client), intoNetSocket(server)];
    },
    async datagram() {
      const socket = new Socket(Domain.IPV4, Type.DGRAM);
      socket.bind(SockAddr.ipv4('127.0.0.1', 0));
      const made = intoDgramSocket(socket);
      await once(made, 'listening');
      return made;
    },
  };
}

const isStd = process.argv[2] === 'sock-std';
const objects = await (isStd ? sockObjects() : nodeObjects());
const small = Buffer.alloc(64);

async function tcp(count: number, size: number): Promise<number> {
  const [client, server] = await objects.pair();
  client.setNoDelay(true);
  const message = Buffer.alloc(size);
  const taken = await timeExchanges(
    count,
    () => client.write(message),
    (through) => {
      let got = 0;
      server.on('data', (data) => {
        got += data.length;
        if (got < size) return;
        got = 0;
        through();
      });
    },
  );
  client.destroy();
  server.destroy();
  return taken;
}

/** Sends to `address`, or to the peer of a connected socket if there is no address. */
async function udp(count: number, connected: boolean): Promise<number> {
  const socket = await objects.datagram();
  const { port } = socket.address();
  if (connected) {
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
  }
  const send = connected
    ? (): void => socket.send(small)
    : (): void => socket.send(small, port, '127.0.0.1');
  const taken = await timeExchanges(count, send, (through) => socket.on('message', through));
  socket.close();
  return taken;
}

await serve(
  {
    'udp-64': (count) => udp(count, true),
    'udp-64-recvfrom': (count) => udp(count, false),
    'tcp-64': (count) => tcp(count, 64),
    'tcp-64k': (count) => tcp(count, 65536),
    // Node can read only this option. It is an int; the other sides read a bool.
    async getsockopt(count) {
      const socket = await objects.datagram();
      const taken = time(() => {
        for (let i = 0; i < count; i++) socket.getRecvBufferSize();
      });
      socket.close();
      return taken;
    },
  },
  { 'socket-close': "node's objects make a descriptor only to bind or to connect" },
);
