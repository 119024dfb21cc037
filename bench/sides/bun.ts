/** The cases on Bun.listen, Bun.connect and Bun.udpSocket, which Bun's documentation recommends. Bun runs it. */
import { serve, timeExchanges } from './serve.js';

interface TcpSocket {
  write(data: Uint8Array): number;
  end(): void;
  setNoDelay(on: boolean): boolean;
}

interface UdpSocket {
  readonly port: number;
  send(data: Uint8Array, port?: number, address?: string): boolean;
  close(): void;
}

declare const Bun: {
  listen(options: object): { readonly port: number; stop(closeAll: boolean): void };
  connect(options: object): Promise<TcpSocket>;
  udpSocket(options: object): Promise<UdpSocket>;
};

const small = new Uint8Array(64);

async function tcp(count: number, size: number): Promise<number> {
  const message = new Uint8Array(size);
  // The rest of the data that the kernel had no room for. `drain` sends it.
  let rest = 0;
  const write = (socket: TcpSocket): void => {
    rest -= Math.max(0, socket.write(message.subarray(size - rest)));
  };
  let got = 0;
  let done = (): void => {};
  const listener = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data(_socket: TcpSocket, data: Uint8Array) {
        got += data.length;
        if (got < size) return;
        got = 0;
        done();
      },
    },
  });
  const client = await Bun.connect({
    hostname: '127.0.0.1',
    port: listener.port,
    socket: {
      data() {},
      drain(socket: TcpSocket) {
        if (rest > 0) write(socket);
      },
    },
  });
  client.setNoDelay(true);
  const next = (): void => {
    rest = size;
    write(client);
  };
  const taken = await timeExchanges(count, next, (through) => {
    done = through;
  });
  client.end();
  listener.stop(true);
  return taken;
}

async function udp(count: number, connected: boolean): Promise<number> {
  let received = (): void => {};
  const receiver = await Bun.udpSocket({
    hostname: '127.0.0.1',
    socket: { data: () => received() },
  });
  // Bun connects a UDP socket only when it creates it, so the sender is a second socket.
  const { port } = receiver;
  const sender = await Bun.udpSocket({
    hostname: '127.0.0.1',
    ...(connected ? { connect: { hostname: '127.0.0.1', port } } : {}),
  });
  const send = connected
    ? (): boolean => sender.send(small)
    : (): boolean => sender.send(small, port, '127.0.0.1');
  const taken = await timeExchanges(count, send, (through) => {
    received = through;
  });
  sender.close();
  receiver.close();
  return taken;
}

await serve(
  {
    'udp-64': (count) => udp(count, true),
    'udp-64-recvfrom': (count) => udp(count, false),
    'tcp-64': (count) => tcp(count, 64),
    'tcp-64k': (count) => tcp(count, 65536),
  },
  {
    getsockopt: 'Bun has no call that reads an option of a socket',
    'socket-close': "Bun's objects make a descriptor only to bind or to connect",
  },
);
