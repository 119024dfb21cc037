/**
 * The servers on node:net and node:dgram. For the side `sock-std`, @sock/std makes the objects: `node.mjs SIDE ROLE`.
 * Node's `rinfo` has no meta data, that of @sock/std has.
 */
import dgram from 'node:dgram';
import { createReadStream, ftruncateSync, openSync, unlinkSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const [side, what] = process.argv.slice(2);
const host = '127.0.0.1';
const recvBufferSize = 4 << 20;
const meta = what.endsWith('-meta');
const say = (port) => process.stdout.write(`${port}\n`);

async function sockets() {
  const { Domain, SockAddr, Socket, Type } = await import('@sock/native');
  const { intoDgramSocket, intoNetServer } = await import('@sock/std');
  const bound = (type) => {
    const socket = new Socket(Domain.IPV4, type);
    socket.bind(SockAddr.ipv4(host, 0));
    return socket;
  };
  return {
    server(options, onConnection) {
      const socket = bound(Type.STREAM);
      socket.listen(4096);
      return intoNetServer(socket, { ...options, backlog: 4096 }, onConnection);
    },
    datagram() {
      const socket = bound(Type.DGRAM);
      socket.setRecvBufferSize(recvBufferSize);
      return intoDgramSocket(socket, meta ? { rinfo: ['ecn', 'localAddress', 'timestamp'] } : {});
    },
  };
}

const node = {
  server: (options, onConnection) =>
    net.createServer(options, onConnection).listen({ port: 0, host, backlog: 4096 }),
  datagram: () => dgram.createSocket({ type: 'udp4', recvBufferSize }).bind(0, host),
};

/** A file of 64 MiB without a name: it is gone with the process. */
function emptyFile() {
  const path = join(tmpdir(), `sock-bench-${process.pid}`);
  const fd = openSync(path, 'w+');
  unlinkSync(path);
  const size = 64 << 20;
  ftruncateSync(fd, size);
  return { fd, size };
}

const make = side === 'sock-std' ? await sockets() : node;
if (what === 'echo' || what === 'accept') {
  const server = make.server({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    if (what === 'accept') socket.destroy();
    else socket.on('data', (data) => socket.write(data));
  });
  server.on('listening', () => say(server.address().port));
} else if (what === 'relay') {
  let waiting;
  const server = make.server({ noDelay: true, allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    const other = waiting;
    waiting = other === undefined ? socket : undefined;
    if (other !== undefined) socket.pipe(other).pipe(socket);
  });
  server.on('listening', () => say(server.address().port));
} else if (what === 'file') {
  const { fd, size } = emptyFile();
  const { sendFile } = side === 'sock-std' ? await import('@sock/std') : {};
  const server = http.createServer((_, response) => {
    if (sendFile !== undefined) {
      sendFile(response, fd).catch(() => {});
      return;
    }
    response.setHeader('Content-Length', size);
    createReadStream('', { fd, start: 0, autoClose: false }).pipe(response);
  });
  server.listen(0, host, () => say(server.address().port));
} else {
  let datagrams = 0;
  let bytes = 0;
  const ecn = [0, 0, 0, 0];
  let to;
  let time;
  const socket = make.datagram();
  socket.on('message', (message, rinfo) => {
    datagrams += 1;
    bytes += message.length;
    if (meta && side === 'sock-std') {
      ecn[rinfo.ecn] += 1;
      to = rinfo.localAddress;
      time = rinfo.timestamp;
      if (to === undefined || time === undefined) throw new Error('no meta data');
    }
    if (message.length === 1) process.stdout.write(`${message[0]} ${datagrams} ${bytes}\n`);
  });
  socket.on('listening', () => say(socket.address().port));
}
