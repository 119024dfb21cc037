/**
 * A TCP proxy: connects each client to one target, and moves the bytes in both directions. On Linux they stay in the
 * system: splice(2).
 *
 *   node --import tsx examples/tcp-proxy/tcp-proxy.ts --port 8080 --to example.com:80
 */
import { Domain, SockAddr, type SockError, Socket, Type } from '@sock/native';
import { connectHost } from '@sock/std';
import { Command } from 'commander';
import { acceptConnections } from '../accept-connections.js';
import * as check from '../arguments.js';
import { stopSignal } from '../stop-signal.js';
import { join } from './join.js';

const options = new Command('tcp-proxy.ts')
  .description('Connects each client to one target.')
  .requiredOption('--to <host:port>', 'the target', check.hostAndPort)
  .option('--host <address>', 'the IPv4 address to listen on', '127.0.0.1')
  .option('--port <port>', '0: any that is free', check.port, 8080)
  .parse()
  .opts<{ host: string; port: number; to: check.HostAndPort }>();

const signal = stopSignal();
const listener = new Socket(Domain.IPV4, Type.STREAM);
listener.setReuseAddress(true);
listener.bind(SockAddr.ipv4(options.host, options.port));
listener.listen(512);
console.log(`proxy: ${listener.localAddr()} to ${options.to.host}:${options.to.port}`);

async function serve(client: Socket): Promise<void> {
  let server: Socket | undefined;
  try {
    const { host, port } = options.to;
    server = await connectHost(Socket, host, port, { timeout: 5000, signal });
    await join(client, server, signal);
  } finally {
    client.close();
    server?.close();
  }
}

for await (const [client, peer] of acceptConnections(listener, signal)) {
  serve(client).catch((error: SockError) => {
    if (!signal.aborted) console.error(`proxy: ${peer}: ${error.message}`);
  });
}
listener.close();
