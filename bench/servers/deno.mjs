/** The servers on Deno.listen and Deno.listenDatagram, run by Deno: `deno.mjs echo|accept|flood|bulk`. */
/* global Deno */
import process from 'node:process';

const [what] = process.argv.slice(2);
const hostname = '127.0.0.1';
const say = ({ port }) => process.stdout.write(`${port}\n`);

async function echo(connection) {
  connection.setNoDelay(true);
  const buffer = new Uint8Array(4096);
  try {
    for (;;) {
      const length = await connection.read(buffer);
      if (length === null) break;
      for (let sent = 0; sent < length;)
        sent += await connection.write(buffer.subarray(sent, length));
    }
  } catch {
    // The peer reset the connection.
  }
  connection.close();
}

if (what === 'echo' || what === 'accept') {
  const listener = Deno.listen({ hostname, port: 0 });
  say(listener.addr);
  for await (const connection of listener) {
    if (what === 'echo') void echo(connection);
    else connection.close();
  }
} else {
  let datagrams = 0;
  let bytes = 0;
  const socket = Deno.listenDatagram({ transport: 'udp', hostname, port: 0 });
  say(socket.addr);
  const buffer = new Uint8Array(65536);
  for (;;) {
    const [message] = await socket.receive(buffer);
    datagrams += 1;
    bytes += message.length;
    if (message.length === 1) process.stdout.write(`${message[0]} ${datagrams} ${bytes}\n`);
  }
}
