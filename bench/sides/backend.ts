/** A backend of @sock: its name is the argument. */
import type * as Backend from '@sock/native';
import { serve, time } from './serve.js';

const { Domain, SockAddr, Socket, Type } = (await import(
  process.argv[2] ?? '@sock/native'
)) as typeof Backend;
type Socket = InstanceType<typeof Socket>;

const buffer = new Uint8Array(65536);
const small = new Uint8Array(64);

function udpSocket(): Socket {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  return socket;
}

function tcp(count: number, size: number): number {
  using listener = new Socket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(1);
  using client = new Socket(Domain.IPV4, Type.STREAM);
  client.connect(listener.localAddr());
  client.setNodelay(true);
  const [accepted] = listener.accept();
  using server = accepted;
  const data = buffer.subarray(0, size);
  return time(() => {
    for (let i = 0; i < count; i++) {
      client.send(data);
      for (let got = 0; got < size;) got += server.recv(buffer);
    }
  });
}

await serve({
  'udp-64'(count) {
    using socket = udpSocket();
    socket.connect(socket.localAddr());
    return time(() => {
      for (let i = 0; i < count; i++) {
        socket.send(small);
        socket.recv(small);
      }
    });
  },
  'udp-64-recvfrom'(count) {
    using socket = udpSocket();
    const address = socket.localAddr();
    return time(() => {
      for (let i = 0; i < count; i++) {
        socket.sendTo(small, address);
        socket.recvFrom(small);
      }
    });
  },
  'tcp-64': (count) => tcp(count, 64),
  'tcp-64k': (count) => tcp(count, 65536),
  getsockopt(count) {
    using socket = udpSocket();
    return time(() => {
      for (let i = 0; i < count; i++) socket.keepalive();
    });
  },
  'socket-close': (count) =>
    time(() => {
      for (let i = 0; i < count; i++) new Socket(Domain.IPV4, Type.STREAM).close();
    }),
});
