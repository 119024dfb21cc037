/** The servers on Bun.listen and Bun.udpSocket, run by Bun: `bun.mjs echo|accept|flood|bulk`. */
/* global Bun */
import process from 'node:process';

const [what] = process.argv.slice(2);
const hostname = '127.0.0.1';

/** `data` of a connection is the data that the kernel had no room for. `drain` sends it. */
function write(socket, data) {
  const sent = Math.max(0, socket.write(data));
  socket.data = sent < data.length ? data.slice(sent) : undefined;
}

const echo = {
  open: (socket) => socket.setNoDelay(true),
  data: (socket, data) =>
    write(socket, socket.data === undefined ? data : Buffer.concat([socket.data, data])),
  drain(socket) {
    if (socket.data !== undefined) write(socket, socket.data);
  },
};
const accept = { open: (socket) => socket.terminate(), data() {} };

if (what === 'echo' || what === 'accept') {
  const { port } = Bun.listen({ hostname, port: 0, socket: what === 'echo' ? echo : accept });
  process.stdout.write(`${port}\n`);
} else {
  let datagrams = 0;
  let bytes = 0;
  const { port } = await Bun.udpSocket({
    hostname,
    binaryType: 'uint8array',
    socket: {
      data(_socket, message) {
        datagrams += 1;
        bytes += message.length;
        if (message.length === 1) process.stdout.write(`${message[0]} ${datagrams} ${bytes}\n`);
      },
    },
  });
  process.stdout.write(`${port}\n`);
}
