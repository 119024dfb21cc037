/**
 * The same code runs on node's modules and on the drop-in modules: only the imports differ.
 *
 *   node --import tsx examples/adopting/imports.ts
 */
import { once } from 'node:events';
import nodeDgram from 'node:dgram';
import nodeNet from 'node:net';
import stdDgram from '@sock/std/dgram';
import stdNet from '@sock/std/net';

/** Existing code: it uses only node's interface. */
async function hello(net: typeof nodeNet, dgram: typeof nodeDgram): Promise<string> {
  const server = net.createServer((socket) => socket.end('tcp'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect((server.address() as nodeNet.AddressInfo).port, '127.0.0.1');
  const [answer] = (await once(client, 'data')) as [Buffer];
  client.destroy();
  server.close();
  const receiver = dgram.createSocket('udp4');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const sender = dgram.createSocket('udp4');
  sender.send('udp', receiver.address().port, '127.0.0.1');
  const [message] = (await once(receiver, 'message')) as [Buffer];
  sender.close();
  receiver.close();
  return `${answer.toString()} and ${message.toString()}`;
}

const drop = [
  stdNet as unknown as typeof nodeNet,
  stdDgram as unknown as typeof nodeDgram,
] as const;
console.log(`node:net, node:dgram: ${await hello(nodeNet, nodeDgram)}`);
console.log(`@sock/std/net, @sock/std/dgram: ${await hello(...drop)}`);
// The drop-in modules also take socket options.
const server = stdNet.createServer({ sock: { reusePort: true, tcpFastopen: 16 } });
server.listen(0, '127.0.0.1', () => server.close());
