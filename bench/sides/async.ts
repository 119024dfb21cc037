/** The cases on the asynchronous forms of a backend of @sock. What is received is there: they do not wait. */
import type * as Backend from '@sock/native';
import { serve } from './serve.js';

const backend = (await import(process.argv[2] ?? '@sock/native')) as typeof Backend;
const { Domain, SockAddr, Socket, Type } = backend;
type Socket = InstanceType<typeof Socket>;

const buffer = new Uint8Array(65536);
const small = new Uint8Array(64);
const now = (): bigint => process.hrtime.bigint();

async function udp(count: number, exchange: (socket: Socket) => Promise<unknown>): Promise<number> {
  using socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  socket.connect(socket.localAddr());
  const start = now();
  for (let i = 0; i < count; i++) await exchange(socket);
  return Number(now() - start);
}

async function tcp(count: number, size: number): Promise<number> {
  using listener = new Socket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(1);
  using client = new Socket(Domain.IPV4, Type.STREAM);
  await client.connectAsync(listener.localAddr());
  client.setNodelay(true);
  const [accepted] = await listener.acceptAsync();
  using server = accepted;
  const data = buffer.subarray(0, size);
  const start = now();
  for (let i = 0; i < count; i++) {
    await client.sendAllAsync(data);
    for (let got = 0; got < size;) got += await server.recvAsync(buffer);
  }
  return Number(now() - start);
}

const none = 'the same call as on sock-native';
await serve(
  {
    'udp-64': (count) =>
      udp(count, (socket) => {
        socket.send(small);
        return socket.recvAsync(small);
      }),
    'udp-64-recvfrom': (count) =>
      udp(count, (socket) => {
        socket.send(small);
        return socket.recvFromAsync(small);
      }),
    'tcp-64': (count) => tcp(count, 64),
    'tcp-64k': (count) => tcp(count, 65536),
  },
  { getsockopt: none, 'socket-close': none },
);
