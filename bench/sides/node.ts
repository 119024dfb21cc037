/** node:net and node:dgram: one message at a time, as their events allow. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { serve } from './serve.js';

const small = Buffer.alloc(64);
const now = (): bigint => process.hrtime.bigint();

async function tcp(count: number, size: number): Promise<number> {
  const listener = net.createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const accepted = once(listener, 'connection');
  const client = net.connect((listener.address() as net.AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
  client.setNoDelay(true);
  const [server] = (await accepted) as [net.Socket];
  const message = Buffer.alloc(size);
  const start = now();
  await new Promise<void>((resolve) => {
    let left = count;
    let got = 0;
    server.on('data', (data) => {
      got += data.length;
      if (got < size) return;
      got = 0;
      left -= 1;
      if (left === 0) resolve();
      else client.write(message);
    });
    client.write(message);
  });
  const time = Number(now() - start);
  client.destroy();
  server.destroy();
  listener.close();
  return time;
}

async function udp(count: number): Promise<number> {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const start = now();
  await new Promise<void>((resolve) => {
    let left = count;
    socket.on('message', () => {
      left -= 1;
      if (left === 0) resolve();
      else socket.send(small, port, '127.0.0.1');
    });
    socket.send(small, port, '127.0.0.1');
  });
  const time = Number(now() - start);
  socket.close();
  return time;
}

await serve({
  'udp-64': udp,
  'udp-64-recvfrom': udp,
  'tcp-64': (count) => tcp(count, 64),
  'tcp-64k': (count) => tcp(count, 65536),
});
