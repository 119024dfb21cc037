/**
 * A transparent TCP proxy. It accepts connections to other hosts (IP_TRANSPARENT), connects to their real
 * destination from the client's own address, and copies in both directions. Neither end sees the proxy. The routing
 * must bring it the packets: see topology.ts.
 *
 *   node --import tsx examples/transparent-proxy/proxy.ts --port 8080
 */
import { Domain, SockAddr, type SockError, Socket, Type } from '@sock/native';
import { Command } from 'commander';
import * as check from '../arguments.js';
import { whenReadable } from '../when-readable.js';

const options = new Command('proxy.ts')
  .description(
    'A transparent TCP proxy. Needs CAP_NET_ADMIN, and routing that brings it the packets.',
  )
  .option('--port <port>', 'the port whose connections it takes', check.whole(1, 65_535), 8080)
  .parse()
  .opts<{ port: number }>();

function listen(): Socket {
  try {
    const socket = new Socket(Domain.IPV4, Type.STREAM);
    socket.setReuseAddress(true);
    socket.setIpTransparentV4(true);
    socket.bind(SockAddr.ipv4('0.0.0.0', options.port));
    socket.listen(128);
    return socket;
  } catch (error) {
    const { code, message } = error as SockError;
    console.error(`proxy: ${code === 'EPERM' ? 'not permitted: needs CAP_NET_ADMIN' : message}`);
    process.exit(1);
  }
}

const listener = listen();

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
console.log(`proxy: taking connections to port ${options.port}`);

for await (const _ of whenReadable(listener, stop.signal)) {
  const accepted = listener.tryAccept();
  if (accepted === undefined) continue;
  const [client, source] = accepted;
  carry(client, source).catch((error: Error) => {
    if (!stop.signal.aborted) console.error(`proxy: ${error.message}`);
  });
}
listener.close();

/** The local address of the accepted socket is the client's real destination. */
async function carry(client: Socket, source: SockAddr): Promise<void> {
  using downstream = client;
  const destination = downstream.localAddr();
  using upstream = new Socket(Domain.IPV4, Type.STREAM);
  upstream.setIpTransparentV4(true);
  upstream.bind(SockAddr.ipv4(source.address, 0));
  while (upstream.tryConnect(destination) === undefined) await upstream.writable({ timeout: 5000 });
  console.log(`proxy: ${source} -> ${destination}`);
  await Promise.all([copy(downstream, upstream), copy(upstream, downstream)]);
}

async function copy(from: Socket, to: Socket): Promise<void> {
  const buffer = new Uint8Array(65536);
  for (;;) {
    const length = from.tryRecv(buffer);
    if (length === undefined) {
      await from.readable({ signal: stop.signal });
      continue;
    }
    if (length === 0) break;
    for (let sent = 0; sent < length;) {
      const count = to.trySend(buffer.subarray(sent, length));
      if (count === undefined) await to.writable({ signal: stop.signal });
      else sent += count;
    }
  }
  to.shutdown('write');
}
