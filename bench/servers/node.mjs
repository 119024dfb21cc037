/** The same servers on node:net and node:dgram (Bun and Deno run them too): `node.mjs echo|accept|flood|bulk`. */
import dgram from 'node:dgram';
import net from 'node:net';
import process from 'node:process';

const [what] = process.argv.slice(2);
const say = (port) => process.stdout.write(`${port}\n`);

if (what === 'echo' || what === 'accept') {
  const server = net.createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    if (what === 'accept') socket.destroy();
    else socket.on('data', (data) => socket.write(data));
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => say(server.address().port));
} else {
  let datagrams = 0;
  let bytes = 0;
  const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  socket.on('message', (message) => {
    datagrams += 1;
    bytes += message.length;
  });
  socket.bind(0, '127.0.0.1', () => say(socket.address().port));
  process.stdin.on('data', () => {
    process.stdout.write(`${datagrams} ${bytes}\n`);
    process.exit();
  });
}
