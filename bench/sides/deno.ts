/** The cases on Deno.listen, Deno.connect and Deno.listenDatagram, which Deno's documentation recommends. Deno runs it. */
import { serve } from './serve.js';

interface Connection {
  write(data: Uint8Array): Promise<number>;
  read(into: Uint8Array): Promise<number | null>;
  setNoDelay(on: boolean): void;
  close(): void;
}

interface Address {
  readonly hostname: string;
  readonly port: number;
}

interface Listening {
  readonly addr: Address;
  close(): void;
}

declare const Deno: {
  listen(options: object): Listening & { accept(): Promise<Connection> };
  connect(options: object): Promise<Connection>;
  listenDatagram(options: object): Listening & {
    send(data: Uint8Array, to: object): Promise<number>;
    receive(into: Uint8Array): Promise<[Uint8Array, Address]>;
  };
};

const small = new Uint8Array(64);
const buffer = new Uint8Array(65536);
const now = (): bigint => process.hrtime.bigint();

async function tcp(count: number, size: number): Promise<number> {
  const listener = Deno.listen({ hostname: '127.0.0.1', port: 0 });
  const { port } = listener.addr;
  const [client, server] = await Promise.all([
    Deno.connect({ hostname: '127.0.0.1', port }),
    listener.accept(),
  ]);
  client.setNoDelay(true);
  const message = buffer.subarray(0, size);
  const into = new Uint8Array(65536);
  const start = now();
  for (let i = 0; i < count; i++) {
    for (let sent = 0; sent < size;) sent += await client.write(message.subarray(sent));
    for (let got = 0; got < size;) got += (await server.read(into)) ?? 0;
  }
  const taken = Number(now() - start);
  client.close();
  server.close();
  listener.close();
  return taken;
}

async function udp(count: number): Promise<number> {
  const socket = Deno.listenDatagram({ transport: 'udp', hostname: '127.0.0.1', port: 0 });
  const to = { transport: 'udp', ...socket.addr };
  const start = now();
  for (let i = 0; i < count; i++) {
    await socket.send(small, to);
    await socket.receive(buffer);
  }
  const taken = Number(now() - start);
  socket.close();
  return taken;
}

await serve(
  {
    'udp-64-recvfrom': udp,
    'tcp-64': (count) => tcp(count, 64),
    'tcp-64k': (count) => tcp(count, 65536),
  },
  {
    'udp-64': 'Deno has no connected UDP sockets',
    getsockopt: 'Deno has no call that reads an option of a socket',
    'socket-close': "Deno's objects make a descriptor only to bind or to connect",
  },
);
