/** The cases on a backend of @sock. The argument is its name. */
import type * as Backend from '@sock/native';
import { fewCopies } from './few-copies.js';
import { type Cases, serve, time } from './serve.js';

const backend = (await import(process.argv[2] ?? '@sock/native')) as typeof Backend;
const { Domain, SockAddr, Socket, Type } = backend;
type Socket = InstanceType<typeof Socket>;

const buffer = new Uint8Array(65536);
const small = new Uint8Array(64);

function udpSocket(): Socket {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  return socket;
}

function udp(count: number, prepare: (socket: Socket) => void = () => {}): number {
  using socket = udpSocket();
  socket.connect(socket.localAddr());
  prepare(socket);
  return time(() => {
    for (let i = 0; i < count; i++) {
      socket.send(small);
      socket.recv(small);
    }
  });
}

/** Opens a connection, measures `run` on it, and closes it. */
function overTcp(run: (client: Socket, server: Socket) => void): number {
  using listener = new Socket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(1);
  using client = new Socket(Domain.IPV4, Type.STREAM);
  client.connect(listener.localAddr());
  client.setNodelay(true);
  const [accepted] = listener.accept();
  using server = accepted;
  return time(() => run(client, server));
}

function tcp(count: number, size: number): number {
  const data = buffer.subarray(0, size);
  return overTcp((client, server) => {
    for (let i = 0; i < count; i++) {
      client.send(data);
      for (let got = 0; got < size;) got += server.recv(buffer);
    }
  });
}

const cases: Cases = {
  'udp-64': (count) => udp(count),
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
    using socket = new Socket(Domain.IPV4, Type.STREAM);
    return time(() => {
      for (let i = 0; i < count; i++) socket.keepalive();
    });
  },
  'socket-close': (count) =>
    time(() => {
      for (let i = 0; i < count; i++) new Socket(Domain.IPV4, Type.STREAM).close();
    }),
};

await serve(
  Socket.driver.system === 'linux' ? { ...cases, ...fewCopies(backend, { udp, overTcp }) } : cases,
);
