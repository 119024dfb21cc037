/** A thread of load-balancer.ts: accepts clients on a listener of its own, and connects each to a backend. */
import { parentPort, workerData } from 'node:worker_threads';
import { Domain, SockAddr, type SockError, Socket, Type } from '@sock/native';
import { connectHost } from '@sock/std';
import { acceptConnections } from '../accept-connections.js';
import type { HostAndPort } from '../arguments.js';
import { join } from '../tcp-proxy/join.js';

/** What a thread tells: that it listens, or which backend refused a connection. */
export interface FromThread {
  readonly refused?: number;
}

const { host, port, backends } = workerData as {
  host: string;
  port: number;
  backends: HostAndPort[];
};
let alive = backends.map(() => true);
parentPort?.on('message', (news: boolean[]) => {
  alive = news;
});
const connections = backends.map(() => 0);
const tell = (message: FromThread): void => parentPort?.postMessage(message);

/** The backends in the order to try: the live ones with few connections first, and dead ones last. */
const order = (): number[] =>
  [...backends.keys()].sort(
    (a, b) =>
      Number(alive[b]) - Number(alive[a]) ||
      (connections[a] as number) - (connections[b] as number),
  );

function connect(backend: number): Promise<Socket> {
  const to = backends[backend] as HostAndPort;
  return connectHost(Socket, to.host, to.port, { timeout: 1000 });
}

/** @throws the error of the last backend, if none accepts the connection */
async function serve(client: Socket): Promise<void> {
  let failure: unknown;
  for (const backend of order()) {
    connections[backend] = (connections[backend] as number) + 1;
    let server: Socket | undefined;
    try {
      server = await connect(backend).catch((error: unknown) => {
        failure = error;
        // The main thread looks at once, and tells all threads.
        tell({ refused: backend });
        return undefined;
      });
      if (server === undefined) continue;
      await join(client, server);
      return;
    } finally {
      connections[backend] = (connections[backend] as number) - 1;
      server?.close();
    }
  }
  throw failure;
}

const listener = new Socket(Domain.IPV4, Type.STREAM);
listener.setReusePort(true);
listener.bind(SockAddr.ipv4(host, port));
listener.listen(512);
tell({});
for await (const [client, peer] of acceptConnections(listener)) {
  serve(client)
    .catch((error: SockError) => console.error(`balancer: ${peer}: ${error.message}`))
    .finally(() => client.close());
}
